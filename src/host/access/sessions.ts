import { createHash, randomBytes } from 'node:crypto';
import type { Instant } from '../../kernel/instant.ts';

interface LoginSession {
  readonly userName: string;
  readonly begunAt: Instant;
  usedAt: Instant;
}

/** Somebody who does nothing for so long has left. */
const idleMs = 30 * 60_000;
/** And after a working day everybody shows again who they are. */
const ageMs = 12 * 3_600_000;
/** The one that was begun first makes room. */
const sessionsMax = 1000;

/** Those who are logged in, by the digest of what their browser was given: what is in memory lets nobody in. */
export class LoginSessions {
  readonly #sessions = new Map<string, LoginSession>();

  get size(): number {
    return this.#sessions.size;
  }

  /** Begins one; returns what the browser has to send. */
  begin(userName: string, now: Instant): string {
    const key = randomBytes(32).toString('base64url');
    this.#sessions.set(digestOf(key), { userName, begunAt: now, usedAt: now });
    if (this.#sessions.size > sessionsMax) this.#sessions.delete(this.#sessions.keys().next().value!);
    return key;
  }

  /** Whose it is; undefined if it is nobody's, or over. */
  userOf(key: string, now: Instant): string | undefined {
    const digest = digestOf(key);
    const found = this.#sessions.get(digest);
    if (found === undefined) return undefined;
    if (now - found.usedAt > idleMs || now - found.begunAt > ageMs) {
      this.#sessions.delete(digest);
      return undefined;
    }
    found.usedAt = now;
    return found.userName;
  }

  end(key: string): void {
    this.#sessions.delete(digestOf(key));
  }
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
