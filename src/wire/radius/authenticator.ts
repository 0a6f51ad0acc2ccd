import type { Digests } from '../../kernel/context.ts';
import { cut } from '../bytes/cut.ts';
import { u16At } from '../bytes/reader.ts';
import type { Tlv } from '../bytes/tlv.ts';
import { radiusCode } from './constants.ts';
import { blockOctets, hideBlocks, revealBlocks } from './hidden.ts';
import { type EncodedPacket, encodeRadius, type RadiusPacket, writeRadius } from './packet.ts';

/**
 * Authenticators of RADIUS packets. Secrets are octets; nothing here changes what it is given, or depends on what it was given
 * before.
 *
 * Message-Authenticator is written first among the attributes: a prefix that an attacker chooses can then not be
 * completed to an MD5 collision (CVE-2024-3596).
 */

const headOctets = 20;
const authenticatorOctets = 16;
const messageAuthenticatorType = 80;
const emptyMessageAuthenticator: Tlv = { type: messageAuthenticatorType, data: new Uint8Array(authenticatorOctets) };
/** Where the value of a Message-Authenticator that is the first attribute begins. */
const firstValueAt = headOctets + 2;
/** A Message-Authenticator. */
const markOctets = 2 + authenticatorOctets;
const passwordOctetsMax = 128;
const noAuthenticator = new Uint8Array(authenticatorOctets);
/** The longest packet, and room for a secret behind it. */
const scratchOctets = 4096 + 1024;
/** Where packets are changed that are to be digested: a buffer for each would cost as much as the digest. Nothing stays in use. */
const scratch = new Uint8Array(scratchOctets);
const received = new Uint8Array(authenticatorOctets);

/** Hides a User-Password (RFC 2865 section 5.2). Cut to 128 octets, the most the attribute may hold. */
export function hidePassword(
  password: Uint8Array,
  requestAuthenticator: Uint8Array,
  secret: Uint8Array,
  digests: Digests,
): Uint8Array {
  const length = Math.min(password.length, passwordOctetsMax);
  const hidden = new Uint8Array(Math.max(Math.ceil(length / blockOctets), 1) * blockOctets);
  hidden.set(cut(password, passwordOctetsMax));
  hideBlocks(hidden, requestAuthenticator, secret, digests);
  return hidden;
}

/** The password without its padding, or undefined for a length that cannot be a hidden password. */
export function revealPassword(
  hidden: Uint8Array,
  requestAuthenticator: Uint8Array,
  secret: Uint8Array,
  digests: Digests,
): Uint8Array | undefined {
  if (hidden.length === 0 || hidden.length > passwordOctetsMax || hidden.length % blockOctets !== 0) return undefined;
  const password = hidden.slice();
  revealBlocks(password, requestAuthenticator, secret, digests);
  let length = password.length;
  while (length > 0 && password[length - 1] === 0) length -= 1;
  return password.subarray(0, length);
}

/**
 * Encodes an Access-Request or a Status-Server with its Message-Authenticator (RFC 3579 section 3.2, RFC 5997 section
 * 3). `packet.authenticator` must be fresh random octets (RFC 2865 section 3); a Message-Authenticator among the
 * attributes is replaced.
 */
export function signAccessRequest(
  packet: RadiusPacket | EncodedPacket,
  secret: Uint8Array,
  digests: Digests,
): Uint8Array {
  return withMessageAuthenticator(written(packet, packet.authenticator, true), secret, digests);
}

/** Checks the Message-Authenticator of an Access-Request or Status-Server. Never throws; no packet is a bad one. */
export function verifyAccessRequest(
  bytes: Uint8Array,
  secret: Uint8Array,
  digests: Digests,
): 'ok' | 'no-message-authenticator' | 'bad-message-authenticator' {
  const end = packetEnd(bytes);
  if (end === undefined) return 'bad-message-authenticator';
  return verifyMessageAuthenticator(copied(bytes, end, 0), secret, digests);
}

/**
 * Encodes a reply: Message-Authenticator over the Request Authenticator first, then the Response Authenticator (RFC 2865
 * section 3, RFC 3579 section 3.2, RFC 5176 section 2.3). An Accounting-Response has no Message-Authenticator (RFC 2869
 * section 5.19). `packet.authenticator` is not used.
 */
export function signResponse(
  packet: RadiusPacket | EncodedPacket,
  requestAuthenticator: Uint8Array,
  secret: Uint8Array,
  digests: Digests,
): Uint8Array {
  const isMarked = packet.code !== radiusCode.accountingResponse;
  const bytes = written(packet, requestAuthenticator, isMarked);
  return authenticated(isMarked ? withMessageAuthenticator(bytes, secret, digests) : bytes, secret, digests);
}

/**
 * Checks a reply against the authenticator of its request. An Accounting-Response needs no Message-Authenticator. Never
 * throws; octets that are no packet have a bad authenticator.
 */
export function verifyResponse(
  bytes: Uint8Array,
  requestAuthenticator: Uint8Array,
  secret: Uint8Array,
  digests: Digests,
): 'ok' | 'bad-authenticator' | 'no-message-authenticator' | 'bad-message-authenticator' {
  return verifyAuthenticated(bytes, requestAuthenticator, radiusCode.accountingResponse, secret, digests);
}

/**
 * Encodes a request whose authenticator is a digest of itself: Accounting-Request (RFC 2866 section 3), CoA-Request and
 * Disconnect-Request (RFC 5176 section 2.3). The latter two get a Message-Authenticator, computed first, over a zero
 * authenticator (RFC 5176 section 3.4). `packet.authenticator` is not used.
 */
