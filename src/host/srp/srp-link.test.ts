import { createHmac } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { PeerHello } from '../../icsr/chassis/hello.ts';
import { chassisDefaults } from '../../icsr/chassis/options.ts';
import { SrpConnection, type SrpConnectionOptions } from '../../icsr/link/connection.ts';
import { macOf, parseIp, parseIpv4 } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';
import { decodeMessage } from '../../wire/srp/message-codec.ts';
import type { SrpEnvelope, SrpMessage } from '../../wire/srp/messages.ts';
import { srpVectors } from '../../wire/srp/vectors.ts';
import { now } from '../clock.ts';
import { hostCompressions } from './compressions.ts';
import { dials } from './endpoint.ts';
import { SrpLink, type SrpLinkOptions, type SrpLinkStatistics } from './srp-link.ts';
import type { LinkPlace } from './thread-messages.ts';

const { helloIntervalMs } = chassisDefaults;
/** Long enough that a busy machine is not taken for a stalled one. */
const deadIntervalMs = 1000;
const sharedKey = utf8Encode('a key of the tests');

/** The lower address dials. */
const dialler = '127.0.0.2';
const listener = '127.0.0.3';
let port = 40_000 + (process.pid % 20_000);

const running: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

async function until(what: string, holds: () => boolean): Promise<void> {
  const end = now() + 20_000;
  while (!holds()) {
    if (now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function spin(forMs: number): void {
  const end = now() + forMs;
  while (now() < end);
}

const helloOf = (sessions: number): PeerHello => {
  const vector = srpVectors.map(({ value }) => value as SrpMessage).find(({ kind }) => kind === 'hello');
  if (vector?.kind !== 'hello') throw new Error('no vector of a hello');
  const { kind: _kind, number: _number, ...said } = vector;
  return { ...said, term: 7, tiebreaker: macOf(1), sessions };
};

const configurationOf = (octets: number): SrpMessage => ({
  kind: 'configuration',
  digest: new Uint8Array(octets).fill(7),
  lines: [],
  answerWanted: false,
});

/** An end of the link with what came out of it. */
class End {
  readonly link: SrpLink;
  readonly heard: SrpEnvelope[] = [];
  readonly happened: string[] = [];
  readonly faults: unknown[] = [];
  readonly events: string[] = [];
  turns = 0;

  constructor(address: string, overrides: Partial<SrpLinkOptions> = {}) {
    const other = address === dialler ? listener : dialler;
    this.link = new SrpLink(
      {
        chassisId: address,
        peerChassisId: undefined,
        sharedKey,
        compressions: hostCompressions,
        bind: { address: parseIpv4(address)!, port },
        peer: { address: parseIpv4(other)!, port },
        helloIntervalMs,
        deadIntervalMs,
        handshakeLimitMs: 500,
        ...overrides,
      },
      {
        turnEnd: () => {
          this.turns += 1;
        },
        fault: (error) => this.faults.push(error),
        event: ({ name, reason }) => this.events.push(`${name}: ${reason}`),
      },
    );
    running.push(this.link);
  }

  async start(): Promise<this> {
    await this.link.start({
      linkUp: (version) => this.happened.push(`up ${version}`),
      linkHeard: (envelope) => this.hear(envelope),
      linkDown: (reason) => this.happened.push(`down: ${reason}`),
      stalled: (forMs) => this.stalled(forMs),
    });
    return this;
  }

  hear(envelope: SrpEnvelope): void {
    this.heard.push(envelope);
  }

  stalled(_forMs: number): void {}

  get statistics(): SrpLinkStatistics {
    return this.link.statistics();
  }

  get isUp(): boolean {
    return this.statistics.connection !== undefined;
  }

  get hellos(): readonly number[] {
    return this.heard.flatMap(({ message }) => (message.kind === 'hello' ? [message.number] : []));
  }
}

async function startedPair(
  ofDialler: Partial<SrpLinkOptions> = {},
  ofListener: Partial<SrpLinkOptions> = {},
): Promise<readonly [End, End]> {
  port += 1;
  const b = await new End(listener, ofListener).start();
  const a = await new End(dialler, ofDialler).start();
  await until('both are up', () => a.isUp && b.isUp);
  return [a, b];
}

/** Somebody at the dialling address who is not a link: speaks SRP by hand, or something else. */
class Stranger {
  readonly socket: Socket;
  readonly sent: Uint8Array[] = [];
  readonly heard: SrpMessage[] = [];
  isClosed = false;
  readonly #srp: SrpConnection;
  #speaks = false;

  constructor(overrides: Partial<SrpConnectionOptions> = {}, localAddress = dialler) {
    this.#srp = new SrpConnection(
      {
        role: 'client',
        chassisId: localAddress,
        peerChassisId: undefined,
        sharedKey,
        nonce: new Uint8Array(32).fill(3),
        versionMin: 1,
        versionMax: 1,
        compressions: new Map(),
        ...overrides,
      },
      { hmacSha256: (key, data) => createHmac('sha256', key).update(data).digest() },
    );
    this.socket = connect({ host: listener, port, localAddress });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.isClosed = true;
    });
    this.socket.on('data', (chunk) => {
      if (!this.#speaks) return;
      this.#srp.receive(chunk, {
        send: (octets) => this.write(octets),
        established: () => {},
        message: ({ type, body }) => {
          const message = decodeMessage(type, body);
          if (message.ok) this.heard.push(message.value);
          return undefined;
        },
      });
    });
    running.push({ stop: () => this.socket.destroy() });
  }

  get isEstablished(): boolean {
    return this.#srp.established;
  }

  greet(): this {
    this.#speaks = true;
    this.write(this.#srp.start()!);
    return this;
  }

  write(octets: Uint8Array): void {
    this.sent.push(octets);
    this.socket.write(octets);
  }

  say(message: SrpMessage): Uint8Array {
    const frame = this.#srp.encode({ term: 1, message });
    this.write(frame);
    return frame;
  }
}

