import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { requireTool } from '../../../tests/support/require-tool.ts';
import { type Ipv4Address, parseIpv4 } from '../../kernel/address.ts';
import { encodeIpv4, ipProtocol } from '../../wire/ipv4/ipv4.ts';
import { BatchedDriver } from './batched-driver.ts';
import * as linux from './linux.ts';
import { batchPackets, slotOctets } from './receive-batch.ts';
import type { HostSocket, OnReceive } from './socket-driver.ts';

const driver = new BatchedDriver();
const near = parseIpv4('127.0.6.1')!;
const far = parseIpv4('127.0.6.2')!;
const ignore: OnReceive = () => {};
const driverUrl = new URL('./batched-driver.ts', import.meta.url).href;

afterAll(() => driver.close());

/** Opens a socket that counts packets, and can be awaited to have got a number of them. */
async function counting(address: Ipv4Address): Promise<{ socket: HostSocket; got: (count: number) => Promise<void> }> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let wanted = Number.POSITIVE_INFINITY;
  let received = 0;
  const socket = await driver.open({ transport: 'udp', address }, () => {
    received += 1;
    if (received === wanted) resolve();
  });
  return {
    socket,
    got: (count) => {
      wanted = count;
      if (received >= count) resolve();
      return promise;
    },
  };
}

/** Runs a module in a process of its own; returns what it printed, once it has ended by itself. */
function runApart(script: string, options: { readonly uid?: number } = {}): string {
  const result = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    ...options,
    encoding: 'utf8',
    timeout: 30_000,
  });
  expect(result.error).toBeUndefined();
  expect({ status: result.status, stderr: result.stderr }).toEqual({ status: 0, stderr: '' });
  return result.stdout;
}

describe('the send queue', () => {
  it('refuses and counts what does not fit, and takes more once it is flushed', async () => {
    const { socket: right, got } = await counting(far);
    const left = await driver.open({ transport: 'udp', address: near, sendQueuePackets: 8 }, ignore);
    const send = (): boolean => left.send(far, right.localPort, Uint8Array.of(1));
    expect(Array.from({ length: 10 }, send)).toEqual([...Array(8).fill(true), false, false]);
    driver.flush();
    expect(send()).toBe(true);
    await got(9);
    expect(left.statistics()).toMatchObject({ packetsSent: 9, octetsSent: 9, sendsRefused: 2 });
    left.close();
    right.close();
  });

  it('is flushed without being asked', async () => {
    const { socket: right, got } = await counting(far);
    const left = await driver.open({ transport: 'udp', address: near }, ignore);
    for (let index = 0; index < 70; index += 1) left.send(far, right.localPort, Uint8Array.of(1));
    expect(left.statistics().packetsSent).toBe(64);
    await got(70);
    expect(left.statistics().packetsSent).toBe(70);
    left.close();
    right.close();
  });

  it('is flushed when the socket closes', async () => {
    const { socket: right, got } = await counting(far);
    const left = await driver.open({ transport: 'udp', address: near }, ignore);
    left.send(far, right.localPort, Uint8Array.of(1));
    left.close();
    await got(1);
    expect(left.statistics()).toMatchObject({ packetsSent: 1, sendsRefused: 0 });
    right.close();
  });

  it('skips and counts a packet the kernel refuses, and sends those around it', async () => {
    const { socket: right, got } = await counting(far);
    const left = await driver.open({ transport: 'udp', address: near }, ignore);
    left.send(far, right.localPort, Uint8Array.of(1));
    left.send(far, right.localPort, new Uint8Array(65_520));
    left.send(far, right.localPort, Uint8Array.of(2));
    await got(2);
    expect(left.statistics()).toMatchObject({ packetsSent: 2, octetsSent: 2, errors: { EMSGSIZE: 1 } });
    left.close();
    right.close();
  });
});