export function signAccountingRequest(
  packet: RadiusPacket | EncodedPacket,
  secret: Uint8Array,
  digests: Digests,
): Uint8Array {
  const isMarked = packet.code !== radiusCode.accountingRequest;
  const bytes = written(packet, noAuthenticator, isMarked);
  return authenticated(isMarked ? withMessageAuthenticator(bytes, secret, digests) : bytes, secret, digests);
}

/**
 * Checks an Accounting-, CoA- or Disconnect-Request, and its Message-Authenticator if it has one. RFC 5176 section 3.4
 * lets the latter two do without, so that `no-message-authenticator` says of them that all else is right. Never throws;
 * octets that are no packet have a bad authenticator.
 */
export function verifyAccountingRequest(
  bytes: Uint8Array,
  secret: Uint8Array,
  digests: Digests,
): 'ok' | 'bad-authenticator' | 'no-message-authenticator' | 'bad-message-authenticator' {
  return verifyAuthenticated(bytes, noAuthenticator, radiusCode.accountingRequest, secret, digests);
}

/**
 * @param over what stood in the place of the authenticator when it was computed
 * @param unmarked the code of packets that need no Message-Authenticator
 */
function verifyAuthenticated(
  bytes: Uint8Array,
  over: Uint8Array,
  unmarked: number,
  secret: Uint8Array,
  digests: Digests,
): 'ok' | 'bad-authenticator' | 'no-message-authenticator' | 'bad-message-authenticator' {
  const end = packetEnd(bytes);
  if (end === undefined) return 'bad-authenticator';
  const copy = copied(bytes, end, secret.length);
  copy.set(over, 4);
  if (!sameOctets(digestWith(copy, secret, digests), bytes, 4)) return 'bad-authenticator';
  const verdict = verifyMessageAuthenticator(copy, secret, digests);
  return verdict === 'no-message-authenticator' && copy[0] === unmarked ? 'ok' : verdict;
}

/** The packet's Length, or undefined if it cannot be one. */
function packetEnd(bytes: Uint8Array): number | undefined {
  if (bytes.length < headOctets) return undefined;
  const end = u16At(bytes, 2);
  return end < headOctets || end > bytes.length ? undefined : end;
}

/** @param isMarked whether it begins with a Message-Authenticator, which is zero yet */
function written(packet: RadiusPacket | EncodedPacket, authenticator: Uint8Array, isMarked: boolean): Uint8Array {
  const { code, identifier } = packet;
  if ('encoded' in packet) {
    return writeRadius({ code, identifier, authenticator, encoded: packet.encoded }, isMarked ? markOctets : 0);
  }
  if (!isMarked) return encodeRadius({ code, identifier, authenticator, attributes: packet.attributes });
  const all = [emptyMessageAuthenticator];
  for (const attribute of packet.attributes) if (attribute.type !== messageAuthenticatorType) all.push(attribute);
  return encodeRadius({ code, identifier, authenticator, attributes: all });
}

/** Puts the digest into the Message-Authenticator that a packet begins with. */
function withMessageAuthenticator(bytes: Uint8Array, secret: Uint8Array, digests: Digests): Uint8Array {
  bytes[headOctets] = messageAuthenticatorType;
  bytes[headOctets + 1] = markOctets;
  bytes.set(digests.hmacMd5(secret, bytes), firstValueAt);
  return bytes;
}

/** A copy of the packet that may be changed, valid until the next. @param spare octets of room behind it */
function copied(bytes: Uint8Array, end: number, spare: number): Uint8Array {
  const room = end + spare <= scratchOctets ? scratch : new Uint8Array(end + spare);
  room.set(end === bytes.length ? bytes : bytes.subarray(0, end));
  return room.subarray(0, end);
}

/** The MD5 of the packet and the secret behind it. @param packet of `copied`, with room for the secret */
function digestWith(packet: Uint8Array, secret: Uint8Array, digests: Digests): Uint8Array {
  const both = new Uint8Array(packet.buffer, packet.byteOffset, packet.length + secret.length);
  both.set(secret, packet.length);
  return digests.md5(both);
}

/** Puts the MD5 of packet and secret in place of the authenticator that was digested with them. */
function authenticated(bytes: Uint8Array, secret: Uint8Array, digests: Digests): Uint8Array {
  bytes.set(digestWith(copied(bytes, bytes.length, secret.length), secret, digests), 4);
  return bytes;
}

/** Checks one exact packet with the authenticator that the digest covers. Clears the attribute's value in `packet`. */
function verifyMessageAuthenticator(
  packet: Uint8Array,
  secret: Uint8Array,
  digests: Digests,
): 'ok' | 'no-message-authenticator' | 'bad-message-authenticator' {
  let valueAt = 0;
  let at = headOctets;
  while (at < packet.length) {
    const length = packet[at + 1] ?? 0;
    if (length < 2 || at + length > packet.length) return 'bad-message-authenticator';
    if (packet[at] === messageAuthenticatorType) {
      // Two would leave open which of them was checked.
      if (valueAt !== 0 || length !== 2 + authenticatorOctets) return 'bad-message-authenticator';
      valueAt = at + 2;
    }
    at += length;
  }
  if (valueAt === 0) return 'no-message-authenticator';
  for (let index = 0; index < authenticatorOctets; index += 1) {
    received[index] = packet[valueAt + index]!;
    packet[valueAt + index] = 0;
  }
  return sameOctets(digests.hmacMd5(secret, packet), received, 0) ? 'ok' : 'bad-message-authenticator';
}

/** Compares 16 octets in a time that does not tell where they differ. */
function sameOctets(digest: Uint8Array, bytes: Uint8Array, at: number): boolean {
  let difference = 0;
  for (let index = 0; index < authenticatorOctets; index += 1) difference |= digest[index]! ^ bytes[at + index]!;
  return difference === 0;
}
