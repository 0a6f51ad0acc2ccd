import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ipv4Of, parsePrefix } from '../kernel/address.ts';
import { now } from './clock.ts';
import { PortShield, type ShieldNews } from './port-shield.ts';
import type { HostSocket } from './sockets/socket-driver.ts';

const client = ipv4Of(0x0a000001);
const stranger = ipv4Of(0xc0000201);

/** A port of a kernel that refuses what it is told, as many packets as are said. */
class Port {
  refused = 0;
  readonly filters: boolean[] = [];
  readonly news: ShieldNews[] = [];
  readonly shield = new PortShield(
    { clients: [{ prefix: parsePrefix('10.0.0.0/24')!, ratePerSecond: 1000 }] },
    (news) => this.news.push(news),
  );

  constructor() {
    const statistics = () => ({ kernelDrops: this.refused });
    const filter = (program: Uint8Array | undefined) => void this.filters.push(program !== undefined);
    this.shield.socket = { statistics, filter } as unknown as HostSocket;
  }

  flood(source = stranger): void {
    for (let packet = 0; packet < 2100; packet += 1) this.shield.saw(source, now());
  }
}

describe('a port that is flooded', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('is shielded while the flood goes on, open again after it, and shielded again by the next one', () => {
    const port = new Port();
    for (let flood = 1; flood <= 2; flood += 1) {
      port.flood();
      expect(port.filters.splice(0)).toEqual([true]);
      port.refused += 5000;
      vi.advanceTimersByTime(1000);
      expect(port.filters).toEqual([]);
      vi.advanceTimersByTime(1000);
      expect(port.filters.splice(0)).toEqual([false]);
      vi.advanceTimersByTime(11_000);
      expect(port.news.splice(0)).toMatchObject([
        { kind: 'raised', rule: { only: [expect.anything()] } },
        { kind: 'ended', refused: 5000, elapsedMs: 2000 },
      ]);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it('is shielded again at once where the flood goes on after a while', () => {
    const port = new Port();
    port.flood();
    for (let second = 0; second < 30; second += 1) {
      port.refused += 5000;
      vi.advanceTimersByTime(1000);
    }
    port.flood();
    expect(port.filters).toEqual([true, false, true]);
    port.shield.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not shielded from a client that keeps to its rate, nor while it is not open', () => {
    const port = new Port();
    for (let packet = 0; packet < 2000; packet += 1) port.shield.saw(client, now());
    port.shield.socket = undefined;
    vi.advanceTimersByTime(1000);
    port.flood();
    expect([port.filters, port.news]).toEqual([[], []]);
  });
});
