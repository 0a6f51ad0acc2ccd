import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Digests } from '../kernel/context.ts';
import type { SrpDigests } from '../wire/srp/digests.ts';
import { type HmacKey, Md5 } from './md5.ts';

/** More connections to its peer than a gateway has; past it the cache starts afresh. */
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

interface KnownKey {
  readonly secret: Uint8Array;
  readonly key: HmacKey;
}

/** The digests of RADIUS. What they need of a secret is kept with the array that holds it, as long as there is that array. */
export function hostDigests(): Digests {
  const md5 = new Md5();
  const known = new WeakMap<Uint8Array, KnownKey>();
  const keyOf = (secret: Uint8Array): HmacKey => {
    const before = known.get(secret);
    if (before !== undefined && sameOctets(before.secret, secret)) return before.key;
    const key = md5.hmacKey(secret);
    known.set(secret, { secret: secret.slice(), key });
    return key;
  };
  return {
    md5: (data) => md5.digest(data),
    hmacMd5: (secret, data) => md5.hmac(keyOf(secret), data),
  };
}

/** The HMAC-SHA-256 of SRP by Node.js; keys are kept ready, and found by their content. */
export function hostSrpDigests(): SrpDigests {
  const keyOf = readyKeys();
  return { hmacSha256: (key, data) => createHmac('sha256', keyOf(key)).update(data).digest() };
}

/** Whether an array holds what it held: both are of this process, and none of a peer. */
function sameOctets(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) if (left[index] !== right[index]) return false;
  return true;
}
