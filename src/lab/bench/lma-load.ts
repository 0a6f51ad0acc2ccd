import { macOf } from '../../kernel/address.ts';
import { repeatedOptions } from '../../peers/lma.ts';
import { u48At } from '../../wire/bytes/reader.ts';
import { find, type Tlv, tlv } from '../../wire/bytes/tlv.ts';
import { bindingAcknowledgementFlag, bindingStatus, ipv4HomeAddressStatus } from '../../wire/pmipv6/constants.ts';
import { decodeMobility, encodeMobility, type Heartbeat, type ProxyBindingUpdate } from '../../wire/pmipv6/message.ts';
import { mobilityOption } from '../../wire/pmipv6/options.ts';
import { addressOfUe, peerKeyOfUe, poolPrefixLength, routerAddress, ueOfMac } from './network.ts';

const router = tlv(mobilityOption.ipv4DefaultRouter, routerAddress);
const dhcpServer = tlv(mobilityOption.ipv4DhcpSupportMode, 'server');
const restartCounter = tlv(mobilityOption.restartCounter, 1);

/** A local mobility anchor that accepts every PBU, with the address and key that its UE's number names. */
export class LmaLoad {
  /** By UE, the key that the gateway wants in downlink packets. */
  readonly downlinkKeys: Uint32Array;

  constructor(ues: number) {
    this.downlinkKeys = new Uint32Array(ues);
  }

  /** The answer to a PBU or a heartbeat; undefined for anything else. */
  answer(bytes: Uint8Array): Uint8Array | undefined {
    const message = decodeMobility(bytes);
    if (!message.ok) return undefined;
    if (message.value.kind === 'heartbeat') return heartbeatAnswer(message.value);
    return message.value.kind === 'proxyBindingUpdate' ? this.#acknowledge(message.value) : undefined;
  }

  #acknowledge(update: ProxyBindingUpdate): Uint8Array | undefined {
    const linkLayer = find(update.options, mobilityOption.mnLinkLayerIdentifier);
    if (linkLayer === undefined) return undefined;
    const ue = ueOfMac(macOf(u48At(linkLayer, 0)));
    const options: Tlv[] = update.options.filter(({ type }) => repeatedOptions.has(type));
    options.push(
      tlv(mobilityOption.ipv4HomeAddressReply, {
        status: ipv4HomeAddressStatus.success,
        prefixLength: poolPrefixLength,
        address: addressOfUe(ue),
      }),
      router,
      dhcpServer,
      tlv(mobilityOption.greKey, { key: peerKeyOfUe(ue) }),
    );
    this.downlinkKeys[ue] = find(update.options, mobilityOption.greKey)?.key ?? 0;
    return encodeMobility({
      kind: 'proxyBindingAcknowledgement',
      status: bindingStatus.accepted,
      flags: bindingAcknowledgementFlag.proxyRegistration,
      sequence: update.sequence,
      lifetimeSeconds: update.lifetimeSeconds,
      options,
    });
  }
}

/** What a peer that has never restarted answers to a heartbeat (RFC 5847 section 3.1). */
export function heartbeatAnswer(heartbeat: Heartbeat): Uint8Array | undefined {
  if (heartbeat.response) return undefined;
  return encodeMobility({ ...heartbeat, response: true, unsolicited: false, options: [restartCounter] });
}
