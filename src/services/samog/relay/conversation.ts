import type { MacAddress } from '../../../kernel/address.ts';
import { type Instant, never } from '../../../kernel/instant.ts';
import type { Step } from '../../../kernel/step.ts';
import { unreachable } from '../../../kernel/unreachable.ts';
import { type RequestName, sameOctets } from './replies.ts';
import type { ChallengeHead } from './reply.ts';

/**
 * One authentication of a UE at one WLC, relayed to an AAA server.
 *
 *                 Access-Request            Access-Challenge
 *     (none) ───────────────▶ Relaying ◀───────────────────▶ Challenged
 *                                │ Access-Accept    next Response
 *                                ▼
 *                             Holding ──▶ (none): the session is up, or the Access-Accept is refused
 *
 * It ends with its last answer, which `ReplyMemory` keeps for repetitions. An immutable value.
 */
export interface Conversation {
  readonly phase: 'Relaying' | 'Challenged' | 'Holding';
  /** A session that it sets up has the same identifier. */
  readonly id: number;
  readonly mac: MacAddress;
  /** The latest request: in Challenged it has its answer. */
  readonly request: ConversationRequest;
  /** The State of AAA's latest challenge, and the Identifier of the EAP Request in it. */
  readonly state: Uint8Array | undefined;
  readonly eapIdentifier: number | undefined;
  /** The name of the server that gave the State: no other knows it. Undefined until one has answered. */
  readonly server: string | undefined;
  /** Challenges so far. */
  readonly rounds: number;
  readonly until: Instant;
}

/** What is kept of an Access-Request while it waits for its answer; nothing in it is a view of a buffer. */
export interface ConversationRequest {
  readonly name: RequestName;
  readonly state: Uint8Array | undefined;
  /** Of the EAP Response; undefined for a password or an EAP-Start. */
  readonly eapIdentifier: number | undefined;
}

export type ConversationEvent =
  | { readonly kind: 'asked'; readonly request: ConversationRequest }
  | { readonly kind: 'challenged'; readonly head: ChallengeHead; readonly server: string }
  | { readonly kind: 'accepted'; readonly server: string }
  | { readonly kind: 'rejected' }
  /** No server answered. */
  | { readonly kind: 'unanswered' }
  /** AAA's answer cannot be passed on: a key that nobody can read, a packet too long for RADIUS. */
  | { readonly kind: 'unusable' }
  /** The session is up, or has noted the re-authentication; or it is not. */
  | { readonly kind: 'decided'; readonly granted: boolean }
  | { readonly kind: 'limitReached' }
  /** The UE begins anew, or the WLC has given the request up. */
  | { readonly kind: 'superseded' };

export type ConversationEffect =
  /** The request goes to the server of the conversation, else to one of the group. */
  | { readonly kind: 'forward' }
  /** AAA's answer goes to the WLC; of a challenge to a live session after it has been noted (checkpoint 184). */
  | { readonly kind: 'passOn'; readonly noted: boolean }
  /** AAA has accepted: its answer is kept back until the session has been set up, or has noted it. */
  | { readonly kind: 'setUp' }
  | { readonly kind: 'reauthenticate' }
  | { readonly kind: 'reauthenticationFailed' }
  /** The live session waits for the UE's answer no longer. */
  | { readonly kind: 'forgetChallenge' }
  /** An Access-Reject of our own. */
  | { readonly kind: 'refuse' }
  /** The request is not answered: if it comes again, it is new. */
  | { readonly kind: 'leaveUnanswered' }
  /** The request in the event is none of this conversation's moment, and changes nothing. */
  | { readonly kind: 'discard' };

export interface ConversationContext {
  readonly now: Instant;
  /** Whether the UE has a live session now. */
  readonly hasSession: boolean;
  /** How long an Accept may wait for its session. */
  readonly holdMs: number;
}

/** The conversation after a step; undefined when it is over. */
export type ConversationStep = Step<Conversation | undefined, ConversationEffect>;

/** RFC 3580 section 3.17 has Session-Timeout of a challenge say how long the UE may take; bounded, or 30 s without one. */
const challengeLeastMs = 30_000;
const challengeMostMs = 120_000;

