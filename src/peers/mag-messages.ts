import { type Ipv4Address, ipv4Unspecified, type MacAddress } from '../kernel/address.ts';
import type { WallClock } from '../kernel/instant.ts';
import { setU48 } from '../wire/bytes/reader.ts';
import { tlv } from '../wire/bytes/tlv.ts';
import { accessTechnologyType, bindingUpdateFlag, revocationFlag } from '../wire/pmipv6/constants.ts';
import type { BindingRevocationIndication, Heartbeat, MobilityMessage } from '../wire/pmipv6/message.ts';
import { mobilityOption } from '../wire/pmipv6/options.ts';

/** What a PBU says of a UE on a radio link. */
export interface BindingUpdate {
  readonly sequence: number;
  readonly timestamp: WallClock;
  readonly mac: MacAddress;
  readonly nai: string;
  readonly apn: string | undefined;
  /** Of RFC 5213 section 8.4. */
  readonly indicator: number;
  /** 0 ends the binding. */
  readonly lifetimeSeconds: number;
  /** The UE's address, if it has one already. */
  readonly address: Ipv4Address | undefined;
  /** Downlink packets come with it; undefined where none are to come. */
  readonly downlinkKey: number | undefined;
}

/** RFC 5213 section 8.1, with the options of RFC 5844 (IPv4), RFC 5845 (GRE key) and RFC 5149 (APN). */
export function proxyBindingUpdate(update: BindingUpdate): MobilityMessage {
  const { sequence, timestamp, mac, nai, apn, indicator, lifetimeSeconds, downlinkKey } = update;
  const linkLayer = new Uint8Array(6);
  setU48(linkLayer, 0, mac);
  const address = update.address ?? ipv4Unspecified;
  return {
    kind: 'proxyBindingUpdate',
    sequence,
    flags: bindingUpdateFlag.acknowledge | bindingUpdateFlag.proxyRegistration,
    lifetimeSeconds,
    options: [
      tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: nai }),
      ...(apn === undefined ? [] : [tlv(mobilityOption.serviceSelection, apn)]),
      tlv(mobilityOption.handoffIndicator, indicator),
      tlv(mobilityOption.accessTechnologyType, accessTechnologyType.ieee80211),
      tlv(mobilityOption.mnLinkLayerIdentifier, linkLayer),
      tlv(mobilityOption.timestamp, timestamp),
      tlv(mobilityOption.ipv4HomeAddressRequest, { prefixLength: 0, address }),
      ...(downlinkKey === undefined ? [] : [tlv(mobilityOption.greKey, { key: downlinkKey })]),
    ],
  };
}

/** A BRA (RFC 5846 section 5.2): it names the UE as the BRI did. */
export function revocationAcknowledgement(to: BindingRevocationIndication, status: number): MobilityMessage {
  return {
    kind: 'bindingRevocationAcknowledgement',
    status,
    sequence: to.sequence,
    flags: revocationFlag.proxyBinding,
    options: to.options.filter(({ type }) => type === mobilityOption.mnIdentifier.type),
  };
}

/** The answer to a heartbeat (RFC 5847 section 3.1). */
export function heartbeatResponse({ sequence }: Heartbeat, restartCounter: number): MobilityMessage {
  const options = [tlv(mobilityOption.restartCounter, restartCounter)];
  return { kind: 'heartbeat', response: true, unsolicited: false, sequence, options };
}
