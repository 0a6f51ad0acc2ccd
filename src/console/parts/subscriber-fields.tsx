import { durationText } from '../../operations/views/format.ts';
import type { AccessEndpoint, CheckpointAttempts, SubscriberDetail } from '../../operations/views/subscriber.ts';
import { countText, timeText } from '../format.ts';
import { type Field, Fields, Panel } from './basics.tsx';

const lasting = (seconds: number | null): string | null => (seconds === null ? null : durationText(seconds));
const left = (seconds: number | null): string | null => (seconds === null ? null : `${durationText(seconds)} left`);

/** Everything that is known of a session, in groups. */
export function SubscriberFields({ of: detail }: { of: SubscriberDetail }) {
  return (
    <div class="panels">
      <Panel title="Identity">
        <Fields of={identityOf(detail)} />
      </Panel>
      <Panel title="Where it is now">
        <Fields of={placeOf(detail)} />
      </Panel>
      <Panel title="Address and lease">
        <Fields of={addressOf(detail)} />
      </Panel>
      <Panel title="S2a binding">
        <Fields of={s2aOf(detail)} />
      </Panel>
      <Panel title="Authentication">
        <Fields of={authenticationOf(detail)} />
      </Panel>
      <Panel title="Protection">
        <Fields of={protectionOf(detail)} />
      </Panel>
      <Panel title="Counters">
        <Fields of={usageOf(detail)} />
      </Panel>
    </div>
  );
}

function identityOf(detail: SubscriberDetail): Field[] {
  const { nai, callId, created, ageSeconds, sessionTrigger, authentication } = detail;
  return [
    ['NAI', nai],
    ['IMSI', authentication.imsi],
    ['Call identifier', callId],
    ['Set up', `${timeText(created)}${ageSeconds === null ? '' : `, ${durationText(ageSeconds)} ago`}`],
    ['Trigger', sessionTrigger],
    ['Acct-Session-Id', detail.accounting.acctSessionId],
  ];
}

function endpointText(endpoint: AccessEndpoint | null): string | null {
  if (endpoint === null) return null;
  const { type, peer, key, vlan, uplinkKey, downlinkKey } = endpoint;
  return [
    `${type} ${peer}`,
    ...(key === null ? [] : [`key ${key}`]),
    ...(vlan === null ? [] : [`VLAN ${vlan}`]),
    ...(uplinkKey === null ? [] : [`keys ${uplinkKey} up, ${downlinkKey} down`]),
  ].join(', ');
}

function placeOf({ access, vmac, eogreFlow, handoff }: SubscriberDetail): Field[] {
  return [
    ['Access', endpointText(access)],
    ['Before', endpointText(handoff.previous)],
    ['Guard time', handoff.guardRemainingSeconds === 0 ? 'over' : left(handoff.guardRemainingSeconds)],
    ['Moves', countText(handoff.moves)],
    ['Waiting', handoff.queued],
    [
      'Revocations under way',
      handoff.revocations.map(({ mag, sent }) => `${mag} (sent ${sent} times)`).join(', ') || 'none',
    ],
    ['Gateway’s MAC', vmac],
    ['EoGRE flow', eogreFlow === null ? null : eogreFlow ? 'installed' : 'not installed'],
  ];
}

function addressOf({ addresses, lease, binding }: SubscriberDetail): Field[] {
  return [
    ['Address', addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`).join(', ') || null],
    ['Router', addresses.map(({ router }) => router).join(', ') || null],
    [
      'Lease',
      lease === null ? 'none' : [lease.state, left(lease.remainingSeconds)].filter((part) => part !== null).join(', '),
    ],
    ['Option 82', lease?.relayInformation ?? null],
    ['Binding at the MAG', binding.mag === null ? binding.status : `${binding.status}, ${binding.mag}`],
    ['Binding lifetime', left(binding.remainingSeconds)],
  ];
}

function s2aOf({ s2a }: SubscriberDetail): Field[] {
  if (s2a === null) return [['LMA', 'none']];
  return [
    ['LMA', s2a.lma],
    ['Keys', s2a.uplinkKey === null ? null : `${s2a.uplinkKey} up, ${s2a.downlinkKey} down`],
    ['Lifetime', left(s2a.remainingSeconds)],
    ['Refresh', s2a.refreshInSeconds === null ? null : `in ${durationText(s2a.refreshInSeconds)}`],
    ['Sequence', s2a.sequence],
    ['Under way', s2a.request === null ? 'nothing' : `${s2a.request.purpose}, attempt ${s2a.request.attempt}`],
  ];
}

function authenticationOf({ authentication, radius, grants }: SubscriberDetail): Field[] {
  const { state, apn, sessionTimeoutRemainingSeconds, idleTimeoutSeconds } = authentication;
  const { ambr } = grants;
  return [
    ['State', state],
    ['APN', apn],
    ['Method', radius?.method ?? 'by MAC address'],
    ['Session timeout', left(sessionTimeoutRemainingSeconds)],
    ['Idle timeout', lasting(idleTimeoutSeconds)],
    ['Access lists', `${grants.accessListUplink ?? 'none'} up, ${grants.accessListDownlink ?? 'none'} down`],
    ['AMBR', ambr === null ? 'none' : `${countText(ambr.uplinkKbps)} up, ${countText(ambr.downlinkKbps)} down, kbit/s`],
  ];
}

function attemptsText({ attempts, successes, lastSuccessAgeMs }: CheckpointAttempts): string {
  const last =
    lastSuccessAgeMs === null
      ? 'never'
      : `last ${lastSuccessAgeMs < 1000 ? `${lastSuccessAgeMs} ms` : durationText(lastSuccessAgeMs / 1000)} ago`;
  return `${countText(successes)} of ${countText(attempts)}, ${last}`;
}

function protectionOf({ redundancy }: SubscriberDetail): Field[] {
  if (redundancy === null) return [['Pair', 'not configured: nobody would take it over']];
  return [
    ['Status', redundancy.status],
    ['Full checkpoints', attemptsText(redundancy.full)],
    ['Micro-checkpoints', attemptsText(redundancy.micro)],
  ];
}

function usageOf({ usage }: SubscriberDetail): Field[] {
  if (usage === null) return [['Traffic', 'none yet']];
  return [
    ['Uplink', `${countText(usage.uplinkPackets)} packets, ${countText(usage.uplinkOctets)} octets`],
    ['Downlink', `${countText(usage.downlinkPackets)} packets, ${countText(usage.downlinkOctets)} octets`],
    ['Idle', lasting(usage.idleSeconds)],
  ];
}
