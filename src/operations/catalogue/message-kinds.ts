import type { MessageEvent } from '../../services/samog/event-names.ts';
import type { EventKind } from './event-kind.ts';

interface Family {
  readonly about: EventKind['about'];
  readonly advice: string;
}

const s2aAndAccess: Family = {
  about: 'subscriber',
  advice:
    'Part of the ladder of its subscriber: `show ladder mac MAC`. Its text has the status; 154, 156, 157 and 163 have sections in ' +
    'troubleshooting.md.',
};
const heartbeat: Family = {
  about: 'peer',
  advice: 'Nothing while they come and go; `show cgw-service` tells of an LMA that is silent.',
};
const dhcp: Family = {
  about: 'subscriber',
  advice: 'Part of the ladder of its subscriber: `show ladder mac MAC`; the peer is the RG by which it came or went.',
};
const radius: Family = {
  about: 'subscriber',
  advice:
    'Part of the ladder of its subscriber. Repetitions without an answer: `show mrme-service` has the server, its timeouts and what ' +
    'waits for it.',
};
const status: Family = { about: 'peer', advice: 'Asked of a server that is silent; what it answers revives it.' };
const accounting: Family = {
  about: 'subscriber',
  advice:
    'What the WLC or access point tells of the session; `show subscribers samog-only mac MAC full` has its account.',
};
const checkpoint: Family = {
  about: 'subscriber',
  advice:
    'Part of the ladder of its subscriber, on either chassis of a pair: what the standby has acknowledged survives a switchover. Not told are ' +
    'the checkpoints of a synchronisation, and those of what UEs have used. `show srp checkpoint statistics` counts all of them.',
};
const authorization: Family = {
  about: 'subscriber',
  advice:
    'What a dynamic authorization client wants of a live session; the Error-Cause of a refusal is in its text, and counted by it.',
};

function of(family: Family, sentence: string): EventKind {
  return { severity: 'debug', ...family, sentence };
}

