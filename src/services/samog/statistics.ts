import { Counters } from '../../kernel/counters.ts';

/** The four blocks of the seed's Handoff Statistics, in the seed's order, and the two kinds of move it has no block for. */
export const handoffKinds = [
  'pmip-to-pmip',
  'dhcp-to-dhcp',
  'pmip-to-eogre',
  'eogre-to-pmip',
  'eogre-to-eogre-request',
  'eogre-to-eogre-data',
] as const;
export type HandoffKind = (typeof handoffKinds)[number];

/** Why a handover was denied. */
export const handoffDenials = [
  'no-dhcp-twan-profile',
  'handover-rate',
  'spoofed',
  'address-mismatch',
  'client-not-in-profile',
  'bad-request',
  'session-ended',
  'superseded',
  'disabled',
] as const;
export type HandoffDenial = (typeof handoffDenials)[number];

/** Why a session was never set up. */
export const setupFailures = [
  'aaa-reject',
  'aaa-timeout',
  'lma-timeout',
  'lma-reject',
  'lma-unknown',
  'access-list-unknown',
  'session-limit',
  'withdrawn',
] as const;
export type SetupFailure = (typeof setupFailures)[number];

/** Why a session ended. */
export const endReasons = [
  'ue-release',
  'mag-deregistration',
  'lma-revocation',
  'lma-rejected-refresh',
  'lma-unreachable',
  'session-timeout',
  'idle-timeout',
  'lease-expired',
  'binding-expired',
  'address-declined',
  'operator',
  'aaa-disconnect',
  'never-attached',
  'reauthorised',
  'subscriber-changed',
  'reauthentication-failed',
  'nas-stop',
] as const;
export type EndReason = (typeof endReasons)[number];

/** Why a packet of a WLC or access point that speaks RADIUS was dropped. */
export const accessRadiusDiscards = [
  'unknown-client',
  'rate',
  'malformed',
  'bad-authenticator',
  'no-message-authenticator',
  'eap-identifier',
  'wrong-profile',
  'congestion',
] as const;
export type AccessRadiusDiscard = (typeof accessRadiusDiscards)[number];

/** Error-Causes (RFC 5176 section 3.5) of what is refused. */
export const dynamicNakCauses = [401, 402, 403, 404, 405, 407, 503, 506, 507, 508] as const;
export type DynamicNakCause = (typeof dynamicNakCauses)[number];

/** What becomes of CoA- and Disconnect-Requests, and of those toward WLCs that nobody answers. */
export const dynamicAuthorizationCounters = [
  ...(['coa', 'disconnect'] as const).flatMap((kind) => [
    ...(['received', 'retransmitted', 'ack'] as const).map((what) => `${kind}.${what}` as const),
    ...dynamicNakCauses.map((cause) => `${kind}.nak.${cause}` as const),
  ]),
  'nas-disconnect.given-up',
] as const;

/** Why one is discarded; each is counted as `dynamic-authorization.discarded.<reason>`. */
export const dynamicAuthorizationDiscards = [
  'unknown-client',
  'rate',
  'malformed',
  'bad-authenticator',
  'no-message-authenticator',
  'no-event-timestamp',
  'stale',
] as const;

const results = ['received', 'accepted', 'denied'] as const;

export const dhcpMessages = ['discover', 'offer', 'request', 'ack', 'nak', 'decline', 'release', 'inform'] as const;

/** What the gateway asks of AAA servers, and of the dynamic authorization of WLCs. */
export const radiusRequestNames = ['access-request', 'accounting-request', 'disconnect-request'] as const;
/** What ends such a request. */
export const radiusReplyNames = [
  'access-accept',
  'access-reject',
  'access-challenge',
  'accounting-response',
  'disconnect-ack',
  'disconnect-nak',
] as const;
export type RadiusRequestName = (typeof radiusRequestNames)[number];
export type RadiusReplyName = (typeof radiusReplyNames)[number];

