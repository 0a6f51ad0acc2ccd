import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Ipv6Address, parseIpv4 } from '../kernel/address.ts';
import { type Instant, never } from '../kernel/instant.ts';
import type { PacketInput, PacketOutput, Timed } from '../kernel/port.ts';
import { now } from './clock.ts';
import { type FaultSource, type PortBinding, Runtime } from './runtime.ts';
import { BatchedDriver } from './sockets/batched-driver.ts';
import { DgramDriver } from './sockets/dgram-driver.ts';
import type { HostSocket } from './sockets/socket-driver.ts';

const gateway = parseIpv4('127.0.7.1')!;
const peerAddress = parseIpv4('127.0.7.2')!;

const bindings: readonly PortBinding[] = [
  { port: 'access-pmipv6', channel: 0, spec: { transport: 'udp', address: gateway, port: 5436 } },
  { port: 'access-gre', channel: 0, spec: { transport: 'gre-over-udp', address: gateway } },
  { port: 'aaa', channel: 0, spec: { transport: 'udp', address: gateway } },
  { port: 'aaa', channel: 1, spec: { transport: 'udp', address: gateway } },
];

/** Answers each packet after a delay given by its first octet, in milliseconds; throws at 255. */
class DelayedEcho implements PacketInput, Timed {
  readonly received: string[] = [];
  output: PacketOutput | undefined;
  advances = 0;
  onAdvance = (): void => {};
  #due: { at: Instant; run: () => void }[] = [];

  receive(...[port, channel, peer, peerPort, bytes, at]: Parameters<PacketInput['receive']>): void {
    if (bytes[0] === 255) throw new Error('our bug');
    this.received.push(`${port} ${channel}`);
    const copy = bytes.slice();
    this.at(at + bytes[0]!, () => this.output?.send(port, channel, peer, peerPort, copy));
  }

  at(instant: Instant, run: () => void): void {
    this.#due.push({ at: instant, run });
    this.#due.sort((left, right) => left.at - right.at);
  }

