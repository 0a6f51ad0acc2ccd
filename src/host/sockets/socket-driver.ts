import { formatIpv4, type Ipv4Address } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { SocketReport } from '../../operations/views/view.ts';
import type { Lane, Steering } from './steering.ts';

/**
 * What a socket carries.
 *
 * - `udp`: UDP payloads.
 * - `gre-over-ip`: GRE packets, from the GRE header on, over IP protocol 47 (RFC 2784). Needs CAP_NET_RAW.
 * - `gre-over-udp`: the same over UDP port 4754 (RFC 8086). Needs no privilege.
 * - `icmp`: ICMP messages, all that come to the address. Needs CAP_NET_RAW.
 */
export type Transport = 'udp' | 'gre-over-ip' | 'gre-over-udp' | 'icmp';

/** The transports that have no ports, over a raw socket of their IP protocol. */
export const rawProtocol: Readonly<Partial<Record<Transport, number>>> = { 'gre-over-ip': 47, icmp: 1 };

/** The UDP destination port of GRE-in-UDP (RFC 8086 section 8.1). */
export const greInUdpPort = 4754;

/** What to open. */
export interface SocketSpec {
  readonly transport: Transport;
  /** The local address. */
  readonly address: Ipv4Address;
  /** The local UDP port; 0 for any free one. `gre-over-udp` uses 4754 unless told otherwise; raw ones have none. */
  readonly port?: number;
  /** The network device to bind to (SO_BINDTODEVICE). */
  readonly device?: string;
  /** The address may come to this machine later, and leave it: a service address of a pair. */
  readonly floating?: boolean;
  /**
   * Of several sockets of one address, for GRE: only the packets of one session manager instance come. Of `gre-over-udp` all have to
   * be opened in the order of their instances before any packet comes, and are to be closed together.
   */
  readonly steering?: Steering;
  /** Of two sockets of one address, for `gre-over-ip`: only its packets come. */
  readonly lane?: Lane;
  /**
   * A socket of that kind which this process has opened already (`openSocket` of the batched driver), in place of one of its
   * own: closing leaves it open, for others that have it too.
   */
  readonly opened?: number;
  /** Nothing is received: somebody else does that. For `opened` alone. */
  readonly sendsOnly?: boolean;
  /** What to ask of the kernel for packets that wait to be received, in octets; it may grant less. */
  readonly receiveBufferOctets?: number;
  /** What to ask of the kernel for packets that wait to be transmitted, in octets; it may grant less. */
  readonly sendBufferOctets?: number;
  /** Packets that may wait here for the kernel to take them; more are refused. */
  readonly sendQueuePackets?: number;
  /** Octets that may wait here for the kernel to take them; more are refused. */
  readonly sendQueueOctets?: number;
}

/** Of each socket, for either direction, unless its specification says otherwise. */
export const defaultKernelBufferOctets = 4 * 1024 * 1024;

/** What waits in a socket while the kernel takes no more, unless its specification says otherwise. */
export const defaultSendQueuePackets = 1024;
export const defaultSendQueueOctets = 1024 * 1024;

/** Takes one packet. `peerPort` is 0 for GRE, over UDP too, and for ICMP. `bytes` are valid only during the call. */
export type OnReceive = (peer: Ipv4Address, peerPort: number, bytes: Uint8Array, now: Instant) => void;

/** What one socket has done, whichever port it is of. */
export interface SocketStatistics extends Omit<SocketReport, 'port' | 'channel'> {
  readonly transport: Transport;
}

/** An open socket. */
export interface HostSocket {
  readonly spec: SocketSpec;
  /** The UDP port it is bound to; 0 for a raw one. */
  readonly localPort: number;
  /**
   * Queues one packet; it leaves at the end of the turn, at `flush` or when a batch is full. The bytes are copied.
   *
   * @param peerPort the UDP port; for GRE 0
   * @returns false if the packet was refused, which is counted
   */
  send(peer: Ipv4Address, peerPort: number, bytes: Uint8Array): boolean;
  /**
   * Has the kernel drop what a program for SO_ATTACH_FILTER rejects, or nothing any more; what it drops is in `kernelDrops`. Absent
   * where the driver cannot.
   */
  filter?(program: Uint8Array | undefined): void;
  statistics(): SocketStatistics;
  /** Hands what is queued to the kernel and closes. Nothing is received after this call. Can be repeated. */
  close(): void;
}

