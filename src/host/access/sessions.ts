import { createHash, randomBytes } from 'node:crypto';
import type { Instant } from '../../kernel/instant.ts';

/** Somebody who has logged in. */
export interface LogIn {
  readonly userName: string;
  /** Of the password by which they did: `proofOf`. With another password it is nobody's log-in any more. */
  readonly proof: string;
  /** Names the log-in by password; sessions that follow from it at the other chassis of a pair have the same. */
  readonly logIn: string;
  /** When that was. */
  readonly begunAt: Instant;
}

interface LoginSession extends LogIn {
  usedAt: Instant;
}

/** What the other chassis of a pair is told of log-ins, and tells. */
export interface LogInsElsewhere {
  /** Has it called with log-ins that have ended here. */
  onEnd(tell: (logIns: readonly string[]) => void): void;
  /** Tells again of all that ended lately. */
  tellEnded(): void;
  /** These have ended there. */
  ended(logIns: readonly string[]): void;
}

/** Somebody who does nothing for so long has left. */
const idleMs = 30 * 60_000;
/** And after a working day everybody shows again who they are. */
const ageMs = 12 * 3_600_000;
/** The one that was begun first makes room. */
const sessionsMax = 1000;
/** Log-ins that have ended, which nobody can follow any more. */
const endedMax = 1000;

/** Names a log-in by password. */
export function newLogIn(): string {
  return randomBytes(16).toString('base64url');
}

/** What a password as it is stored is known by, without telling it: whoever sets it again, even the same, makes another. */
export function proofOf(stored: string | undefined): string {
  return createHash('sha256')
    .update(`samog password ${stored ?? ''}`)
    .digest('base64url');
}

/** Those who are logged in, by the digest of what their browser was given: what is in memory lets nobody in. */
export class LoginSessions implements LogInsElsewhere {
  readonly #sessions = new Map<string, LoginSession>();
  /** Oldest first; those that ended at either chassis. */
  readonly #ended = new Set<string>();
  /** Those that ended here. */
  readonly #endedHere = new Set<string>();
  #tell: (logIns: readonly string[]) => void = () => {};

  get size(): number {
    return this.#sessions.size;
  }

  /** Begins one; returns what the browser has to send. */
  begin(who: LogIn, now: Instant): string {
    const key = randomBytes(32).toString('base64url');
    this.#sessions.set(digestOf(key), { ...who, usedAt: now });
    if (this.#sessions.size > sessionsMax) this.#sessions.delete(this.#sessions.keys().next().value!);
    return key;
  }

  /** Whose it is; undefined if it is nobody's, or over. */
  find(key: string, now: Instant): LogIn | undefined {
    const digest = digestOf(key);
    const found = this.#sessions.get(digest);
    if (found === undefined) return undefined;
    if (now - found.usedAt > idleMs || isOver(found, now)) {
      this.#sessions.delete(digest);
      return undefined;
    }
    found.usedAt = now;
    return found;
  }

  /** Whether a session may still follow from a log-in. */
  maySucceed(who: LogIn, now: Instant): boolean {
    return !this.#ended.has(who.logIn) && !isOver(who, now);
  }

  /** Ends the log-in that a session is of, and with it all sessions that are, here and at the other chassis. */
  end(key: string): void {
    const found = this.#sessions.get(digestOf(key));
    if (found === undefined) return;
    remember(this.#endedHere, found.logIn);
    this.ended([found.logIn]);
    this.#tell([found.logIn]);
  }

  onEnd(tell: (logIns: readonly string[]) => void): void {
    this.#tell = tell;
  }

  tellEnded(): void {
    if (this.#endedHere.size > 0) this.#tell([...this.#endedHere]);
  }

  ended(logIns: readonly string[]): void {
    for (const logIn of logIns) remember(this.#ended, logIn);
    for (const [digest, { logIn }] of this.#sessions) if (this.#ended.has(logIn)) this.#sessions.delete(digest);
  }
}

function isOver({ begunAt }: LogIn, now: Instant): boolean {
  return now - begunAt > ageMs;
}

function remember(ended: Set<string>, logIn: string): void {
  ended.delete(logIn);
  ended.add(logIn);
  if (ended.size > endedMax) ended.delete(ended.values().next().value!);
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