async function startedListener(overrides: Partial<SrpLinkOptions> = {}): Promise<End> {
  port += 1;
  return new End(listener, overrides).start();
}

describe('who dials', () => {
  it.each([
    ['192.168.77.1', '192.168.77.2'],
    ['9.0.0.1', '10.0.0.1'],
    ['fd00::1', 'fd00::2'],
    ['fd00::9', 'fd00::10'],
    ['fd00::1', 'fd00:0:0:1::'],
    ['2001:db8::1', 'fd00::1'],
  ])('%s, not %s', (lower, higher) => {
    const [one, other] = [lower, higher].map((address) => ({ address, port: 5438 })) as [LinkPlace, LinkPlace];
    expect([dials(one, other), dials(other, one)]).toEqual([true, false]);
  });

  it('on one host the lower port', () => {
    const [one, other] = [5438, 5439].map((of) => ({ address: '::1', port: of })) as [LinkPlace, LinkPlace];
    expect([dials(one, other), dials(other, one)]).toEqual([true, false]);
  });
});

describe('two chassis', () => {
  it('connect over IPv6', async () => {
    port += 2;
    const ends = [port - 1, port].map((of) => ({ address: parseIp('::1')!, port: of }));
    const a = await new End(dialler, { bind: ends[0]!, peer: ends[1]! }).start();
    const b = await new End(listener, { bind: ends[1]!, peer: ends[0]! }).start();
    await until('both are up', () => a.isUp && b.isUp);
    a.link.sendHello(helloOf(1));
    await until('it is heard', () => b.hellos.length > 0);
    expect(a.statistics.remote).toBe(`[::1]:${port}`);
    expect(b.statistics.local).toBe(`[::1]:${port}`);
  });

  it('connect, say everything in its order, and part', async () => {
    const [a, b] = await startedPair();
    expect([a.happened, b.happened]).toEqual([['up 1'], ['up 1']]);
    expect(b.statistics).toMatchObject({ remote: expect.stringContaining(`${dialler}:`), compression: 'zstd' });
    const messages = srpVectors
      .map(({ value }) => value as SrpMessage)
      .filter(({ kind }) => !['clientHello', 'serverHello', 'proof', 'hello', 'goodbye'].includes(kind));
    const long = configurationOf(300_000);
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      for (const message of [...messages, long]) from.link.send(9, message);
      await until('all came', () => to.heard.length > messages.length);
      expect(to.heard).toEqual([...messages, long].map((message) => ({ term: 9, message })));
    }
    expect(a.statistics.octetsSent).toBeLessThan(100_000);
    await a.link.stop();
    await until('b knows', () => !b.isUp);
    expect(b.statistics.goodbyes).toEqual({ shutdown: 1 });
    expect(b.heard.at(-1)?.message).toEqual({ kind: 'goodbye', reason: 'shutdown' });
    expect(b.happened).toEqual(['up 1', 'down: closed by the peer']);
    await until('nothing is on its way', () => b.statistics.queuedOctets === 0);
    expect(b.turns).toBeGreaterThan(0);
  });

  it.each([
    ['dials', 0],
    ['listens', 1],
  ] as const)('find each other again when the one that %s starts anew', async (_, which) => {
    const pair = await startedPair();
    const stays = pair[1 - which]!;
    await pair[which].link.stop();
    await until('the other knows', () => !stays.isUp);
    const again = await new End(which === 0 ? dialler : listener).start();
    await until('both are up', () => again.isUp && stays.isUp);
    stays.link.sendHello(helloOf(3));
    await until('it hears', () => again.hellos.length > 0);
    expect(again.hellos[0]).toBe(1);
    expect(stays.happened.filter((what) => what.startsWith('up'))).toHaveLength(2);
  });

  it('end a connection at the word of one, and make another', async () => {
    const [a, b] = await startedPair();
    a.link.close('own-hello');
    expect(a.isUp).toBe(false);
    await until('both are up again', () => a.isUp && b.happened.filter((what) => what === 'up 1').length === 2);
    expect(a.happened).toEqual(['up 1', 'up 1']);
    expect(b.statistics.goodbyes).toEqual({ other: 1 });
  });

  it('go on after the chassis has thrown', async () => {
    const [a, b] = await startedPair();
    b.hear = () => {
      throw new Error('of the chassis');
    };
    a.link.sendHello(helloOf(1));
    await until('it was thrown', () => b.faults.length > 0);
    expect([b.isUp, b.statistics.counters.faults >= 1]).toEqual([true, true]);
  });

  it('close a connection on which nothing is taken, instead of keeping all of it', async () => {
    const [a] = await startedPair({ queueOctetsMax: 100_000 });
    for (let count = 0; count < 5; count += 1) a.link.send(1, configurationOf(90_000));
    await until('it is closed', () => a.happened.includes('down: queue-overrun'));
    expect(a.statistics.counters['queue.overruns']).toBe(1);
    await until('another is made', () => a.isUp);
    await until('nothing is left', () => a.statistics.queuedOctets === 0);
  });

  it('do not send what no frame can hold', async () => {
    const [a] = await startedPair({ maxFrameOctets: 8192 });
    a.link.send(1, configurationOf(9000));
    expect(a.statistics.counters['messages.too-long']).toBe(1);
    expect(a.statistics.maxFrameOctets).toBe(8192);
  });
});

