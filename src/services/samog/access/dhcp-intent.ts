import type { EogrePath } from '../../../forwarding/entry.ts';
import { isGroupMac, type MacAddress } from '../../../kernel/address.ts';
import { find } from '../../../wire/bytes/tlv.ts';
import type { DhcpMessage } from '../../../wire/dhcpv4/message.ts';
import { dhcpOption } from '../../../wire/dhcpv4/options.ts';
import type { AccessDhcp, DhcpIntent } from '../trigger.ts';

export type DhcpExamination =
  | { readonly kind: 'valid'; readonly dhcp: AccessDhcp }
  /** Counted and dropped: RFC 2131 has no reply to a message that is none of a client's. */
  | { readonly kind: 'ignored'; readonly why: 'not-for-us' | 'mac-mismatch' | 'malformed' };

/**
 * Reads what a client wants. Without a relay agent the frame must come from the client itself: a UE that names
 * another's hardware address would otherwise be given that one's session.
 */
export function examineDhcp(message: DhcpMessage, path: EogrePath, sourceMac: MacAddress): DhcpExamination {
  if (message.op !== 'request') return { kind: 'ignored', why: 'not-for-us' };
  if (isGroupMac(message.clientMac) || message.clientMac === 0) return { kind: 'ignored', why: 'malformed' };
  if (message.relayAddress === 0 && message.clientMac !== sourceMac) return { kind: 'ignored', why: 'mac-mismatch' };
  const intent = intentOf(message);
  return intent === undefined
    ? { kind: 'ignored', why: 'malformed' }
    : { kind: 'valid', dhcp: { path, sourceMac, intent, message } };
}

/** RFC 2131 section 4.3.2 and table 4: the REQUEST's state is told by server identifier, requested address and ciaddr. */
function intentOf(message: DhcpMessage): DhcpIntent | undefined {
  const requestedAddress = find(message.options, dhcpOption.requestedAddress);
  const { clientAddress } = message;
  switch (find(message.options, dhcpOption.messageType)) {
    case 'discover':
      return { kind: 'discover', requestedAddress };
    case 'request': {
      const serverIdentifier = find(message.options, dhcpOption.serverIdentifier);
      if (serverIdentifier !== undefined) {
        return requestedAddress === undefined ? undefined : { kind: 'selecting', serverIdentifier, requestedAddress };
      }
      if (clientAddress !== 0) return { kind: 'extending', clientAddress };
      return requestedAddress === undefined ? undefined : { kind: 'init-reboot', requestedAddress };
    }
    case 'release':
      return { kind: 'release', clientAddress };
    case 'decline':
      return { kind: 'decline', requestedAddress };
    case 'inform':
      return { kind: 'inform', clientAddress };
    default:
      return undefined;
  }
}
