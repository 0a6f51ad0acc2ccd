import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';

/**
 * The system calls and structure layouts of Linux that batched sockets need. The layouts are those of every 64-bit
 * little-endian Linux (x86-64, arm64). Addresses of memory are plain numbers: user space ends below 2^48 there.
 */
const libc = koffi.load(null);

type Call<Arguments extends readonly unknown[]> = (...args: Arguments) => number;

/** `socket(domain, type, protocol)` */
export const socket: Call<[number, number, number]> = libc.func('int socket(int, int, int)');
export const bind: Call<[number, Uint8Array, number]> = libc.func('int bind(int, const void *, uint32_t)');
export const close: Call<[number]> = libc.func('int close(int)');
export const getsockname: Call<[number, Uint8Array, Uint8Array]> = libc.func('int getsockname(int, void *, void *)');
/** `setsockopt(fd, level, option, value, octets)` */
export const setsockopt: Call<[number, number, number, Uint8Array, number]> = libc.func(
  'int setsockopt(int, int, int, const void *, uint32_t)',
);
/** `getsockopt(fd, level, option, value, octets)`: the last is in and out */
export const getsockopt: Call<[number, number, number, Uint8Array, Uint8Array]> = libc.func(
  'int getsockopt(int, int, int, void *, void *)',
);
/** `recvmmsg(fd, address of the mmsghdr array, its length, flags, 0 for no time limit)` */
export const recvmmsg: Call<[number, number, number, number, number]> = libc.func(
  'int recvmmsg(int, intptr_t, uint32_t, int, intptr_t)',
);
/** `sendmmsg(fd, address of the mmsghdr array, its length, flags)` */
export const sendmmsg: Call<[number, number, number, number]> = libc.func('int sendmmsg(int, intptr_t, uint32_t, int)');

/** `sendto(fd, octets, how many, flags, address, its length)` */
export const sendto: Call<[number, Uint8Array, number, number, Uint8Array, number]> = libc.func(
  'long sendto(int, const void *, unsigned long, int, const void *, uint32_t)',
);
/** `recv(fd, room, its octets, flags)` */
export const recv: Call<[number, Uint8Array, number, number]> = libc.func('long recv(int, void *, unsigned long, int)');

/** `epoll_ctl(epoll, operation, fd, no event)`: for `epollDelete` alone, which needs none. */
export const epollCtl: Call<[number, number, number, number]> = libc.func('int epoll_ctl(int, int, int, intptr_t)');
export const epollDelete = 2;

/** The index of a network interface by its name; 0 if there is none. */
export const interfaceIndex: Call<[string]> = libc.func('uint32_t if_nametoindex(const char *)');

/** `ioctl(fd, request, argument)` */
export const ioctl: Call<[number, number, Uint8Array]> = libc.func('int ioctl(int, unsigned long, void *)');

/** `adjtimex(struct timex)`: with `modes` 0 it only tells how the clock is kept. */
export const adjtimex: Call<[Uint8Array]> = libc.func('int adjtimex(void *)');

/** The errno name of the call that has just failed. To be read before anything else is called. */
export function errnoName(): string {
  return getSystemErrorName(-koffi.errno());
}

/** Reads a SOL_SOCKET option of a fixed length; all zero if the kernel does not know it. */
export function getOption(fd: number, option: number, octets: number): DataView {
  const value = new Uint8Array(octets);
  getsockopt(fd, solSocket, option, value, integer(octets));
  return new DataView(value.buffer);
}

/** Reads the error a socket is in, which clears it; its errno name. */
export function takeError(fd: number): string {
  const errno = getOption(fd, socketOption.error, 4).getInt32(0, true);
  return errno === 0 ? 'none' : getSystemErrorName(-errno);
}

/** A C `int` as the value of a socket option. */
export function integer(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}

export const afInet = 2;
export const afNetlink = 16;
export const afPacket = 17;
export const sockDgram = 2;
export const sockRaw = 3;
export const sockNonblock = 0x800;
export const sockCloexec = 0x80000;
export const msgDontwait = 0x40;
export const msgTrunc = 0x20;