describe('the hello', () => {
  it('is repeated while the main thread is busy for less than the dead interval, and not for longer', async () => {
    const [a, b] = await startedPair();
    a.link.sendHello(helloOf(5));
    await until('it was heard', () => b.hellos.length > 0);
    // Both ends are in this thread: what counts is what a's link thread has sent meanwhile.
    const before = a.statistics.hellosSent;
    spin(deadIntervalMs * 0.6);
    const during = a.statistics.hellosSent;
    expect(during).toBeGreaterThan(before);
    expect(a.statistics.counters['hellos.withheld']).toBe(0);
    await until('they were delivered', () => b.hellos.length >= during);
    expect(b.hellos).toEqual(b.hellos.map((_, index) => index + 1));
    expect(b.heard.every(({ message }) => message.kind !== 'hello' || message.sessions === 5)).toBe(true);
    // The peer is as busy as this one: it may not be taken for silent by then.
    b.link.sendHello(helloOf(5));
    spin(deadIntervalMs * 1.6);
    expect(a.statistics.counters['hellos.withheld']).toBeGreaterThan(0);
    const after = a.statistics.hellosSent;
    await until('it goes on', () => a.statistics.hellosSent > after);
  });

  it('is not repeated on a connection on which none was said', async () => {
    const [a, b] = await startedPair();
    a.link.sendHello(helloOf(5));
    await until('it was repeated', () => a.statistics.counters['hellos.repeated'] > 0);
    b.link.close('other');
    await until('a is up again', () => a.happened.filter((what) => what === 'up 1').length === 2);
    const { hellosSent } = a.statistics;
    await new Promise((resolve) => setTimeout(resolve, 5 * helloIntervalMs));
    expect(a.statistics.hellosSent).toBe(hellosSent);
  });
});

