import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Seal } from '../kernel/context.ts';

const cipher = 'aes-256-gcm';
const keyOctets = 32;
const nonceOctets = 12;
const tagOctets = 16;

/**
 * AES-256-GCM under a key derived from one that two chassis share (HKDF, RFC 5869): nonce, ciphertext, tag.
 *
 * The nonce is random: two alike are improbable before 2^32 have been used under one key (SP 800-38D section 8.3).
 *
 * @param purpose what is sealed; keys for different purposes have nothing in common
 */
export function hostSeal(sharedKey: Uint8Array, purpose: string): Seal {
  const key = new Uint8Array(hkdfSync('sha256', sharedKey, new Uint8Array(0), `samog ${purpose}`, keyOctets));
  return {
    seal(clear) {
      const nonce = randomBytes(nonceOctets);
      const encryption = createCipheriv(cipher, key, nonce, { authTagLength: tagOctets });
      return Buffer.concat([nonce, encryption.update(clear), encryption.final(), encryption.getAuthTag()]);
    },
    open(sealed) {
      if (sealed.length < nonceOctets + tagOctets) return undefined;
      const end = sealed.length - tagOctets;
      const decryption = createDecipheriv(cipher, key, sealed.subarray(0, nonceOctets), { authTagLength: tagOctets });
      decryption.setAuthTag(sealed.subarray(end));
      try {
        return Buffer.concat([decryption.update(sealed.subarray(nonceOctets, end)), decryption.final()]);
      } catch {
        return undefined;
      }
    },
  };
}