export const solSocket = 1;
export const solIp = 0;
export const socketOption = {
  error: 4,
  sendBuffer: 7,
  receiveBuffer: 8,
  reusePort: 15,
  bindToDevice: 25,
  /** `struct sock_fprog`: only what a program accepts is queued. */
  attachFilter: 26,
  detachFilter: 27,
  /** Beyond net.core.wmem_max; needs CAP_NET_ADMIN. */
  sendBufferForce: 32,
  /** Beyond net.core.rmem_max; needs CAP_NET_ADMIN. */
  receiveBufferForce: 33,
  /** `struct sock_fprog`: which socket of a port a datagram is queued at, by its place among them. */
  attachReusePortFilter: 51,
  memoryInfo: 55,
} as const;
export const ipOption = {
  tos: 1,
  timeToLive: 2,
  mtuDiscover: 10,
  /** IP_FREEBIND: an address that is not on this host may be bound; nothing leaves from it before it is. */
  freebind: 15,
} as const;
/** Never sets DF: a packet too long for a link on the way is fragmented, not lost. */
export const pathMtuDiscoveryOff = 0;
/** SO_MEMINFO gives nine 32-bit integers (linux/sock_diag.h): what is allocated for receiving, ..., drops. */
export const memoryInfo = { octets: 36, receiveBufferAt: 4, dropsAt: 32 } as const;

/** struct sock_fprog: how many instructions, and where they are. */
const sockFprog = { octets: 16, lengthAt: 0, filterAt: 8 } as const;
/** Of a struct sock_filter. */
const sockFilterOctets = 8;

/** Gives a socket a program of the classic packet filter, of which the kernel makes a copy. False if it does not take it; see errnoName. */
export function attachProgram(fd: number, option: number, program: Uint8Array): boolean {
  const header = new FixedMemory(sockFprog.octets);
  const instructions = new FixedMemory(program.length);
  instructions.bytes.set(program);
  header.view.setUint16(sockFprog.lengthAt, program.length / sockFilterOctets, true);
  header.setPointer(sockFprog.filterAt, instructions, 0);
  return setsockopt(fd, solSocket, option, header.bytes, sockFprog.octets) >= 0;
}

/** struct sockaddr_in: the family in host order, port and address in network order. */
export const sockaddrIn = { octets: 16, familyAt: 0, portAt: 2, addressAt: 4 } as const;
/** struct iovec. */
export const iovec = { octets: 16, baseAt: 0, lengthAt: 8 } as const;
/** struct cmsghdr with an integer behind it, as long as the next one would be aligned to. */
export const controlInteger = { octets: 24, length: 20, levelAt: 8, typeAt: 12, valueAt: 16 } as const;
/** struct mmsghdr: a struct msghdr and the length received or sent. */
export const mmsghdr = {
  octets: 64,
  nameAt: 0,
  nameLengthAt: 8,
  iovecAt: 16,
  iovecCountAt: 24,
  controlAt: 32,
  controlLengthAt: 40,
  flagsAt: 48,
  lengthAt: 56,
} as const;

/**
 * Memory whose address the kernel is given inside structures, where the garbage collector cannot see it: it lies
 * outside the collected heap, never moves, and lives as long as the object that holds this one.
 */
export class FixedMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly address: number;

  constructor(octets: number) {
    const buffer = new ArrayBuffer(octets);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.address = Number(koffi.address(buffer));
  }

  /** Writes the address of the octet at `target` of `memory` as a pointer at `offset`. */
  setPointer(offset: number, memory: FixedMemory, target: number): void {
    const address = memory.address + target;
    this.view.setUint32(offset, address >>> 0, true);
    this.view.setUint32(offset + 4, Math.floor(address / 0x1_0000_0000), true);
  }
}

/** Prepares the message headers of a batch: `count` headers, each with its own sockaddr_in and one iovec. */
export function linkHeaders(headers: FixedMemory, names: FixedMemory, vectors: FixedMemory, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const at = index * mmsghdr.octets;
    headers.setPointer(at + mmsghdr.nameAt, names, index * sockaddrIn.octets);
    headers.view.setUint32(at + mmsghdr.nameLengthAt, sockaddrIn.octets, true);
    headers.setPointer(at + mmsghdr.iovecAt, vectors, index * iovec.octets);
    headers.view.setUint32(at + mmsghdr.iovecCountAt, 1, true);
    names.view.setUint16(index * sockaddrIn.octets + sockaddrIn.familyAt, afInet, true);
  }
}
