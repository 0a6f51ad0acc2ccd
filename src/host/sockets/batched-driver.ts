import type { Ipv4Address } from '../../kernel/address.ts';
import { carriedDscp } from '../../wire/gre/carried-dscp.ts';
import { now } from '../clock.ts';
import * as linux from './linux.ts';
import { Readiness } from './readiness.ts';
import { batchPackets, ReceiveBatch } from './receive-batch.ts';
import { SendRing } from './send-ring.ts';
import { SocketCounters } from './socket-counters.ts';
import {
  defaultKernelBufferOctets,
  defaultSendQueueOctets,
  defaultSendQueuePackets,
  greInUdpPort,
  type HostSocket,
  localText,
  type OnReceive,
  type OnReceiveFault,
  portOf,
  rawProtocol,
  type SocketDriver,
  SocketError,
  type SocketSpec,
  type SocketStatistics,
  throwLater,
} from './socket-driver.ts';
import { rawGreFilter, type Steering, udpGreSelector } from './steering.ts';

/** Batches one turn may receive over all sockets: about 1000 packets. */
const batchesPerTurn = 16;
/** No other batch is begun after so long: what other threads say, such as a standby's acknowledgement, waits for the end of a turn. */
const turnMs = 1;

/** What a socket needs of its driver. */
interface Turns {
  readonly onFault: OnReceiveFault;
  receiveNextTurn(socket: BatchedSocket): void;
  flushNextTurn(socket: BatchedSocket): void;
  forget(socket: BatchedSocket): void;
}

/** Sockets of Linux that receive and send up to 64 packets by one system call. */
export class BatchedDriver implements SocketDriver {
  readonly name = 'batched';
  readonly #sockets = new Set<BatchedSocket>();
  /** In the order in which they are served. */
  readonly #readable = new Set<BatchedSocket>();
  readonly #unflushed = new Set<BatchedSocket>();
  readonly #turnEndListeners = new Set<() => void>();
  readonly #turns: Turns;
  #nextTurn: NodeJS.Immediate | undefined;

