import { u16At, u32At } from '../bytes/reader.ts';
import { radiusVendor } from './constants.ts';

const headOctets = 20;
const vendorSpecific = 26;
const vendorOctets = 4;

/**
 * Attributes from whose values a password or a key can be had, by whoever knows or guesses the shared secret: User-Password,
 * CHAP-Password (RFC 2865 sections 5.2 and 5.3), Tunnel-Password (RFC 2868 section 3.5) and ARAP-Password (RFC 2869 section 5.4).
 */
const hiddenTypes: ReadonlySet<number> = new Set([2, 3, 69, 70]);

/** Microsoft's (RFC 2548 sections 2.1 to 2.4): responses and new passwords of MS-CHAP, and the MPPE keys. */
const hiddenMicrosoftTypes: ReadonlySet<number> = new Set([1, 3, 4, 5, 6, 12, 16, 17, 25, 27]);

/**
 * A copy of a RADIUS packet in which the values that are hidden, or prove a password, are zeros of the same length. What
 * follows an attribute that cannot be read is zeros, too; octets behind the packet's Length are left out.
 */
export function withoutHiddenValues(packet: Uint8Array): Uint8Array {
  const end =
    packet.length < headOctets ? packet.length : Math.max(headOctets, Math.min(packet.length, u16At(packet, 2)));
  const kept = packet.slice(0, end);
  let at = headOctets;
  while (at + 2 <= end) {
    const length = kept[at + 1]!;
    if (length < 2 || at + length > end) break;
    if (hiddenTypes.has(kept[at]!)) kept.fill(0, at + 2, at + length);
    else if (kept[at] === vendorSpecific) hideWithin(kept, at + 2, at + length);
    at += length;
  }
  return at < end ? kept.fill(0, at) : kept;
}

function hideWithin(bytes: Uint8Array, from: number, end: number): void {
  if (end - from < vendorOctets || u32At(bytes, from) !== radiusVendor.microsoft) return;
  let at = from + vendorOctets;
  while (at + 2 <= end) {
    const length = bytes[at + 1]!;
    if (length < 2 || at + length > end) break;
    if (hiddenMicrosoftTypes.has(bytes[at]!)) bytes.fill(0, at + 2, at + length);
    at += length;
  }
  if (at < end) bytes.fill(0, at, end);
}
