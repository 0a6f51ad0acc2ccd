/** Sessions, events and a context to try the session machine with: one of each state and of each event. */

import { readFileSync } from 'node:fs';
import { accessListsOf } from '../../src/forwarding/filter.ts';
import { ipv4Of, macOf, parseIpv4 } from '../../src/kernel/address.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { parseConfig } from '../../src/operations/config/parse.ts';
import { type AccountRecord, type OwedRecord, owedRecord } from '../../src/services/samog/accounting/account.ts';
import type { WlcSessionRecord } from '../../src/services/samog/accounting/wlc-record.ts';
import type { OutstandingChallenge, RadiusAttachment } from '../../src/services/samog/attachment.ts';
import type { AuthorizationChange } from '../../src/services/samog/authorization/change.ts';
import { noUsage } from '../../src/services/samog/checkpoints/saved-session.ts';
import type { AccessType } from '../../src/services/samog/config.ts';
import { noGrants } from '../../src/services/samog/grants.ts';
import type { S2aAcknowledgement } from '../../src/services/samog/s2a/binding-update.ts';
import type { SessionContext } from '../../src/services/samog/session/context.ts';
import type { SessionEffect } from '../../src/services/samog/session/effect.ts';
import type { SessionEvent } from '../../src/services/samog/session/event.ts';
import { accountOf } from '../../src/services/samog/session/live-account.ts';
import { startSession, step } from '../../src/services/samog/session/machine.ts';
import type { LiveSession, OwingSession, Session, SessionStateName } from '../../src/services/samog/session/state.ts';
import type { SubscriberProfile } from '../../src/services/samog/subscriber.ts';
import type {
  AccessAccepted,
  AccessBindingUpdate,
  AccessDhcp,
  DhcpIntent,
  Trigger,
} from '../../src/services/samog/trigger.ts';
import { type Tlv, tlv } from '../../src/wire/bytes/tlv.ts';
import { type DhcpMessageType, dhcpOption } from '../../src/wire/dhcpv4/options.ts';
import { mobilityOption } from '../../src/wire/pmipv6/options.ts';
import { noAccounting } from './accounting-sample.ts';

export const ip = (text: string) => parseIpv4(text)!;
export const mac = macOf(0x02005e112233);
export const wlcA = ip('192.0.2.10');
export const wlcB = ip('192.0.2.11');
export const rgA = ip('198.51.100.10');
export const rgB = ip('198.51.100.11');
export const ueAddress = ip('10.0.0.7');
export const router = ip('10.0.0.1');
export const nai = '02005e112233@wlan.example';

export const exampleConfig = (() => {
  const file = new URL('../../config/samog.example.yaml', import.meta.url);
  const parsed = parseConfig(readFileSync(file, 'utf8'), 'samog.example.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const { mrmeService } = parsed.config;
  const accounting = { ...mrmeService.accounting, own: false };
  return { ...parsed.config, mrmeService: { ...mrmeService, accounting } };
})();

/** The moment all samples are of; wall clock and chassis clock agree, which nothing may rely on. */
export const start = 1_000_000;

export function contextAt(now = start, overrides: Partial<SessionContext> = {}): SessionContext {
  return {
    now,
    wallClock: now,
    random: new SeededRandom(1),
    config: exampleConfig,
    accessLists: accessListsOf(exampleConfig.accessLists),
    hasDhcpTriggerProfile: true,
    reporting: true,
    packetsOf: () => 0,
    countedOf: () => noUsage,
    finalCountOf: () => noUsage,
    ...overrides,
  };
}

/** A context whose configuration has parts replaced. */
export function configured(
  now: number,
  change: (config: typeof exampleConfig) => typeof exampleConfig,
): SessionContext {
  return contextAt(now, { config: change(exampleConfig) });
}

/** A context in which the gateway keeps an account of each session. */
export function accounting(now = start, overrides: Partial<SessionContext> = {}): SessionContext {
  const { mrmeService } = exampleConfig;
  const kept = { ...noAccounting, own: true, owedMax: 10 };
  const config = { ...exampleConfig, mrmeService: { ...mrmeService, accounting: kept } };
  return contextAt(now, { config, ...overrides });
}

export function pbu(overrides: Partial<AccessBindingUpdate> = {}): AccessBindingUpdate {
  const sequence = overrides.sequence ?? 100;
  const lifetimeSeconds = overrides.lifetimeSeconds ?? 3600;
  return {
    mag: wlcA,
    magPort: 5436,
    nai,
    mac,
    sequence,
    timestamp: start,
    lifetimeSeconds,
    downlinkKey: 0xa1,
    requestedAddress: undefined,
    handoffIndicator: 1,
    apn: undefined,
    message: {
      kind: 'proxyBindingUpdate',
      sequence,
      flags: 0x8200,
      lifetimeSeconds,
      options: [tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: nai })],
    },
    ...overrides,
  };
}

