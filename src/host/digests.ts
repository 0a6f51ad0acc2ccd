import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { Digests } from '../kernel/context.ts';
import type { SrpDigests } from '../wire/srp/digests.ts';

/** More secrets than a gateway has RADIUS servers and clients, or connections to its peer; past it the cache starts afresh. */
const keysMax = 1024;

/**
 * HMAC keys ready for use, found by their content: importing a secret costs five times what the digest of a short packet
 * does, and a gateway has few secrets.
 */
function readyKeys(): (secret: Uint8Array) => KeyObject {
  const keys = new Map<string, KeyObject>();
  return (secret) => {
    const content = Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength).toString('latin1');
    let key = keys.get(content);
    if (key === undefined) {
      if (keys.size >= keysMax) keys.clear();
      key = createSecretKey(secret);
      keys.set(content, key);
    }
    return key;
  };
}

/** The digests of RADIUS by the platform's cryptography. */
export function hostDigests(): Digests {
  const keyOf = readyKeys();
  return {
    md5: (data) => hash('md5', data, 'buffer'),
    hmacMd5: (secret, data) => createHmac('md5', keyOf(secret)).update(data).digest(),
  };
}

/** The digest of SRP. */
export function hostSrpDigests(): SrpDigests {
  const keyOf = readyKeys();
  return { hmacSha256: (key, data) => createHmac('sha256', keyOf(key)).update(data).digest() };
}