describe('a stall of the main thread', () => {
  it.each([
    ['hellos', false],
    ['hellos and a deadline of the core', true],
  ])('is told before %s that waited meanwhile', async (_, deadline) => {
    const [a, b] = await startedPair();
    a.link.sendHello(helloOf(1));
    await until('hellos come', () => b.hellos.length > 0);
    const log: string[] = [];
    b.hear = () => log.push('heard');
    b.stalled = (forMs) => log.push(forMs >= deadIntervalMs ? 'stalled' : 'late');
    const core = b.link.guarded({
      receive: () => {},
      advance: () => log.push('deadline'),
      nextDeadline: () => 0,
    });
    await until('nothing is late', () => log.at(-1) === 'heard');
    log.length = 0;
    if (deadline) setTimeout(() => core.advance(now()), 1);
    spin(deadIntervalMs * 1.2);
    await until('all came', () => log.includes('heard') && (!deadline || log.includes('deadline')));
    expect(log[0]).toBe('stalled');
    expect(b.statistics.stalls.worstMs).toBeGreaterThanOrEqual(deadIntervalMs);
  });
});

describe('a connection is refused, and the one that stands goes on', () => {
  const attacks: readonly (readonly [string, string, () => void])[] = [
    ['without the key', 'bad-tag', () => new Stranger({ sharedKey: utf8Encode('another') }).greet()],
    ['with another version', 'no-common-version', () => new Stranger({ versionMin: 2, versionMax: 2 }).greet()],
    ['with garbage', 'bad-magic', () => new Stranger().write(utf8Encode('GET / HTTP/1.1\r\n\r\n'))],
    ['that says nothing', 'handshake-timeout', () => new Stranger()],
    ['from another address', 'not-the-peer', () => new Stranger({}, '127.0.0.9').greet()],
    ['of another chassis with the key', 'already-paired', () => new Stranger({ chassisId: 'third' }).greet()],
    ['of one that calls itself as we do', 'own-chassis-id', () => new Stranger({ chassisId: listener }).greet()],
  ];
  it.each(attacks)('%s: %s', async (_, reason, attack) => {
    const [a, b] = await startedPair();
    a.link.sendHello(helloOf(1));
    attack();
    await until('it is refused', () => b.statistics.refused[reason] === 1);
    await until('the event', () => b.events.includes(`refused: ${reason}`));
    const { length } = b.hellos;
    await until('hellos go on', () => b.hellos.length > length + 2);
    expect([a.happened, b.happened]).toEqual([['up 1'], ['up 1']]);
  });

  it('a handshake that was recorded', async () => {
    const b = await startedListener();
    const recorded = new Stranger().greet();
    await until('established', () => recorded.isEstablished && b.isUp);
    recorded.socket.destroy();
    await until('b knows', () => !b.isUp);
    const replay = new Stranger();
    for (const octets of recorded.sent) replay.write(octets);
    await until('refused', () => b.statistics.refused['bad-tag'] === 1);
    expect(b.happened).toEqual(['up 1', expect.stringMatching(/^down/)]);
  });

  it('more than four at a time that prove nothing: the oldest gives way', async () => {
    const b = await startedListener({ handshakeLimitMs: 10_000 });
    const strangers = Array.from({ length: 6 }, () => new Stranger());
    await until('two gave way', () => b.statistics.refused['too-many-handshakes'] === 2);
    const peer = new Stranger().greet();
    await until('the peer comes in', () => peer.isEstablished && b.isUp);
    expect(strangers.filter(({ isClosed }) => isClosed)).toHaveLength(3);
  });
});

