import type { Ipv4Address } from '../../kernel/address.ts';
import {
  controlInteger,
  FixedMemory,
  iovec,
  ipOption,
  linkHeaders,
  mmsghdr,
  sendmmsg,
  sockaddrIn,
  solIp,
} from './linux.ts';

const alignmentOctets = 8;

/**
 * Packets that wait to be sent, as sendmmsg wants them. Two rings: one of message headers, of fixed size, and one of
 * payload octets, of which each packet takes what it needs in one piece. Both start again at their beginning whenever
 * the queue runs empty, so that in ordinary use the same few cache-warm octets serve all the time.
 */
export class SendRing {
  readonly #packets: number;
  readonly #octets: number;
  readonly #headers: FixedMemory;
  readonly #names: FixedMemory;
  readonly #vectors: FixedMemory;
  readonly #payload: FixedMemory;
  readonly #controls: FixedMemory | undefined;
  readonly #tosOf: ((bytes: Uint8Array) => number) | undefined;
  /** Where the payload of each header begins. */
  readonly #startOf: Uint32Array;
  #head = 0;
  #count = 0;
  /** Where the next payload goes, unless it must go to the beginning. */
  #tailOctet = 0;

  /** @param tosOf the Type of Service octet that a packet is to have; the socket's if left out */
  constructor(packets: number, octets: number, tosOf?: (bytes: Uint8Array) => number) {
    this.#packets = packets;
    this.#octets = octets;
    this.#headers = new FixedMemory(packets * mmsghdr.octets);
    this.#names = new FixedMemory(packets * sockaddrIn.octets);
    this.#vectors = new FixedMemory(packets * iovec.octets);
    this.#payload = new FixedMemory(octets);
    this.#startOf = new Uint32Array(packets);
    linkHeaders(this.#headers, this.#names, this.#vectors, packets);
    this.#tosOf = tosOf;
    this.#controls = tosOf === undefined ? undefined : this.#linkControls(packets);
  }

  /** Packets queued. */
  get count(): number {
    return this.#count;
  }

  /** Queues a copy; returns false if there is no room. */
  push(peer: Ipv4Address, peerPort: number, bytes: Uint8Array): boolean {
    if (this.#count === this.#packets) return false;
    const start = this.#place(Math.max(bytes.length, 1));
    if (start < 0) return false;
    const index = (this.#head + this.#count) % this.#packets;
    this.#payload.bytes.set(bytes, start);
    this.#startOf[index] = start;
    this.#vectors.setPointer(index * iovec.octets + iovec.baseAt, this.#payload, start);
    this.#vectors.view.setUint32(index * iovec.octets + iovec.lengthAt, bytes.length, true);
    this.#names.view.setUint16(index * sockaddrIn.octets + sockaddrIn.portAt, peerPort);
    this.#names.view.setUint32(index * sockaddrIn.octets + sockaddrIn.addressAt, peer);
    if (this.#tosOf !== undefined) this.#setTos(index, this.#tosOf(bytes));
    this.#count += 1;
    return true;
  }

  /** Copies of the payloads queued, the first to be sent first. */
  queued(): Uint8Array[] {
    return Array.from({ length: this.#count }, (_, index) => {
      const at = (this.#head + index) % this.#packets;
      const start = this.#startOf[at]!;
      return this.#payload.bytes.slice(
        start,
        start + this.#vectors.view.getUint32(at * iovec.octets + iovec.lengthAt, true),
      );
    });
  }

  /** Hands at most `packetsMax` to the kernel; returns how many it took, or -1 with errno set. Removes none. */
  send(fd: number, packetsMax: number): number {
    const contiguous = Math.min(this.#count, packetsMax, this.#packets - this.#head);
    return sendmmsg(fd, this.#headers.address + this.#head * mmsghdr.octets, contiguous, 0);
  }

  /** Removes the first `packets` and returns how many octets they held. */
  drop(packets: number): number {
    let octets = 0;
    for (let index = 0; index < packets; index += 1) {
      octets += this.#vectors.view.getUint32(this.#head * iovec.octets + iovec.lengthAt, true);
      this.#head = this.#head + 1 === this.#packets ? 0 : this.#head + 1;
    }
    this.#count -= packets;
    if (this.#count === 0) {
      this.#head = 0;
      this.#tailOctet = 0;
    }
    return octets;
  }

  #linkControls(packets: number): FixedMemory {
    const controls = new FixedMemory(packets * controlInteger.octets);
    for (let index = 0; index < packets; index += 1) {
      const at = index * controlInteger.octets;
      controls.view.setUint32(at, controlInteger.length, true);
      controls.view.setUint32(at + controlInteger.levelAt, solIp, true);
      controls.view.setUint32(at + controlInteger.typeAt, ipOption.tos, true);
      this.#headers.setPointer(index * mmsghdr.octets + mmsghdr.controlAt, controls, at);
    }
    return controls;
  }

  /** What most packets have is what the socket has, and needs no telling. */
  #setTos(index: number, tos: number): void {
    const length = tos === 0 ? 0 : controlInteger.octets;
    this.#headers.view.setUint32(index * mmsghdr.octets + mmsghdr.controlLengthAt, length, true);
    this.#controls!.view.setUint32(index * controlInteger.octets + controlInteger.valueAt, tos, true);
  }

  /** Reserves payload octets in one piece; returns where, or -1. A full ring is told from an empty one by the count. */
  #place(octets: number): number {
    const room = Math.ceil(octets / alignmentOctets) * alignmentOctets;
    const headOctet = this.#count === 0 ? 0 : this.#startOf[this.#head]!;
    const wrapped = this.#count > 0 && this.#tailOctet <= headOctet;
    let start = this.#tailOctet;
    if (!wrapped && start + room > this.#octets) start = 0;
    const limit = wrapped || (this.#count > 0 && start < this.#tailOctet) ? headOctet : this.#octets;
    if (start + room > limit) return -1;
    this.#tailOctet = start + room;
    return start;
  }
}