/** A conversation begins with a request; with State it goes on with what another chassis, or a restart, has lost. */
export function beginConversation(
  id: number,
  mac: MacAddress,
  request: ConversationRequest,
  server: string | undefined,
): ConversationStep {
  const { state } = request;
  return {
    state: {
      phase: 'Relaying',
      id,
      mac,
      request,
      state,
      eapIdentifier: undefined,
      server,
      rounds: 0,
      until: never,
    },
    effects: [{ kind: 'forward' }],
  };
}

/** The transition function. An event that means nothing in a phase changes nothing. */
export function stepConversation(
  conversation: Conversation,
  event: ConversationEvent,
  context: ConversationContext,
): ConversationStep {
  switch (event.kind) {
    case 'asked':
      return asked(conversation, event.request);
    case 'challenged':
      return conversation.phase === 'Relaying' ? challenged(conversation, event, context) : unchanged(conversation);
    case 'accepted':
      return conversation.phase === 'Relaying' ? accepted(conversation, event, context) : unchanged(conversation);
    case 'rejected':
      if (conversation.phase !== 'Relaying') return unchanged(conversation);
      return over(context, { kind: 'passOn', noted: false }, ...(context.hasSession ? [failed] : []));
    case 'unanswered':
      return conversation.phase === 'Relaying' ? over(context, unanswered) : unchanged(conversation);
    case 'unusable':
      return conversation.phase === 'Relaying' ? over(context, { kind: 'refuse' }) : unchanged(conversation);
    case 'decided':
      if (conversation.phase !== 'Holding') return unchanged(conversation);
      return event.granted
        ? { state: undefined, effects: [{ kind: 'passOn', noted: false }] }
        : over(context, { kind: 'refuse' });
    case 'limitReached':
      if (conversation.until > context.now) return unchanged(conversation);
      return conversation.phase === 'Holding' ? over(context, { kind: 'refuse' }) : over(context);
    case 'superseded':
      return over(context, ...(conversation.phase === 'Challenged' ? [] : [unanswered]));
    default:
      return unreachable(event);
  }
}

const unanswered: ConversationEffect = { kind: 'leaveUnanswered' };
const failed: ConversationEffect = { kind: 'reauthenticationFailed' };

function unchanged(conversation: Conversation): ConversationStep {
  return { state: conversation, effects: [] };
}

/** The end without an Access-Accept: a live session waits for the UE's answer no longer. */
function over({ hasSession }: ConversationContext, ...effects: readonly ConversationEffect[]): ConversationStep {
  return { state: undefined, effects: hasSession ? [...effects, { kind: 'forgetChallenge' }] : effects };
}

/** Only the answer to the challenge goes on: its State, and the Identifier of its EAP Request (RFC 3748 section 4.1). */
function asked(conversation: Conversation, request: ConversationRequest): ConversationStep {
  const isAnswer =
    conversation.phase === 'Challenged' &&
    hasState(conversation, request.state) &&
    request.eapIdentifier === conversation.eapIdentifier;
  if (!isAnswer) return { state: conversation, effects: [{ kind: 'discard' }] };
  return { state: { ...conversation, phase: 'Relaying', request, until: never }, effects: [{ kind: 'forward' }] };
}

/** Whether a request with this State is of the conversation. */
export function hasState(conversation: Conversation, state: Uint8Array | undefined): boolean {
  if (state === undefined || conversation.state === undefined) return state === conversation.state;
  return sameOctets(state, conversation.state);
}

function challenged(
  conversation: Conversation,
  { head, server }: Extract<ConversationEvent, { kind: 'challenged' }>,
  { now, hasSession }: ConversationContext,
): ConversationStep {
  const askedForMs = (head.timeoutSeconds ?? 0) * 1000;
  const until = now + Math.min(Math.max(askedForMs, challengeLeastMs), challengeMostMs);
  const { state, eapIdentifier } = head;
  const rounds = conversation.rounds + 1;
  return {
    state: { ...conversation, phase: 'Challenged', state, eapIdentifier, server, rounds, until },
    effects: [{ kind: 'passOn', noted: hasSession }],
  };
}

function accepted(
  conversation: Conversation,
  { server }: Extract<ConversationEvent, { kind: 'accepted' }>,
  { now, hasSession, holdMs }: ConversationContext,
): ConversationStep {
  return {
    state: { ...conversation, phase: 'Holding', server, until: now + holdMs },
    effects: [{ kind: hasSession ? 'reauthenticate' : 'setUp' }],
  };
}
