import { describe, expect, it } from 'vitest';
import type { SocketSpec } from '../../host/sockets/socket-driver.ts';
import { ipv4Of } from '../../kernel/address.ts';
import { MemoryDriver } from './memory-driver.ts';

const here = ipv4Of(0x7f000001);
const there = ipv4Of(0x7f000002);

/** Sockets of two actors, and what the second one has received. */
async function opened(from: Partial<SocketSpec>, to: Partial<SocketSpec>) {
  const driver = new MemoryDriver();
  const heard: (readonly [number, number, string])[] = [];
  const one = await driver.open({ transport: 'udp', address: here, ...from }, () => {});
  const other = await driver.open({ transport: 'udp', address: there, ...to }, (peer, port, bytes) => {
    heard.push([peer, port, bytes.join()]);
  });
  const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return { driver, one, other, heard, turn };
}

describe('sockets in memory', () => {
  it.each([
    ['UDP', { port: 5436 }, { port: 5437 }, 5437, 5436],
    ['UDP from any free port', {}, { port: 1812 }, 1812, 49_152],
    ['GRE in UDP', { transport: 'gre-over-udp' }, { transport: 'gre-over-udp' }, 0, 0],
  ] as const)('bring %s from one actor to the other, as the kernel would', async (_, from, to, toPort, seenPort) => {
    const { one, heard, turn, driver, other } = await opened(from, to);
    let turns = 0;
    driver.onTurnEnd(() => (turns += 1));
    const bytes = Uint8Array.of(1, 2);
    expect(one.send(there, toPort, bytes)).toBe(true);
    bytes.fill(9);
    expect(heard).toEqual([]);
    await turn();
    expect(heard).toEqual([[here, seenPort, '1,2']]);
    expect(turns).toBe(1);
    expect([one.statistics().packetsSent, other.statistics().packetsReceived]).toEqual([1, 1]);
  });

  it('have no two owners of one address and port, and lose what nobody waits for', async () => {
    const { driver, one, other, heard, turn } = await opened({ port: 1 }, { port: 2 });
    await expect(driver.open({ transport: 'udp', address: there, port: 2 }, () => {})).rejects.toThrow('EADDRINUSE');
    one.send(there, 3, Uint8Array.of(1));
    one.send(there, 2, Uint8Array.of(2));
    other.close();
    await turn();
    expect(heard).toEqual([]);
    await driver.close();
    expect(one.send(there, 2, Uint8Array.of(1))).toBe(false);
  });
});
