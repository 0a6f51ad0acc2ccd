import type { AccessPath } from '../../forwarding/entry.ts';
import type { CheckpointTallyView } from '../../icsr/replication/statistics.ts';
import { formatIp, formatMac } from '../../kernel/address.ts';
import type {
  DisconnectingSession,
  DurableSession,
  LiveSession,
  OwingSession,
  Session,
} from '../../services/samog/session/state.ts';
import { sessionId, sessionMac, stateName } from '../../services/samog/session/state.ts';
import type { Subscriber } from '../../services/samog/subscriber.ts';
import { lmaOf } from '../../sessmgr/anchor.ts';
import type { ManagerReader } from '../../sessmgr/manager-reader.ts';
import { naiOf } from '../../sessmgr/session-registry.ts';
import { toHex } from '../../wire/bytes/text.ts';
import { ageSeconds, hex32, remainingSeconds, timeOf } from './format.ts';
import type { RedundancyReader } from './redundancy-reader.ts';
import { type SubscriberAccounting, subscriberAccountingOf } from './subscriber-accounting.ts';
import { grantsOf, type SubscriberGrants } from './subscriber-grants.ts';
import { type SubscriberRadius, subscriberRadiusOf } from './subscriber-radius.ts';
import type { Moment } from './view.ts';

/** A subscriber in one line. */
export interface SubscriberSummary {
  readonly mac: string;
  /** 8 hexadecimal digits; the session's identifier from its first trigger to its end, through every handover. */
  readonly callId: string;
  readonly state: string;
  readonly accessType: 'PMIPv6' | 'EoGRE' | 'IP' | null;
  /** The WLC or RG. */
  readonly accessPeer: string | null;
  readonly address: string | null;
  readonly nai: string | null;
  readonly moves: number;
  readonly ageSeconds: number | null;
}

export interface AccessEndpoint {
  readonly type: 'PMIPv6' | 'EoGRE' | 'IP';
  readonly peer: string;
  /** EoGRE: the key of the tunnel, both ways. */
  readonly key: string | null;
  readonly vlan: number | null;
  /** PMIPv6: keys of the tunnel. */
  readonly uplinkKey: string | null;
  readonly downlinkKey: string | null;
  /** IP: the UE's address at its access point. */
  readonly ueAddress: string | null;
}

/** Everything that is known of a subscriber, in the order of the text. */
export interface SubscriberDetail extends SubscriberSummary {
  readonly sessionTrigger: 'PMIPv6' | 'DHCP' | 'RADIUS' | 'Accounting' | null;
  readonly access: AccessEndpoint | null;
  readonly vmac: string;
  readonly eogreFlow: boolean | null;
  readonly addresses: readonly { readonly address: string; readonly prefixLength: number; readonly router: string }[];
  readonly phaseRemainingSeconds: number | null;
  readonly binding: {
    readonly status: string;
    readonly mag: string | null;
    readonly nai: string | null;
    readonly lifetimeSeconds: number | null;
    readonly remainingSeconds: number | null;
    readonly sequence: number | null;
  };
  readonly lease: {
    readonly state: string;
    readonly remainingSeconds: number | null;
    /** Option 82 as the RG gave it, in hexadecimal. */
    readonly relayInformation: string | null;
  } | null;
  readonly s2a: {
    readonly lma: string;
    readonly uplinkKey: string | null;
    readonly downlinkKey: string | null;
    readonly lifetimeSeconds: number | null;
    readonly remainingSeconds: number | null;
    readonly refreshInSeconds: number | null;
    readonly sequence: number | null;
    /** A PBU that waits for its PBA: why it was sent, and how often. */
    readonly request: { readonly purpose: string; readonly attempt: number } | null;
  } | null;
  readonly authentication: {
    readonly state: 'authenticating' | 'authenticated';
    readonly apn: string | null;
    readonly imsi: string | null;
    readonly chargeableUserIdentity: string | null;
    /** Each Class attribute in hexadecimal. */
    readonly classes: readonly string[];
    readonly sessionTimeoutRemainingSeconds: number | null;
    readonly idleTimeoutSeconds: number | null;
  };
  /** Null for a UE that was authenticated by its MAC address. */
  readonly radius: SubscriberRadius | null;
  readonly accounting: SubscriberAccounting;
  readonly grants: SubscriberGrants;
  readonly handoff: {
    readonly previous: AccessEndpoint | null;
    readonly guardRemainingSeconds: number;
    readonly moves: number;
    readonly dataSwitchesThisMinute: number;
    readonly queued: string | null;
    readonly revocations: readonly { readonly mag: string; readonly sent: number }[];
  };
  readonly disconnectReason: string | null;
  readonly usage: {
    readonly uplinkPackets: number;
    readonly uplinkOctets: number;
    readonly downlinkPackets: number;
    readonly downlinkOctets: number;
    readonly idleSeconds: number | null;
  } | null;
  readonly created: string | null;
  /** How the session is replicated; null on a chassis that is alone. */
  readonly redundancy: {
    readonly status: 'Original Session' | 'Recovered Session' | 'Standby Record';
    readonly full: CheckpointAttempts;
    readonly micro: CheckpointAttempts;
  } | null;
}

