import { describe, expect, it } from 'vitest';
import { noAccounting } from '../../../../tests/support/accounting-sample.ts';
import { testDigests } from '../../../../tests/support/digests.ts';
import { relayConfig } from '../../../../tests/support/relay-config.ts';
import type { RandomSource } from '../../../kernel/context.ts';
import { SeededRandom } from '../../../kernel/random.ts';
import { find } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { verifyAccessRequest } from '../../../wire/radius/authenticator.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import type { MrmeServiceConfig, RadiusServerConfig } from '../config.ts';
import type { SamogEvent } from '../events.ts';
import { samogCounters } from '../statistics.ts';
import { AaaServers } from './aaa-servers.ts';
import { evenRandom, type SentPacket, secret, serverA, serverB, TestWire } from './wire-for-tests.ts';

const server: RadiusServerConfig = {
  name: 'a',
  address: serverA,
  port: 1812,
  acctPort: 1813,
  secret: 'xyzzy5461',
  priority: 0,
  weight: 1,
  outstandingMax: 256,
  statusServer: true,
};

class Bench {
  readonly wire = new TestWire(testDigests);
  readonly events: SamogEvent[] = [];
  readonly outcomes: string[] = [];
  readonly aaa: AaaServers;

  constructor(servers: readonly RadiusServerConfig[] = [server], random: RandomSource = evenRandom()) {
    const config: MrmeServiceConfig = {
      name: 'mrme',
      twanProfiles: [],
      bind: { address: serverB, interface: undefined, sourcePorts: 1 },
      nasIdentifier: 'samog',
      nasIpAddress: serverB,
      userName: { format: 'mac-no-separator', case: 'lower', realm: undefined },
      password: { kind: 'mac' },
      radius: { servers, timeoutMs: 1000, retransmissions: 0, deadTimeMs: 30_000, outstandingMax: 256 },
      relay: relayConfig,
      accounting: noAccounting,
      dynamicAuthorization: undefined,
    };
    const report = (event: SamogEvent) => this.events.push(event);
    this.aaa = new AaaServers(config, {
      output: this.wire,
      digests: testDigests,
      random,
      counters: samogCounters(),
      report,
    });
  }

  ask(group: 'authentication' | 'accounting' = 'authentication', hash = 'k'): void {
    const code = group === 'accounting' ? radiusCode.accountingRequest : radiusCode.accessRequest;
    this.aaa[group].send(
      { code, hash: () => hash, urgency: 'new', attributes: () => [] },
      ({ kind }, now) => this.outcomes.push(`${now} ${kind}`),
      this.wire.now,
    );
  }

  answer(sent: SentPacket, code: number): void {
    const bytes = this.wire.answerTo(sent, code);
    this.aaa.receive(sent.channel, sent.server, sent.serverPort, bytes, this.wire.now);
  }

  until(end: number): this {
    this.wire.until(end, this.aaa);
    return this;
  }

  get probes(): SentPacket[] {
    return this.wire.sent.filter(({ packet }) => packet.code === radiusCode.statusServer);
  }

  get state() {
    const { authentication, accounting } = this.aaa.status(this.wire.now);
    return [authentication, accounting].map(({ servers: [first] }) => first!.state);
  }

  get life(): string[] {
    return this.events
      .filter(({ name }) => name.startsWith('aaa-server'))
      .map(({ name, text }) => `${name}: ${text()}`);
  }
}

