import type { DecisionEvent } from '../../services/samog/event-names.ts';
import type { EventKind, EventSeverity } from './event-kind.ts';

function of(severity: EventSeverity, sentence: string, advice: string): EventKind {
  return { severity, about: 'subscriber', sentence, advice };
}

const nothing = 'Nothing: it is as it should be.';

/** Decisions about one subscriber. */
export const decisionKinds: Readonly<Record<DecisionEvent, EventKind>> = {
  'session-attempted': of('debug', 'Somebody new turned up, and AAA is asked about them.', nothing),
  'session-established': of('info', 'A subscriber has a session, an address and a path.', nothing),
  'session-failed': of(
    'info',
    'A session was not set up; its text ends with the reason.',
    '`explain subscriber MAC` says what the reason means and what to do; all reasons are below.',
  ),
  'session-ended': of(
    'info',
    'A session is over; its text ends with the reason.',
    '`explain subscriber MAC` says what the reason means; all reasons are below.',
  ),
  'session-reauthenticated': of('debug', 'AAA has accepted a subscriber again who had a session.', nothing),
  'session-crashed': of(
    'warning',
    'A fault of the gateway itself cost one session; the others go on.',
    '`show crash list` has the record: it is always worth a report. The subscriber attaches anew.',
  ),
  'authorization-changed': of('debug', 'AAA has changed what a live session may do.', nothing),
  'authentication-timed-out': of(
    'debug',
    'No server answered about a subscriber in time.',
    '`show mrme-service` has the server that is dead. One that drops silently has another secret, or does not know this gateway.',
  ),
  'conversation-abandoned': of(
    'debug',
    'An authentication by a WLC was not brought to its end.',
    'The text says whether AAA or the UE fell silent. If AAA: `show mrme-service`. If many UEs: their credentials, or the radio.',
  ),
  'handover-accepted': of(
    'info',
    'A subscriber moves to another access node or access type with its session.',
    nothing,
  ),
  'handover-denied': of(
    'info',
    'A subscriber was not moved; its text ends with the reason.',
    '`explain subscriber MAC` says what the reason means and what to do; all reasons are below.',
  ),
  'handoff-waiting': of('debug', 'A handover waits for what it needs, such as the answer of AAA.', nothing),
  'handoff-completed': of('debug', 'Nothing is left to be done for a handover.', nothing),
  'path-switched': of('info', 'The packets of a subscriber go another way from now on.', nothing),
  'ip-path-switched': of('debug', 'The packets of a subscriber without a tunnel go another way from now on.', nothing),
  'ue-mac-flow-installed': of('debug', 'A subscriber is known by its MAC address behind an access point.', nothing),
  'address-released': of(
    'debug',
    'A subscriber gave its address back; the session waits for `release-grace`.',
    'If it comes back later than that it may get another address: *The UE’s address changes after a break* in troubleshooting.md.',
  ),
  'deregistration-delay-started': of(
    'debug',
    'A WLC deregistered a subscriber, who may turn up elsewhere within `deregistration-delay`.',
    nothing,
  ),
  'late-deregistration': of(
    'debug',
    'A WLC deregistered a subscriber who has moved on: the session is not touched.',
    nothing,
  ),
  'late-record': of(
    'debug',
    'A WLC told of the account of a subscriber who has moved on, or of its start after its stop.',
    nothing,
  ),
  'access-session-cleaned': of('debug', 'The former WLC has acknowledged that it has lost a subscriber.', nothing),
  'revocation-unanswered': of(
    'debug',
    'The former WLC has not acknowledged that it has lost a subscriber.',
    'It drops the UE when its binding ends. If it never answers: *No BRA* in troubleshooting.md.',
  ),
};