/** Of the active: checkpoints made and acknowledged. Of the standby: checkpoints that came and were applied. */
export interface CheckpointAttempts {
  readonly attempts: number;
  readonly successes: number;
  /** Null if there was none. */
  readonly lastAttemptAgeMs: number | null;
  readonly lastSuccessAgeMs: number | null;
}

/** Whether the session serves its UE no more. */
function isOver(session: Session): session is DisconnectingSession | OwingSession {
  return session.kind === 'Disconnecting' || session.kind === 'Owing';
}

/** Where the UE is attached: of a session being set up, where its trigger came from. */
export function accessOf(session: Session): AccessPath | undefined {
  if (session.kind === 'Live') return session.durable.access;
  if (isOver(session)) return undefined;
  const { trigger } = session;
  if (trigger.kind === 'radius') return undefined;
  if (trigger.kind === 'dhcp') return trigger.dhcp.path;
  if (trigger.kind === 'accounting') return { kind: 'ip', peer: trigger.start.nas, address: trigger.start.address };
  const { mag, downlinkKey = 0 } = trigger.update;
  return { kind: 'pmipv6', peer: mag, uplinkKey: session.id, downlinkKey };
}

function startedAt(session: Session): number | undefined {
  if (session.kind === 'Live') return session.durable.createdAt;
  return isOver(session) ? undefined : session.startedAt;
}

const accessTypes = { pmipv6: 'PMIPv6', eogre: 'EoGRE', ip: 'IP' } as const;

/** A session as a line of the list has it. */
export function subscriberSummaryOf(session: Session, at: Moment): SubscriberSummary {
  const access = accessOf(session);
  const address = session.kind === 'Live' ? session.durable.addresses[0]?.address : undefined;
  return {
    mac: formatMac(sessionMac(session)),
    callId: hex32(sessionId(session)),
    state: stateName(session),
    accessType: access === undefined ? null : accessTypes[access.kind],
    accessPeer: access === undefined ? null : formatIp(access.peer),
    address: address === undefined ? null : formatIp(address),
    nai: naiOf(session) ?? null,
    moves: session.kind === 'Live' ? session.durable.moves.count : 0,
    ageSeconds: ageSeconds(startedAt(session), at),
  };
}

function endpointOf(path: AccessPath | undefined): AccessEndpoint | null {
  if (path === undefined) return null;
  const eogre = path.kind === 'eogre';
  const pmipv6 = path.kind === 'pmipv6';
  return {
    type: accessTypes[path.kind],
    peer: formatIp(path.peer),
    key: eogre && path.key !== undefined ? hex32(path.key) : null,
    vlan: eogre ? (path.vlan ?? null) : null,
    uplinkKey: pmipv6 ? hex32(path.uplinkKey) : null,
    downlinkKey: pmipv6 ? hex32(path.downlinkKey) : null,
    ueAddress: path.kind === 'ip' ? formatIp(path.address) : null,
  };
}