describe('receiving', () => {
  it('drops and counts a packet longer than a slot', async () => {
    const { socket: right, got } = await counting(far);
    const left = await driver.open({ transport: 'udp', address: near }, ignore);
    for (const length of [slotOctets, slotOctets + 1, 20_000, 1]) {
      left.send(far, right.localPort, new Uint8Array(length));
    }
    await got(2);
    expect(right.statistics()).toMatchObject({
      packetsReceived: 2,
      octetsReceived: slotOctets + 1,
      receivesTruncated: 2,
    });
    left.close();
    right.close();
  });

  it('tells how many packets the kernel dropped', async () => {
    const right = await driver.open({ transport: 'udp', address: far, receiveBufferOctets: 8192 }, ignore);
    const left = await driver.open({ transport: 'udp', address: near }, ignore);
    for (let index = 0; index < 256; index += 1) left.send(far, right.localPort, new Uint8Array(1000));
    expect(right.statistics().kernelDrops).toBeGreaterThan(200);
    left.close();
    right.close();
  });

  it('stops at once when the receiver closes its own socket', async () => {
    let received = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const right = await driver.open({ transport: 'udp', address: far }, () => {
      received += 1;
      right.close();
      setImmediate(resolve);
    });
    const left = await driver.open({ transport: 'udp', address: near }, ignore);
    for (let index = 0; index < 10; index += 1) left.send(far, right.localPort, Uint8Array.of(index));
    left.close();
    await promise;
    expect(received).toBe(1);
  });

  it('lets timers run though a socket never runs dry', async () => {
    const loop = await driver.open({ transport: 'udp', address: near }, (peer, port, bytes) => {
      loop.send(peer, port, bytes);
    });
    for (let index = 0; index < 256; index += 1) loop.send(near, loop.localPort, new Uint8Array(64));
    for (let index = 0; index < 5; index += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(loop.statistics().packetsReceived).toBeGreaterThan(256);
    loop.close();
  });

  it('serves a quiet socket while sixteen others never run dry', async () => {
    const busy: HostSocket[] = [];
    for (let index = 0; index < 17; index += 1) {
      const socket = await driver.open({ transport: 'udp', address: near }, (peer, port, bytes) => {
        socket.send(peer, port, bytes);
      });
      busy.push(socket);
      for (let count = 0; count < 128; count += 1) socket.send(near, socket.localPort, new Uint8Array(64));
    }
    const { socket: quiet, got } = await counting(far);
    busy[0]!.send(far, quiet.localPort, Uint8Array.of(1));
    await got(1);
    for (const socket of [...busy, quiet]) socket.close();
  });

  it('keeps its memory in place while the garbage collector works', async () => {
    const rounds = 300;
    const perRound = 200;
    let wrong = 0;
    let received = 0;
    let wake = (): void => {};
    const right = await driver.open({ transport: 'udp', address: far }, (_peer, _port, bytes) => {
      const seed = bytes[0]!;
      if (bytes.length !== 100 + seed || !bytes.every((value) => value === seed)) wrong += 1;
      received += 1;
      if (received % perRound === 0) wake();
    });
    const left = await driver.open({ transport: 'udp', address: near }, ignore);
    const kept: unknown[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const done = new Promise<void>((resolve) => {
        wake = resolve;
      });
      for (let index = 0; index < perRound; index += 1) {
        const seed = (round + index) % 256;
        left.send(far, right.localPort, new Uint8Array(100 + seed).fill(seed));
        kept.push({ seed, garbage: new Array(50).fill(seed), buffer: new ArrayBuffer(4096) });
      }
      if (round % 20 === 0) kept.length = 0;
      await done;
    }
    expect({ received, wrong }).toEqual({ received: rounds * perRound, wrong: 0 });
    left.close();
    right.close();
  });
});

describe('a turn', () => {
  it('ends soon where receiving takes long; the next one goes on with what is left, in order', async () => {
    const count = 300;
    const { promise, resolve } = Promise.withResolvers<void>();
    const received: number[] = [];
    let turns = 0;
    let heard = 0;
    const stop = driver.onTurnEnd(() => {
      if (received.length > heard) turns += 1;
      heard = received.length;
      if (heard === count) resolve();
    });
    const right = await driver.open({ transport: 'udp', address: far }, (_peer, _port, bytes) => {
      received.push((bytes[0]! << 8) | bytes[1]!);
      // As long as a turn may take, and more.
      const until = performance.now() + 2;
      while (received.length % batchPackets === 1 && performance.now() < until);
    });
    const left = await driver.open({ transport: 'udp', address: near }, ignore);
    for (let index = 0; index < count; index += 1) left.send(far, right.localPort, Uint8Array.of(index >> 8, index));
    driver.flush();
    await promise;
    stop();
    expect(received).toEqual(Array.from({ length: count }, (_, index) => index));
    // A batch each, however fast or slow the machine is.
    expect(turns).toBeGreaterThanOrEqual(Math.ceil(count / batchPackets));
    left.close();
    right.close();
  });

  it('has its listeners told before what was sent in it leaves: a checkpoint goes before the reply', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const right = await driver.open({ transport: 'udp', address: far }, (peer, port) => {
      right.send(peer, port, Uint8Array.of(2));
    });
    const left = await driver.open({ transport: 'udp', address: near }, () => resolve());
    const sent: number[] = [];
    const stop = driver.onTurnEnd(() => {
      const { packetsReceived, packetsSent } = right.statistics();
      if (packetsReceived > 0) sent.push(packetsSent);
    });
    left.send(far, right.localPort, Uint8Array.of(1));
    await promise;
    stop();
    expect(sent[0]).toBe(0);
    left.close();
    right.close();
  });
});

