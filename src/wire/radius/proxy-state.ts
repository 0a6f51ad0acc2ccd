import type { Tlv } from '../bytes/tlv.ts';
import { radiusAttribute } from './attributes.ts';

/**
 * Proxy-State (RFC 2865 section 5.33, RFC 2866 section 5, RFC 5176 section 3.1): what proxies note down in a request
 * and get back in its reply, unread by all others. Their order is their meaning: each proxy takes away the last.
 */

const proxyStateType = radiusAttribute.proxyState.type;

/** Those of a request, in order: they go into its reply unchanged. */
export function proxyStates(attributes: readonly Tlv[]): readonly Tlv[] {
  return attributes.filter(isProxyState);
}

/** The attributes of a request with one's own note behind all others. */
export function withProxyState(attributes: readonly Tlv[], own: Uint8Array): readonly Tlv[] {
  return [...attributes, { type: proxyStateType, data: radiusAttribute.proxyState.encode(own) }];
}

/** A reply's attributes without the last note, and that note: undefined if there is none. */
export function takeProxyState(attributes: readonly Tlv[]): {
  readonly own: Uint8Array | undefined;
  readonly others: readonly Tlv[];
} {
  const last = attributes.findLastIndex(isProxyState);
  if (last < 0) return { own: undefined, others: attributes };
  return { own: attributes[last]!.data, others: attributes.filter((_, index) => index !== last) };
}

function isProxyState(attribute: Tlv): boolean {
  return attribute.type === proxyStateType;
}