describe('a server that is silent', () => {
  it('is asked every 10 s at the port where it was, until it answers anything', () => {
    const bench = new Bench();
    bench.ask();
    bench.until(25_000);
    expect(bench.wire.script).toEqual([
      '0 192.0.2.10:1812 0/0 accessRequest',
      '11000 192.0.2.10:1812 0/1 statusServer',
      '21000 192.0.2.10:1812 0/2 statusServer',
    ]);
    expect(bench.state).toEqual(['dead', 'up']);
    bench.answer(bench.probes[1]!, radiusCode.accessReject);
    expect(bench.state).toEqual(['up', 'up']);
    expect(bench.until(100_000).probes).toHaveLength(2);
    expect(bench.life).toEqual([
      'aaa-server-dead: AAA server 192.0.2.10 port 1812 does not answer',
      'aaa-server-alive: AAA server 192.0.2.10 port 1812 answers again',
    ]);
  });

  it('is told who asks, with a right Message-Authenticator', () => {
    const bench = new Bench();
    bench.ask();
    const { bytes, packet } = bench.until(11_000).probes[0]!;
    expect(verifyAccessRequest(bytes, secret, testDigests)).toBe('ok');
    expect(find(packet.attributes, radiusAttribute.nasIdentifier)).toBe('samog');
    expect(find(packet.attributes, radiusAttribute.nasIpAddress)).toBe(serverB);
  });

  it('is two for authentication and accounting', () => {
    const bench = new Bench();
    bench.ask('accounting');
    bench.until(12_000);
    expect(bench.state).toEqual(['up', 'dead']);
    expect(bench.wire.script).toEqual([
      '0 192.0.2.10:1813 0/0 accountingRequest',
      '11000 192.0.2.10:1813 0/1 statusServer',
    ]);
    bench.answer(bench.probes[0]!, radiusCode.accountingResponse);
    expect(bench.state).toEqual(['up', 'up']);
  });

  it('is one of accounting where several of authentication share its port', () => {
    const bench = new Bench([server, { ...server, name: 'b', port: 2812 }]);
    const { authentication, accounting } = bench.aaa.status(0);
    expect([authentication.servers.length, accounting.servers.length]).toEqual([2, 1]);
  });

  it('is tried again after its dead time, if it is not known to answer Status-Server', () => {
    const bench = new Bench();
    bench.ask();
    bench.until(30_999);
    expect(bench.state[0]).toBe('dead');
    bench.until(31_000);
    expect(bench.state[0]).toBe('up');
  });

  it('stays dead until it is heard, if it is known to answer', () => {
    const bench = new Bench();
    bench.ask();
    bench.until(11_000).answer(bench.probes[0]!, radiusCode.accessAccept);
    bench.ask();
    bench.until(500_000);
    expect(bench.aaa.status(500_000).authentication.servers[0]).toMatchObject({ state: 'dead', deadForMs: undefined });
    expect(bench.probes.length).toBeGreaterThan(40);
    // Where there is no other it is tried all the same, and its answer is heard like any.
    bench.ask();
    bench.answer(bench.wire.sent.at(-1)!, radiusCode.accessAccept);
    expect([bench.outcomes.at(-1), bench.state[0]]).toEqual(['500000 answered', 'up']);
  });

  it('is not asked where that is switched off', () => {
    const bench = new Bench([{ ...server, statusServer: false }]);
    bench.ask();
    expect(bench.until(29_000).probes).toEqual([]);
  });

  it('is asked at times that differ by up to a quarter', () => {
    const bench = new Bench([server], new SeededRandom(3));
    bench.ask();
    const times = bench.until(1_000_000).probes.map(({ at }) => at);
    const waits = times.slice(1).map((at, index) => at - times[index]!);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(7500);
    expect(Math.max(...waits)).toBeLessThanOrEqual(12_500);
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(3000);
  });

  it('gets what waits for it as soon as it lives', () => {
    const bench = new Bench([
      { ...server, outstandingMax: 1 },
      { ...server, name: 'b', address: serverB, outstandingMax: 1 },
    ]);
    bench.ask('authentication', 'k');
    const first = bench.wire.sent[0]!.server;
    const other = first === serverA ? serverB : serverA;
    bench.until(1000);
    bench.ask();
    expect(bench.aaa.status(1000).authentication.waiting).toBe(1);
    bench.answer(bench.wire.sent[0]!, radiusCode.accessAccept);
    expect(bench.aaa.status(1000).authentication.waiting).toBe(0);
    expect(bench.wire.sent.map((sent) => sent.server)).toEqual([first, other, first]);
  });
});

describe('a server behind a connection', () => {
  const overTls: RadiusServerConfig = { ...server, port: 2083, acctPort: 2083, tls: { name: undefined } };
  const linkChanged = (bench: Bench, isUp: boolean) => bench.aaa.linkChanged(serverA, 2083, isUp, bench.wire.now);

  it('is one for authentication and accounting', () => {
    const bench = new Bench([overTls]);
    bench.ask('accounting');
    bench.ask();
    expect(bench.wire.script).toEqual([
      '0 192.0.2.10:2083 0/1 accountingRequest',
      '0 192.0.2.10:2083 0/2 accessRequest',
    ]);
    linkChanged(bench, false);
    expect(bench.state).toEqual(['dead', 'dead']);
  });

  it('is passed over while there is none, however long, and serves as soon as one stands', () => {
    const backup = { ...server, name: 'backup', address: serverB, priority: 1 };
    const bench = new Bench([overTls, backup]);
    linkChanged(bench, false);
    bench.until(500_000).ask();
    linkChanged(bench, true);
    bench.ask();
    const asked = bench.wire.sent.filter(({ packet }) => packet.code === radiusCode.accessRequest);
    expect(asked.map((sent) => sent.server)).toEqual([serverB, serverA]);
    expect(bench.life).toEqual([
      'aaa-server-dead: AAA server 192.0.2.10 port 2083 does not answer',
      'aaa-server-alive: AAA server 192.0.2.10 port 2083 answers again',
    ]);
  });

  it('is not touched by what is said of another', () => {
    const bench = new Bench();
    bench.aaa.linkChanged(serverA, 1812, false, 0);
    bench.aaa.linkChanged(serverB, 2083, false, 0);
    expect(bench.state).toEqual(['up', 'up']);
  });
});
