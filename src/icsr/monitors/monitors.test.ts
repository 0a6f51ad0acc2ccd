import { describe, expect, it } from 'vitest';
import { testDigests } from '../../../tests/support/digests.ts';
import { ipv4Of } from '../../kernel/address.ts';
import { SeededRandom } from '../../kernel/random.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';
import { decodeIcmp, encodeIcmp } from '../../wire/icmp/icmp.ts';
import { signResponse, verifyAccessRequest } from '../../wire/radius/authenticator.ts';
import { radiusCode } from '../../wire/radius/constants.ts';
import { decodeRadius } from '../../wire/radius/packet.ts';
import { AuthenticationProbe, type ProbedServer } from './authentication-probe.ts';
import { Probe, type ProbeConfig } from './probe.ts';
import { ReachabilityProbe } from './reachability-probe.ts';

const config: ProbeConfig = { intervalMs: 1000, timeoutMs: 400, failures: 3 };

/** Lets all that is due until `end` happen, as a host would; returns the moments. */
function run(timed: { advance(now: number): void; nextDeadline(): number }, end: number): number[] {
  const at: number[] = [];
  for (let now = timed.nextDeadline(); now <= end; now = timed.nextDeadline()) {
    at.push(now);
    timed.advance(now);
  }
  return at;
}

describe('a probe', () => {
  it('asks at its interval, and fails after so many misses in a row', () => {
    const asked: number[] = [];
    const probe = new Probe(config, (number) => asked.push(number), 0);
    run(probe, 2399);
    expect([asked, probe.healthy, probe.status().missed]).toEqual([[1, 2, 3], true, 2]);
    run(probe, 2400);
    expect([probe.healthy, probe.status().missed]).toEqual([false, 3]);
    run(probe, 3000);
    probe.heard(4, 3100);
    expect(probe.status()).toEqual({ healthy: true, sent: 4, answered: 1, missed: 0, lastAnswerAt: 3100 });
  });

  it.each([
    ['to another question', 2],
    ['to a question of before', 0],
  ])('takes no answer %s', (_, number) => {
    const probe = new Probe(config, () => {}, 0);
    probe.advance(0);
    probe.heard(number, 1);
    expect(probe.status().answered).toBe(0);
  });

  it('takes no answer after its time, nor one twice', () => {
    const probe = new Probe(config, () => {}, 0);
    probe.advance(0);
    probe.advance(400);
    probe.heard(1, 401);
    expect(probe.status()).toMatchObject({ answered: 0, missed: 1 });
    probe.advance(1000);
    probe.heard(2, 1001);
    probe.heard(2, 1002);
    expect(probe.status()).toMatchObject({ answered: 1, missed: 0, lastAnswerAt: 1001 });
  });

  it('loses one question to a pause of its own process, however long', () => {
    const probe = new Probe(config, () => {}, 0);
    probe.advance(0);
    probe.advance(60_000);
    expect(probe.status()).toMatchObject({ missed: 1, healthy: true });
  });
});

describe('the authentication probe', () => {
  const server = (index: number): ProbedServer => ({
    name: `aaa-${index}`,
    address: ipv4Of(index),
    port: 1812,
    secret: utf8Encode(`secret ${index}`),
  });
  const servers = [server(1), server(2)];

  function probing() {
    const packets: { server: ProbedServer; bytes: Uint8Array }[] = [];
    const probe = new AuthenticationProbe(
      config,
      servers,
      {
        digests: testDigests,
        random: new SeededRandom(1),
        send: (to, bytes) => packets.push({ server: to, bytes: bytes.slice() }),
      },
      0,
    );
    return { probe, packets };
  }

  function answer(request: Uint8Array, secret: Uint8Array): Uint8Array {
    const read = decodeRadius(request);
    if (!read.ok) throw new Error(read.reason);
    const { identifier, authenticator } = read.value;
    const reply = { code: radiusCode.accessAccept, identifier, authenticator, attributes: [] };
    return signResponse(reply, authenticator, secret, testDigests);
  }

  it('asks each server by a signed Status-Server', () => {
    const { probe, packets } = probing();
    probe.advance(0);
    expect(packets.map((packet) => packet.server.name)).toEqual(['aaa-1', 'aaa-2']);
    for (const { server: to, bytes } of packets) {
      expect(bytes[0]).toBe(12);
      expect(verifyAccessRequest(bytes, to.secret, testDigests)).toBe('ok');
    }
    expect(packets[0]!.bytes.subarray(4, 20)).not.toEqual(packets[1]!.bytes.subarray(4, 20));
  });

  it('is healthy while one server answers, beyond 256 questions', () => {
    const { probe, packets } = probing();
    for (let now = probe.nextDeadline(); now < 300_000; now = probe.nextDeadline()) {
      packets.length = 0;
      probe.advance(now);
      for (const { server: to, bytes } of packets) {
        if (to === servers[1]) probe.receive(to.address, to.port, answer(bytes, to.secret), now + 1);
      }
    }
    expect(probe.healthy).toBe(true);
    expect(probe.status()).toMatchObject([
      { name: 'aaa-1', healthy: false, answered: 0 },
      { name: 'aaa-2', healthy: true, sent: 300, answered: 300 },
    ]);
  });

  it('takes no answer with another secret, from another port, to another question, or of noise', () => {
    const { probe, packets } = probing();
    probe.advance(0);
    const [{ server: to, bytes }] = packets as [(typeof packets)[number]];
    const good = answer(bytes, to.secret);
    probe.receive(to.address, to.port, answer(bytes, utf8Encode('wrong')), 1);
    probe.receive(to.address, 99, good, 1);
    probe.receive(ipv4Of(77), to.port, good, 1);
    probe.receive(to.address, to.port, Uint8Array.of(2, 1, 0), 1);
    expect(probe.status()[0]).toMatchObject({ answered: 0 });
    probe.receive(to.address, to.port, good, 1);
    expect(probe.status()[0]).toMatchObject({ answered: 1 });
  });

  it('fails when no server answers', () => {
    const { probe } = probing();
    run(probe, 2400);
    expect(probe.healthy).toBe(false);
  });
});

describe('the reachability probe', () => {
  const router = ipv4Of(0x0a000001);

  it('asks by echo, beyond 65,536 questions, and takes only the reply to its own', () => {
    const sent: Uint8Array[] = [];
    const probe = new ReachabilityProbe(config, router, 7, (message) => sent.push(message), 0);
    for (let number = 0; number < 70_000; number += 1) {
      const now = number * 1000;
      probe.advance(now);
      const read = decodeIcmp(sent.pop()!);
      if (!read.ok || read.value.kind !== 'echo-request') throw new Error('no echo request');
      const reply = { ...read.value, kind: 'echo-reply' } as const;
      probe.receive(ipv4Of(1), encodeIcmp(reply), now);
      probe.receive(router, encodeIcmp({ ...reply, identifier: 8 }), now);
      probe.receive(router, encodeIcmp(read.value), now);
      probe.receive(router, Uint8Array.of(0), now);
      if (number % 2 === 0) probe.receive(router, encodeIcmp(reply), now);
      probe.advance(now + 400);
    }
    expect(probe.status()).toMatchObject({ sent: 70_000, answered: 35_000, missed: 1 });
    expect(probe.healthy).toBe(true);
  });
});
