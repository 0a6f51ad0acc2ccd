import { describe, expect, it } from 'vitest';
import { RadiusClientBench, sessionOf } from '../../../../tests/support/radius-client-bench.ts';
import { SeededRandom } from '../../../kernel/random.ts';
import { tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import { serverA, serverB, serverC } from './wire-for-tests.ts';

describe('one server', () => {
  it('accepts, with the profile', () => {
    const bench = new RadiusClientBench();
    expect(bench.authenticate(7)).toBe('sent');
    bench.now = 20;
    bench.answer(bench.sent[0]!, radiusCode.accessAccept, [tlv(radiusAttribute.serviceSelection, 'internet')]);
    expect(bench.outcomes).toEqual(['20 7 accepted']);
    expect(bench.accepted[0]!.profile.apn).toBe('internet');
    expect(bench.until(100_000).sent).toHaveLength(1);
    expect(bench.servers.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    ['Access-Reject', radiusCode.accessReject, 'radius.access-reject.received'],
    ['Access-Challenge', radiusCode.accessChallenge, 'radius.access-challenge.received'],
  ] as const)('takes an %s as a rejection', (_name, code, counter) => {
    const bench = new RadiusClientBench();
    bench.authenticate(7);
    bench.answer(bench.sent[0]!, code, [tlv(radiusAttribute.replyMessage, 'no')]);
    expect(bench.outcomes).toEqual(['0 7 rejected']);
    expect(bench.count(counter)).toBe(1);
  });

  it('repeats the same octets on the same channel, then gives up', () => {
    const bench = new RadiusClientBench();
    bench.authenticate(7);
    bench.until(100_000);
    expect(bench.script).toEqual(['0 192.0.2.10 0/0 7', '1000 192.0.2.10 0/0 7', '2000 192.0.2.10 0/0 7']);
    expect(bench.sent.map(({ bytes }) => bytes)).toEqual(Array(3).fill(bench.sent[0]!.bytes));
    expect(bench.outcomes).toEqual(['3000 7 timeout']);
    expect(bench.count('radius.access-request.sent')).toBe(1);
    expect(bench.count('radius.access-request.retransmitted')).toBe(2);
    expect(bench.count('radius.timeout')).toBe(1);
  });

  it('takes the answer to any of the repetitions', () => {
    const bench = new RadiusClientBench();
    bench.authenticate(7);
    bench.until(2500);
    bench.answer(bench.sent[0]!);
    expect(bench.until(100_000).outcomes).toEqual(['2500 7 accepted']);
  });

  it('is tried although dead, where there is no other', () => {
    const bench = new RadiusClientBench();
    bench.authenticate(1);
    bench.until(3000);
    expect(bench.servers.authentication.status(3000).servers[0]).toMatchObject({
      state: 'dead',
      deadForMs: 60_000,
      timeouts: 1,
    });
    bench.authenticate(2);
    bench.until(4500);
    bench.answer(bench.sent.at(-1)!);
    expect(bench.script.slice(3)).toEqual(['3000 192.0.2.10 0/1 2', '4000 192.0.2.10 0/1 2']);
    expect(bench.outcomes).toEqual(['3000 1 timeout', '4500 2 accepted']);
    expect(bench.servers.authentication.status(5000).servers[0]).toMatchObject({
      state: 'up',
      deadForMs: 0,
      lastResponseAgeMs: 500,
    });
  });

  it('gives a request under way all its repetitions when another has found the server dead', () => {
    const bench = new RadiusClientBench();
    bench.authenticate(1);
    bench.until(2900);
    bench.authenticate(2);
    bench.until(4000);
    bench.answer(bench.sent.at(-1)!);
    expect(bench.script.slice(3)).toEqual(['2900 192.0.2.10 0/1 2', '3900 192.0.2.10 0/1 2']);
    expect(bench.outcomes).toEqual(['3000 1 timeout', '4000 2 accepted']);
  });

  it('is not dead while it answers others', () => {
    const bench = new RadiusClientBench();
    bench.authenticate(1);
    bench.until(2000);
    bench.authenticate(2);
    bench.answer(bench.sent.at(-1)!);
    bench.until(3000);
    expect(bench.outcomes).toEqual(['2000 2 accepted', '3000 1 timeout']);
    expect(bench.servers.authentication.status(3000).servers[0]!.state).toBe('up');
  });

  it('varies each timeout by up to a tenth (RFC 5080 section 2.2.1)', () => {
    const bench = new RadiusClientBench([serverA], { random: new SeededRandom(1) });
    for (let session = 0; session < 200; session += 1) bench.authenticate(session);
    bench.until(1500);
    const again = bench.sent.slice(200).map(({ at }) => at);
    expect(again).toHaveLength(200);
    expect(Math.min(...again)).toBeGreaterThanOrEqual(900);
    expect(Math.max(...again)).toBeLessThanOrEqual(1100);
    expect(Math.max(...again) - Math.min(...again)).toBeGreaterThan(150);
  });
});

describe('several servers', () => {
  it('asks the next with a new identifier and authenticator when the first is silent', () => {
    const bench = new RadiusClientBench([serverA, serverB]);
    bench.authenticate(1);
    bench.until(3500);
    bench.answer(bench.sent.at(-1)!);
    bench.authenticate(2);
    expect(bench.script).toEqual([
      '0 192.0.2.10 0/0 1',
      '1000 192.0.2.10 0/0 1',
      '2000 192.0.2.10 0/0 1',
      '3000 192.0.2.11 0/0 1',
      '3500 192.0.2.11 0/1 2',
    ]);
    expect(bench.sent[3]!.packet.authenticator).not.toEqual(bench.sent[0]!.packet.authenticator);
    expect(bench.outcomes).toEqual(['3500 1 accepted']);
  });

  it('moves what is under way to a dead server at its own timeout', () => {
    const bench = new RadiusClientBench([serverA, serverB]);
    bench.authenticate(1);
    bench.until(2900);
    bench.authenticate(2);
    bench.until(3950);
    expect(bench.script.slice(3)).toEqual(['2900 192.0.2.10 0/1 2', '3000 192.0.2.11 0/0 1', '3900 192.0.2.11 0/1 2']);
  });

  it('returns to the preferred server after its dead time, or as soon as it answers', () => {
    const bench = new RadiusClientBench([serverA, serverB], { deadTimeMs: 5000 });
    bench.authenticate(1);
    bench.until(3100);
    bench.answer(bench.sent.at(-1)!);
    bench.until(7999).authenticate(2);
    bench.until(8000).authenticate(3);
    expect(bench.script.slice(4)).toEqual(['7999 192.0.2.11 0/1 2', '8000 192.0.2.10 0/1 3']);

    const late = new RadiusClientBench([serverA, serverB]);
    late.authenticate(1);
    late.until(2900).authenticate(2);
    late.until(3000);
    late.answer(late.sent.find(({ packet }) => sessionOf(packet) === 2)!);
    late.authenticate(3);
    expect(late.script.at(-1)).toBe('3000 192.0.2.10 0/2 3');
    expect(late.events.map(({ name }) => name)).toContain('aaa-server-alive');
  });

  it('asks the next also when the first is silent to this request alone', () => {
    const bench = new RadiusClientBench([serverA, serverB]);
    bench.authenticate(1);
    bench.until(2000).authenticate(2);
    bench.answer(bench.sent.at(-1)!);
    bench.until(3000);
    expect(bench.script.at(-1)).toBe('3000 192.0.2.11 0/0 1');
    expect(bench.servers.authentication.status(3000).servers[0]!.state).toBe('up');
  });

  it('waits for a live server rather than ask a dead one', () => {
    const bench = new RadiusClientBench([serverA, serverB], {
      outstandingMax: 1,
      deadTimeMs: 5000,
      retransmissions: 0,
    });
    bench.authenticate(1);
    bench.until(500).authenticate(2);
    bench.until(1000);
    bench.answer(bench.sent[1]!);
    expect(bench.script).toEqual(['0 192.0.2.10 0/0 1', '500 192.0.2.11 0/0 2', '1000 192.0.2.11 0/1 1']);
    expect(bench.authenticate(3)).toBe('queued');
    bench.answer(bench.sent[2]!);
    expect(bench.script.at(-1)).toBe('1000 192.0.2.11 0/2 3');
  });

  it('gives up when every server was tried', () => {
    const bench = new RadiusClientBench([serverA, serverB]);
    bench.authenticate(1);
    bench.until(100_000);
    expect(bench.script).toHaveLength(6);
    expect(bench.outcomes).toEqual(['6000 1 timeout']);
  });

  it('tries only the one dead for longest, where all are dead', () => {
    const bench = new RadiusClientBench([serverA, serverB, serverC]);
    bench.authenticate(1);
    bench.until(9000);
    expect(bench.outcomes).toEqual(['9000 1 timeout']);
    bench.authenticate(2);
    bench.until(12_000);
    bench.authenticate(3);
    expect(bench.script.slice(9)).toEqual([
      '9000 192.0.2.10 0/1 2',
      '10000 192.0.2.10 0/1 2',
      '11000 192.0.2.10 0/1 2',
      '12000 192.0.2.11 0/1 3',
    ]);
    expect(bench.outcomes).toEqual(['9000 1 timeout', '12000 2 timeout']);
  });

  it('uses the next server for what the first has no room for', () => {
    const bench = new RadiusClientBench([serverA, serverB], { outstandingMax: 2 });
    expect([1, 2, 3, 4, 5].map((session) => bench.authenticate(session))).toEqual([
      'sent',
      'sent',
      'sent',
      'sent',
      'queued',
    ]);
    expect(bench.script.map((line) => line.split(' ')[1])).toEqual([
      '192.0.2.10',
      '192.0.2.10',
      '192.0.2.11',
      '192.0.2.11',
    ]);
  });
});

it('may be called back into', () => {
  const bench = new RadiusClientBench([serverA], { outstandingMax: 1 });
  bench.authenticate(1);
  bench.authenticate(2);
  bench.onOutcome = (session) => {
    if (session < 10) bench.authenticate(session + 10);
  };
  bench.answer(bench.sent[0]!);
  bench.until(100_000);
  expect(bench.outcomes).toEqual(['0 1 accepted', '3000 2 timeout', '6000 11 timeout', '9000 12 timeout']);
});

it('reports what it did, with the UE', () => {
  const bench = new RadiusClientBench([serverA], { retransmissions: 0 });
  bench.authenticate(1);
  bench.answer(bench.sent[0]!);
  bench.authenticate(2);
  bench.until(5000);
  expect(bench.events.map(({ name, sessionId, direction }) => `${name} ${sessionId} ${direction}`)).toEqual([
    'access-request-sent 1 sent',
    'access-accept-received 1 received',
    'access-request-sent 2 sent',
    'aaa-server-dead undefined internal',
    'authentication-timed-out 2 internal',
  ]);
});
