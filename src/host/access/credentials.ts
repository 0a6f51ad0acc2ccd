import { createHash, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** 32 MiB and some 60 ms of another thread for each guess. */
const cost = { N: 2 ** 15, r: 8, p: 1 } as const;
const keyOctets = 32;
const memoryMax = 2 ** 28;

/** A new token: 256 random bits that say what they are, so that one that is found somewhere is known for what it is. */
export function newToken(): string {
  return `samog_${randomBytes(32).toString('base64url')}`;
}

/** What is stored of a token. */
export function tokenHash(token: string): string {
  return `sha256:${createHash('sha256').update(token).digest('hex')}`;
}

/** Whether two texts are equal; takes as long for any two of one length. */
export function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What is stored of a password. */
export async function passwordHash(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, keyOctets, cost);
  return `scrypt:${cost.N}:${cost.r}:${cost.p}:${salt.toString('base64url')}:${key.toString('base64url')}`;
}

/**
 * Whether a password is the one of which this was stored. Without a stored one it takes as long, and is false: who asks does
 * not learn whether there is such a user.
 */
export async function passwordFits(password: string, stored: string | undefined): Promise<boolean> {
  const [, n, r, p, salt, key] = (stored ?? (await nobodys())).split(':');
  const wanted = Buffer.from(key!, 'base64url');
  const options = { N: Number(n), r: Number(r), p: Number(p) };
  const found = await derive(password, Buffer.from(salt!, 'base64url'), wanted.length, options);
  return timingSafeEqual(found, wanted) && stored !== undefined;
}

let nobodysHash: Promise<string> | undefined;

function nobodys(): Promise<string> {
  nobodysHash ??= passwordHash(newToken());
  return nobodysHash;
}

/** In a thread of the pool: packets do not wait for it. */
function derive(password: string, salt: Buffer, octets: number, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, key: Buffer): void => (error === null ? resolve(key) : reject(error));
    scrypt(password.normalize('NFKC'), salt, octets, { ...options, maxmem: memoryMax }, done);
  });
}