export function dhcp(intent: DhcpIntent, peer = rgA, options: readonly Tlv[] = [], transactionId = 7): AccessDhcp {
  const clientAddress = 'clientAddress' in intent ? intent.clientAddress : ipv4Of(0);
  return {
    path: { kind: 'eogre', peer, key: undefined, vlan: undefined },
    sourceMac: mac,
    intent,
    message: {
      op: 'request',
      hops: 0,
      transactionId,
      secs: 0,
      broadcast: false,
      clientAddress,
      yourAddress: ipv4Of(0),
      serverAddress: ipv4Of(0),
      relayAddress: ipv4Of(0),
      clientMac: mac,
      serverName: new Uint8Array(0),
      bootFile: new Uint8Array(0),
      options: [tlv(dhcpOption.messageType, messageTypeOf(intent)), ...options],
    },
  };
}

function messageTypeOf(intent: DhcpIntent): DhcpMessageType {
  switch (intent.kind) {
    case 'selecting':
    case 'init-reboot':
    case 'extending':
      return 'request';
    default:
      return intent.kind;
  }
}

export const discover: DhcpIntent = { kind: 'discover', requestedAddress: undefined };
export const selecting: DhcpIntent = { kind: 'selecting', serverIdentifier: router, requestedAddress: ueAddress };
export const initReboot: DhcpIntent = { kind: 'init-reboot', requestedAddress: ueAddress };
export const extending: DhcpIntent = { kind: 'extending', clientAddress: ueAddress };
export const release: DhcpIntent = { kind: 'release', clientAddress: ueAddress };

export function profileOf(overrides: Partial<SubscriberProfile> = {}): SubscriberProfile {
  return {
    nai: undefined,
    apn: 'internet',
    lma: undefined,
    homeAddress: undefined,
    sessionTimeoutSeconds: undefined,
    idleTimeoutSeconds: undefined,
    classes: [],
    chargeableUserIdentity: undefined,
    imsi: undefined,
    userName: undefined,
    interimIntervalSeconds: undefined,
    terminationAction: 'end',
    state: undefined,
    grants: noGrants,
    ...overrides,
  };
}

export const accepted: SessionEvent = {
  kind: 'authenticationEnded',
  outcome: {
    kind: 'accepted',
    profile: profileOf(),
  },
};

/** An Access-Accept that was relayed to a WLC which speaks RADIUS. */
export function accessAccepted(
  overrides: Partial<AccessAccepted> = {},
  attachment: Partial<RadiusAttachment> = {},
): AccessAccepted {
  return {
    id: sessionId,
    bornSecond: 1000,
    profile: profileOf(),
    attachment: {
      nas: wlcA,
      nasIdentifier: 'wlc-a',
      acctSessionId: '5f3e0001',
      callingStationId: '02-00-5E-11-22-33',
      calledStationId: '00-10-A4-23-19-C0:guests',
      userName: '0001010123456789@wlan.example',
      eapType: 18,
      accessType: 'pmip',
      ...attachment,
    },
    reply: {
      client: wlcA,
      port: 1645,
      identifier: 7,
      authenticator: new Uint8Array(16).fill(7),
      sealed: new Uint8Array(40).fill(9),
      until: start + 30_000,
    },
    ...overrides,
  };
}

export function challengeAt(nas = wlcA): OutstandingChallenge {
  return {
    nas,
    state: new Uint8Array(16).fill(3),
    eapIdentifier: 4,
    rounds: 2,
    server: 'aaa-1',
    until: start + 30_000,
  };
}