/** All that `show subscriber` says of a session; `redundancy` is undefined on a chassis that is alone. */
export function subscriberDetailOf(
  session: Session,
  manager: ManagerReader,
  at: Moment,
  redundancy: RedundancyReader | undefined,
): SubscriberDetail {
  const live = session.kind === 'Live' ? session : undefined;
  const phase = live?.durable.phase;
  return {
    ...subscriberSummaryOf(session, at),
    sessionTrigger: triggerOf(session),
    access: endpointOf(accessOf(session)),
    vmac: formatMac(manager.config.cgwService.access.vmac),
    eogreFlow: live?.durable.eogreFlow ?? null,
    addresses: (live?.durable.addresses ?? []).map(({ address, prefixLength, router }) => ({
      address: formatIp(address),
      prefixLength,
      router: formatIp(router),
    })),
    phaseRemainingSeconds:
      phase === undefined || phase.kind === 'Established' ? null : remainingSeconds(phase.until, at),
    binding: bindingOf(live?.durable, at),
    lease: leaseOf(live?.durable, at),
    s2a: s2aOf(session, at),
    authentication: authenticationOf(session, at),
    radius: subscriberRadiusOf(session),
    accounting: subscriberAccountingOf(session, at),
    grants: grantsOf(session),
    handoff: handoffOf(session, at),
    disconnectReason: session.kind === 'Disconnecting' ? session.reason : null,
    usage: usageOf(session, manager, at),
    created: timeOf(startedAt(session) ?? Number.NaN, at),
    redundancy: redundancyOf(session, at, redundancy),
  };
}

const triggerNames = { pmipv6: 'PMIPv6', dhcp: 'DHCP', accounting: 'Accounting' } as const;

function triggerOf(session: Session): SubscriberDetail['sessionTrigger'] {
  if (isOver(session)) return null;
  if (session.kind === 'Live') return triggerNames[session.durable.sessionType];
  if (session.trigger.kind === 'accounting') return 'Accounting';
  if (session.trigger.kind === 'radius') return 'RADIUS';
  return session.trigger.kind === 'pbu' ? 'PMIPv6' : 'DHCP';
}

function bindingOf(durable: DurableSession | undefined, at: Moment): SubscriberDetail['binding'] {
  const binding = durable?.binding;
  if (durable === undefined || binding === undefined) {
    return { status: 'none', mag: null, nai: null, lifetimeSeconds: null, remainingSeconds: null, sequence: null };
  }
  return {
    status: durable.phase.kind === 'Deregistered' ? 'deregistration delay' : 'active',
    mag: formatIp(binding.mag),
    nai: binding.nai,
    lifetimeSeconds: binding.lifetimeSeconds,
    remainingSeconds: remainingSeconds(binding.expiresAt, at),
    sequence: binding.sequence,
  };
}

function leaseOf(durable: DurableSession | undefined, at: Moment): SubscriberDetail['lease'] {
  const lease = durable?.lease;
  if (lease === undefined) return null;
  return {
    state: lease.state,
    remainingSeconds: remainingSeconds(lease.expiresAt, at),
    relayInformation: lease.relayInformation === undefined ? null : toHex(lease.relayInformation),
  };
}

function requestOf(session: Session) {
  if (session.kind === 'Live') return session.transient.request;
  if (session.kind === 'Disconnecting') return session.request;
  return isOver(session) ? undefined : session.anchor?.request;
}

function s2aOf(session: Session, at: Moment): SubscriberDetail['s2a'] {
  const lma = lmaOf(session);
  if (lma === undefined) return null;
  const request = requestOf(session);
  const s2a =
    session.kind === 'Live' ? session.durable.s2a : session.kind === 'Disconnecting' ? session.s2a : undefined;
  return {
    lma: formatIp(lma),
    uplinkKey: s2a === undefined ? null : hex32(s2a.uplinkKey),
    downlinkKey: s2a === undefined ? null : hex32(s2a.downlinkKey),
    lifetimeSeconds: s2a?.lifetimeSeconds ?? null,
    remainingSeconds: remainingSeconds(s2a?.expiresAt, at),
    refreshInSeconds: remainingSeconds(s2a?.refreshAt, at),
    sequence: s2a?.sequence ?? request?.sequence ?? null,
    request: request === undefined ? null : { purpose: request.purpose, attempt: request.attempt },
  };
}