  constructor(onFault: OnReceiveFault = throwLater) {
    this.#turns = {
      onFault,
      receiveNextTurn: (socket) => {
        this.#readable.add(socket);
        this.#scheduleTurn();
      },
      flushNextTurn: (socket) => {
        this.#unflushed.add(socket);
        this.#scheduleTurn();
      },
      forget: (socket) => {
        this.#sockets.delete(socket);
        this.#readable.delete(socket);
        this.#unflushed.delete(socket);
      },
    };
  }

  async open(spec: SocketSpec, onReceive: OnReceive): Promise<HostSocket> {
    const socket = new BatchedSocket(spec, onReceive, this.#turns);
    this.#sockets.add(socket);
    return socket;
  }

  flush(): void {
    for (const socket of this.#unflushed) socket.flush();
    this.#unflushed.clear();
  }

  onTurnEnd(listener: () => void): () => void {
    this.#turnEndListeners.add(listener);
    return () => this.#turnEndListeners.delete(listener);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    clearImmediate(this.#nextTurn);
    this.#nextTurn = undefined;
  }

  #scheduleTurn(): void {
    this.#nextTurn ??= setImmediate(() => this.#turn());
  }

  #turn(): void {
    try {
      let budget = batchesPerTurn;
      const until = now() + turnMs;
      // A socket that has more is put behind the others, where this loop comes to it again.
      for (const socket of this.#readable) {
        if (budget === 0 || (budget < batchesPerTurn && now() >= until)) break;
        budget -= 1;
        this.#readable.delete(socket);
        if (socket.receiveBatch()) this.#readable.add(socket);
      }
      for (const listener of this.#turnEndListeners) listener();
      this.flush();
    } finally {
      this.#nextTurn = undefined;
      if (this.#readable.size + this.#unflushed.size > 0) this.#scheduleTurn();
    }
  }
}

class BatchedSocket implements HostSocket {
  readonly spec: SocketSpec;
  readonly localPort: number;
  readonly #fd: number;
  readonly #onReceive: OnReceive;
  readonly #turns: Turns;
  readonly #readiness: Readiness;
  readonly #batch = new ReceiveBatch();
  readonly #ring: SendRing;
  readonly #counters = new SocketCounters();
  /** The kernel has no room: nothing is offered to it until it says that it has. */
  #blocked = false;
  #final: SocketStatistics | undefined;

  constructor(spec: SocketSpec, onReceive: OnReceive, turns: Turns) {
    this.spec = spec;
    this.#onReceive = onReceive;
    this.#turns = turns;
    this.#ring = new SendRing(
      spec.sendQueuePackets ?? defaultSendQueuePackets,
      spec.sendQueueOctets ?? defaultSendQueueOctets,
      spec.transport.startsWith('gre-') ? carriedDscp : undefined,
    );
    this.#fd = spec.opened ?? openSocket(spec);
    this.localPort = localPortOf(this.#fd, spec);
    this.#readiness = new Readiness(this.#fd, spec.sendsOnly !== true, (...events) => this.#ready(...events));
  }

  send(peer: Ipv4Address, peerPort: number, bytes: Uint8Array): boolean {
    const port = this.spec.transport === 'gre-over-udp' && peerPort === 0 ? greInUdpPort : peerPort;
    if (this.#final !== undefined || !this.#ring.push(peer, port, bytes)) {
      this.#counters.add('sendsRefused');
      return false;
    }
    if (this.#ring.count === 1) this.#turns.flushNextTurn(this);
    if (this.#ring.count >= batchPackets) this.flush();
    return true;
  }

  /** Offers the queue to the kernel until it is empty or the kernel has no room. A packet that it refuses is lost. */
  flush(): void {
    while (this.#ring.count > 0 && !this.#blocked) {
      const sent = this.#ring.send(this.#fd, batchPackets);
      if (sent > 0) {
        this.#counters.add('packetsSent', sent);
        this.#counters.add('octetsSent', this.#ring.drop(sent));
        continue;
      }
      const code = linux.errnoName();
      if (code === 'EINTR') continue;
      if (code === 'EAGAIN') {
        this.#blocked = true;
        this.#readiness.restart(true);
      } else {
        this.#counters.addError(code);
        this.#ring.drop(1);
      }
    }
  }

  /** Delivers what one system call brings; returns whether there may be more. */
  receiveBatch(): boolean {
    if (this.#final !== undefined) return false;
    const count = this.#batch.receive(this.#fd);
    if (count < 0) {
      const code = linux.errnoName();
      if (code !== 'EAGAIN' && code !== 'EINTR') this.#counters.addError(code);
      return code === 'EINTR';
    }
    const at = now();
    let packets = 0;
    let octets = 0;
    // The receiver may close this socket: then the rest of the batch is nobody's.
    for (let index = 0; index < count && this.#final === undefined; index += 1) {
      if (this.#batch.truncated(index)) {
        this.#counters.add('receivesTruncated');
      } else {
        packets += 1;
        octets += this.#deliver(index, at);
      }
    }
    this.#counters.add('packetsReceived', packets);
    this.#counters.add('octetsReceived', octets);
    return count === batchPackets;
  }

  filter(program: Uint8Array | undefined): void {
    if (this.#final !== undefined) return;
    const { attachFilter, detachFilter } = linux.socketOption;
    const isDone =
      program === undefined
        ? linux.setsockopt(this.#fd, linux.solSocket, detachFilter, linux.integer(0), 4) >= 0
        : linux.attachProgram(this.#fd, attachFilter, program);
    if (!isDone) this.#counters.addError(linux.errnoName());
  }

  statistics(): SocketStatistics {
    if (this.#final !== undefined) return { ...this.#final, ...this.#counters.snapshot() };
    const memory = linux.getOption(this.#fd, linux.socketOption.memoryInfo, linux.memoryInfo.octets);
    return {
      ...this.#counters.snapshot(),
      transport: this.spec.transport,
      local: localText(this.spec, this.localPort),
      kernelDrops: memory.getUint32(linux.memoryInfo.dropsAt, true),
      receiveBufferOctets: memory.getUint32(linux.memoryInfo.receiveBufferAt, true),
    };
  }

  close(): void {
    if (this.#final !== undefined) return;
    this.flush();
    this.#counters.add('sendsRefused', this.#ring.count);
    this.#final = this.statistics();
    this.#readiness.close();
    if (this.spec.opened === undefined) linux.close(this.#fd);
    this.#turns.forget(this);
  }

  /** Called by libuv: takes note only (see `Readiness`). */
  #ready(readable: boolean, writable: boolean, failed: boolean): void {
    if (failed) {
      // libuv stops waiting for a socket in error. Reading the error clears it.
      this.#counters.addError(linux.takeError(this.#fd));
      this.#readiness.restart(this.#blocked);
    }
    if (writable && this.#blocked) {
      this.#blocked = false;
      this.#readiness.restart(false);
      this.#turns.flushNextTurn(this);
    }
    if (readable) this.#turns.receiveNextTurn(this);
  }

  /** Hands one packet to the receiver; returns the octets it had. */
  #deliver(index: number, at: number): number {
    let start = 0;
    let peerPort = 0;
    if (rawProtocol[this.spec.transport] !== undefined) {
      // A raw IPv4 socket delivers the IP header too (raw(7)); its length is in 32-bit words.
      start = (this.#batch.octetAt(index, 0) & 0x0f) * 4;
    } else if (this.spec.transport === 'udp') {
      peerPort = this.#batch.peerPort(index);
    }
    const bytes = this.#batch.bytes(index, start);
    try {
      this.#onReceive(this.#batch.peer(index), peerPort, bytes, at);
    } catch (error) {
      this.#counters.add('receiveFaults');
      this.#turns.onFault(error, this, bytes.slice());
    }
    return bytes.length;
  }
}

/**
 * Makes, prepares and binds a non-blocking socket, which whoever calls closes; leaves none open if it fails.
 *
 * @throws SocketError if the socket cannot be had as specified
 */
export function openSocket(spec: SocketSpec): number {
  const protocol = rawProtocol[spec.transport];
  const type = (protocol !== undefined ? linux.sockRaw : linux.sockDgram) | linux.sockNonblock | linux.sockCloexec;
  const fd = linux.socket(linux.afInet, type, protocol ?? 0);
  if (fd < 0) throw new SocketError('open', spec, linux.errnoName());
  try {
    prepareSocket(fd, spec);
    const name = new Uint8Array(linux.sockaddrIn.octets);
    const view = new DataView(name.buffer);
    view.setUint16(linux.sockaddrIn.familyAt, linux.afInet, true);
    view.setUint16(linux.sockaddrIn.portAt, portOf(spec));
    view.setUint32(linux.sockaddrIn.addressAt, spec.address);
    if (linux.bind(fd, name, name.length) < 0) throw new SocketError('bind', spec, linux.errnoName());
    if (spec.steering !== undefined && spec.transport === 'gre-over-udp') steerPort(fd, spec, spec.steering);
  } catch (error) {
    linux.close(fd);
    throw error;
  }
  return fd;
}

function prepareSocket(fd: number, spec: SocketSpec): void {
  const set = (level: number, option: number, value: Uint8Array, operation: string): void => {
    if (linux.setsockopt(fd, level, option, value, value.length) < 0) {
      throw new SocketError(operation, spec, linux.errnoName());
    }
  };
  const { socketOption, ipOption } = linux;
  set(linux.solIp, ipOption.timeToLive, linux.integer(64), 'set the TTL of');
  set(linux.solIp, ipOption.mtuDiscover, linux.integer(linux.pathMtuDiscoveryOff), 'clear DF of');
  for (const [forced, plain, octets] of [
    [socketOption.receiveBufferForce, socketOption.receiveBuffer, spec.receiveBufferOctets],
    [socketOption.sendBufferForce, socketOption.sendBuffer, spec.sendBufferOctets],
  ] as const) {
    const value = linux.integer(octets ?? defaultKernelBufferOctets);
    if (linux.setsockopt(fd, linux.solSocket, forced, value, 4) < 0) {
      set(linux.solSocket, plain, value, 'size the buffers of');
    }
  }
  if (spec.steering !== undefined || spec.lane !== undefined) prepareSteering(fd, spec);
  if (spec.floating) set(linux.solIp, ipOption.freebind, linux.integer(1), 'set IP_FREEBIND of');
  if (spec.device !== undefined) {
    set(linux.solSocket, socketOption.bindToDevice, Buffer.from(`${spec.device}\0`), 'bind the device of');
  }
}

/** Before the socket is bound: a raw one is never given what is not its own, and one of a port may share it. */
function prepareSteering(fd: number, spec: SocketSpec): void {
  const { socketOption } = linux;
  const { transport, lane, steering } = spec;
  if (transport === 'gre-over-ip') {
    if (linux.attachProgram(fd, socketOption.attachFilter, rawGreFilter(lane, steering))) return;
  } else if (transport !== 'gre-over-udp' || lane !== undefined) {
    throw new SocketError('steer the packets of', spec, 'EINVAL');
  } else if (linux.setsockopt(fd, linux.solSocket, socketOption.reusePort, linux.integer(1), 4) >= 0) return;
  throw new SocketError('steer the packets of', spec, linux.errnoName());
}

/** Once it is bound it is one of those that share the port: the program is theirs, and replaces itself. */
function steerPort(fd: number, spec: SocketSpec, steering: Steering): void {
  if (linux.attachProgram(fd, linux.socketOption.attachReusePortFilter, udpGreSelector(steering))) return;
  throw new SocketError('steer the packets of', spec, linux.errnoName());
}

function localPortOf(fd: number, spec: SocketSpec): number {
  if (rawProtocol[spec.transport] !== undefined) return 0;
  const name = new Uint8Array(linux.sockaddrIn.octets);
  linux.getsockname(fd, name, linux.integer(name.length));
  return new DataView(name.buffer).getUint16(linux.sockaddrIn.portAt);
}
