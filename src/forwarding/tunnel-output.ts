import type { MacAddress } from '../kernel/address.ts';
import type { PacketOutput } from '../kernel/port.ts';
import { ethernetLength, etherType, writeEthernet } from '../wire/ethernet/ethernet.ts';
import { greLength, greProtocol, writeGre } from '../wire/gre/gre.ts';
import type { AccessPath, EogrePath, S2aPath } from './entry.ts';

/** Where in the buffer the inner packet stands: behind room for the longest tunnel header (GRE 8, Ethernet 18). */
export const packetAt = 32;
const packetLengthMax = 0xffff;

/**
 * The one buffer through which everything leaves. A packet is put at `packetAt`, worked on there, and sent with the
 * tunnel's headers written in front of it; sending leaves it in place.
 */
export class TunnelOutput {
  readonly bytes = new Uint8Array(packetAt + packetLengthMax);
  readonly #output: PacketOutput;
  readonly #vmac: MacAddress;

  /** @param vmac the gateway's one MAC address, the source of every frame toward a UE */
  constructor(output: PacketOutput, vmac: MacAddress) {
    this.#output = output;
    this.#vmac = vmac;
  }

  /** Puts a packet of at most 65535 octets at `packetAt`. */
  load(bytes: Uint8Array, from: number, length: number): void {
    this.bytes.set(bytes.subarray(from, from + length), packetAt);
  }

  /** Sends the IPv4 packet at `packetAt` to the UE. */
  sendToUe(mac: MacAddress, path: AccessPath, length: number): void {
    if (path.kind === 'eogre') return this.sendFrame(mac, path, etherType.ipv4, length);
    this.#sendIp('access-gre', path.peer, path.kind === 'ip' ? undefined : path.downlinkKey, length);
  }

  /** Sends what stands at `packetAt` to the UE as an Ethernet frame. */
  sendFrame(mac: MacAddress, path: EogrePath, type: number, length: number): void {
    const frameAt = packetAt - ethernetLength(path.vlan);
    const greAt = frameAt - greLength(path.key);
    writeGre(this.bytes, greAt, greProtocol.transparentEthernet, path.key);
    writeEthernet(this.bytes, frameAt, mac, this.#vmac, path.vlan, type);
    this.#output.send('access-gre', 0, path.peer, 0, this.bytes.subarray(greAt, packetAt + length));
  }

  /** Sends the IPv4 packet at `packetAt` to the LMA. */
  sendToLma(path: S2aPath, length: number): void {
    this.#sendIp('s2a-gre', path.peer, path.uplinkKey, length);
  }

  #sendIp(port: 'access-gre' | 's2a-gre', peer: S2aPath['peer'], key: number | undefined, length: number): void {
    const greAt = packetAt - greLength(key);
    writeGre(this.bytes, greAt, greProtocol.ipv4, key);
    this.#output.send(port, 0, peer, 0, this.bytes.subarray(greAt, packetAt + length));
  }
}