describe('an address that floats', () => {
  it('is bound before it is here, and nothing leaves from it', async () => {
    const { socket: right } = await counting(far);
    const left = await driver.open({ transport: 'udp', address: parseIpv4('192.0.2.77')!, floating: true }, ignore);
    left.send(far, right.localPort, Uint8Array.of(1));
    driver.flush();
    const { packetsSent, errors } = left.statistics();
    // EINVAL or ENETUNREACH, as the version of Linux has it.
    expect({ packetsSent, failed: Object.values(errors) }).toEqual({ packetsSent: 0, failed: [1] });
    left.close();
    right.close();
  });
});

describe('resources', () => {
  it('leak no file descriptor, whether opening succeeds or fails', async () => {
    const held = await driver.open({ transport: 'udp', address: near }, ignore);
    const before = readdirSync('/proc/self/fd').length;
    for (let index = 0; index < 50; index += 1) {
      (await driver.open({ transport: 'udp', address: far }, ignore)).close();
      await expect(driver.open({ transport: 'udp', address: near, port: held.localPort }, ignore)).rejects.toThrow();
    }
    expect(readdirSync('/proc/self/fd').length).toBe(before);
    held.close();
  });

  it('let the process end once the driver is closed, and not before', () => {
    const script = `
      const { BatchedDriver } = await import(${JSON.stringify(driverUrl)});
      const driver = new BatchedDriver();
      const right = await driver.open({ transport: 'udp', address: ${far} }, async (peer, port, bytes) => {
        process.stdout.write('received ' + bytes[0]);
        await driver.close();
      });
      const left = await driver.open({ transport: 'udp', address: ${near} }, () => {});
      setTimeout(() => left.send(${far}, right.localPort, Uint8Array.of(42)), 50).unref();`;
    expect(runApart(script)).toBe('received 42');
  });
});

const root = process.getuid?.() === 0;