export const assigned: S2aAcknowledgement = {
  kind: 'accepted',
  lifetimeSeconds: 3600,
  address: ueAddress,
  prefixLength: 24,
  router,
  uplinkKey: 0xb1,
};

export const sessionId = 0x01ca11b1;

/** The sequence number of the PBU the session waits to be acknowledged. */
export function outstanding(session: Session | undefined): number {
  if (session === undefined) throw new Error('there is no session');
  const request =
    session.kind === 'Live'
      ? session.transient.request
      : session.kind === 'Disconnecting'
        ? session.request
        : session.kind === 'Owing'
          ? undefined
          : session.anchor?.request;
  if (request === undefined) throw new Error(`no PBU is outstanding in ${session.kind}`);
  return request.sequence;
}

/** Plays events one after another and returns the last session and everything that was asked for on the way. */
export function play(
  from: Session | Trigger,
  events: readonly (SessionEvent | ((session: Session) => SessionEvent))[],
  context: SessionContext = contextAt(),
): { readonly session: Session | undefined; readonly effects: readonly SessionEffect[] } {
  const effects: SessionEffect[] = [];
  let session: Session | undefined;
  if (from.kind === 'pbu' || from.kind === 'dhcp' || from.kind === 'radius' || from.kind === 'accounting') {
    const first = startSession(sessionId, mac, from, context);
    effects.push(...first.effects);
    session = first.state;
  } else session = from;
  for (const event of events) {
    if (session === undefined) throw new Error('the session has ended before the last event');
    const taken = step(session, typeof event === 'function' ? event(session) : event, context);
    effects.push(...taken.effects);
    session = taken.state;
  }
  return { session, effects };
}

const acknowledged = (session: Session): SessionEvent => ({
  kind: 's2aAcknowledged',
  sequence: outstanding(session),
  answer: assigned,
});

export function authenticating(trigger: Trigger = { kind: 'pbu', update: pbu() }): Session {
  return play(trigger, []).session!;
}

export function binding(trigger?: Trigger): Session {
  return play(authenticating(trigger), [accepted]).session!;
}

/** Established by PBU through WLC A, unless told otherwise. */
export function established(trigger?: Trigger, context?: SessionContext): LiveSession {
  const { session } = play(trigger ?? { kind: 'pbu', update: pbu() }, [accepted, acknowledged], context);
  if (session?.kind !== 'Live') throw new Error('not established');
  return session;
}

/** Established by DHCP through RG A, the lease bound. */
export function establishedByDhcp(context?: SessionContext): LiveSession {
  const offered = established({ kind: 'dhcp', dhcp: dhcp(discover) }, context);
  const { session } = play(offered, [{ kind: 'dhcpReceived', dhcp: dhcp(selecting) }], context);
  return session as LiveSession;
}

/** Admitted by an Access-Accept at a WLC, and waiting for its first PBU. */
export function admitted(accessType: AccessType = 'pmip', context?: SessionContext): LiveSession {
  return established({ kind: 'radius', accepted: accessAccepted({}, { accessType }) }, context);
}

export function released(): LiveSession {
  return play(establishedByDhcp(), [{ kind: 'dhcpReceived', dhcp: dhcp(release) }]).session as LiveSession;
}

export function deregistered(): LiveSession {
  const update = pbu({ sequence: 101, timestamp: start + 1, lifetimeSeconds: 0 });
  return play(established(), [{ kind: 'pbuReceived', update }]).session as LiveSession;
}

export function disconnecting(): Session {
  return play(established(), [{ kind: 'cleared', reason: 'operator' }]).session!;
}

/** Established as above, with an account of which the START is owed. */
export function accounted(trigger?: Trigger): LiveSession {
  return established(trigger, accounting());
}

/** Over, everybody has been told but AAA. */
export function owing(): OwingSession {
  const ended = play(accounted(), [{ kind: 's2aRevoked' }, { kind: 'magRestarted', mag: wlcA }]).session;
  if (ended?.kind !== 'Owing') throw new Error(`it is ${ended?.kind}`);
  return ended;
}

/** What the account of a session owes next. */
export function owedBy(session: Session | undefined): OwedRecord | undefined {
  const account = accountOf(session);
  return account && owedRecord(account);
}

