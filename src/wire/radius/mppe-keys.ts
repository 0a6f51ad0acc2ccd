import type { Digests, RandomSource } from '../../kernel/context.ts';
import { setU16 } from '../bytes/reader.ts';
import type { Tlv } from '../bytes/tlv.ts';
import { blockOctets, hideBlocks, joined, revealBlocks } from './hidden.ts';
import { findVendor, microsoftAttribute, rewriteVendor, vendorTlv } from './vendor-attributes.ts';

/**
 * The keys that an Access-Accept brings to the access point: MS-MPPE-Recv-Key is the first half of EAP's MSK and
 * MS-MPPE-Send-Key the second (RFC 2548 sections 2.4.2 and 2.4.3, RFC 5216 section 2.3). They are hidden hop by hop:
 * a proxy reveals them with the secret it shares with the server and hides them with that of its client.
 *
 *     |             Salt              |  hidden: Key-Length, Key, zeros up to a multiple of 16
 */
export interface MppeKeys {
  readonly send: Uint8Array;
  readonly receive: Uint8Array;
}

/** What hides a key between two parties. */
export interface Hop {
  /** Of the Access-Request that the reply answers; on each hop another. 16 octets. */
  readonly requestAuthenticator: Uint8Array;
  readonly secret: Uint8Array;
}

const saltOctets = 2;
/** Every salt has its most significant bit set. */
const saltBit = 0x8000;
/** 15 blocks and the salt are the most that fits into a Vendor-Specific attribute; Key-Length takes one octet more. */
const keyOctetsMax = 15 * blockOctets - 1;

/**
 * Salts for one packet: no two of them alike for 32,768 calls, as section 2.4.2 demands. A salt used twice would hide
 * two keys behind the same octets, and anyone could see by what they differ.
 */
export function saltsForPacket(random: RandomSource): () => number {
  let next = random.u32();
  return () => {
    next = (next + 1) >>> 0;
    return saltBit | (next & (saltBit - 1));
  };
}

/** Hides a key. Throws RangeError for one of more than 239 octets, which no attribute can hold. */
export function hideMppeKey(key: Uint8Array, salt: number, hop: Hop, digests: Digests): Uint8Array {
  if (key.length > keyOctetsMax) throw new RangeError(`MPPE key of ${key.length} octets`);
  const blocks = new Uint8Array(Math.ceil((1 + key.length) / blockOctets) * blockOctets);
  blocks[0] = key.length;
  blocks.set(key, 1);
  const hidden = new Uint8Array(saltOctets + blocks.length);
  setU16(hidden, 0, salt | saltBit);
  hideBlocks(blocks, seedOf(hidden, hop), hop.secret, digests);
  hidden.set(blocks, saltOctets);
  return hidden;
}

/**
 * The key, or undefined if the octets cannot be a hidden key: a wrong length, or (another secret, most likely) a
 * Key-Length that is zero or leaves more than 15 octets of padding. What the padding is and whether the salt has its
 * bit is not looked at: senders differ, and nothing depends on it.
 */
export function revealMppeKey(hidden: Uint8Array, hop: Hop, digests: Digests): Uint8Array | undefined {
  const length = hidden.length - saltOctets;
  if (length <= 0 || length % blockOctets !== 0) return undefined;
  const blocks = hidden.slice(saltOctets);
  revealBlocks(blocks, seedOf(hidden, hop), hop.secret, digests);
  const keyLength = blocks[0]!;
  const padding = length - 1 - keyLength;
  if (keyLength === 0 || padding < 0 || padding >= blockOctets) return undefined;
  return blocks.subarray(1, 1 + keyLength);
}

/** Both keys as attributes of a reply. Throws RangeError for a key of more than 239 octets. */
export function mppeKeyTlvs(keys: MppeKeys, hop: Hop, random: RandomSource, digests: Digests): readonly Tlv[] {
  const salt = saltsForPacket(random);
  return [
    vendorTlv(microsoftAttribute.mppeRecvKey, hideMppeKey(keys.receive, salt(), hop, digests)),
    vendorTlv(microsoftAttribute.mppeSendKey, hideMppeKey(keys.send, salt(), hop, digests)),
  ];
}

/** Both keys of a reply, or undefined if one of them is missing or cannot be revealed. */
export function findMppeKeys(attributes: readonly Tlv[], hop: Hop, digests: Digests): MppeKeys | undefined {
  const [send, receive] = [microsoftAttribute.mppeSendKey, microsoftAttribute.mppeRecvKey].map((codec) => {
    const hidden = findVendor(attributes, codec);
    return hidden === undefined ? undefined : revealMppeKey(hidden, hop, digests);
  });
  return send === undefined || receive === undefined ? undefined : { send, receive };
}

/**
 * The attributes of a reply as the next hop needs them: every MS-MPPE key revealed and hidden anew under a fresh salt,
 * all else as it was and where it was. Undefined if a key cannot be revealed: the access point would take what is left
 * for its key.
 */
export function rehideMppeKeys(
  attributes: readonly Tlv[],
  from: Hop,
  to: Hop,
  random: RandomSource,
  digests: Digests,
): readonly Tlv[] | undefined {
  const salt = saltsForPacket(random);
  let failed = false;
  const rehide = (hidden: Uint8Array): Uint8Array => {
    const key = revealMppeKey(hidden, from, digests);
    failed ||= key === undefined;
    return key === undefined ? hidden : hideMppeKey(key, salt(), to, digests);
  };
  const { mppeSendKey, mppeRecvKey } = microsoftAttribute;
  const rewritten = rewriteVendor(rewriteVendor(attributes, mppeSendKey, rehide), mppeRecvKey, rehide);
  return failed ? undefined : rewritten;
}

/** What the first block is hidden with besides the secret: Request Authenticator and salt. */
function seedOf(hidden: Uint8Array, hop: Hop): Uint8Array {
  return joined(hop.requestAuthenticator, hidden.subarray(0, saltOctets));
}