describe.skipIf(!requireTool('the right to open raw sockets (root)', root))('GRE over IP', () => {
  it('carries packets from the GRE header on, both ways, by address', async () => {
    const gre = Uint8Array.of(0x20, 0, 0x65, 0x58, 0, 0, 0, 7, 0xaa, 0xbb);
    const { promise, resolve } = Promise.withResolvers<unknown[]>();
    const packets: unknown[] = [];
    const note = (packet: unknown): void => {
      packets.push(packet);
      if (packets.length === 2) resolve(packets);
    };
    const left = await driver.open({ transport: 'gre-over-ip', address: near }, (peer, port, bytes) => {
      note({ at: 'left', peer, port, bytes: bytes.slice() });
    });
    const right = await driver.open({ transport: 'gre-over-ip', address: far }, (peer, port, bytes) => {
      note({ at: 'right', peer, port, bytes: bytes.slice() });
      right.send(peer, 0, bytes);
    });
    left.send(far, 0, gre);
    expect(await promise).toEqual([
      { at: 'right', peer: near, port: 0, bytes: gre },
      { at: 'left', peer: far, port: 0, bytes: gre },
    ]);
    expect(left.localPort).toBe(0);
    expect(left.statistics()).toMatchObject({ local: '127.0.6.1', octetsSent: 10, octetsReceived: 10, errors: {} });
    left.close();
    right.close();
  });

  it('copies the DSCP of the packet inside, and nothing for the next one without', async () => {
    const watcher = linux.socket(linux.afInet, linux.sockRaw | linux.sockNonblock | linux.sockCloexec, ipProtocol.gre);
    const socket = await driver.open({ transport: 'gre-over-ip', address: near }, () => {});
    const tosOf = (marked: number): number => {
      const packet = encodeIpv4(
        { source: near, destination: far, protocol: ipProtocol.udp, tos: marked },
        new Uint8Array(8),
      );
      socket.send(far, 0, Uint8Array.of(0, 0, 8, 0, ...packet));
      driver.flush();
      const received = new Uint8Array(100);
      return linux.recv(watcher, received, received.length, 0) > 0 ? received[1]! : Number.NaN;
    };
    expect([0xb8, 0xbb, 0, 0x28].map(tosOf)).toEqual([0xb8, 0xb8, 0, 0x28]);
    socket.close();
    linux.close(watcher);
  });

  it('says which capability is missing', () => {
    const script = `
      const { BatchedDriver } = await import(${JSON.stringify(driverUrl)});
      process.setuid(65534);
      const driver = new BatchedDriver();
      await driver.open({ transport: 'gre-over-ip', address: ${near} }, () => {}).catch((error) => {
        process.stdout.write(error.message);
      });`;
    expect(runApart(script)).toBe(
      'cannot open GRE (IP protocol 47) 127.0.6.1: EPERM ' +
        '(raw sockets need CAP_NET_RAW: run with it, or use GRE-in-UDP, which needs no privilege)',
    );
  });
});

describe.skipIf(!requireTool('tc, ip and root', root && requireTool('tc') && requireTool('ip')))('a full link', () => {
  it('keeps packets until the kernel has room again', () => {
    const namespace = `samog-host-${process.pid}`;
    const run = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8', timeout: 30_000 });
    const script = `
      const { BatchedDriver } = await import(${JSON.stringify(driverUrl)});
      const driver = new BatchedDriver();
      let received = 0;
      const right = await driver.open({ transport: 'udp', address: ${far} }, () => {
        received += 1;
        if (received < 100) return;
        const { packetsSent, sendsRefused, errors } = left.statistics();
        process.stdout.write(JSON.stringify({ waited, packetsSent, sendsRefused, errors }));
        driver.close();
      });
      const left = await driver.open({ transport: 'udp', address: ${near}, sendBufferOctets: 20000 }, () => {});
      for (let index = 0; index < 100; index += 1) left.send(${far}, right.localPort, new Uint8Array(1400));
      driver.flush();
      const waited = left.statistics().packetsSent < 100;`;
    run('netns', 'add', namespace);
    try {
      run('-n', namespace, 'link', 'set', 'lo', 'up');
      const shaping = ['root', 'tbf', 'rate', '20mbit', 'burst', '3000', 'limit', '1000000'];
      execFileSync('tc', ['-n', namespace, 'qdisc', 'add', 'dev', 'lo', ...shaping]);
      run('-n', namespace, 'link', 'set', 'lo', 'mtu', '1500');
      const command = [process.execPath, '--input-type=module', '--eval', script];
      const output = run('netns', 'exec', namespace, ...command);
      expect(JSON.parse(output)).toEqual({ waited: true, packetsSent: 100, sendsRefused: 0, errors: {} });
    } finally {
      run('netns', 'del', namespace);
    }
  });
});