  advance(at: Instant): void {
    this.advances += 1;
    this.onAdvance();
    while (this.#due.length > 0 && this.#due[0]!.at <= at) this.#due.shift()!.run();
  }

  nextDeadline(): Instant {
    return this.#due[0]?.at ?? never;
  }
}

describe.each([
  ['batched', () => new BatchedDriver()],
  ['dgram', () => new DgramDriver()],
] as const)('Runtime on the %s driver', (_name, make) => {
  const driver = make();
  let core = new DelayedEcho();
  let runtime: Runtime;
  let faults: { message: string; source: FaultSource }[] = [];

  async function start(onFault = (): void => {}): Promise<void> {
    core = new DelayedEcho();
    faults = [];
    runtime = new Runtime(driver, bindings, (error, source) => {
      faults.push({ message: String(error), source });
      onFault();
    });
    core.output = runtime.output;
    await runtime.start(core);
  }

  /** A peer that resolves with the packets it has got once they are `count`. */
  async function peer(count: number): Promise<{ socket: HostSocket; packets: Promise<number[][]> }> {
    const packets: number[][] = [];
    const { promise, resolve } = Promise.withResolvers<number[][]>();
    const socket = await driver.open({ transport: 'udp', address: peerAddress, port: 4754 }, (_peer, _port, bytes) => {
      packets.push([...bytes]);
      if (packets.length === count) resolve(packets);
    });
    return { socket, packets: promise };
  }

  afterEach(() => driver.close());

  it('delivers by port and channel, and sends what the core does at once and at a deadline', async () => {
    await start();
    const { socket, packets } = await peer(4);
    const aaaPort = Number(runtime.statistics().sockets[3]!.local.split(':')[1]);
    socket.send(gateway, 5436, Uint8Array.of(60, 1));
    socket.send(gateway, 4754, Uint8Array.of(30, 2));
    socket.send(gateway, aaaPort, Uint8Array.of(90, 3));
    socket.send(gateway, 5436, Uint8Array.of(0, 4));
    expect(await packets).toEqual([
      [0, 4],
      [30, 2],
      [60, 1],
      [90, 3],
    ]);
    expect(core.received.toSorted()).toEqual(['aaa 1', 'access-gre 0', 'access-pmipv6 0', 'access-pmipv6 0']);
    await runtime.stop();
  });

  it('contains a throw on a packet, reports it once with the packet, and goes on', async () => {
    await start();
    const { socket, packets } = await peer(1);
    socket.send(gateway, 5436, Uint8Array.of(255, 8));
    socket.send(gateway, 5436, Uint8Array.of(1, 2));
    expect(await packets).toEqual([[1, 2]]);
    const source = { kind: 'packet', port: 'access-pmipv6', peer: peerAddress, bytes: Uint8Array.of(255, 8) };
    expect(faults).toEqual([{ message: 'Error: our bug', source }]);
    expect(runtime.statistics().faults).toBe(1);
    await runtime.stop();
  });

  it('contains a throw at a deadline, and pauses before it tries again', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await start(resolve);
    core.onAdvance = () => {
      throw new Error('our bug');
    };
    const again = new Promise<Instant>((done) => core.at(now(), () => done(now())));
    const from = now();
    runtime.poke();
    await promise;
    core.onAdvance = () => {};
    expect((await again) - from).toBeGreaterThan(900);
    expect(core.advances).toBe(2);
    expect(faults).toEqual([{ message: 'Error: our bug', source: { kind: 'deadline' } }]);
    await runtime.stop();
  });

  it('never calls advance early, and not at all without a deadline', async () => {
    await start();
    const late: number[] = [];
    await new Promise<void>((resolve) => {
      for (const delayMs of [5.5, 1.2, 0, 20, 20]) {
        const deadline = now() + delayMs;
        core.at(deadline, () => late.push(now() - deadline));
      }
      core.at(now() + 40, resolve);
      runtime.poke();
    });
    expect(late.length).toBe(5);
    expect(late.every((value) => value >= 0)).toBe(true);
    const { advances } = core;
    runtime.poke();
    expect(core.advances).toBe(advances);
    await runtime.stop();
  });

  it('counts what has nowhere to go', async () => {
    await start();
    runtime.output.send('s2a-gre', 0, peerAddress, 0, Uint8Array.of(1));
    runtime.output.send('aaa', 2, peerAddress, 1812, Uint8Array.of(1));
    runtime.output.send('aaa', 0, '20010db8000000000000000000000001' as Ipv6Address, 1812, Uint8Array.of(1));
    expect(runtime.statistics().sendsUnroutable).toBe(3);
    await runtime.stop();
  });

  it('closes all it opened if one socket cannot be had', async () => {
    const blocker = await driver.open({ transport: 'gre-over-udp', address: gateway }, () => {});
    await expect(start()).rejects.toThrow(/cannot bind GRE-in-UDP 127\.0\.7\.1:4754: EADDRINUSE/);
    await new Promise((resolve) => setImmediate(resolve));
    const freed = await driver.open({ transport: 'udp', address: gateway, port: 5436 }, () => {});
    expect(freed.localPort).toBe(5436);
    blocker.close();
    freed.close();
  });

  it('calls the core no more after stop, and sends what was queued before', async () => {
    await start();
    const { packets } = await peer(1);
    core.at(now() + 5, () => core.received.push('after stop'));
    runtime.poke();
    runtime.output.send('access-gre', 0, peerAddress, 0, Uint8Array.of(7));
    await runtime.stop();
    expect(await packets).toEqual([[7]]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(core.received).toEqual([]);
  });

  it('leaves nothing behind that keeps the process alive', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    await start();
    core.at(now() + 1e9, () => {});
    runtime.poke();
    expect(timers()).toBe(before + 1);
    await runtime.stop();
    expect(timers()).toBe(before);
  });

  it('measures how long the event loop stood still', async () => {
    await start();
    const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));
    // Its own watch may be late, and see only what comes after.
    await vi.waitFor(async () => {
      const until = now() + 200;
      while (now() < until);
      await pause(50);
      expect(runtime.statistics().stall.worstMs).toBeGreaterThan(150);
    }, 10_000);
    await runtime.stop();
  });
});
