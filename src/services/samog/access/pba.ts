import { type IpAddress, isIpv4 } from '../../../kernel/address.ts';
import type { WallClock } from '../../../kernel/instant.ts';
import { type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import { bindingAcknowledgementFlag, bindingStatus, ipv4HomeAddressStatus } from '../../../wire/pmipv6/constants.ts';
import type { ProxyBindingAcknowledgement, ProxyBindingUpdate } from '../../../wire/pmipv6/message.ts';
import { mobilityOption } from '../../../wire/pmipv6/options.ts';

/** What an accepting PBA grants. */
export interface BindingGrant {
  readonly lifetimeSeconds: number;
  readonly address: IpAddress;
  readonly prefixLength: number;
  readonly router: IpAddress;
  /** The key in packets from the MAG to us. */
  readonly uplinkKey: number;
}

/** The options a PBA repeats from its PBU, whatever its status (RFC 5213 section 5.3.6). */
const repeated: ReadonlySet<number> = new Set(
  [
    mobilityOption.mnIdentifier,
    mobilityOption.serviceSelection,
    mobilityOption.handoffIndicator,
    mobilityOption.accessTechnologyType,
    mobilityOption.mnLinkLayerIdentifier,
    mobilityOption.timestamp,
  ].map((option) => option.type),
);

function repeatedOptions(update: ProxyBindingUpdate): Tlv[] {
  return update.options.filter((option) => repeated.has(option.type));
}

/** Accepts a PBU (status 0). The MAG is the UE's DHCP server for the address (RFC 5844 section 3.4.1). */
export function acceptPbu(update: ProxyBindingUpdate, grant: BindingGrant): ProxyBindingAcknowledgement {
  const options = repeatedOptions(update);
  if (isIpv4(grant.address) && isIpv4(grant.router)) {
    const { address, prefixLength, router } = grant;
    options.push(
      tlv(mobilityOption.ipv4HomeAddressReply, { status: ipv4HomeAddressStatus.success, prefixLength, address }),
      tlv(mobilityOption.ipv4DefaultRouter, router),
      tlv(mobilityOption.ipv4DhcpSupportMode, 'server'),
    );
  }
  options.push(tlv(mobilityOption.greKey, { key: grant.uplinkKey }));
  return pba(update, bindingStatus.accepted, grant.lifetimeSeconds, options);
}

/** Accepts a deregistration: status 0 and lifetime 0. */
export function acceptDeregistration(update: ProxyBindingUpdate): ProxyBindingAcknowledgement {
  return pba(update, bindingStatus.accepted, 0, repeatedOptions(update));
}

/**
 * Rejects a PBU. With TIMESTAMP_MISMATCH the timestamp is the LMA's own, so that the MAG can tell how far it is off
 * (RFC 5213 section 5.5).
 */
export function rejectPbu(
  update: ProxyBindingUpdate,
  status: number,
  wallClock: WallClock,
): ProxyBindingAcknowledgement {
  const options = repeatedOptions(update).map((option) =>
    status === bindingStatus.timestampMismatch && option.type === mobilityOption.timestamp.type
      ? tlv(mobilityOption.timestamp, wallClock)
      : option,
  );
  return pba(update, status, 0, options);
}

/** Rejects for a sequence number out of window, naming the last one accepted (RFC 6275 section 9.5.1). */
export function rejectSequence(update: ProxyBindingUpdate, lastSequence: number): ProxyBindingAcknowledgement {
  return {
    ...pba(update, bindingStatus.sequenceNumberOutOfWindow, 0, repeatedOptions(update)),
    sequence: lastSequence,
  };
}

function pba(
  update: ProxyBindingUpdate,
  status: number,
  lifetimeSeconds: number,
  options: readonly Tlv[],
): ProxyBindingAcknowledgement {
  return {
    kind: 'proxyBindingAcknowledgement',
    status,
    flags: bindingAcknowledgementFlag.proxyRegistration,
    sequence: update.sequence,
    lifetimeSeconds,
    options,
  };
}
