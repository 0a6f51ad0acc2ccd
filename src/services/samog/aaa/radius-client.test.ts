import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noAccounting } from '../../../../tests/support/accounting-sample.ts';
import { relayConfig } from '../../../../tests/support/relay-config.ts';
import { formatIp, type IpAddress, macOf, parseIpv4 } from '../../../kernel/address.ts';
import type { Digests, RandomSource } from '../../../kernel/context.ts';
import type { PacketOutput } from '../../../kernel/port.ts';
import { SeededRandom } from '../../../kernel/random.ts';
import { utf8Encode } from '../../../wire/bytes/text.ts';
import { find, type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { signResponse } from '../../../wire/radius/authenticator.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import { decodeRadius, encodeRadius, type RadiusPacket } from '../../../wire/radius/packet.ts';
import type { MrmeServiceConfig, RadiusConfig } from '../config.ts';
import type { SamogEvent } from '../events.ts';
import { type SamogCounter, samogCounters } from '../statistics.ts';
import type { AuthenticationOutcome } from '../subscriber.ts';
import { AaaServers } from './aaa-servers.ts';
import type { AuthenticationRequest } from './access-request.ts';
import { RadiusClient } from './radius-client.ts';

const digests: Digests = {
  md5: (data) => createHash('md5').update(data).digest(),
  hmacMd5: (key, data) => createHmac('md5', key).update(data).digest(),
};

/** Draws the middle of every range, so that a timeout is its nominal value; authenticators differ all the same. */
function evenRandom(): RandomSource {
  let drawn = 0;
  return {
    u32: () => 0x80000000,
    bytes: (length) => {
      drawn += 1;
      return new Uint8Array(length).fill(drawn);
    },
  };
}

const serverA = parseIpv4('192.0.2.10')!;
const serverB = parseIpv4('192.0.2.11')!;
const serverC = parseIpv4('192.0.2.12')!;
const secret = 'xyzzy5461';

function configOf(servers: readonly IpAddress[], sourcePorts: number, radius: Partial<RadiusConfig>) {
  const config: MrmeServiceConfig = {
    name: 'mrme',
    twanProfiles: [],
    bind: { address: parseIpv4('192.0.2.1')!, interface: undefined, sourcePorts },
    nasIdentifier: 'samog',
    nasIpAddress: parseIpv4('192.0.2.1')!,
    userName: { format: 'mac-no-separator', case: 'lower', realm: undefined },
    password: { kind: 'mac' },
    relay: relayConfig,
    radius: {
      servers: servers.map((address, index) => ({
        name: formatIp(address),
        address,
        port: 1812,
        acctPort: 1813,
        secret,
        priority: index,
        weight: 1,
        outstandingMax: radius.outstandingMax ?? sourcePorts * 256,
        statusServer: false,
      })),
      timeoutMs: 1000,
      retransmissions: 2,
      deadTimeMs: 60_000,
      outstandingMax: sourcePorts * 256,
      ...radius,
    },
    accounting: noAccounting,
    dynamicAuthorization: undefined,
  };
  return config;
}

interface Sent {
  readonly at: number;
  readonly channel: number;
  readonly server: IpAddress;
  readonly bytes: Uint8Array;
  readonly packet: RadiusPacket;
}

/** A client with servers played by the test: what it sent and decided, in order, and a clock that visits deadlines. */
class Bench {
  readonly sent: Sent[] = [];
  readonly outcomes: string[] = [];
  readonly accepted: (AuthenticationOutcome & { kind: 'accepted' })[] = [];
  readonly events: SamogEvent[] = [];
  readonly counters = samogCounters();
  readonly servers: AaaServers;
  readonly client: RadiusClient;
  now = 0;
  onOutcome: (sessionId: number) => void = () => {};

  constructor(
    servers: readonly IpAddress[] = [serverA],
    { sourcePorts = 1, random = evenRandom(), ...radius }: Partial<RadiusConfig> & BenchOptions = {},
  ) {
    const config = configOf(servers, sourcePorts, radius);
    const report = (event: SamogEvent) => this.events.push(event);
    const output: PacketOutput = {
      send: (port, channel, server, peerPort, bytes) => {
        expect([port, peerPort]).toEqual(['aaa', 1812]);
        const packet = decodeRadius(bytes.slice());
        if (!packet.ok) throw new Error(packet.reason);
        this.sent.push({ at: this.now, channel, server, bytes: bytes.slice(), packet: packet.value });
      },
    };
    this.servers = new AaaServers(config, { output, digests, random, counters: this.counters, report });
    this.client = new RadiusClient(config, {
      servers: this.servers.authentication,
      digests,
      report,
      onOutcome: (sessionId, outcome, now) => {
        this.outcomes.push(`${Math.round(now)} ${sessionId} ${outcome.kind}`);
        if (outcome.kind === 'accepted') this.accepted.push(outcome);
        this.onOutcome(sessionId);
      },
    });
  }

  authenticate(sessionId: number, request: Partial<AuthenticationRequest> = {}) {
    return this.client.authenticate(
      sessionId,
      {
        mac: macOf(0x02005e000000 + sessionId),
        acctSessionId: sessionId.toString(16),
        calledStation: parseIpv4('198.51.100.7')!,
        ...request,
      },
      this.now,
    );
  }

  /** Lets time pass, stopping at every deadline on the way. */
  until(end: number): this {
    for (let at = this.servers.nextDeadline(); at <= end; at = this.servers.nextDeadline()) {
      this.now = Math.max(this.now, at);
      this.servers.advance(this.now);
    }
    this.now = end;
    return this;
  }

  answer(sent: Sent, code: number = radiusCode.accessAccept, attributes: readonly Tlv[] = []): void {
    this.deliver(sent, answerTo(sent, code, attributes));
  }

  deliver(sent: Sent, bytes: Uint8Array, from: Partial<{ peer: IpAddress; port: number; channel: number }> = {}): void {
    const { peer = sent.server, port = 1812, channel = sent.channel } = from;
    this.servers.receive(channel, peer, port, bytes, this.now);
  }

  /** Everything sent, as `time server channel/identifier session`. */
  get script(): string[] {
    return this.sent.map(
      ({ at, server, channel, packet }) =>
        `${Math.round(at)} ${formatIp(server)} ${channel}/${packet.identifier} ${sessionOf(packet)}`,
    );
  }

  count(name: SamogCounter): number {
    return this.counters.get(name);
  }
}

interface BenchOptions {
  readonly sourcePorts?: number;
  readonly random?: RandomSource;
}

function answerTo(sent: Sent, code: number, attributes: readonly Tlv[] = []): Uint8Array {
  const { identifier, authenticator } = sent.packet;
  return signResponse({ code, identifier, authenticator, attributes }, authenticator, utf8Encode(secret), digests);
}

function sessionOf(packet: RadiusPacket): number {
  return Number.parseInt(find(packet.attributes, radiusAttribute.acctSessionId)!, 16);
}

describe('one server', () => {
  it('accepts, with the profile', () => {
    const bench = new Bench();
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
    const bench = new Bench();
    bench.authenticate(7);
    bench.answer(bench.sent[0]!, code, [tlv(radiusAttribute.replyMessage, 'no')]);
    expect(bench.outcomes).toEqual(['0 7 rejected']);
    expect(bench.count(counter)).toBe(1);
  });

  it('repeats the same octets on the same channel, then gives up', () => {
    const bench = new Bench();
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
    const bench = new Bench();
    bench.authenticate(7);
    bench.until(2500);
    bench.answer(bench.sent[0]!);
    expect(bench.until(100_000).outcomes).toEqual(['2500 7 accepted']);
  });

  it('is tried although dead, where there is no other', () => {
    const bench = new Bench();
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
    const bench = new Bench();
    bench.authenticate(1);
    bench.until(2900);
    bench.authenticate(2);
    bench.until(4000);
    bench.answer(bench.sent.at(-1)!);
    expect(bench.script.slice(3)).toEqual(['2900 192.0.2.10 0/1 2', '3900 192.0.2.10 0/1 2']);
    expect(bench.outcomes).toEqual(['3000 1 timeout', '4000 2 accepted']);
  });

  it('is not dead while it answers others', () => {
    const bench = new Bench();
    bench.authenticate(1);
    bench.until(2000);
    bench.authenticate(2);
    bench.answer(bench.sent.at(-1)!);
    bench.until(3000);
    expect(bench.outcomes).toEqual(['2000 2 accepted', '3000 1 timeout']);
    expect(bench.servers.authentication.status(3000).servers[0]!.state).toBe('up');
  });

  it('varies each timeout by up to a tenth (RFC 5080 section 2.2.1)', () => {
    const bench = new Bench([serverA], { random: new SeededRandom(1) });
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
    const bench = new Bench([serverA, serverB]);
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
    const bench = new Bench([serverA, serverB]);
    bench.authenticate(1);
    bench.until(2900);
    bench.authenticate(2);
    bench.until(3950);
    expect(bench.script.slice(3)).toEqual(['2900 192.0.2.10 0/1 2', '3000 192.0.2.11 0/0 1', '3900 192.0.2.11 0/1 2']);
  });

  it('returns to the preferred server after its dead time, or as soon as it answers', () => {
    const bench = new Bench([serverA, serverB], { deadTimeMs: 5000 });
    bench.authenticate(1);
    bench.until(3100);
    bench.answer(bench.sent.at(-1)!);
    bench.until(7999).authenticate(2);
    bench.until(8000).authenticate(3);
    expect(bench.script.slice(4)).toEqual(['7999 192.0.2.11 0/1 2', '8000 192.0.2.10 0/1 3']);

    const late = new Bench([serverA, serverB]);
    late.authenticate(1);
    late.until(2900).authenticate(2);
    late.until(3000);
    late.answer(late.sent.find(({ packet }) => sessionOf(packet) === 2)!);
    late.authenticate(3);
    expect(late.script.at(-1)).toBe('3000 192.0.2.10 0/2 3');
    expect(late.events.map(({ name }) => name)).toContain('aaa-server-alive');
  });

  it('asks the next also when the first is silent to this request alone', () => {
    const bench = new Bench([serverA, serverB]);
    bench.authenticate(1);
    bench.until(2000).authenticate(2);
    bench.answer(bench.sent.at(-1)!);
    bench.until(3000);
    expect(bench.script.at(-1)).toBe('3000 192.0.2.11 0/0 1');
    expect(bench.servers.authentication.status(3000).servers[0]!.state).toBe('up');
  });

  it('waits for a live server rather than ask a dead one', () => {
    const bench = new Bench([serverA, serverB], { outstandingMax: 1, deadTimeMs: 5000, retransmissions: 0 });
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
    const bench = new Bench([serverA, serverB]);
    bench.authenticate(1);
    bench.until(100_000);
    expect(bench.script).toHaveLength(6);
    expect(bench.outcomes).toEqual(['6000 1 timeout']);
  });

  it('tries only the one dead for longest, where all are dead', () => {
    const bench = new Bench([serverA, serverB, serverC]);
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
    const bench = new Bench([serverA, serverB], { outstandingMax: 2 });
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

describe('identifiers', () => {
  it('go round the channels in runs of 32', () => {
    const bench = new Bench([serverA], { sourcePorts: 3 });
    for (let session = 0; session < 98; session += 1) bench.authenticate(session);
    const slots = bench.script.map((line) => line.split(' ')[2]);
    expect([0, 1, 31, 32, 63, 64, 95, 96, 97].map((index) => slots[index])).toEqual([
      ...['0/0', '0/1', '0/31'],
      ...['1/0', '1/31'],
      ...['2/0', '2/31'],
      ...['0/32', '0/33'],
    ]);
  });

  it('are used again after all others', () => {
    const bench = new Bench();
    for (let session = 0; session < 256; session += 1) {
      bench.authenticate(session);
      bench.answer(bench.sent.at(-1)!);
    }
    bench.authenticate(1000);
    expect(new Set(bench.sent.slice(0, 256).map(({ packet }) => packet.identifier)).size).toBe(256);
    expect(bench.sent[256]!.packet.identifier).toBe(0);
  });

  it('have only the deadline of the request that has them now', () => {
    const bench = new Bench();
    for (let session = 0; session < 256; session += 1) {
      bench.authenticate(session);
      bench.answer(bench.sent.at(-1)!);
    }
    bench.until(500).authenticate(1000);
    bench.until(1600);
    expect(bench.script.slice(256)).toEqual(['500 192.0.2.10 0/0 1000', '1500 192.0.2.10 0/0 1000']);
  });

  it('are 256 to a channel, after which requests wait in line and then are refused', () => {
    const bench = new Bench([serverA], { sourcePorts: 2 });
    const answers = Array.from({ length: 1030 }, (_, session) => bench.authenticate(session));
    expect(answers.filter((answer) => answer === 'sent')).toHaveLength(512);
    expect(answers.slice(512, 1024)).toEqual(Array(512).fill('queued'));
    expect(answers.slice(1024)).toEqual(Array(6).fill('refused'));
    expect(bench.count('radius.refused.queue-full')).toBe(6);
    expect(bench.servers.authentication.status(0)).toMatchObject({ waiting: 512, servers: [{ outstanding: 512 }] });

    bench.answer(bench.sent[300]!);
    const next = bench.sent.at(-1)!;
    expect(sessionOf(next.packet)).toBe(512);
    expect([next.channel, next.packet.identifier]).toEqual([
      bench.sent[300]!.channel,
      bench.sent[300]!.packet.identifier,
    ]);
  });

  it('are free after a cancellation, for whoever waits', () => {
    const bench = new Bench([serverA], { outstandingMax: 2 });
    for (const session of [1, 2, 3, 4]) bench.authenticate(session);
    bench.client.cancel(3);
    bench.client.cancel(1);
    expect(bench.authenticate(5)).toBe('queued');
    bench.until(0);
    expect(bench.script.slice(2)).toEqual(['0 192.0.2.10 0/2 4']);
    bench.answer(bench.sent[0]!);
    expect(bench.count('radius.discarded.late')).toBe(1);
    bench.client.cancel(99);
    expect(bench.outcomes).toEqual([]);
  });

  it('belong to the latest request of a session', () => {
    const bench = new Bench();
    bench.authenticate(1);
    bench.authenticate(1);
    bench.answer(bench.sent[0]!);
    bench.answer(bench.sent[1]!);
    expect(bench.outcomes).toEqual(['0 1 accepted']);
  });
});

describe('packets that are no answers', () => {
  const forged = (sent: Sent) => {
    const bytes = answerTo(sent, radiusCode.accessAccept);
    bytes[25]! ^= 1;
    return bytes;
  };
  /** Right by RFC 2865, without the attribute that CVE-2024-3596 makes necessary. */
  const withoutMessageAuthenticator = ({ packet }: Sent) => {
    const { identifier, authenticator } = packet;
    const bytes = encodeRadius({ code: radiusCode.accessAccept, identifier, authenticator, attributes: [] });
    bytes.set(digests.md5(Uint8Array.from([...bytes, ...utf8Encode(secret)])), 4);
    return bytes;
  };
  const cases: readonly [string, SamogCounter, (sent: Sent) => Uint8Array, Parameters<Bench['deliver']>[2]?][] = [
    ['another address', 'radius.discarded.unknown-server', (sent) => answerTo(sent, 2), { peer: serverB }],
    ['another port', 'radius.discarded.unknown-server', (sent) => answerTo(sent, 2), { port: 1814 }],
    ['the port of accounting', 'radius.discarded.unmatched', (sent) => answerTo(sent, 2), { port: 1813 }],
    ['another channel', 'radius.discarded.unmatched', (sent) => answerTo(sent, 2), { channel: 1 }],
    ['a channel that is none', 'radius.discarded.unmatched', (sent) => answerTo(sent, 2), { channel: 9 }],
    ['nothing', 'radius.discarded.malformed', () => new Uint8Array()],
    ['a head cut short', 'radius.discarded.malformed', (sent) => answerTo(sent, 2).subarray(0, 19)],
    ['a tail cut off', 'radius.discarded.malformed', (sent) => answerTo(sent, 2).subarray(0, 30)],
    ['our own request', 'radius.discarded.malformed', (sent) => sent.bytes],
    ['an Accounting-Response', 'radius.discarded.malformed', (sent) => answerTo(sent, radiusCode.accountingResponse)],
    ['a changed octet', 'radius.discarded.bad-authenticator', forged],
    ['no Message-Authenticator', 'radius.discarded.no-message-authenticator', withoutMessageAuthenticator],
  ];

  it.each(cases)('%s: %s', (_name, counter, bytes, from) => {
    const bench = new Bench([serverA], { sourcePorts: 2 });
    bench.authenticate(1);
    const sent = bench.sent[0]!;
    bench.deliver(sent, bytes(sent), from);
    expect(bench.count(counter)).toBe(1);
    expect(bench.outcomes).toEqual([]);
    expect(bench.servers.authentication.status(0).servers[0]).toMatchObject({
      outstanding: 1,
      lastResponseAgeMs: undefined,
    });
    bench.answer(sent);
    expect(bench.outcomes).toEqual(['0 1 accepted']);
    bench.answer(sent);
    expect(bench.count('radius.discarded.duplicate')).toBe(1);
  });

  it('another secret', () => {
    const bench = new Bench();
    bench.authenticate(1);
    const { identifier, authenticator } = bench.sent[0]!.packet;
    const packet = { code: radiusCode.accessAccept, identifier, authenticator, attributes: [] };
    bench.deliver(bench.sent[0]!, signResponse(packet, authenticator, utf8Encode('other'), digests));
    expect(bench.count('radius.discarded.bad-authenticator')).toBe(1);
  });
});

it('may be called back into', () => {
  const bench = new Bench([serverA], { outstandingMax: 1 });
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
  const bench = new Bench([serverA], { retransmissions: 0 });
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

/** What may happen to a client, for the property below. */
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('authenticate' as const), session: fc.nat(40) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('answer' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), session: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(4000) }) },
);

it('ends every request that is neither refused, cancelled nor replaced exactly once, and leaks no identifier', () => {
  fc.assert(
    fc.property(
      fc.array(happening, { maxLength: 200 }),
      fc.integer({ min: 1, max: 6 }),
      (happenings, outstandingMax) => {
        const bench = new Bench([serverA, serverB], { outstandingMax, sourcePorts: 2, random: new SeededRandom(1) });
        const open = new Set<number>();
        let ended = 0;
        bench.onOutcome = (session) => {
          expect(open.delete(session)).toBe(true);
          ended += 1;
        };
        for (const event of happenings) {
          if (event.kind === 'authenticate') {
            open.delete(event.session);
            if (bench.authenticate(event.session) !== 'refused') open.add(event.session);
          } else if (event.kind === 'cancel') {
            open.delete(event.session);
            bench.client.cancel(event.session);
          } else if (event.kind === 'wait') bench.until(bench.now + event.ms);
          else if (bench.sent.length > 0) bench.answer(bench.sent[event.pick % bench.sent.length]!);
          const { servers, waiting } = bench.servers.authentication.status(bench.now);
          expect(servers.every(({ outstanding }) => outstanding <= outstandingMax)).toBe(true);
          expect(servers[0]!.outstanding + servers[1]!.outstanding + waiting).toBe(open.size);
        }
        bench.until(bench.now + 1_000_000);
        expect(open.size).toBe(0);
        expect(bench.outcomes).toHaveLength(ended);
        expect(bench.servers.authentication.status(bench.now)).toMatchObject({
          waiting: 0,
          servers: [{ outstanding: 0 }, { outstanding: 0 }],
        });
      },
    ),
    { numRuns: 200 },
  );
});
