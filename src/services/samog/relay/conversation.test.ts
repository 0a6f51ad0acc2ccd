import { describe, expect, it } from 'vitest';
import { ipv4Of, macOf } from '../../../kernel/address.ts';
import { never } from '../../../kernel/instant.ts';
import {
  beginConversation,
  type Conversation,
  type ConversationContext,
  type ConversationEvent,
  type ConversationRequest,
  type ConversationStep,
  stepConversation,
} from './conversation.ts';

const server = 'aaa-1';
const other = 'aaa-2';
const state = Uint8Array.of(1, 2, 3);
const context: ConversationContext = { now: 1000, hasSession: false, holdMs: 30_000 };
const withSession = { ...context, hasSession: true };

function request(eapIdentifier: number | undefined, given: Uint8Array | undefined): ConversationRequest {
  const name = { client: ipv4Of(1), port: 1645, identifier: 9, authenticator: new Uint8Array(16) };
  return { name, eapIdentifier, state: given };
}

function challenge(eapIdentifier = 2, timeoutSeconds?: number): ConversationEvent {
  return { kind: 'challenged', head: { state, eapIdentifier, timeoutSeconds, eapOctets: 6 }, server };
}

const relaying = beginConversation(7, macOf(1), request(1, undefined), undefined).state!;
const challenged = stepConversation(relaying, challenge(), context).state!;
const holding = stepConversation(relaying, { kind: 'accepted', server }, context).state!;
const phases = { Relaying: relaying, Challenged: challenged, Holding: holding };

function said({ effects }: ConversationStep): string {
  return effects.map((effect) => (effect.kind === 'passOn' && effect.noted ? 'passOn noted' : effect.kind)).join(', ');
}

describe('a conversation', () => {
  it('begins with a request that goes to a server', () => {
    const { state: begun, effects } = beginConversation(7, macOf(1), request(1, state), other);
    expect(begun).toMatchObject({ phase: 'Relaying', id: 7, server: other, state, rounds: 0, until: never });
    expect(effects).toEqual([{ kind: 'forward' }]);
  });

  const answer: ConversationEvent = { kind: 'asked', request: request(2, state) };
  const accepted: ConversationEvent = { kind: 'accepted', server };
  const limit: ConversationEvent = { kind: 'limitReached' };
  const late = { ...context, now: 1000 + 200_000 };
  it.each<[keyof typeof phases, string, ConversationEvent, ConversationContext, string, string]>([
    ['Relaying', 'another request', answer, context, 'Relaying', 'discard'],
    ['Relaying', 'challenge', challenge(), context, 'Challenged', 'passOn'],
    ['Relaying', 'challenge of a live session', challenge(), withSession, 'Challenged', 'passOn noted'],
    ['Relaying', 'accept', accepted, context, 'Holding', 'setUp'],
    ['Relaying', 'accept of a live session', accepted, withSession, 'Holding', 'reauthenticate'],
    ['Relaying', 'reject', { kind: 'rejected' }, context, '(none)', 'passOn'],
    [
      'Relaying',
      'reject of a live session',
      { kind: 'rejected' },
      withSession,
      '(none)',
      'passOn, reauthenticationFailed, forgetChallenge',
    ],
    ['Relaying', 'silence', { kind: 'unanswered' }, context, '(none)', 'leaveUnanswered'],
    ['Relaying', 'an unusable answer', { kind: 'unusable' }, context, '(none)', 'refuse'],
    ['Relaying', 'another takes its place', { kind: 'superseded' }, context, '(none)', 'leaveUnanswered'],
    [
      'Relaying',
      'silence in a live session',
      { kind: 'unanswered' },
      withSession,
      '(none)',
      'leaveUnanswered, forgetChallenge',
    ],
    ['Relaying', 'limit', limit, late, 'Relaying', ''],
    ['Relaying', 'decision', { kind: 'decided', granted: true }, context, 'Relaying', ''],
    ['Challenged', 'the answer', answer, context, 'Relaying', 'forward'],
    [
      'Challenged',
      'another Identifier',
      { kind: 'asked', request: request(1, state) },
      context,
      'Challenged',
      'discard',
    ],
    [
      'Challenged',
      'another State',
      { kind: 'asked', request: request(2, Uint8Array.of(1, 2)) },
      context,
      'Challenged',
      'discard',
    ],
    ['Challenged', 'no State', { kind: 'asked', request: request(2, undefined) }, context, 'Challenged', 'discard'],
    ['Challenged', 'a late accept', accepted, context, 'Challenged', ''],
    ['Challenged', 'a late reject', { kind: 'rejected' }, context, 'Challenged', ''],
    ['Challenged', 'another takes its place', { kind: 'superseded' }, context, '(none)', ''],
    ['Challenged', 'limit', limit, late, '(none)', ''],
    ['Challenged', 'limit of a live session', limit, { ...late, hasSession: true }, '(none)', 'forgetChallenge'],
    ['Challenged', 'limit, too early', limit, context, 'Challenged', ''],
    ['Holding', 'another request', answer, context, 'Holding', 'discard'],
    ['Holding', 'the session is up', { kind: 'decided', granted: true }, context, '(none)', 'passOn'],
    ['Holding', 'no session', { kind: 'decided', granted: false }, context, '(none)', 'refuse'],
    ['Holding', 'limit', limit, late, '(none)', 'refuse'],
    ['Holding', 'a late challenge', challenge(), context, 'Holding', ''],
    ['Holding', 'another takes its place', { kind: 'superseded' }, context, '(none)', 'leaveUnanswered'],
    ['Holding', 'silence', { kind: 'unanswered' }, context, 'Holding', ''],
    ['Holding', 'an unusable answer', { kind: 'unusable' }, context, 'Holding', ''],
  ])('in %s: %s', (phase, _what, event, given, to, effects) => {
    const taken = stepConversation(phases[phase], event, given);
    expect(taken.state?.phase ?? '(none)').toBe(to);
    expect(said(taken)).toBe(effects);
  });

  it('keeps its server through all rounds, and counts them', () => {
    let conversation: Conversation = relaying;
    for (const round of [2, 3, 4]) {
      conversation = stepConversation(conversation, challenge(round), context).state!;
      expect(conversation).toMatchObject({ server, rounds: round - 1, eapIdentifier: round, state });
      conversation = stepConversation(conversation, { kind: 'asked', request: request(round, state) }, context).state!;
      expect(conversation).toMatchObject({ phase: 'Relaying', server, until: never });
    }
  });

  it.each([
    [undefined, 30],
    [5, 30],
    [60, 60],
    [3600, 120],
  ])('gives a UE that AAA gives %s s to answer %i s', (timeoutSeconds, seconds) => {
    expect(stepConversation(relaying, challenge(2, timeoutSeconds), context).state!.until).toBe(1000 + seconds * 1000);
  });
});
