import type { IpAddress, MacAddress } from '../../kernel/address.ts';
import { macOf } from '../../kernel/address.ts';
import type { PortName } from '../../kernel/port.ts';
import { accountNameOf } from '../../services/samog/account-id.ts';
import { macOfNai } from '../../services/samog/nai.ts';
import { u48At } from '../../wire/bytes/reader.ts';
import { find, type Tlv } from '../../wire/bytes/tlv.ts';
import { ethernetLength, ethernetSourceAt } from '../../wire/ethernet/ethernet.ts';
import { greHeaderLengthAt, greKeyAt, greProtocol, greProtocolAt } from '../../wire/gre/gre.ts';
import { ipv4SourceAt } from '../../wire/ipv4/ipv4.ts';
import { revocationFlag } from '../../wire/pmipv6/constants.ts';
import { decodeMobility } from '../../wire/pmipv6/message.ts';
import { mobilityOption } from '../../wire/pmipv6/options.ts';
import { radiusAttribute } from '../../wire/radius/attributes.ts';
import { openRadius } from '../../wire/radius/packet-octets.ts';
import { callingStationOf } from '../radius/access-radius.ts';
import { disconnectChannel } from '../radius/nas-disconnects.ts';
import type { Directory } from './directory.ts';
import { instanceOfKey, instanceOfMac } from './owner.ts';

/** Of an IPv4 header without options. */
const ipv4HeaderOctetsMin = 20;

/** What concerns no session, or all of them: heartbeats, global revocations, and what cannot be read. */
export const firstInstance = 0;

/**
 * Whose packet this is, by what stands in it (ADR 0017). What comes for sessions by other ways finds its instance by
 * `instanceOfUe` or `instanceOfSession`.
 */
export class PacketRouter {
  readonly #count: number;
  /** Of the `aaa` port, for each instance. */
  readonly #channels: number;
  readonly #directory: Directory;

  constructor(count: number, channels: number, directory: Directory) {
    this.#count = count;
    this.#channels = channels;
    this.#directory = directory;
  }

  /** Where a packet goes: the place of an instance, from 0. @param peer who sent it; of the `aaa` port it says nothing */
  instanceOf(port: PortName, channel: number, peer: IpAddress, bytes: Uint8Array): number {
    switch (port) {
      case 'access-gre':
      case 's2a-gre':
        return this.#ofGre(port, peer, bytes);
      case 'access-pmipv6':
      case 's2a-pmipv6':
        return this.#ofMobility(bytes);
      case 'access-radius':
        if (channel >= disconnectChannel) return Math.min(channel - disconnectChannel, this.#count - 1);
        return this.#ofRadius(bytes);
      case 'aaa':
        return Math.min(Math.floor(channel / this.#channels), this.#count - 1);
      case 'dynamic-authorization':
        return this.#ofDynamicAuthorization(bytes);
    }
  }

  instanceOfUe(mac: MacAddress): number {
    return instanceOfMac(mac, this.#count);
  }

  /** By the identifier, which is the GRE key as well. */
  instanceOfSession(id: number): number {
    return this.#directory.instanceOfStray(id) ?? instanceOfKey(id, this.#count);
  }

  #ofGre(port: PortName, peer: IpAddress, bytes: Uint8Array): number {
    const at = greHeaderLengthAt(bytes, 0, bytes.length);
    if (at === 0) return firstInstance;
    if (greProtocolAt(bytes, 0) === greProtocol.transparentEthernet) {
      // DHCP of a client whose hardware address is another is refused wherever it comes.
      if (at + ethernetLength(undefined) > bytes.length) return firstInstance;
      return this.instanceOfUe(ethernetSourceAt(bytes, at));
    }
    const key = greKeyAt(bytes, 0);
    if (key !== undefined) return this.instanceOfSession(key);
    return port === 'access-gre' ? this.#ofAddress(peer, bytes, at) : firstInstance;
  }

  /** Of an access point that gives its UEs addresses itself: what is of none that it gave is refused wherever it comes. */
  #ofAddress(peer: IpAddress, bytes: Uint8Array, at: number): number {
    if (greProtocolAt(bytes, 0) !== greProtocol.ipv4 || at + ipv4HeaderOctetsMin > bytes.length) return firstInstance;
    return this.#directory.instanceOfAddress(peer, ipv4SourceAt(bytes, at)) ?? firstInstance;
  }

  /** Whoever is not named is refused wherever it comes. */
  #ofRadius(bytes: Uint8Array): number {
    const packet = openRadius(bytes);
    const mac = packet.ok ? callingStationOf(packet.value) : undefined;
    return mac === undefined ? firstInstance : this.instanceOfUe(mac);
  }

  #ofMobility(bytes: Uint8Array): number {
    const message = decodeMobility(bytes);
    if (!message.ok) return firstInstance;
    const { value } = message;
    if (value.kind === 'heartbeat') return firstInstance;
    if (value.kind === 'bindingRevocationIndication' && (value.flags & revocationFlag.global) !== 0) {
      return firstInstance;
    }
    return this.#ofNames(value.options);
  }

  /** A request that names a session neither by its account nor by its UE is refused wherever it comes. */
  #ofDynamicAuthorization(bytes: Uint8Array): number {
    const packet = openRadius(bytes);
    if (!packet.ok) return firstInstance;
    const account = accountNameOf(packet.value.find(radiusAttribute.acctSessionId) ?? '');
    if (account !== undefined) return this.instanceOfSession(account.id);
    const mac = callingStationOf(packet.value);
    return mac === undefined ? firstInstance : this.instanceOfUe(mac);
  }

  /** In the order in which `examinePbu` takes them: a name that AAA gave, the MAC address as a name, the link layer's. */
  #ofNames(options: readonly Tlv[]): number {
    const nai = find(options, mobilityOption.mnIdentifier)?.identifier;
    if (nai === undefined) return firstInstance;
    const named = this.#directory.instanceOfNai(nai);
    if (named !== undefined) return named;
    const mac = macOfNai(nai) ?? macOfLinkLayer(options);
    return mac === undefined ? firstInstance : this.instanceOfUe(mac);
  }
}

function macOfLinkLayer(options: readonly Tlv[]): MacAddress | undefined {
  const identifier = find(options, mobilityOption.mnLinkLayerIdentifier);
  return identifier !== undefined && identifier.length === 6 ? macOf(u48At(identifier, 0)) : undefined;
}
