import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Of } from '../../../kernel/address.ts';
import { never } from '../../../kernel/instant.ts';
import { ReplyMemory, type RequestName } from './replies.ts';

const client = ipv4Of(0x0a000001);
const keepMs = 30_000;
const reply = Uint8Array.of(2, 7);

function request(authenticator: number, name: Partial<RequestName> = {}): RequestName {
  return { client, port: 1645, identifier: 7, authenticator: new Uint8Array(16).fill(authenticator), ...name };
}

function memory(requestsMax = 8): ReplyMemory {
  return new ReplyMemory({ keepMs, requestsMax });
}

describe('the memory of answers', () => {
  it('knows a repetition before and after its answer', () => {
    const replies = memory();
    expect(replies.ask(request(1), 0)).toEqual({ kind: 'new' });
    expect(replies.ask(request(1), 10)).toEqual({ kind: 'pending' });
    replies.answered(request(1), reply, 20);
    expect(replies.ask(request(1), 30)).toEqual({ kind: 'answered', reply });
  });

  it.each([
    ['another client', { client: ipv4Of(0x0a000002) }],
    ['another port', { port: 1646 }],
    ['another Identifier', { identifier: 8 }],
  ])('tells %s apart', (_what, other) => {
    const replies = memory();
    replies.ask(request(1), 0);
    replies.answered(request(1), reply, 0);
    expect(replies.ask(request(1, other), 1)).toEqual({ kind: 'new' });
    expect(replies.ask(request(1), 2)).toEqual({ kind: 'answered', reply });
  });

  it('drops what it had of a port and Identifier when another request has them', () => {
    const replies = memory();
    replies.ask(request(1), 0);
    expect(replies.ask(request(2), 1)).toEqual({ kind: 'new' });
    // The answer to the first comes late: nobody waits for it.
    expect(replies.answered(request(1), reply, 2)).toBe(false);
    replies.forget(request(1));
    expect(replies.ask(request(2), 3)).toEqual({ kind: 'pending' });
    expect(replies.ask(request(1), 4)).toEqual({ kind: 'new' });
  });

  it('answers for as long as it was told, from the answer on', () => {
    const replies = memory();
    replies.ask(request(1), 0);
    replies.answered(request(1), reply, 5000);
    expect(replies.nextDeadline()).toBe(5000 + keepMs);
    expect(replies.ask(request(1), 5000 + keepMs - 1).kind).toBe('answered');
    expect(replies.ask(request(1), 5000 + keepMs).kind).toBe('new');
  });

  it('forgets what is never answered, by word or by time', () => {
    const replies = memory();
    replies.ask(request(1), 0);
    replies.forget(request(1));
    expect(replies.nextDeadline()).toBe(never);
    expect(replies.ask(request(1), 1).kind).toBe('new');
    replies.advance(1 + keepMs);
    expect(replies.size).toBe(0);
  });

  it('takes the answer of another chassis to a request that it never saw', () => {
    const replies = memory();
    expect(replies.answered(request(1), reply, 0)).toBe(true);
    expect(replies.ask(request(1), 1)).toEqual({ kind: 'answered', reply });
  });

  it('keeps who waits for an answer until it is there', () => {
    const replies = new ReplyMemory<{ readonly who: string }>({ keepMs, requestsMax: 8 });
    replies.ask(request(1), 0);
    replies.ask(request(1, { identifier: 8 }), 0);
    replies.wait(request(1), { who: 'first' });
    replies.wait(request(1, { identifier: 8 }), { who: 'second' });
    // Of another request with its port and Identifier, and of one that nobody asked about, nobody waits.
    replies.wait(request(2), { who: 'nobody' });
    replies.wait(request(1, { identifier: 9 }), { who: 'nobody' });
    expect([request(1), request(2)].map((name) => replies.waiting(name)?.who)).toEqual(['first', undefined]);
    expect(replies.waitingOf(client).map(({ who }) => who)).toEqual(['first', 'second']);
    expect(replies.waitingOf(ipv4Of(0x0a000002))).toEqual([]);
    replies.answered(request(1), reply, 1);
    expect(replies.waiting(request(1))).toBeUndefined();
    replies.ask(request(3, { identifier: 8 }), 2);
    expect(replies.waitingOf(client)).toEqual([]);
  });

  it('is bounded: the oldest gives way', () => {
    const replies = memory(2);
    for (const identifier of [1, 2, 3]) replies.ask(request(1, { identifier }), identifier);
    expect(replies.size).toBe(2);
    expect(replies.ask(request(1, { identifier: 3 }), 4).kind).toBe('pending');
    expect(replies.ask(request(1, { identifier: 1 }), 5).kind).toBe('new');
  });

  it('never takes one request for another, whatever comes in which order', () => {
    const action = fc.record({
      what: fc.constantFrom('ask' as const, 'answered' as const, 'forget' as const),
      identifier: fc.integer({ min: 0, max: 2 }),
      authenticator: fc.integer({ min: 0, max: 2 }),
      waits: fc.integer({ min: 0, max: 20_000 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const replies = memory(2);
        let now = 0;
        for (const { what, identifier, authenticator, waits } of actions) {
          now += waits;
          const name = request(authenticator, { identifier });
          if (what === 'forget') replies.forget(name);
          else if (what === 'answered') replies.answered(name, Uint8Array.of(identifier, authenticator), now);
          else {
            const recollection = replies.ask(name, now);
            if (recollection.kind === 'answered') {
              expect([...recollection.reply]).toEqual([identifier, authenticator]);
            }
          }
          expect(replies.size).toBeLessThanOrEqual(2);
        }
      }),
      { numRuns: 100 },
    );
  });
});