/** One session of each state, and two where the way in matters. */
export const sampleSessions: readonly {
  readonly name: string;
  readonly state: SessionStateName;
  readonly make: () => Session;
}[] = [
  { name: 'Authenticating', state: 'Authenticating', make: () => authenticating() },
  { name: 'Binding', state: 'Binding', make: () => binding() },
  { name: 'Admitted', state: 'Admitted', make: () => admitted() },
  { name: 'Established by PMIPv6', state: 'Established', make: () => established() },
  { name: 'Established by EoGRE', state: 'Established', make: () => establishedByDhcp() },
  { name: 'Released', state: 'Released', make: released },
  { name: 'Deregistered', state: 'Deregistered', make: deregistered },
  { name: 'Disconnecting', state: 'Disconnecting', make: disconnecting },
  { name: 'Owing', state: 'Owing', make: owing },
];

const wlcRecord = (status: WlcSessionRecord['status']): WlcSessionRecord => ({
  status,
  mac,
  identity: {
    acctSessionId: 'a1',
    userName: undefined,
    apn: undefined,
    nasIpAddress: wlcA,
    framedIpAddress: ueAddress,
    msisdn: undefined,
  },
  multiSessionId: undefined,
  counted: { uplinkPackets: 0, uplinkOctets: 9, downlinkPackets: 0, downlinkOctets: 0 },
  sessionSeconds: 0,
  cause: undefined,
  eventSecond: undefined,
});

const wlcRequest = (identifier: number) => ({
  client: wlcA,
  port: 1646,
  identifier,
  authenticator: new Uint8Array(16).fill(identifier),
});

/** A record of the account that WLC A has of the session. */
export const wlcSays = (status: WlcSessionRecord['status'], identifier = 1): SessionEvent => ({
  kind: 'wlcRecordReceived',
  nas: wlcA,
  record: wlcRecord(status),
  request: wlcRequest(identifier),
});

const later = start + 100;

/** A CoA-Request that changes some of everything, unless told otherwise. */
export function coa(change: Partial<AuthorizationChange> = {}, identifier = 9): SessionEvent {
  return {
    kind: 'authorizationChanged',
    change: {
      subscriber: { sessionTimeoutSeconds: 600, idleTimeoutSeconds: 60 },
      accessLists: { uplink: 'no-mail-relay' },
      ambr: { uplinkKbps: 1000, downlinkKbps: 2000, source: 'change' },
      bearer: {
        qci: 8,
        priorityLevel: 9,
        mayPreempt: true,
        mayBePreempted: false,
        rates: undefined,
        source: 'change',
      },
      ...change,
    },
    request: { client: ip('203.0.113.20'), port: 40_000, identifier, authenticator: new Uint8Array(16).fill(7) },
  };
}

