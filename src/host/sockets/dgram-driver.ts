import { createSocket, type Socket } from 'node:dgram';
import { formatIpv4, type Ipv4Address, parseIpv4 } from '../../kernel/address.ts';
import { now } from '../clock.ts';
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

/**
 * UDP sockets of node:dgram, for systems other than Linux: one system call and one callback for each packet, no GRE
 * over IP, no binding to a device or to an address that is not here yet, and the system's default for the DF bit.
 */
export class DgramDriver implements SocketDriver {
  readonly name = 'dgram';
  readonly #sockets = new Set<DgramSocket>();
  readonly #turnEndListeners = new Set<() => void>();
  readonly #onFault: OnReceiveFault;
  #turnEnd: NodeJS.Immediate | undefined;

  constructor(onFault: OnReceiveFault = throwLater) {
    this.#onFault = onFault;
  }

  async open(spec: SocketSpec, onReceive: OnReceive): Promise<HostSocket> {
    if (rawProtocol[spec.transport] !== undefined || spec.device !== undefined || spec.floating || spec.steering) {
      throw new SocketError('open', spec, 'ENOTSUP');
    }
    const bound = await bindSocket(spec);
    const received: OnReceive = (peer, peerPort, bytes, at) => {
      this.#turnEnd ??= setImmediate(() => {
        this.#turnEnd = undefined;
        for (const listener of this.#turnEndListeners) listener();
      });
      onReceive(peer, peerPort, bytes, at);
    };
    const socket = new DgramSocket(spec, bound, received, this.#onFault);
    this.#sockets.add(socket);
    bound.once('close', () => this.#sockets.delete(socket));
    return socket;
  }

  /** Nothing is ever queued here: node:dgram sends at once. */
  flush(): void {}

  onTurnEnd(listener: () => void): () => void {
    this.#turnEndListeners.add(listener);
    return () => this.#turnEndListeners.delete(listener);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sockets].map((socket) => socket.closed()));
    clearImmediate(this.#turnEnd);
    this.#turnEnd = undefined;
  }
}

class DgramSocket implements HostSocket {
  readonly spec: SocketSpec;
  readonly localPort: number;
  readonly #socket: Socket;
  readonly #counters = new SocketCounters();
  readonly #receiveBufferOctets: number;
  #open = true;

  constructor(spec: SocketSpec, socket: Socket, onReceive: OnReceive, onFault: OnReceiveFault) {
    this.spec = spec;
    this.localPort = socket.address().port;
    this.#socket = socket;
    this.#receiveBufferOctets = socket.getRecvBufferSize();
    socket.on('message', (bytes, from) => {
      this.#counters.add('packetsReceived');
      this.#counters.add('octetsReceived', bytes.length);
      // Not the Buffer itself: its `slice` makes a view, where the receiver that asks for a copy must have one.
      const octets = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
      try {
        onReceive(parseIpv4(from.address)!, spec.transport === 'udp' ? from.port : 0, octets, now());
      } catch (error) {
        this.#counters.add('receiveFaults');
        onFault(error, this, Uint8Array.from(bytes));
      }
    });
    socket.on('error', (error) => this.#counters.addError(errnoNameOf(error)));
  }

  send(peer: Ipv4Address, peerPort: number, bytes: Uint8Array): boolean {
    if (!this.#open || this.#full()) {
      this.#counters.add('sendsRefused');
      return false;
    }
    const port = this.spec.transport === 'gre-over-udp' && peerPort === 0 ? greInUdpPort : peerPort;
    this.#socket.send(bytes.slice(), port, formatIpv4(peer), (error, octets) => {
      if (error !== null) return this.#counters.addError(errnoNameOf(error));
      this.#counters.add('packetsSent');
      this.#counters.add('octetsSent', octets);
    });
    return true;
  }

  statistics(): SocketStatistics {
    return {
      ...this.#counters.snapshot(),
      transport: this.spec.transport,
      local: localText(this.spec, this.localPort),
      kernelDrops: undefined,
      receiveBufferOctets: this.#receiveBufferOctets,
    };
  }

  close(): void {
    if (this.#open) this.#socket.close();
    this.#open = false;
  }

  /** Closes and resolves when it is done. */
  closed(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.once('close', resolve);
      this.close();
    });
  }

  #full(): boolean {
    return (
      this.#socket.getSendQueueCount() >= (this.spec.sendQueuePackets ?? defaultSendQueuePackets) ||
      this.#socket.getSendQueueSize() >= (this.spec.sendQueueOctets ?? defaultSendQueueOctets)
    );
  }
}

function bindSocket(spec: SocketSpec): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({
      type: 'udp4',
      recvBufferSize: spec.receiveBufferOctets ?? defaultKernelBufferOctets,
      sendBufferSize: spec.sendBufferOctets ?? defaultKernelBufferOctets,
      // Addresses are never names: answering at once spares each packet a turn of the event loop.
      lookup: (address, _options, done) => done(null, address, 4),
    });
    socket.once('error', (error) => reject(new SocketError('bind', spec, errnoNameOf(error))));
    socket.bind({ address: formatIpv4(spec.address), port: portOf(spec), exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

function errnoNameOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
