import { u16At } from '../bytes/reader.ts';

const headOctets = 20;
/** Code, Identifier and Length. */
const lengthIsKnownAfter = 4;
const packetOctetsMax = 4096;

/**
 * Packets out of a stream of octets, as RADIUS over TCP and TLS has them one after another (RFC 6613 section 2.1). Holds
 * at most one packet that is not whole.
 */
export class RadiusStream {
  #rest = new Uint8Array(0);

  /**
   * Takes the next octets of the stream, and gives the packets that are whole now; they are views of what was taken.
   *
   * @returns undefined for a Length that is none: nobody can tell where the next packet begins, and the connection has
   *   to be closed (RFC 6613 section 2.6.4)
   */
  take(octets: Uint8Array): readonly Uint8Array[] | undefined {
    const bytes = this.#rest.length === 0 ? octets : joined(this.#rest, octets);
    const packets: Uint8Array[] = [];
    let at = 0;
    while (bytes.length - at >= lengthIsKnownAfter) {
      const length = u16At(bytes, at + 2);
      if (length < headOctets || length > packetOctetsMax) return undefined;
      if (bytes.length - at < length) break;
      packets.push(bytes.subarray(at, at + length));
      at += length;
    }
    this.#rest = bytes.slice(at);
    return packets;
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(left.length + right.length);
  whole.set(left);
  whole.set(right, left.length);
  return whole;
}