/** Every counter of the SaMOG service. Groups are told apart by the part before the first dot. */
export const samogCounterNames = [
  'session.attempted',
  'session.setup',
  'session.released',
  'session.aborted',
  'session.crashed',
  'session.reauthenticated',
  ...endReasons.map((reason) => `session.ended.${reason}` as const),
  ...setupFailures.map((reason) => `session.failed.${reason}` as const),
  ...handoffKinds.flatMap((kind) => results.map((result) => `handoff.${kind}.${result}` as const)),
  ...handoffDenials.map((reason) => `handoff.denied.${reason}` as const),
  ...radiusRequestNames.flatMap((name) => [`radius.${name}.sent`, `radius.${name}.retransmitted`] as const),
  ...radiusReplyNames.map((name) => `radius.${name}.received` as const),
  'radius.status-server.sent',
  'radius.status-server.answered',
  'radius.timeout',
  'radius.discarded.malformed',
  'radius.discarded.unknown-server',
  'radius.discarded.unmatched',
  'radius.discarded.late',
  'radius.discarded.duplicate',
  'radius.discarded.bad-authenticator',
  'radius.discarded.no-message-authenticator',
  'radius.refused.queue-full',
  'congestion.applied',
  ...(['initial', 'refresh', 'handoff', 'deregistration'] as const).flatMap((kind) =>
    results.map((result) => `pbu.${kind}.${result}` as const),
  ),
  'pbu.received',
  'pbu.retransmitted',
  'pba.sent',
  ...(['malformed', 'unsupported', 'unknown-client', 'stale'] as const).map(
    (why) => `pmipv6.discarded.${why}` as const,
  ),
  'bri.sent',
  'bri.retransmitted',
  'bri.unanswered',
  'bra.received',
  'heartbeat.access.received',
  'heartbeat.access.answered',
  'heartbeat.access.sent',
  'heartbeat.access.missed',
  'heartbeat.access.unmatched',
  'heartbeat.access.restarted',
  's2a.pbu.initial.sent',
  's2a.pbu.initial.retransmitted',
  's2a.pbu.refresh.sent',
  's2a.pbu.refresh.retransmitted',
  's2a.pbu.deregistration.sent',
  's2a.pbu.deregistration.retransmitted',
  's2a.pba.received',
  's2a.pba.accepted',
  's2a.pba.denied',
  's2a.pba.unmatched',
  's2a.bri.received',
  's2a.bra.sent',
  's2a.heartbeat.sent',
  's2a.heartbeat.received',
  's2a.heartbeat.answered',
  's2a.heartbeat.missed',
  's2a.heartbeat.unmatched',
  's2a.lma-restarted',
  ...(['malformed', 'unsupported', 'unknown-peer'] as const).map((why) => `s2a.discarded.${why}` as const),
  ...dhcpMessages.map((message) => `dhcp.${message}` as const),
  'dhcp.retransmitted',
  ...(['malformed', 'not-for-us', 'no-session', 'mac-mismatch', 'client-not-in-profile'] as const).map(
    (why) => `dhcp.discarded.${why}` as const,
  ),
  'garp.sent',
  ...dynamicAuthorizationCounters,
  ...dynamicAuthorizationDiscards.map((why) => `dynamic-authorization.discarded.${why}` as const),
  ...(['start', 'interim', 'stop'] as const).flatMap((status) =>
    (['owed', 'acknowledged', 'repeated'] as const).map((what) => `accounting.${status}.${what}` as const),
  ),
  ...(['on', 'off'] as const).flatMap((status) =>
    (['sent', 'acknowledged', 'given-up'] as const).map((what) => `accounting.${status}.${what}` as const),
  ),
  'accounting.interim.superseded',
  'accounting.stop.dropped',
  'access-radius.access-request.received',
  'access-radius.access-request.retransmitted',
  'access-radius.accept.sent',
  'access-radius.reject.sent',
  'access-radius.challenge.sent',
  'access-radius.status-server.received',
  ...(['start', 'interim', 'stop', 'on', 'off'] as const).flatMap((status) =>
    (['received', 'retransmitted', 'sent'] as const).map((what) => `access-radius.${status}.${what}` as const),
  ),
  'access-radius.start.late',
  'access-radius.discarded.no-session',
  ...accessRadiusDiscards.map((why) => `access-radius.discarded.${why}` as const),
  'relay.oversized',
  'relay.too-long',
  'session-manager.restarted',
] as const;
export type SamogCounter = (typeof samogCounterNames)[number];

/** Counters of the service: all at zero, or those in `values`, which another thread may read meanwhile. */
export function samogCounters(values?: Float64Array): Counters<SamogCounter> {
  return new Counters(samogCounterNames, values);
}
