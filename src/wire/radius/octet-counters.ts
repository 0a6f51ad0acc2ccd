import { find, type Tlv, tlv } from '../bytes/tlv.ts';
import { radiusAttribute } from './attributes.ts';

/**
 * Octets of a session as accounting tells them: 32 bits in Acct-Input-Octets or Acct-Output-Octets, and in
 * Acct-Input-Gigawords or Acct-Output-Gigawords how often those have wrapped (RFC 2866 sections 5.3 and 5.4, RFC 2869
 * sections 5.1 and 5.2). Input comes from the UE, output goes to it.
 */
export type Direction = 'input' | 'output';

const gigaword = 0x100000000;

const attributesOf = {
  input: { octets: radiusAttribute.acctInputOctets, gigawords: radiusAttribute.acctInputGigawords },
  output: { octets: radiusAttribute.acctOutputOctets, gigawords: radiusAttribute.acctOutputGigawords },
} as const;

/** @param total octets, a whole number below 2^53 */
export function splitOctets(total: number): { readonly octets: number; readonly gigawords: number } {
  return { octets: total % gigaword, gigawords: Math.floor(total / gigaword) };
}

/** The total, exact below 2^53: the attributes could say up to 2^64, and more than 2^53 - 1 comes out as that. */
export function joinOctets(octets: number, gigawords: number): number {
  return Math.min(gigawords * gigaword + octets, Number.MAX_SAFE_INTEGER);
}

/** The attributes of a total; Gigawords only if it does not fit into 32 bits. */
export function octetTlvs(direction: Direction, total: number): readonly Tlv[] {
  const codecs = attributesOf[direction];
  const { octets, gigawords } = splitOctets(total);
  const low = tlv(codecs.octets, octets);
  return gigawords === 0 ? [low] : [low, tlv(codecs.gigawords, gigawords)];
}

/** The total that an Accounting-Request tells, or undefined without Acct-Input-Octets or Acct-Output-Octets. */
export function findOctets(attributes: readonly Tlv[], direction: Direction): number | undefined {
  const codecs = attributesOf[direction];
  const octets = find(attributes, codecs.octets);
  return octets === undefined ? undefined : joinOctets(octets, find(attributes, codecs.gigawords) ?? 0);
}