describe('a connection that stands is ended', () => {
  it('by a frame that is played again', async () => {
    const b = await startedListener();
    const peer = new Stranger().greet();
    await until('established', () => peer.isEstablished && b.isUp);
    peer.write(peer.say(configurationOf(1)));
    await until('it is ended', () => b.happened.includes('down: bad-sequence'));
    expect(b.heard).toHaveLength(1);
    expect(b.statistics.refused).toEqual({ 'bad-sequence': 1 });
  });

  it('when nothing is heard for twice the dead interval', async () => {
    const b = await startedListener();
    const peer = new Stranger().greet();
    await until('established', () => peer.isEstablished && b.isUp);
    await until('it is ended', () => b.happened.includes('down: dead-interval'));
    await until('the peer is told', () => peer.heard.length > 0);
    expect(peer.heard).toEqual([{ kind: 'goodbye', reason: 'dead-interval' }]);
  });

  it('by a newer one of the same chassis at once', async () => {
    const b = await startedListener();
    const former = new Stranger().greet();
    await until('established', () => former.isEstablished && b.isUp);
    const later = new Stranger({ nonce: new Uint8Array(32).fill(9) }).greet();
    await until('replaced', () => later.isEstablished && former.isClosed && b.happened.length === 3);
    expect(b.happened).toEqual(['up 1', 'down: replaced', 'up 1']);
    later.say(configurationOf(1));
    await until('it is heard', () => b.heard.length === 1);
  });
});

describe('the link thread', () => {
  it('that fails is started anew, and the process goes on', async () => {
    const end = new End(listener, { bind: { address: parseIpv4(listener)!, port: 70_000 } });
    await expect(end.start()).rejects.toThrow(/port/);
    await until('it failed again', () => end.statistics.counters['thread.failures'] > 1);
    expect(end.events[0]).toMatch(/^thread-failed: .*port/);
  });

  it('says that it cannot listen, and tries on', async () => {
    port += 1;
    const blocker: Server = createServer().listen(port, listener);
    running.push({ stop: () => blocker.close() });
    await until('it is blocked', () => blocker.listening);
    const b = new End(listener);
    await expect(b.start()).rejects.toThrow(/EADDRINUSE/);
    blocker.close();
    await new End(dialler).start();
    await until('it listens', () => b.isUp);
  });

  it('tells nothing after its end', async () => {
    const [a, b] = await startedPair();
    b.link.sendHello(helloOf(1));
    await Promise.all([a.link.stop(), b.link.stop()]);
    const told = a.happened.length;
    const at: Instant = now();
    a.link.beat(at + 5000);
    a.link.sendHello(helloOf(1));
    a.link.close('other');
    await a.link.stop();
    expect(a.happened).toHaveLength(told);
  });
});