/** One event of each kind, and several where its content decides. */
export const sampleEvents: readonly {
  readonly name: string;
  readonly event: SessionEvent | ((session: Session) => SessionEvent);
}[] = [
  { name: 'PBU, same MAG', event: { kind: 'pbuReceived', update: pbu({ sequence: 110, timestamp: later }) } },
  { name: 'PBU, other MAG', event: { kind: 'pbuReceived', update: pbu({ mag: wlcB, sequence: 1, timestamp: later }) } },
  {
    name: 'PBU, same MAG, lifetime 0',
    event: { kind: 'pbuReceived', update: pbu({ sequence: 111, timestamp: later, lifetimeSeconds: 0 }) },
  },
  {
    name: 'PBU, other MAG, lifetime 0',
    event: { kind: 'pbuReceived', update: pbu({ mag: wlcB, sequence: 2, timestamp: later, lifetimeSeconds: 0 }) },
  },
  {
    name: 'PBU, other MAG, timestamp lower',
    event: { kind: 'pbuReceived', update: pbu({ mag: wlcB, sequence: 3, timestamp: start - 100 }) },
  },
  { name: 'DISCOVER, RG A', event: { kind: 'dhcpReceived', dhcp: dhcp(discover) } },
  { name: 'DISCOVER, RG B', event: { kind: 'dhcpReceived', dhcp: dhcp(discover, rgB) } },
  { name: 'REQUEST (INIT-REBOOT), RG B', event: { kind: 'dhcpReceived', dhcp: dhcp(initReboot, rgB) } },
  { name: 'REQUEST (extending), RG A', event: { kind: 'dhcpReceived', dhcp: dhcp(extending) } },
  {
    name: 'REQUEST (INIT-REBOOT), another address, RG B',
    event: { kind: 'dhcpReceived', dhcp: dhcp({ kind: 'init-reboot', requestedAddress: ip('10.0.0.99') }, rgB) },
  },
  { name: 'RELEASE, RG A', event: { kind: 'dhcpReceived', dhcp: dhcp(release) } },
  {
    name: 'DECLINE, RG A',
    event: { kind: 'dhcpReceived', dhcp: dhcp({ kind: 'decline', requestedAddress: ueAddress }) },
  },
  { name: 'INFORM, RG A', event: { kind: 'dhcpReceived', dhcp: dhcp({ kind: 'inform', clientAddress: ueAddress }) } },
  {
    name: 'data, RG B',
    event: {
      kind: 'dataTriggered',
      path: { kind: 'eogre', peer: rgB, key: undefined, vlan: undefined },
      sourceMatches: true,
    },
  },
  {
    name: 'data, RG B, wrong source',
    event: {
      kind: 'dataTriggered',
      path: { kind: 'eogre', peer: rgB, key: undefined, vlan: undefined },
      sourceMatches: false,
    },
  },
  { name: 'Access-Accept', event: accepted },
  {
    name: 'Access-Reject',
    event: { kind: 'authenticationEnded', outcome: { kind: 'rejected', replyMessage: undefined } },
  },
  { name: 'AAA silent', event: { kind: 'authenticationEnded', outcome: { kind: 'timeout' } } },
  { name: 'relayed Access-Accept', event: { kind: 'accessAccepted', accepted: accessAccepted() } },
  {
    name: 'relayed Access-Accept, other MN-NAI',
    event: { kind: 'accessAccepted', accepted: accessAccepted({ profile: profileOf({ nai: 'other@example' }) }) },
  },
  { name: 'relayed Access-Reject', event: { kind: 'accessRejected', nas: wlcA } },
  { name: 'relayed Access-Challenge', event: { kind: 'challenged', id: sessionId, challenge: challengeAt() } },
  { name: 'challenge over', event: { kind: 'challengeOver' } },
  {
    name: 'PBA accepted',
    event: (session) => ({ kind: 's2aAcknowledged', sequence: outstandingOr(session, 9), answer: assigned }),
  },
  {
    name: 'PBA denied (130)',
    event: (session) => ({
      kind: 's2aAcknowledged',
      sequence: outstandingOr(session, 9),
      answer: { kind: 'denied', status: 130, text: 'insufficientResources' },
    }),
  },
  { name: 'BRI from the LMA', event: { kind: 's2aRevoked' } },
  { name: 'LMA restarted', event: { kind: 'lmaRestarted' } },
  { name: 'BRA', event: { kind: 'revocationAcknowledged', mag: wlcA, sequence: 1, status: 0 } },
  { name: 'MAG restarted', event: { kind: 'magRestarted', mag: wlcA } },
  { name: 'CoA', event: coa() },
  { name: 'CoA, Authorize Only', event: { kind: 'reauthorizationWanted', state: Uint8Array.of(7) } },
  { name: 'cleared by the operator', event: { kind: 'cleared', reason: 'operator' } },
  {
    name: 'START of WLC A',
    event: wlcSays('start'),
  },
  {
    name: 'INTERIM of WLC A',
    event: wlcSays('interim', 2),
  },
  {
    name: 'STOP of WLC A',
    event: wlcSays('stop', 3),
  },
  { name: 'WLC A begins anew', event: { kind: 'nasRestarted', nas: wlcA } },
  {
    name: 'Accounting-Response',
    event: (session) => ({ kind: 'recordAcknowledged', record: owedBy(session)?.record ?? noRecord }),
  },
  { name: 'deadline', event: { kind: 'deadlineReached' } },
];

const noRecord: AccountRecord = {
  second: 0,
  sessionSeconds: 0,
  counted: noUsage,
  attachment: { kind: 'eogre', peer: rgA },
};

function outstandingOr(session: Session, other: number): number {
  try {
    return outstanding(session);
  } catch {
    return other;
  }
}

/** A moment at which everything a session waits for is over: days later. */
export const longAfter = start + 400_000_000;
