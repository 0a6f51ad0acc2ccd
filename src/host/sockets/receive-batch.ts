import { type Ipv4Address, ipv4Of } from '../../kernel/address.ts';
import { FixedMemory, iovec, linkHeaders, mmsghdr, msgDontwait, msgTrunc, recvmmsg, sockaddrIn } from './linux.ts';

/** Packets taken from a socket by one system call. */
export const batchPackets = 64;

/** The longest packet that can be received: a 9000-octet frame with its Ethernet, GRE and outer IP headers, and to spare. */
export const slotOctets = 9216;

/** The memory of one recvmmsg call: 64 slots, each with the peer's address and the length received. */
export class ReceiveBatch {
  readonly #headers = new FixedMemory(batchPackets * mmsghdr.octets);
  readonly #names = new FixedMemory(batchPackets * sockaddrIn.octets);
  readonly #vectors = new FixedMemory(batchPackets * iovec.octets);
  readonly #slots = new FixedMemory(batchPackets * slotOctets);

  constructor() {
    linkHeaders(this.#headers, this.#names, this.#vectors, batchPackets);
    for (let index = 0; index < batchPackets; index += 1) {
      const at = index * iovec.octets;
      this.#vectors.setPointer(at + iovec.baseAt, this.#slots, index * slotOctets);
      this.#vectors.view.setUint32(at + iovec.lengthAt, slotOctets, true);
    }
  }

  /** Fills the slots; returns how many packets came, or -1 with errno set. */
  receive(fd: number): number {
    return recvmmsg(fd, this.#headers.address, batchPackets, msgDontwait, 0);
  }

  /** The octets of the slot that hold packet `index`, from its `from`-th on. */
  bytes(index: number, from = 0): Uint8Array {
    const start = index * slotOctets;
    return this.#slots.bytes.subarray(start + from, start + this.length(index));
  }

  octetAt(index: number, offset: number): number {
    return this.#slots.bytes[index * slotOctets + offset]!;
  }

  length(index: number): number {
    return this.#headers.view.getUint32(index * mmsghdr.octets + mmsghdr.lengthAt, true);
  }

  /** Whether the packet was longer than its slot. */
  truncated(index: number): boolean {
    return (this.#headers.view.getUint32(index * mmsghdr.octets + mmsghdr.flagsAt, true) & msgTrunc) !== 0;
  }

  peer(index: number): Ipv4Address {
    return ipv4Of(this.#names.view.getUint32(index * sockaddrIn.octets + sockaddrIn.addressAt));
  }

  peerPort(index: number): number {
    return this.#names.view.getUint16(index * sockaddrIn.octets + sockaddrIn.portAt);
  }
}