/**
 * The sockets of a process. All actors in it (the gateway and, in the demonstration, its embedded peers) open theirs from one
 * driver, which receives in turns: it takes a bounded number of packets from the sockets that have some, then lets
 * timers and everything else run.
 */
export interface SocketDriver {
  readonly name: 'batched' | 'dgram' | 'memory';
  /** @throws SocketError if the socket cannot be had as specified. */
  open(spec: SocketSpec, onReceive: OnReceive): Promise<HostSocket>;
  /** Hands all queued packets to the kernel now. */
  flush(): void;
  /** Has `listener` called at the end of every turn, before what was queued is flushed; returns how to undo it. */
  onTurnEnd(listener: () => void): () => void;
  /** Closes every socket; resolves when nothing of the driver keeps the process alive. */
  close(): Promise<void>;
}

/** A receiver threw on a packet. The bytes are a copy. */
export type OnReceiveFault = (error: unknown, socket: HostSocket, bytes: Uint8Array) => void;

/** The default for receivers that do not catch their own: an uncaught exception, but not in the middle of a turn. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** A socket could not be had: what was attempted, on what, why, and what to do about it. */
export class SocketError extends Error {
  readonly operation: string;
  readonly spec: SocketSpec;
  /** The errno name, such as `EADDRINUSE`. */
  readonly code: string;
  readonly hint: string | undefined;

  constructor(operation: string, spec: SocketSpec, code: string) {
    const hint = hintOf(operation, spec, code);
    super(`cannot ${operation} ${describeSpec(spec)}: ${code}${hint === undefined ? '' : ` (${hint})`}`);
    this.name = 'SocketError';
    this.operation = operation;
    this.spec = spec;
    this.code = code;
    this.hint = hint;
  }
}

/** The port a socket is asked to bind: the RFC's where the specification leaves it open. */
export function portOf(spec: SocketSpec): number {
  if (rawProtocol[spec.transport] !== undefined) return 0;
  return spec.port ?? (spec.transport === 'gre-over-udp' ? greInUdpPort : 0);
}

const transportText: Readonly<Record<Transport, string>> = {
  udp: 'UDP',
  'gre-over-ip': 'GRE (IP protocol 47)',
  'gre-over-udp': 'GRE-in-UDP',
  icmp: 'ICMP',
};

/** `UDP 192.0.2.1:5436 on eth0`. */
export function describeSpec(spec: SocketSpec): string {
  const device = spec.device === undefined ? '' : ` on ${spec.device}`;
  return `${transportText[spec.transport]} ${localText(spec, portOf(spec))}${device}`;
}

/** The local address of a socket as `192.0.2.1:5436`; without the port where the transport has none. */
export function localText(spec: SocketSpec, port: number): string {
  const isRaw = rawProtocol[spec.transport] !== undefined;
  return isRaw ? formatIpv4(spec.address) : `${formatIpv4(spec.address)}:${port}`;
}

function hintOf(operation: string, spec: SocketSpec, code: string): string | undefined {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      if (spec.transport === 'icmp') return 'raw sockets need CAP_NET_RAW';
      if (spec.transport === 'gre-over-ip') {
        return 'raw sockets need CAP_NET_RAW: run with it, or use GRE-in-UDP, which needs no privilege';
      }
      if (operation === 'bind the device of') return 'binding to a device needs CAP_NET_RAW';
      if (portOf(spec) > 0 && portOf(spec) < 1024) return 'ports below 1024 need CAP_NET_BIND_SERVICE';
      return 'the operating system forbids it to this user';
    case 'EADDRINUSE':
      return 'another socket holds this address and port: stop its process, or choose another port';
    case 'EADDRNOTAVAIL':
      return 'the address is not on this machine: add it to an interface, or correct the configuration';
    case 'ENODEV':
      return `there is no network device ${spec.device ?? 'of that name'}`;
    case 'EMFILE':
    case 'ENFILE':
      return 'too many open files: raise the limit (ulimit -n)';
    case 'ENOTSUP':
      if (spec.floating) {
        return 'an address that moves within a pair needs the batched driver: Linux, with the koffi package installed';
      }
      return 'this needs the batched driver: Linux, with the koffi package installed';
    default:
      return undefined;
  }
}
