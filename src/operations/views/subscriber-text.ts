import { durationText, fieldLines, remainingText, timeText } from './format.ts';
import type { AccessEndpoint, CheckpointAttempts, SubscriberDetail } from './subscriber.ts';
import { subscriberAccountingFields } from './subscriber-accounting.ts';
import { grantsFields } from './subscriber-grants.ts';
import { radiusFields } from './subscriber-radius.ts';

type Fields = [string, string | number | null][];

/** A subscriber in full: a line that names it, one line a variable, and a blank line that parts it from the next. */
export function subscriberDetailLines(subscriber: SubscriberDetail): string[] {
  const { mac, callId } = subscriber;
  return [
    `username: ${subscriber.nai ?? 'n/a'}    callid: ${callId}    msid: ${mac}`,
    ...fieldLines([
      ['State', stateText(subscriber)],
      ['Created', timeText(subscriber.created, subscriber.ageSeconds)],
      ...accessFields(subscriber),
      ...bindingFields(subscriber),
      ...s2aFields(subscriber),
      ...authenticationFields(subscriber),
      ...radiusFields(subscriber.radius),
      ...subscriberAccountingFields(subscriber.accounting),
      ...grantsFields(subscriber.grants),
      ...handoffFields(subscriber),
      ...usageFields(subscriber),
    ]),
    ...redundancyLines(subscriber),
    '',
  ];
}

/** In the shape that operators know, columns included. */
function redundancyLines({ redundancy }: SubscriberDetail): string[] {
  if (redundancy === null) return [];
  return [
    `   Redundancy Status: ${redundancy.status}`,
    '      Checkpoints        Attempts        Success        Last-Attempt       Last-Success',
    attemptsLine('Full', redundancy.full),
    attemptsLine('Micro', redundancy.micro),
  ];
}

function attemptsLine(label: string, tally: CheckpointAttempts): string {
  const age = (ms: number | null) => (ms === null ? 'never' : `${ms}ms`);
  const cells = [
    [String(tally.attempts), 33],
    [String(tally.successes), 48],
    [age(tally.lastAttemptAgeMs), 68],
    [age(tally.lastSuccessAgeMs), 87],
  ] as const;
  return cells.reduce((line, [text, end]) => line + text.padStart(end - line.length), `          ${label}:`);
}

function stateText({ state, phaseRemainingSeconds, disconnectReason }: SubscriberDetail): string {
  if (disconnectReason !== null) return `${state} (because: ${disconnectReason})`;
  return phaseRemainingSeconds === null ? state : `${state} (for another ${durationText(phaseRemainingSeconds)})`;
}

function endpointText(endpoint: AccessEndpoint | null): string | null {
  if (endpoint === null) return null;
  const parts = [`${endpoint.type} ${endpoint.peer}`];
  if (endpoint.key !== null) parts.push(`key 0x${endpoint.key}`);
  if (endpoint.vlan !== null) parts.push(`vlan ${endpoint.vlan}`);
  if (endpoint.ueAddress !== null) parts.push(`UE address ${endpoint.ueAddress}`);
  if (endpoint.uplinkKey !== null) parts.push(`keys up 0x${endpoint.uplinkKey} down 0x${endpoint.downlinkKey}`);
  return parts.join(' ');
}

function keyText(key: string | null): string | null {
  return key === null ? null : `0x${key}`;
}

function accessFields({ access, ...subscriber }: SubscriberDetail): Fields {
  const eogre = access?.type === 'EoGRE';
  return [
    ['Access Type', subscriber.accessType],
    ['Session Trigger', subscriber.sessionTrigger],
    [eogre ? 'RG EoGRE Endpoint' : 'WLC Address', access?.peer ?? null],
    ...(eogre
      ? ([
          ['GRE Key', keyText(access.key) ?? 'none'],
          ['VLAN', access.vlan ?? 'none'],
        ] satisfies Fields)
      : ([
          ['GRE Key Uplink', keyText(access?.uplinkKey ?? null)],
          ['GRE Key Downlink', keyText(access?.downlinkKey ?? null)],
        ] satisfies Fields)),
    ['VMAC', subscriber.vmac],
    ['EoGRE Flow Installed', subscriber.eogreFlow === null ? null : subscriber.eogreFlow ? 'yes' : 'no'],
    ...(subscriber.addresses.length === 0
      ? ([['UE Address', null]] satisfies Fields)
      : subscriber.addresses.map(({ address, prefixLength, router }): Fields[number] => [
          'UE Address',
          `${address}/${prefixLength} router ${router}`,
        ])),
  ];
}

function bindingFields({ binding, lease }: SubscriberDetail): Fields {
  return [
    ['Binding Status', binding.status],
    ['Binding Remaining', remainingText(binding.remainingSeconds)],
    ['Binding MAG NAI', binding.nai],
    ['DHCP Lease', lease === null ? 'none' : lease.state],
    ['DHCP Lease Remaining', remainingText(lease?.remainingSeconds ?? null)],
    ['Relay Agent Information', lease?.relayInformation ?? 'none'],
  ];
}

function s2aFields({ s2a }: SubscriberDetail): Fields {
  const request = s2a?.request;
  return [
    ['S2a LMA', s2a?.lma ?? null],
    ['S2a GRE Key Uplink', keyText(s2a?.uplinkKey ?? null)],
    ['S2a GRE Key Downlink', keyText(s2a?.downlinkKey ?? null)],
    ['S2a Binding Remaining', remainingText(s2a?.remainingSeconds ?? null)],
    ['S2a Refresh In', remainingText(s2a?.refreshInSeconds ?? null)],
    ['S2a Outstanding PBU', request == null ? 'none' : `${request.purpose}, attempt ${request.attempt}`],
  ];
}

function authenticationFields({ authentication }: SubscriberDetail): Fields {
  const { classes, idleTimeoutSeconds } = authentication;
  return [
    ['Authentication State', authentication.state],
    ['APN', authentication.apn],
    ['IMSI', authentication.imsi],
    ['Chargeable User Identity', authentication.chargeableUserIdentity],
    ['Class', classes.length === 0 ? null : classes.join(' ')],
    ['Session Timeout Remaining', remainingText(authentication.sessionTimeoutRemainingSeconds) ?? 'no limit'],
    ['Idle Timeout', remainingText(idleTimeoutSeconds) ?? 'no limit'],
  ];
}

function handoffFields({ handoff }: SubscriberDetail): Fields {
  const revocations = handoff.revocations.map(({ mag, sent }) => `${mag} (BRI sent ${sent})`);
  return [
    ['Handoffs', handoff.moves],
    ['Previous Access', endpointText(handoff.previous) ?? 'none'],
    ['Guard Time Remaining', durationText(handoff.guardRemainingSeconds)],
    ['Data Switches This Minute', handoff.dataSwitchesThisMinute],
    ['Queued Trigger', handoff.queued ?? 'none'],
    ['Revocations Pending', revocations.join(', ') || 'none'],
  ];
}

function usageFields({ usage }: SubscriberDetail): Fields {
  return [
    ['Uplink Packets', usage?.uplinkPackets ?? null],
    ['Uplink Octets', usage?.uplinkOctets ?? null],
    ['Downlink Packets', usage?.downlinkPackets ?? null],
    ['Downlink Octets', usage?.downlinkOctets ?? null],
    ['Idle', remainingText(usage?.idleSeconds ?? null)],
  ];
}
