import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testDigests } from '../../../../tests/support/digests.ts';
import { macOf } from '../../../kernel/address.ts';
import { never } from '../../../kernel/instant.ts';
import { SeededRandom } from '../../../kernel/random.ts';
import { utf8Encode } from '../../../wire/bytes/text.ts';
import { find, tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { verifyAccessRequest, verifyAccountingRequest } from '../../../wire/radius/authenticator.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import { encodeRadius } from '../../../wire/radius/packet.ts';
import type { SamogEvent } from '../events.ts';
import { type SamogCounter, samogCounters } from '../statistics.ts';
import { type ExchangeOwner, type RadiusRequest, type Repetition, Transmitter } from './transmitter.ts';
import { evenRandom, type SentPacket, secret, serverA, serverB, TestWire } from './wire-for-tests.ts';

const { accessRequest, accountingRequest, statusServer, disconnectRequest } = radiusCode;
const endless: Repetition = {
  initialMs: 1000,
  maxMs: 4000,
  transmissions: Number.POSITIVE_INFINITY,
  durationMs: Number.POSITIVE_INFINITY,
};

class Bench {
  readonly wire = new TestWire(testDigests);
  readonly counters = samogCounters();
  readonly events: SamogEvent[] = [];
  readonly heard: number[] = [];
  readonly outcomes: string[] = [];
  readonly transmitter: Transmitter;
  readonly endpoint;

  constructor(random = evenRandom()) {
    this.transmitter = new Transmitter('aaa', 'aaa', {
      output: this.wire,
      digests: testDigests,
      random,
      counters: this.counters,
      report: (event) => this.events.push(event),
      heard: (endpoint) => this.heard.push(endpoint.config.port),
    });
    this.endpoint = this.add(1812);
  }

  add(port: number, channels = 2, firstChannel = 0) {
    return this.transmitter.add({
      address: serverA,
      port,
      secret,
      firstChannel,
      channels,
      outstandingMax: 256,
      transport: 'udp',
    });
  }

  send(
    request: Partial<RadiusRequest> = {},
    repetition: Partial<Repetition> = {},
    owner: Partial<ExchangeOwner> = {},
    endpoint = this.endpoint,
  ) {
    const { now } = this.wire;
    const told: ExchangeOwner = {
      answered: ({ code }, _hop, at) => this.outcomes.push(`${at} answered ${code}`),
      unanswered: (at) => this.outcomes.push(`${Math.round(at)} unanswered`),
      ...owner,
    };
    const asked = { code: accessRequest, attributes: () => [], ...request };
    return this.transmitter.send(endpoint, asked, { ...endless, ...repetition }, told, now);
  }

  deliver(bytes: Uint8Array, channel = 0, port = 1812, peer = serverA): void {
    this.transmitter.receive(channel, peer, port, bytes, this.wire.now);
  }

  answer(sent: SentPacket, code: number): void {
    this.deliver(this.wire.answerTo(sent, code), sent.channel, sent.serverPort);
  }

  until(end: number): this {
    this.wire.until(end, this.transmitter);
    return this;
  }

  get times(): number[] {
    return this.wire.sent.map(({ at }) => Math.round(at));
  }

  count(name: SamogCounter): number {
    return this.counters.get(name);
  }
}

describe('repetition (RFC 5080 section 2.2.1)', () => {
  const cases: readonly [string, Partial<Repetition>, number[], string[]][] = [
    ['doubles up to MRT', {}, [0, 1000, 3000, 7000, 11_000, 15_000, 19_000], []],
    ['is even where MRT is IRT', { maxMs: 1000, transmissions: 3 }, [0, 1000, 2000], ['3000 unanswered']],
    ['ends after MRC', { transmissions: 2 }, [0, 1000], ['3000 unanswered']],
    ['happens not at all', { transmissions: 1 }, [0], ['1000 unanswered']],
    ['ends at MRD, be it between two', { durationMs: 4000 }, [0, 1000, 3000], ['4000 unanswered']],
  ];

  it.each(cases)('%s', (_name, repetition, times, outcomes) => {
    const bench = new Bench();
    bench.send({}, repetition);
    bench.until(20_000);
    expect(bench.times).toEqual(times);
    expect(bench.outcomes).toEqual(outcomes);
    expect(new Set(bench.wire.sent.map(({ bytes }) => bytes.join())).size).toBe(1);
    expect(bench.count('radius.access-request.retransmitted')).toBe(times.length - 1);
    expect(bench.endpoint.outstanding).toBe(1 - outcomes.length);
  });

  it('looks at a slot once, however many requests it has had', () => {
    const bench = new Bench();
    const endpoint = bench.add(1813, 1);
    const requests = 10 * 256;
    for (let sent = 0; sent < requests; sent += 1) {
      bench.send({}, {}, {}, endpoint);
      bench.answer(bench.wire.sent.at(-1)!, radiusCode.accessAccept);
      bench.wire.now += 0.25;
    }
    expect(bench.outcomes.length).toBe(requests);
    let looks = 0;
    const { transmitter } = bench;
    for (let at = transmitter.nextDeadline(); at < never; at = transmitter.nextDeadline()) {
      transmitter.advance(at);
      looks += 1;
    }
    expect(looks).toBeLessThanOrEqual(256);
  });

  it('is not late for a request whose slot another has had', () => {
    const bench = new Bench();
    const endpoint = bench.add(1813, 1);
    for (let sent = 0; sent < 256; sent += 1) {
      bench.send({}, {}, {}, endpoint);
      bench.answer(bench.wire.sent.at(-1)!, radiusCode.accessAccept);
    }
    bench.until(400).send({}, { transmissions: 2 }, {}, endpoint);
    bench.until(10_000);
    expect(bench.times.slice(256)).toEqual([400, 1400]);
    expect(bench.outcomes.at(-1)).toBe('3400 unanswered');
  });

  it('varies each wait by up to a tenth, that at MRT too', () => {
    const bench = new Bench(new SeededRandom(1));
    for (let index = 0; index < 100; index += 1) bench.send({}, { transmissions: 4 });
    bench.until(60_000);
    const waits = [0, 1, 2].map((round) => {
      const of = (at: number) => bench.wire.sent.slice(at * 100, (at + 1) * 100).map((sent) => sent.at);
      return { first: Math.min(...of(round + 1)), last: Math.max(...of(round + 1)) };
    });
    expect(waits[0]!.first).toBeGreaterThanOrEqual(900);
    expect(waits[0]!.last).toBeLessThanOrEqual(1100);
    expect(waits[2]!.first).toBeGreaterThanOrEqual(900 + 1620 + 2916);
    expect(waits[2]!.last).toBeLessThanOrEqual(1100 + 2420 + 4400);
    expect(waits[2]!.last - waits[2]!.first).toBeGreaterThan(500);
  });

  it('stops where its owner sees no use in it', () => {
    const bench = new Bench();
    bench.send({}, {}, { goesOn: (now) => now < 2000 });
    bench.until(20_000);
    expect(bench.times).toEqual([0, 1000]);
    expect(bench.outcomes).toEqual(['3000 unanswered']);
  });

  it('stops when it is cancelled', () => {
    const bench = new Bench();
    const exchange = bench.send();
    bench.until(1500).transmitter.cancel(exchange);
    bench.transmitter.cancel(exchange);
    bench.until(20_000);
    expect(bench.times).toEqual([0, 1000]);
    expect([bench.outcomes, bench.endpoint.outstanding]).toEqual([[], 0]);
  });
});

describe('over a connection', () => {
  const overTls = (bench: Bench) =>
    bench.transmitter.add({
      ...{ address: serverB, port: 2083, secret, firstChannel: 0, channels: 1, outstandingMax: 256 },
      transport: 'tls',
    });

  it('nothing is repeated, and waited for as long as over UDP', () => {
    const bench = new Bench();
    bench.send({}, { transmissions: 3 }, {}, overTls(bench));
    bench.until(20_000);
    expect(bench.times).toEqual([0]);
    expect(bench.outcomes).toEqual(['7000 unanswered']);
    expect(bench.count('radius.access-request.retransmitted')).toBe(0);
  });

  it('what is unanswered goes again, octet by octet, when another one stands', () => {
    const bench = new Bench();
    const endpoint = overTls(bench);
    for (let index = 0; index < 3; index += 1) bench.send({}, {}, {}, endpoint);
    bench.transmitter.receive(0, serverB, 2083, bench.wire.answerTo(bench.wire.sent[1]!, radiusCode.accessAccept), 0);
    bench.wire.now = 500;
    bench.transmitter.connected(endpoint);
    const [first, , third, ...again] = bench.wire.sent.map(({ bytes }) => bytes);
    expect(again).toEqual([first, third]);
  });

  it('identifier 0 is the watchdog’s', () => {
    const bench = new Bench();
    const endpoint = overTls(bench);
    for (; endpoint.hasRoom; ) bench.send({}, {}, {}, endpoint);
    const identifiers = new Set(bench.wire.sent.map(({ packet }) => packet.identifier));
    expect([identifiers.size, identifiers.has(0), endpoint.outstanding]).toEqual([255, false, 255]);
  });
});

describe('requests', () => {
  it('of authentication have a random authenticator and Message-Authenticator first', () => {
    const bench = new Bench();
    bench.send({ attributes: () => [tlv(radiusAttribute.userName, 'x')] });
    const { bytes, packet } = bench.wire.sent[0]!;
    expect(verifyAccessRequest(bytes, secret, testDigests)).toBe('ok');
    expect(packet.attributes[0]!.type).toBe(radiusAttribute.messageAuthenticator.type);
    expect(find(packet.attributes, radiusAttribute.userName)).toBe('x');
  });

  it.each([
    ['accounting', accountingRequest],
    ['dynamic authorization', disconnectRequest],
  ])('of %s have a digest of themselves', (_name, code) => {
    const bench = new Bench();
    let authenticator = Uint8Array.of(1);
    bench.send({
      code,
      attributes: ({ requestAuthenticator }) => {
        authenticator = requestAuthenticator.slice();
        return [];
      },
    });
    expect(verifyAccountingRequest(bench.wire.sent[0]!.bytes, secret, testDigests)).toBe('ok');
    expect(authenticator).toEqual(new Uint8Array(16));
  });

  it('are told the hop they go by, and answered with it', () => {
    const bench = new Bench();
    const hops: unknown[] = [];
    bench.send(
      { attributes: (to) => [hops.push(to)].slice(1) as [] },
      {},
      { answered: (_packet, hop) => hops.push(hop) },
    );
    bench.answer(bench.wire.sent[0]!, radiusCode.accessAccept);
    const hop = { requestAuthenticator: bench.wire.sent[0]!.packet.authenticator, secret };
    expect(hops).toEqual([hop, hop]);
  });

  it('leave by the channels of their endpoint, each with identifiers of its own for each address and port', () => {
    const bench = new Bench();
    const accounting = bench.add(1813, 1, 5);
    for (let index = 0; index < 33; index += 1) bench.send();
    bench.send({ code: accountingRequest }, {}, {}, accounting);
    expect([0, 31, 32, 33].map((index) => bench.wire.script[index])).toEqual([
      '0 192.0.2.10:1812 0/0 accessRequest',
      '0 192.0.2.10:1812 0/31 accessRequest',
      '0 192.0.2.10:1812 1/0 accessRequest',
      '0 192.0.2.10:1813 5/0 accountingRequest',
    ]);
  });

  it('are not sent if they do not fit, and take no identifier', () => {
    const bench = new Bench();
    const attributes = () => Array.from({ length: 17 }, () => ({ type: 250, data: new Uint8Array(253) }));
    expect(() => bench.send({ attributes })).toThrow(RangeError);
    expect(bench.endpoint.outstanding).toBe(0);
  });

  it('are reported with whom they are about', () => {
    const bench = new Bench();
    const mac = macOf(0x02005e000001);
    bench.send({ about: { mac, sessionId: 7 } });
    bench.until(1000).answer(bench.wire.sent[0]!, radiusCode.accessReject);
    bench.send({ code: statusServer });
    expect(bench.events.map(({ name, sessionId, text }) => `${name} ${sessionId}: ${text()}`)).toEqual([
      'access-request-sent 7: Access-Request',
      'access-request-retransmitted 7: Access-Request, again',
      'access-reject-received 7: Access-Reject',
      'status-server-sent undefined: Status-Server',
    ]);
    expect(bench.events.every((event) => event.party === 'aaa' && event.peer === serverA)).toBe(true);
  });
});

describe('answers', () => {
  const { accessAccept, accountingResponse, coaNak, disconnectAck, disconnectNak } = radiusCode;
  it.each([
    [accessRequest, accessAccept, 'radius.access-accept.received'],
    [accountingRequest, accountingResponse, 'radius.accounting-response.received'],
    [disconnectRequest, disconnectAck, 'radius.disconnect-ack.received'],
    [disconnectRequest, disconnectNak, 'radius.disconnect-nak.received'],
    [statusServer, accessAccept, 'radius.status-server.answered'],
    [statusServer, accountingResponse, 'radius.status-server.answered'],
    // RFC 5997 section 4.5: whatever a probe is answered with, somebody lives there.
    [statusServer, coaNak, 'radius.status-server.answered'],
  ] as const)('to code %i: code %i', (request, reply, counter) => {
    const bench = new Bench();
    bench.send({ code: request });
    bench.answer(bench.wire.sent[0]!, reply);
    expect(bench.outcomes).toEqual([`0 answered ${reply}`]);
    expect(bench.count(counter)).toBe(1);
    expect(bench.heard).toEqual([1812]);
    expect(bench.endpoint.answeredAt).toBe(0);
  });

  it.each([
    [accessRequest, accountingResponse],
    [accountingRequest, accessAccept],
    [statusServer, accessRequest],
    [disconnectRequest, accessAccept],
  ])('to code %i are none with code %i', (request, reply) => {
    const bench = new Bench();
    bench.send({ code: request });
    bench.answer(bench.wire.sent[0]!, reply);
    expect(bench.outcomes).toEqual([]);
    expect([bench.count('radius.discarded.malformed'), bench.heard]).toEqual([1, []]);
  });

  /** Right by RFC 2865, without the attribute that CVE-2024-3596 makes necessary. */
  const unsigned = ({ packet: { identifier, authenticator } }: SentPacket) => {
    const bytes = encodeRadius({ code: accessAccept, identifier, authenticator, attributes: [] });
    bytes.set(testDigests.md5(Uint8Array.from([...bytes, ...secret])), 4);
    return bytes;
  };

  it('without Message-Authenticator say that a server lives, if only that was asked', () => {
    const bench = new Bench();
    bench.send();
    bench.send({ code: statusServer });
    for (const sent of bench.wire.sent) bench.deliver(unsigned(sent));
    expect(bench.count('radius.discarded.no-message-authenticator')).toBe(1);
    expect([bench.outcomes, bench.heard]).toEqual([['0 answered 2'], [1812]]);
  });

  it('count in no figure of the server if they were to a probe', () => {
    const bench = new Bench();
    bench.send({ code: statusServer }, { transmissions: 1 });
    bench.send({ code: statusServer });
    bench.answer(bench.wire.sent[1]!, accessAccept);
    bench.until(5000);
    expect(Object.values(bench.endpoint.figures)).toEqual(Array(7).fill(0));
  });

  const lateCases: readonly [string, SamogCounter, (bench: Bench) => void][] = [
    ['a second time', 'radius.discarded.duplicate', (bench) => bench.answer(bench.wire.sent[0]!, accessAccept)],
    ['after the last wait', 'radius.discarded.late', (bench) => bench.until(2000)],
    [
      'after the identifier is another request’s',
      'radius.discarded.late',
      (bench) => {
        bench.until(2000);
        for (let index = 0; index < 512; index += 1) bench.send();
      },
    ],
  ];
  it.each(lateCases)('that come %s are known as such, and heard', (_name, counter, before) => {
    const bench = new Bench(new SeededRandom(1));
    bench.send({}, { transmissions: 1 });
    before(bench);
    const outcomes = bench.outcomes.length;
    const heard = bench.heard.length;
    bench.answer(bench.wire.sent[0]!, accessAccept);
    expect(bench.count(counter)).toBe(1);
    expect([bench.outcomes.length, bench.heard.length]).toEqual([outcomes, heard + 1]);
  });

  it('from nowhere, for nothing, or with another secret change nothing', () => {
    const bench = new Bench();
    bench.send();
    const right = bench.wire.answerTo(bench.wire.sent[0]!, accessAccept);
    const forged = right.slice();
    forged[5]! ^= 1;
    bench.deliver(right, 0, 1812, serverB);
    bench.deliver(right, 0, 1813);
    bench.deliver(right, 1);
    bench.deliver(right, 2);
    bench.deliver(forged);
    bench.deliver(utf8Encode('no packet'));
    expect(bench.outcomes).toEqual([]);
    expect(bench.heard).toEqual([]);
    const whys = ['unknown-server', 'unmatched', 'bad-authenticator', 'malformed'] as const;
    expect(whys.map((why) => bench.count(`radius.discarded.${why}`))).toEqual([2, 2, 1, 1]);
  });

  it('that are forged, whatever they are, are counted once and change nothing', () => {
    const mutation = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 255 }), length: fc.nat() });
    fc.assert(
      fc.property(fc.constantFrom(accessRequest, accountingRequest, disconnectRequest), mutation, (code, change) => {
        const bench = new Bench(new SeededRandom(1));
        bench.send({ code });
        const replies: Record<number, number> = {
          [accessRequest]: accessAccept,
          [accountingRequest]: accountingResponse,
        };
        const reply = replies[code] ?? disconnectAck;
        const attributes = [tlv(radiusAttribute.replyMessage, 'no'), tlv(radiusAttribute.class, secret)];
        const right = bench.wire.answerTo(bench.wire.sent[0]!, reply, attributes);
        const changed = right.slice();
        changed[change.at % right.length]! ^= change.by;
        const cut = right.subarray(0, change.length % right.length);
        for (const bytes of [changed, cut]) bench.deliver(bytes);
        const discarded = Object.entries(bench.counters.snapshot()).filter(([name]) => name.includes('discarded'));
        expect(discarded.reduce((sum, [, count]) => sum + count, 0)).toBe(2);
        expect([bench.outcomes, bench.heard, bench.endpoint.outstanding]).toEqual([[], [], 1]);
        bench.deliver(right);
        expect(bench.outcomes).toEqual([`0 answered ${reply}`]);
      }),
      { numRuns: 300 },
    );
  });

  it('from an endpoint that was removed are nobody’s', () => {
    const bench = new Bench();
    const other = bench.add(1813);
    bench.transmitter.cancel(bench.send({ code: accountingRequest }, {}, {}, other));
    bench.transmitter.remove(other);
    bench.answer(bench.wire.sent[0]!, accountingResponse);
    expect(bench.count('radius.discarded.unknown-server')).toBe(1);
    bench.transmitter.remove(bench.endpoint);
    bench.deliver(Uint8Array.of());
    expect(bench.count('radius.discarded.unknown-server')).toBe(2);
  });
});