/** Messages that came or went. They are in the log at level debug alone, and in ladders always. */
export const messageKinds: Readonly<Record<MessageEvent, EventKind>> = {
  'proxyBindingUpdate-received': of(s2aAndAccess, 'A PBU came from a WLC.'),
  'proxyBindingUpdate-sent': of(s2aAndAccess, 'A PBU went to the LMA.'),
  'proxyBindingAcknowledgement-received': of(s2aAndAccess, 'The LMA answered a PBU.'),
  'proxyBindingAcknowledgement-sent': of(s2aAndAccess, 'A PBU of a WLC was answered.'),
  'bindingRevocationIndication-received': of(s2aAndAccess, 'The LMA revoked a binding, or all of them.'),
  'bindingRevocationIndication-sent': of(s2aAndAccess, 'A WLC was told that it has lost a UE.'),
  'bindingRevocationAcknowledgement-received': of(s2aAndAccess, 'A WLC acknowledged that it has lost a UE.'),
  'bindingRevocationAcknowledgement-sent': of(s2aAndAccess, 'A revocation of the LMA was answered.'),
  'heartbeat-received': of(heartbeat, 'A heartbeat came, or the answer to one.'),
  'heartbeat-sent': of(heartbeat, 'A heartbeat went out, or the answer to one.'),
  'bindingError-received': of(heartbeat, 'A Binding Error came, which is not expected and not acted on.'),
  'bindingError-sent': of(heartbeat, 'A Binding Error went out.'),
  'dhcp-discover-received': of(dhcp, 'A UE looks for an address.'),
  'dhcp-discover-sent': of(dhcp, 'A DISCOVER went out.'),
  'dhcp-offer-received': of(dhcp, 'An OFFER came from the access side.'),
  'dhcp-offer-sent': of(dhcp, 'A UE was offered its address.'),
  'dhcp-request-received': of(dhcp, 'A UE asks for an address, or for more time.'),
  'dhcp-request-sent': of(dhcp, 'A REQUEST went out.'),
  'dhcp-ack-received': of(dhcp, 'An ACK came from the access side.'),
  'dhcp-ack-sent': of(dhcp, 'A UE has its address, or more time for it.'),
  'dhcp-nak-received': of(dhcp, 'A NAK came from the access side.'),
  'dhcp-nak-sent': of(dhcp, 'A UE was refused the address that it insisted on.'),
  'dhcp-decline-received': of(dhcp, 'A UE found its address in use.'),
  'dhcp-decline-sent': of(dhcp, 'A DECLINE went out.'),
  'dhcp-release-received': of(dhcp, 'A UE gives its address back.'),
  'dhcp-release-sent': of(dhcp, 'A RELEASE went out.'),
  'dhcp-inform-received': of(dhcp, 'A UE asks for parameters alone.'),
  'dhcp-inform-sent': of(dhcp, 'An INFORM went out.'),
  'dhcp-reply-sent': of(dhcp, 'A reply of no other type went to a UE.'),
  'access-request-sent': of(radius, 'AAA was asked about a subscriber.'),
  'access-request-retransmitted': of(radius, 'AAA was asked about a subscriber again.'),
  'access-accept-received': of(radius, 'AAA accepts the subscriber.'),
  'access-reject-received': of(radius, 'AAA rejects the subscriber.'),
  'access-challenge-received': of(radius, 'AAA wants more of the subscriber.'),
  'accounting-request-sent': of(radius, 'A record of an account went to AAA.'),
  'accounting-request-retransmitted': of(radius, 'A record of an account went to AAA again.'),
  'accounting-response-received': of(radius, 'AAA has written a record down.'),
  'disconnect-request-sent': of(radius, 'A WLC was told that the session of a UE is over.'),
  'disconnect-request-retransmitted': of(radius, 'A WLC was told so again.'),
  'disconnect-ack-received': of(radius, 'The WLC has disconnected the UE.'),
  'disconnect-nak-received': of(radius, 'The WLC has not disconnected the UE; its Error-Cause says why.'),
  'status-server-sent': of(status, 'A server was asked whether it lives.'),
  'status-server-answered': of(status, 'The server lives.'),
  'access-request-received': of(radius, 'A WLC or access point asks for the authentication of a UE.'),
  'access-accept-relayed': of(radius, 'The Accept of AAA went on to the WLC.'),
  'access-reject-relayed': of(radius, 'A reject went to the WLC: AAA’s, or ours for want of a session.'),
  'access-challenge-relayed': of(radius, 'A challenge of AAA went on to the WLC.'),
  'accounting-start-received': of(accounting, 'A WLC tells that a session has begun.'),
  'accounting-interim-received': of(accounting, 'A WLC tells how a session goes on.'),
  'accounting-stop-received': of(accounting, 'A WLC tells that a session is over.'),
  'accounting-on-received': of(accounting, 'A WLC has started: what it had before is over.'),
  'accounting-off-received': of(accounting, 'A WLC ends its service.'),
  'coa-received': of(authorization, 'AAA wants to change what a live session may do.'),
  'coa-answered': of(authorization, 'A change of authorization was done, or refused.'),
  'disconnect-received': of(authorization, 'AAA wants a session ended.'),
  'disconnect-answered': of(authorization, 'A wish to end a session was carried out, or refused.'),
  'checkpoint-sent': of(checkpoint, 'The standby was told of a session, or of a change of it.'),
  'checkpoint-received': of(checkpoint, 'The active has told of a session, or of a change of it.'),
  'checkpoint-removal-sent': of(checkpoint, 'The standby was told that a session is over.'),
  'checkpoint-removal-received': of(checkpoint, 'The active has told that a session is over.'),
  'checkpoint-acknowledged': of(checkpoint, 'The standby has what it was told.'),
  'checkpoint-refused': of(
    checkpoint,
    'The standby cannot use what it was told (a NACK), and is sent the whole session within a budget.',
  ),
};
