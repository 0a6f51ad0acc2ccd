import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Of, macOf } from '../../../kernel/address.ts';
import { never } from '../../../kernel/instant.ts';
import { decodeStoppedAccounts, encodeStoppedAccounts } from './checkpoint.ts';
import { type StoppedAccount, StoppedAccounts } from './stopped-accounts.ts';

const keepMs = 1000;
const name = (account: number, client = 1) => ({
  client: ipv4Of(client),
  mac: macOf(0x02005e100001),
  acctSessionId: `a${account}`,
});

const memory = (accountsMax = 100) => new StoppedAccounts({ keepMs, accountsMax });

describe('accounts that were stopped', () => {
  it.each([
    { stop: undefined, start: undefined, isLate: true },
    { stop: 5, start: undefined, isLate: true },
    { stop: undefined, start: 6, isLate: true },
    { stop: 5, start: 4, isLate: true },
    { stop: 5, start: 5, isLate: true },
    { stop: 5, start: 6, isLate: false },
  ])('have a late START: $isLate, where it says $start and the STOP $stop', ({ stop, start, isLate }) => {
    const stopped = memory();
    stopped.stopped(name(1), stop, 0);
    expect(stopped.isComplete(name(1), 0)).toBe(false);
    expect(stopped.startIsLate(name(1), start, 0)).toBe(isLate);
    expect(stopped.isComplete(name(1), 0)).toBe(isLate);
    expect(stopped.startIsLate(name(2), start, 0)).toBe(false);
  });

  it('are of the latest account, where one name is given again', () => {
    const stopped = memory();
    const isLate = (second: number) => stopped.startIsLate(name(1), second, 500);
    stopped.stopped(name(1), 5, 0);
    expect(isLate(6)).toBe(false);
    stopped.stopped(name(1), 8, 500);
    // The same STOP again, and the first one.
    stopped.stopped(name(1), 8, 500);
    stopped.stopped(name(1), 5, 500);
    expect(stopped.isComplete(name(1), 500)).toBe(false);
    expect([6, 8, 9].map(isLate)).toEqual([true, true, false]);
    stopped.advance(keepMs);
    expect([stopped.size, stopped.startIsLate(name(1), 6, keepMs)]).toEqual([1, true]);
  });

  it('are forgotten in time, however often they were stopped', () => {
    const stopped = memory();
    stopped.stopped(name(1), undefined, 0);
    stopped.stopped(name(1), undefined, 900);
    stopped.stopped(name(2), undefined, 900);
    expect([stopped.size, stopped.nextDeadline()]).toEqual([2, keepMs]);
    stopped.advance(keepMs - 1);
    expect(stopped.size).toBe(2);
    stopped.advance(keepMs);
    expect([stopped.size, stopped.nextDeadline()]).toEqual([1, 900 + keepMs]);
    stopped.advance(900 + keepMs);
    expect([stopped.size, stopped.nextDeadline()]).toEqual([0, never]);
  });

  it('give way, the oldest first', () => {
    const stopped = memory(3000);
    for (let account = 0; account < 9000; account += 1) {
      stopped.stopped(name(account), undefined, account / 100);
      expect(stopped.size).toBe(Math.min(account + 1, 3000));
    }
    expect([5999, 6000, 8999].map((account) => stopped.startIsLate(name(account), undefined, 90))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('do what a list does that is searched each time', () => {
    const step = fc.record({
      kind: fc.constantFrom('stop', 'stop', 'start', 'restart'),
      account: fc.nat(3),
      client: fc.integer({ min: 1, max: 2 }),
      ms: fc.constantFrom(0, 1, 300, 1000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const stopped = memory();
        let known: { client: number; account: number; at: number }[] = [];
        let now = 0;
        for (const { kind, account, client, ms } of steps) {
          now += ms;
          known = known.filter(({ at }) => at + keepMs > now);
          const isKnown = known.some((one) => one.client === client && one.account === account);
          if (kind === 'start') {
            expect(stopped.startIsLate(name(account, client), undefined, now)).toBe(isKnown);
          } else if (kind === 'restart') {
            known = known.filter((one) => one.client !== client);
            stopped.nasRestarted(ipv4Of(client), now);
          } else {
            // Within one moment of a NAS's beginning it has stopped nothing since.
            now += 1;
            known = known.filter(({ at }) => at + keepMs > now);
            if (!known.some((one) => one.client === client && one.account === account))
              known.push({ client, account, at: now });
            stopped.stopped(name(account, client), undefined, now);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('what another is told of stopped accounts', () => {
  const told = (accounts: readonly StoppedAccount[]) => decodeStoppedAccounts(encodeStoppedAccounts(accounts))!;

  it('makes it answer as the first one does, one by one or all at once', () => {
    const step = fc.record({
      kind: fc.constantFrom('stop', 'stop', 'start', 'restart'),
      account: fc.nat(3),
      client: fc.integer({ min: 1, max: 2 }),
      second: fc.option(fc.nat(3), { nil: undefined }),
      ms: fc.constantFrom(1, 300, 1000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const follower = memory();
        // Its clock began much later, or much earlier.
        const behind = (now: number) => now - 5000;
        const first = new StoppedAccounts({ keepMs, accountsMax: 100 }, (account, now) => {
          for (const each of told([account])) follower.follow(each, behind(now));
        });
        let now = 0;
        for (const { kind, account, client, second, ms } of steps) {
          now += ms;
          if (kind === 'start') first.startIsLate(name(account, client), second, now);
          else if (kind === 'restart') first.nasRestarted(ipv4Of(client), now);
          else first.stopped(name(account, client), second, now);
        }
        const late = memory();
        for (const each of told(first.latest(100, now))) late.follow(each, now + 77_000);
        const answers = (of: StoppedAccounts, at: number) =>
          [0, 1, 2, 3].flatMap((account) =>
            [1, 2].flatMap((client) => [
              of.isComplete(name(account, client), at),
              ...[1, 3, undefined].map((second) => of.startIsLate(name(account, client), second, at)),
            ]),
          );
        // What the first one is asked it tells, too.
        const [ofLate, ofFollower] = [answers(late, now + 77_000), answers(follower, behind(now))];
        const expected = answers(first, now);
        expect([ofLate, ofFollower]).toEqual([expected, expected]);
      }),
      { numRuns: 200 },
    );
  });

  it('is the latest where it is not all, and no octets are taken for something else', () => {
    const first = memory();
    for (let account = 0; account < 9; account += 1) first.stopped(name(account), undefined, account);
    const latest = first.latest(2, 9);
    expect(latest.map(({ acctSessionId, ageMs }) => [acctSessionId, ageMs])).toEqual([
      ['a7', 2],
      ['a8', 1],
    ]);
    const octets = encodeStoppedAccounts(latest);
    expect(decodeStoppedAccounts(octets)).toEqual(latest);
    for (let length = 0; length < octets.length; length += 1) {
      const read = decodeStoppedAccounts(octets.subarray(0, length));
      expect(read === undefined || read.length < 2, `${length} octets`).toBe(true);
    }
    // Older than anybody remembers.
    const other = memory();
    other.follow({ ...latest[0]!, ageMs: 2 ** 50 }, 0);
    expect(other.size).toBe(0);
  });
});
