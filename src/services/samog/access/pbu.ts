import type { IpAddress, MacAddress } from '../../../kernel/address.ts';
import { macOf } from '../../../kernel/address.ts';
import type { WallClock } from '../../../kernel/instant.ts';
import { u48At } from '../../../wire/bytes/reader.ts';
import { find, findAll, has, type Tlv } from '../../../wire/bytes/tlv.ts';
import { bindingStatus, bindingUpdateFlag } from '../../../wire/pmipv6/constants.ts';
import type { MobilityMessage, ProxyBindingUpdate } from '../../../wire/pmipv6/message.ts';
import { mobilityOption } from '../../../wire/pmipv6/options.ts';
import { macOfNai } from '../nai.ts';
import type { AccessBindingUpdate } from '../trigger.ts';

export type PbuExamination =
  | { readonly kind: 'valid'; readonly update: AccessBindingUpdate }
  /** To be answered with this status (RFC 5213 section 8.9, RFC 5844, RFC 5845). */
  | { readonly kind: 'rejected'; readonly status: number; readonly mac: MacAddress | undefined }
  /** Not a PBU at all: to be counted and dropped. */
  | { readonly kind: 'ignored' };

export interface PbuRules {
  readonly timestampWindowMs: number;
  /** The MAC address of a UE that is known by an NAI given by the AAA server. */
  macOfKnownNai(nai: string): MacAddress | undefined;
}

/**
 * The checks of the LMA role that need no session: the options a PBU must carry (RFC 5213 section 5.3.1, RFC 5844
 * section 3.1.2, RFC 5845 section 4.1), who the UE is, and the timestamp's window (RFC 5213 section 5.5).
 */
export function examinePbu(
  message: ProxyBindingUpdate,
  mag: IpAddress,
  magPort: number,
  wallClock: WallClock,
  rules: PbuRules,
): PbuExamination {
  // Without the P flag it is a Binding Update of a mobile node's own (RFC 6275), which this gateway does not serve.
  if ((message.flags & bindingUpdateFlag.proxyRegistration) === 0) return { kind: 'ignored' };
  const { options } = message;
  const identifier = find(options, mobilityOption.mnIdentifier);
  if (identifier === undefined) {
    return { kind: 'rejected', status: bindingStatus.missingMnIdentifierOption, mac: undefined };
  }
  const nai = identifier.identifier;
  const mac = macOfMobileNode(message, rules);
  const rejected = (status: number): PbuExamination => ({ kind: 'rejected', status, mac });
  if (mac === undefined) return rejected(bindingStatus.notLmaForThisMobileNode);

  const handoffIndicator = find(options, mobilityOption.handoffIndicator);
  if (handoffIndicator === undefined) return rejected(bindingStatus.missingHandoffIndicatorOption);
  if (!has(options, mobilityOption.accessTechnologyType))
    return rejected(bindingStatus.missingAccessTechnologyTypeOption);

  const timestamp = find(options, mobilityOption.timestamp);
  if (timestamp !== undefined && Math.abs(timestamp - wallClock) > rules.timestampWindowMs) {
    return rejected(bindingStatus.timestampMismatch);
  }

  const deregistration = message.lifetimeSeconds === 0;
  const addresses = findAll(options, mobilityOption.ipv4HomeAddressRequest);
  // RFC 5844 section 3.3.3: a session has one IPv4 home address here, and asking for several is refused by name.
  if (addresses.length > 1) return rejected(bindingStatus.multipleIpv4HomeAddressAssignmentNotSupported);
  const address = addresses[0];
  if (address === undefined && !deregistration) {
    // A binding for IPv6 alone is refused by name; one for nothing lacks its prefix option.
    return rejected(
      has(options, mobilityOption.homeNetworkPrefix)
        ? bindingStatus.notAuthorizedForIpv6MobilityService
        : bindingStatus.missingHomeNetworkPrefixOption,
    );
  }
  const greKey = find(options, mobilityOption.greKey)?.key;
  // Every UE shares the tunnel of its WLC, and UEs of different operators may share addresses: keys are required.
  if (greKey === undefined && !deregistration) return rejected(bindingStatus.greKeyOptionRequired);

  return {
    kind: 'valid',
    update: {
      mag,
      magPort,
      nai,
      mac,
      sequence: message.sequence,
      timestamp,
      lifetimeSeconds: message.lifetimeSeconds,
      downlinkKey: greKey,
      requestedAddress: address === undefined || address.address === 0 ? undefined : address.address,
      handoffIndicator,
      apn: find(options, mobilityOption.serviceSelection),
      message,
    },
  };
}

/** The UE that a message of a MAG is about: by the session of its NAI, by the NAI itself, or by its link-layer identifier. */
export function macOfMobileNode({ options }: MobilityMessage, rules: PbuRules): MacAddress | undefined {
  const nai = find(options, mobilityOption.mnIdentifier)?.identifier;
  if (nai === undefined) return undefined;
  return rules.macOfKnownNai(nai) ?? macOfNai(nai) ?? macOfLinkLayer(options);
}

function macOfLinkLayer(options: readonly Tlv[]): MacAddress | undefined {
  const identifier = find(options, mobilityOption.mnLinkLayerIdentifier);
  return identifier !== undefined && identifier.length === 6 ? macOf(u48At(identifier, 0)) : undefined;
}

/** What the last accepted PBU of a session was, in the terms RFC 5213 section 5.5 orders PBUs by. */
export interface LastAccepted {
  readonly mag: IpAddress | undefined;
  readonly sequence: number;
  readonly timestamp: number | undefined;
}

/** What a PBU is to the one accepted before it; the last two are refused (RFC 5213 section 5.5). */
export type PbuOrder = 'new' | 'retransmission' | 'timestamp-lower' | 'sequence-out-of-window';

/**
 * Orders a PBU against the last one accepted: by timestamp where both have one, even across MAGs; otherwise by
 * sequence number (16 bits, modulo), which means something only from the same MAG.
 */
export function orderPbu(update: AccessBindingUpdate, last: LastAccepted): PbuOrder {
  const sameMag = last.mag === update.mag;
  if (update.timestamp !== undefined && last.timestamp !== undefined) {
    if (update.timestamp > last.timestamp) return 'new';
    if (update.timestamp === last.timestamp && sameMag && update.sequence === last.sequence) return 'retransmission';
    return 'timestamp-lower';
  }
  if (!sameMag) return 'new';
  if (update.sequence === last.sequence) return 'retransmission';
  return ((update.sequence - last.sequence) & 0xffff) < 0x8000 ? 'new' : 'sequence-out-of-window';
}
