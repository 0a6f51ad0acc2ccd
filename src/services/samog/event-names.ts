import { dhcpMessages, radiusReplyNames, radiusRequestNames } from './statistics.ts';

const mobilityMessages = [
  'proxyBindingUpdate',
  'proxyBindingAcknowledgement',
  'bindingRevocationIndication',
  'bindingRevocationAcknowledgement',
  'heartbeat',
  'bindingError',
] as const;

/** Messages that came or went: in the log at level debug, and what ladders are made of. */
export const messageEvents = [
  ...mobilityMessages.flatMap((message) => [`${message}-received`, `${message}-sent`] as const),
  ...dhcpMessages.flatMap((message) => [`dhcp-${message}-received`, `dhcp-${message}-sent`] as const),
  'dhcp-reply-sent',
  ...radiusRequestNames.flatMap((name) => [`${name}-sent`, `${name}-retransmitted`] as const),
  ...radiusReplyNames.map((name) => `${name}-received` as const),
  'status-server-sent',
  'status-server-answered',
  'access-request-received',
  ...(['accept', 'reject', 'challenge'] as const).map((name) => `access-${name}-relayed` as const),
  ...(['start', 'interim', 'stop', 'on', 'off'] as const).map((status) => `accounting-${status}-received` as const),
  ...(['coa', 'disconnect'] as const).flatMap((kind) => [`${kind}-received`, `${kind}-answered`] as const),
  ...(['sent', 'received'] as const).flatMap((way) => [`checkpoint-${way}`, `checkpoint-removal-${way}`] as const),
  'checkpoint-acknowledged',
  'checkpoint-refused',
] as const;
export type MessageEvent = (typeof messageEvents)[number];

/** Decisions about one subscriber. */
export const decisionEvents = [
  'session-attempted',
  'session-established',
  'session-failed',
  'session-ended',
  'session-reauthenticated',
  'session-crashed',
  'authorization-changed',
  'authentication-timed-out',
  'conversation-abandoned',
  'handover-accepted',
  'handover-denied',
  'handoff-waiting',
  'handoff-completed',
  'path-switched',
  'ip-path-switched',
  'ue-mac-flow-installed',
  'address-released',
  'deregistration-delay-started',
  'late-deregistration',
  'late-record',
  'access-session-cleaned',
  'revocation-unanswered',
] as const;
export type DecisionEvent = (typeof decisionEvents)[number];

/** What becomes of peers, of the gateway and of its chassis. */
export const chassisEvents = [
  'lma-down',
  'lma-up',
  'lma-restarted',
  'aaa-server-dead',
  'aaa-server-alive',
  'aaa-connection-failed',
  'accounting-owed',
  'accounting-dropped',
  'port-shielded',
  'port-unshielded',
  'congestion-entered',
  'congestion-cleared',
  'configuration-committed',
  'configuration-unconfirmed',
  'configuration-confirmed',
  'configuration-rolled-back',
  'configuration-rollback-failing',
  'configuration-scheduled',
  'configuration-commit-failed',
  'alarm-raised',
  'alarm-changed',
  'alarm-cleared',
  'alarm-acknowledged',
  'fast-path-on',
  'fast-path-off',
  'fast-path-failing',
  'forwarding-repaired',
  'service-ports-missing',
  'service-ports-open',
  'session-manager-ended',
  'session-manager-restarted',
  'sessions-recovered',
  'recovery-rows-refused',
  'recovery-store-set-aside',
  'recovery-write-failing',
  'recovery-writing-again',
  'chassis-transition',
  'chassis-connection',
  'chassis-term-raised',
  'chassis-lineage-begun',
  'chassis-lineage-abandoned',
  'chassis-switchover-refused',
  'chassis-promotion-stage-failed',
  'chassis-state-not-stored',
  'chassis-state-stored',
  'service-addresses-incomplete',
  'srp-refused',
  'srp-dial-failed',
  'srp-listen-failed',
  'srp-thread-failed',
] as const;
export type ChassisEvent = (typeof chassisEvents)[number];

/** Every event that the gateway can report. The names are stable: filters, ladders and receivers elsewhere go by them. */
export type EventName = MessageEvent | DecisionEvent | ChassisEvent;
export const eventNames: readonly EventName[] = [...messageEvents, ...decisionEvents, ...chassisEvents];
