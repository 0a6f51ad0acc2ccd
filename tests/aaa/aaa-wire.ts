import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { now as monotonic } from '../../src/host/clock.ts';
import { RadsecLinks } from '../../src/host/radsec/radsec-links.ts';
import { hostRandom } from '../../src/host/random.ts';
import { formatIp, type IpAddress, parseIpv4 } from '../../src/kernel/address.ts';
import type { Instant } from '../../src/kernel/instant.ts';
import type { PacketOutput, PortName } from '../../src/kernel/port.ts';
import { AaaServers } from '../../src/services/samog/aaa/aaa-servers.ts';
import type { MrmeServiceConfig } from '../../src/services/samog/config.ts';
import type { SamogEvent } from '../../src/services/samog/events.ts';
import { samogCounters } from '../../src/services/samog/statistics.ts';
import { testDigests } from '../support/digests.ts';

/** Time passes for the client so many times as fast as it does: its waits are made for networks, not for loopback. */
const haste = 10;

/** The client of AAA servers alone on real sockets, one for each channel, with a clock in a hurry. */
export class AaaWire implements PacketOutput {
  readonly events: SamogEvent[] = [];
  readonly counters = samogCounters();
  readonly aaa: AaaServers;
  readonly #sockets: readonly Socket[];
  readonly #links: RadsecLinks;
  /** What became of connections, in order: `up`, or why not. */
  readonly links: string[] = [];
  readonly #startedAt = monotonic();
  readonly #timer: NodeJS.Timeout;

  private constructor(config: MrmeServiceConfig, sockets: readonly Socket[]) {
    this.#sockets = sockets;
    const report = (event: SamogEvent) => this.events.push(event);
    this.aaa = new AaaServers(config, {
      output: this,
      digests: testDigests,
      random: hostRandom(),
      counters: this.counters,
      report,
    });
    for (const [channel, socket] of sockets.entries()) {
      socket.on('message', (bytes, { address, port }) =>
        this.aaa.receive(channel, parseIpv4(address)!, port, Uint8Array.from(bytes), this.now),
      );
    }
    this.#links = new RadsecLinks(config, {
      digests: testDigests,
      random: hostRandom(),
      watchdogMs: 30_000 / haste / 10,
      receive: (_port, channel, peer, port, bytes) =>
        this.aaa.receive(channel, peer, port, Uint8Array.from(bytes), this.now),
      changed: ({ address, port }, _channel, isUp, why) => {
        this.links.push(isUp ? 'up' : why);
        this.aaa.linkChanged(address, port, isUp, this.now);
      },
    });
    this.#timer = setInterval(() => this.aaa.advance(this.now), 5);
  }

  static async open(config: MrmeServiceConfig): Promise<AaaWire> {
    const sockets = Array.from({ length: config.bind.sourcePorts }, () => createSocket('udp4'));
    for (const socket of sockets) {
      socket.bind(0, formatIp(config.bind.address));
      await once(socket, 'listening');
    }
    return new AaaWire(config, sockets);
  }

  get now(): Instant {
    return (monotonic() - this.#startedAt) * haste;
  }

  send(port: PortName, channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array): void {
    if (!this.#links.send(port, channel, peer, peerPort, bytes))
      this.#sockets[channel]!.send(bytes.slice(), peerPort, formatIp(peer));
  }

  /** Waits until something holds, which may take so long in real time. */
  async until(holds: () => boolean, limitMs = 20_000): Promise<void> {
    const end = monotonic() + limitMs;
    while (!holds()) {
      if (monotonic() > end) throw new Error('it never came to hold');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#links.close();
    for (const socket of this.#sockets) socket.close();
  }
}