/** What AAA has said of the subscriber. */
export function subscriberOf(session: Session): Subscriber | undefined {
  if (session.kind === 'Live') return session.durable.subscriber;
  return isOver(session) ? undefined : session.anchor?.subscriber;
}

function authenticationOf(session: Session, at: Moment): SubscriberDetail['authentication'] {
  const subscriber = subscriberOf(session);
  return {
    state: session.kind === 'Authenticating' ? 'authenticating' : 'authenticated',
    apn: subscriber?.apn ?? null,
    imsi: subscriber?.imsi ?? null,
    chargeableUserIdentity:
      subscriber?.chargeableUserIdentity === undefined ? null : toHex(subscriber.chargeableUserIdentity),
    classes: (subscriber?.classes ?? []).map((value) => toHex(value)),
    sessionTimeoutRemainingSeconds:
      session.kind === 'Live'
        ? remainingSeconds(session.durable.expiresAt, at)
        : (subscriber?.sessionTimeoutSeconds ?? null),
    idleTimeoutSeconds: subscriber?.idleTimeoutSeconds ?? null,
  };
}

const minuteMs = 60_000;

function handoffOf(session: Session, at: Moment): SubscriberDetail['handoff'] {
  const moves = session.kind === 'Live' ? session.durable.moves : undefined;
  const queued = session.kind === 'Live' || session.kind === 'Owing' ? undefined : session.queued;
  const inWindow = moves !== undefined && at.now - moves.dataWindowStart < minuteMs;
  return {
    previous: endpointOf(moves?.previous),
    guardRemainingSeconds: moves?.previous === undefined ? 0 : (remainingSeconds(moves.previousUntil, at) ?? 0),
    moves: moves?.count ?? 0,
    dataSwitchesThisMinute: inWindow ? moves.dataSwitches : 0,
    queued: queued === undefined ? null : (queued.handoff ?? queued.trigger.kind),
    revocations: cleanupsOf(session).map(({ mag, attempt }) => ({ mag: formatIp(mag), sent: attempt })),
  };
}

function cleanupsOf(session: Session): LiveSession['durable']['cleanups'] {
  if (session.kind === 'Live') return session.durable.cleanups;
  return session.kind === 'Disconnecting' ? session.cleanups : [];
}

function usageOf(session: Session, manager: ManagerReader, at: Moment): SubscriberDetail['usage'] {
  const usage = manager.flows.usage(sessionId(session));
  if (usage === undefined) return null;
  const { lastActivity, ...counts } = usage;
  return { ...counts, idleSeconds: ageSeconds(lastActivity, at) };
}

function redundancyOf(
  session: Session,
  { now }: Moment,
  redundancy: RedundancyReader | undefined,
): SubscriberDetail['redundancy'] {
  if (redundancy === undefined) return null;
  const { pair } = redundancy;
  const checkpoints = pair.checkpointsOf(sessionId(session), now);
  const takenOverAt = pair.journal.promotions.at(-1)?.begunAt;
  const createdAt = startedAt(session);
  const recovered = takenOverAt !== undefined && createdAt !== undefined && createdAt <= takenOverAt;
  const isRecord = pair.replication(now).sender === undefined;
  return {
    status: isRecord ? 'Standby Record' : recovered ? 'Recovered Session' : 'Original Session',
    full: attemptsOf(checkpoints?.full),
    micro: attemptsOf(checkpoints?.micro),
  };
}

function attemptsOf(tally: CheckpointTallyView | undefined): CheckpointAttempts {
  const age = (ageMs: number | undefined) => (ageMs === undefined ? null : Math.round(ageMs));
  return {
    attempts: tally?.attempts ?? 0,
    successes: tally?.successes ?? 0,
    lastAttemptAgeMs: age(tally?.lastAttemptAgeMs),
    lastSuccessAgeMs: age(tally?.lastSuccessAgeMs),
  };
}
