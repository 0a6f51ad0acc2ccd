import { type IpAddress, ipv4Of, isIpv4, type MacAddress } from '../../../kernel/address.ts';
import type { WallClock } from '../../../kernel/instant.ts';
import { setU48 } from '../../../wire/bytes/reader.ts';
import { find, type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import {
  accessTechnologyType,
  bindingStatus,
  bindingStatusName,
  bindingUpdateFlag,
  handoffIndicator,
  ipv4HomeAddressStatus,
  revocationFlag,
} from '../../../wire/pmipv6/constants.ts';
import type {
  BindingRevocationAcknowledgement,
  BindingRevocationIndication,
  ProxyBindingAcknowledgement,
  ProxyBindingUpdate,
} from '../../../wire/pmipv6/message.ts';
import { mobilityOption } from '../../../wire/pmipv6/options.ts';

/** What a PBU of the MAG role says of a UE (RFC 5213 section 6.9.1.1, RFC 5844 section 3.1.1, RFC 5845 section 4.1). */
export interface S2aUpdate {
  readonly purpose: 'initial' | 'refresh' | 'deregistration';
  readonly sequence: number;
  readonly nai: string;
  readonly mac: MacAddress;
  readonly apn: string | undefined;
  /** The address to ask for; undefined lets the LMA choose. */
  readonly address: IpAddress | undefined;
  /** The key the LMA is to put in packets to us. */
  readonly downlinkKey: number;
  readonly lifetimeSeconds: number;
}

/**
 * The PBU of the MAG role (RFC 5213 section 6.9.1): handoff indicator 1 for an initial one, as for an attachment over a new
 * interface, else 5 (section 8.4); lifetime 0 to deregister.
 *
 * @param wallClock milliseconds since 1970, for the Timestamp option (section 8.8)
 */
export function s2aBindingUpdate(update: S2aUpdate, wallClock: WallClock): ProxyBindingUpdate {
  const linkLayer = new Uint8Array(6);
  setU48(linkLayer, 0, update.mac);
  const options: Tlv[] = [
    tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: update.nai }),
    tlv(
      mobilityOption.handoffIndicator,
      update.purpose === 'initial' ? handoffIndicator.newInterface : handoffIndicator.reRegistration,
    ),
    tlv(mobilityOption.accessTechnologyType, accessTechnologyType.ieee80211),
    tlv(mobilityOption.mnLinkLayerIdentifier, linkLayer),
    tlv(mobilityOption.timestamp, wallClock),
    tlv(mobilityOption.ipv4HomeAddressRequest, {
      prefixLength: 0,
      address: update.address !== undefined && isIpv4(update.address) ? update.address : ipv4Of(0),
    }),
    tlv(mobilityOption.greKey, { key: update.downlinkKey }),
  ];
  if (update.apn !== undefined) options.push(tlv(mobilityOption.serviceSelection, update.apn));
  return {
    kind: 'proxyBindingUpdate',
    sequence: update.sequence,
    flags: bindingUpdateFlag.acknowledge | bindingUpdateFlag.proxyRegistration,
    lifetimeSeconds: update.purpose === 'deregistration' ? 0 : update.lifetimeSeconds,
    options,
  };
}

/** The LMA's answer, read. `denied` also for an acceptance that lacks what a session needs. */
export type S2aAcknowledgement =
  | {
      readonly kind: 'accepted';
      readonly lifetimeSeconds: number;
      readonly address: IpAddress;
      readonly prefixLength: number;
      readonly router: IpAddress;
      readonly uplinkKey: number;
    }
  | { readonly kind: 'deregistered' }
  | { readonly kind: 'denied'; readonly status: number; readonly text: string };

/** Reads a PBA (RFC 5213 section 6.9.1.2); never throws. */
export function readS2aAcknowledgement(message: ProxyBindingAcknowledgement): S2aAcknowledgement {
  const { status, options } = message;
  if (status >= 128) return { kind: 'denied', status, text: bindingStatusName(status) };
  if (message.lifetimeSeconds === 0) return { kind: 'deregistered' };
  const reply = find(options, mobilityOption.ipv4HomeAddressReply);
  if (reply === undefined || reply.status !== ipv4HomeAddressStatus.success || reply.address === 0) {
    return { kind: 'denied', status: reply?.status ?? status, text: 'no IPv4 home address assigned' };
  }
  const uplinkKey = find(options, mobilityOption.greKey)?.key;
  if (uplinkKey === undefined) {
    return { kind: 'denied', status: bindingStatus.greKeyOptionRequired, text: 'no GRE key assigned' };
  }
  const prefixLength = reply.prefixLength === 0 ? 32 : reply.prefixLength;
  const router = find(options, mobilityOption.ipv4DefaultRouter) ?? firstHostOf(reply.address, prefixLength);
  return {
    kind: 'accepted',
    lifetimeSeconds: message.lifetimeSeconds,
    address: reply.address,
    prefixLength,
    router,
    uplinkKey,
  };
}

/** Where the LMA names no default router: the first host of the UE's prefix, as operators number them. */
function firstHostOf(address: number, prefixLength: number): IpAddress {
  const host = 2 ** (32 - prefixLength);
  const network = address - (address % host);
  return ipv4Of(network + 1 === address ? network + 2 : network + 1);
}

/** Acknowledges an LMA's BRI (RFC 5846 section 10.1.2): the P flag and the MN-Identifier come back. */
export function s2aRevocationAcknowledgement(
  indication: BindingRevocationIndication,
  status: number,
): BindingRevocationAcknowledgement {
  return {
    kind: 'bindingRevocationAcknowledgement',
    status,
    sequence: indication.sequence,
    flags: indication.flags & (revocationFlag.proxyBinding | revocationFlag.global),
    options: indication.options.filter((option) => option.type === mobilityOption.mnIdentifier.type),
  };
}
