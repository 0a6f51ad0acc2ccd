import { describe, expect, it } from 'vitest';
import { never } from '../../kernel/instant.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';
import type { SrpMessageOf } from '../../wire/srp/messages.ts';
import { type ComparableConfiguration, ConfigurationExchange } from './exchange.ts';

type Configuration = SrpMessageOf<'configuration'>;

const same: ComparableConfiguration = { digest: Uint8Array.of(1), lines: ['a = 1'] };
const other: ComparableConfiguration = { digest: Uint8Array.of(2), lines: ['a = 2'] };

/** Two ends that hear each other at once, as long as they are connected. */
function pairOf(left: ComparableConfiguration, right: ComparableConfiguration) {
  const said: string[] = [];
  const queue: [ConfigurationExchange, Configuration][] = [];
  const end = (own: ComparableConfiguration, name: string, peer: () => ConfigurationExchange): ConfigurationExchange =>
    new ConfigurationExchange(own, 1000, (message) => {
      said.push(`${name}${message.answerWanted ? '?' : ''}`);
      queue.push([peer(), message]);
    });
  const a: ConfigurationExchange = end(left, 'a', () => b);
  const b: ConfigurationExchange = end(right, 'b', () => a);
  const pump = (now: number): void => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) next[0].heard(next[1], now);
  };
  return { a, b, said, pump };
}

describe('the exchange of configurations', () => {
  it('happens on connection, at each interval, and on demand with an answer', () => {
    const { a, b, said, pump } = pairOf(same, same);
    expect([a.validate(5), a.nextDeadline(), a.status().equal]).toEqual([false, never, undefined]);
    a.connected(10);
    b.connected(10);
    pump(11);
    expect(said.splice(0)).toEqual(['a', 'b']);
    expect(a.status()).toEqual({ lastSentAt: 10, lastComparedAt: 11, equal: true, differences: [] });
    a.advance(1009);
    expect([said, a.nextDeadline()]).toEqual([[], 1010]);
    a.advance(1010);
    expect(said.splice(0)).toEqual(['a']);
    expect(a.validate(1500)).toBe(true);
    pump(1500);
    expect(said.splice(0)).toEqual(['a?', 'b']);
    expect(a.nextDeadline()).toBe(2500);
    a.disconnected();
    expect([a.nextDeadline(), a.validate(1501), said]).toEqual([never, false, []]);
  });

  it('names the lines that differ, on both sides', () => {
    const { a, b, pump } = pairOf(same, other);
    a.connected(0);
    b.connected(0);
    pump(1);
    expect([a.status().differences, b.status().differences]).toEqual([['a: here 1, peer 2'], ['a: here 2, peer 1']]);
  });

  it('believes no digest that its lines do not bear out, and no lines whose digest is another', () => {
    const { a } = pairOf(same, same);
    const message: Configuration = { kind: 'configuration', ...same, answerWanted: false };
    expect(a.heard({ ...message, lines: ['a = 2'] }, 1).equal).toBe(false);
    expect(a.heard({ ...message, digest: new Uint8Array(0) }, 1).differences).toEqual([
      'the configurations differ in what was not told: the digests are not the same',
    ]);
    expect(a.heard(message, 1).equal).toBe(true);
  });

  describe('with a peer of another release', () => {
    /** A setting for each letter, all at their defaults: a release has some of them. */
    const withSettings = (letters: string): ComparableConfiguration => ({
      digest: utf8Encode(letters),
      lines: [...letters].map((letter) => `${letter} = 1`),
      knownTo: (peer) => withSettings([...letters].filter((letter) => peer.includes(`${letter} = 1`)).join('')),
    });
    const earlier = { digest: utf8Encode('ab'), lines: ['a = 1', 'b = 1'] };

    it('that knows of none of this, ends equal, by lines and by digests', () => {
      const { a, b, said, pump } = pairOf(withSettings('abc'), earlier);
      a.connected(0);
      b.connected(0);
      pump(1);
      expect([a.status().equal, b.status().equal]).toEqual([true, true]);
      expect(a.digest).toEqual(b.digest);
      // It is told anew, once.
      expect(said).toEqual(['a', 'b', 'a']);
      a.advance(1001);
      pump(1001);
      expect([a.status().equal, b.status().equal]).toEqual([true, true]);
    });

    it('ends equal where each has what the other has not, and no two of them talk without end', () => {
      const { a, b, said, pump } = pairOf(withSettings('abx'), withSettings('aby'));
      a.connected(0);
      b.connected(0);
      pump(1);
      expect([a.status().equal, b.status().equal, a.digest]).toEqual([true, true, b.digest]);
      expect(said).toEqual(['a', 'b', 'b', 'a']);
    });

    it('tells the next release everything again', () => {
      const { a, b, pump } = pairOf(withSettings('abc'), withSettings('abc'));
      a.heard({ kind: 'configuration', ...earlier, answerWanted: false }, 3);
      expect(a.digest).toEqual(earlier.digest);
      a.connected(4);
      expect(a.digest).toEqual(utf8Encode('abc'));
      b.connected(4);
      pump(5);
      expect([a.status().equal, b.status().equal]).toEqual([true, true]);
    });

    it('is not believed lines that are more than there can be', () => {
      const { a } = pairOf(withSettings('abc'), earlier);
      const lines = Array.from({ length: 20_000 }, () => 'a = 1');
      expect(a.heard({ kind: 'configuration', digest: earlier.digest, lines, answerWanted: false }, 1).equal).toBe(
        false,
      );
      expect(a.digest).toEqual(utf8Encode('abc'));
    });
  });

  it('tells as much as a message holds; the rest is compared by the digest', () => {
    const lines = Array.from({ length: 2000 }, (_, index) => `${index} = ${'x'.repeat(1000)}`);
    const sent: Configuration[] = [];
    const exchange = new ConfigurationExchange({ digest: same.digest, lines }, 1000, (message) => sent.push(message));
    exchange.connected(0);
    const told = sent[0]!.lines;
    expect(told.length).toBeGreaterThan(500);
    expect(told.join('').length).toBeLessThan(524_288);
  });
});
