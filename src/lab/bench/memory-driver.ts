import { now } from '../../host/clock.ts';
import { SocketCounters } from '../../host/sockets/socket-counters.ts';
import {
  type HostSocket,
  localText,
  type OnReceive,
  portOf,
  type SocketDriver,
  SocketError,
  type SocketSpec,
  type SocketStatistics,
  type Transport,
} from '../../host/sockets/socket-driver.ts';
import type { Ipv4Address } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';

interface Packet {
  readonly to: MemorySocket;
  readonly peer: Ipv4Address;
  readonly peerPort: number;
  readonly bytes: Uint8Array;
}

/** Where a socket's packets go, and its end. */
interface Network {
  send(peer: Ipv4Address, peerPort: number, bytes: Uint8Array): void;
  close(): void;
}

/** Delivered before timers and everything else run, and others until the turn has lasted so long, as by the batched driver. */
const batchPackets = 64;
const turnMs = 1;
const firstFreePort = 49_152;

/**
 * Sockets between actors of one process, without the kernel: for benchmarks of what lies behind the sockets, on machines
 * whose processors have no room for the kernel and a load process beside it. Packets to where nobody listens are gone.
 */
export class MemoryDriver implements SocketDriver {
  readonly name = 'memory';
  readonly #sockets = new Map<number, MemorySocket>();
  readonly #turnEndListeners = new Set<() => void>();
  #queue: Packet[] = [];
  #turn: NodeJS.Immediate | undefined;
  #nextFreePort = firstFreePort;

  async open(spec: SocketSpec, onReceive: OnReceive): Promise<HostSocket> {
    const port = portOf(spec) === 0 ? this.#nextFreePort++ : portOf(spec);
    const key = keyOf(spec, spec.address, port);
    if (this.#sockets.has(key)) throw new SocketError('open', spec, 'EADDRINUSE');
    const socket = new MemorySocket(spec, port, onReceive, {
      send: (peer, peerPort, bytes) => this.#send(spec, port, peer, peerPort, bytes),
      close: () => this.#sockets.delete(key),
    });
    this.#sockets.set(key, socket);
    return socket;
  }

  /** Nothing waits for it: the turn comes anyway. */
  flush(): void {}

  onTurnEnd(listener: () => void): () => void {
    this.#turnEndListeners.add(listener);
    return () => void this.#turnEndListeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    this.#queue = [];
    for (const socket of this.#sockets.values()) socket.close();
  }

  #send(spec: SocketSpec, port: number, peer: Ipv4Address, peerPort: number, bytes: Uint8Array): void {
    const isUdp = spec.transport === 'udp';
    const to = this.#sockets.get(keyOf(spec, peer, isUdp ? peerPort : portOf(spec)));
    if (to === undefined) return;
    this.#queue.push({ to, peer: spec.address, peerPort: isUdp ? port : 0, bytes: bytes.slice() });
    this.#turn ??= setImmediate(() => this.#deliver());
  }

  #deliver(): void {
    const from = now();
    // What is sent meanwhile is for the next turn.
    let left = this.#queue.length;
    for (let at = from; left > 0 && at < from + turnMs; at = now()) {
      const batch = this.#queue.splice(0, Math.min(left, batchPackets));
      left -= batch.length;
      for (const { to, peer, peerPort, bytes } of batch) to.take(peer, peerPort, bytes, at);
    }
    for (const listener of this.#turnEndListeners) listener();
    this.#turn = this.#queue.length > 0 ? setImmediate(() => this.#deliver()) : undefined;
  }
}

class MemorySocket implements HostSocket {
  readonly spec: SocketSpec;
  readonly localPort: number;
  readonly #onReceive: OnReceive;
  readonly #network: Network;
  readonly #counters = new SocketCounters();
  #isClosed = false;

  constructor(spec: SocketSpec, port: number, onReceive: OnReceive, network: Network) {
    this.spec = spec;
    this.localPort = port;
    this.#onReceive = onReceive;
    this.#network = network;
  }

  send(peer: Ipv4Address, peerPort: number, bytes: Uint8Array): boolean {
    if (this.#isClosed) return false;
    this.#counters.add('packetsSent');
    this.#counters.add('octetsSent', bytes.length);
    this.#network.send(peer, peerPort, bytes);
    return true;
  }

  take(peer: Ipv4Address, peerPort: number, bytes: Uint8Array, at: Instant): void {
    if (this.#isClosed) return;
    this.#counters.add('packetsReceived');
    this.#counters.add('octetsReceived', bytes.length);
    this.#onReceive(peer, peerPort, bytes, at);
  }

  statistics(): SocketStatistics {
    const { transport } = this.spec;
    const local = localText(this.spec, this.localPort);
    return { transport, local, ...this.#counters.snapshot(), kernelDrops: 0, receiveBufferOctets: 0 };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#network.close();
  }
}

/** One number for transport, address and port. */
function keyOf({ transport }: SocketSpec, address: Ipv4Address, port: number): number {
  return (transports.indexOf(transport) * 2 ** 32 + address) * 2 ** 16 + port;
}

const transports: readonly Transport[] = ['udp', 'gre-over-udp', 'gre-over-ip', 'icmp'];
