import type { IpAddress, MacAddress } from '../../../kernel/address.ts';
import { type Instant, never } from '../../../kernel/instant.ts';
import type { Timed } from '../../../kernel/port.ts';
import type { WlcSessionRecord } from './wlc-record.ts';

/** Whose account it is: an Acct-Session-Id is its NAS's own (RFC 2866 section 5.5), whatever others call theirs. */
export interface WlcAccountName {
  readonly client: IpAddress;
  readonly mac: MacAddress;
  readonly acctSessionId: string;
}

export interface StoppedAccountsLimits {
  /** How long a START may be late. */
  readonly keepMs: number;
  /** Accounts remembered; the oldest gives way. */
  readonly accountsMax: number;
}

/** What another chassis is to know of it. Without UE and name: the NAS has begun anew. */
export interface StoppedAccount {
  readonly client: IpAddress;
  readonly mac: MacAddress | undefined;
  readonly acctSessionId: string | undefined;
  /** How long ago, in milliseconds. */
  readonly ageMs: number;
  /** The latest in which its START may have been by the clock of the NAS (`latestStart`), if it tells. */
  readonly second: number | undefined;
  /** Its START has come since. */
  readonly isStarted: boolean;
}

interface Stopped extends Omit<StoppedAccount, 'ageMs' | 'isStarted'> {
  readonly key: string;
  readonly at: Instant;
  isStarted: boolean;
}

/**
 * The latest second in which an account can have begun that ends with this STOP; undefined if the NAS tells no time. For a UE
 * that comes back to it, and that it still knows, hostapd stops the account and starts another under the same name at once: what
 * lasted two seconds or more (Acct-Session-Time is rounded) has not begun in that in which it has ended.
 */
export function latestStart({
  eventSecond,
  sessionSeconds,
}: Pick<WlcSessionRecord, 'eventSecond' | 'sessionSeconds'>): number | undefined {
  return eventSecond === undefined || sessionSeconds < 2 ? eventSecond : eventSecond - 1;
}

/** Places of the line that nobody stands at any more are given back by so many. */
const leastToGiveBack = 1024;

/**
 * Accounts of which a STOP has come. Datagrams overtake one another, and what is lost is repeated later: the START of such an
 * account may come when its UE is gone. An account has one START and one STOP, and an Acct-Session-Id names one account (RFC 2866
 * sections 5.1, 5.5): so a START behind its STOP is an old one, unless its Event-Timestamp says otherwise.
 */
export class StoppedAccounts implements Timed {
  readonly #limits: StoppedAccountsLimits;
  readonly #told: (account: StoppedAccount, now: Instant) => void;
  readonly #byName = new Map<string, Stopped>();
  /** In the order in which they came, which is that in which they are forgotten. */
  #line: Stopped[] = [];
  #head = 0;

  /** @param told is told of each, for whoever may have to know it in place of this one */
  constructor(limits: StoppedAccountsLimits, told: (account: StoppedAccount, now: Instant) => void = () => {}) {
    this.#limits = limits;
    this.#told = told;
  }

  get size(): number {
    return this.#line.length - this.#head;
  }

  /** A STOP has come, for the first time or again. @param second as `latestStart` tells of it */
  stopped(name: WlcAccountName, second: number | undefined, now: Instant): void {
    this.advance(now);
    if (this.#isKnown(keyOf(name), name.client, second)) return;
    const told = { ...name, second, ageMs: 0, isStarted: false };
    this.#remember(told, now);
    this.#told(told, now);
  }

  /** As another one has told it. */
  follow(account: StoppedAccount, now: Instant): void {
    this.advance(now);
    if (account.ageMs >= this.#limits.keepMs) return;
    const { mac, acctSessionId } = account;
    if (mac === undefined || acctSessionId === undefined) this.#restarted(account.client, now - account.ageMs);
    else this.#remember({ ...account, mac, acctSessionId }, now);
  }

  /** The latest of them, as they are to be told to another, oldest first. */
  latest(most: number, now: Instant): StoppedAccount[] {
    this.advance(now);
    return this.#line.slice(Math.max(this.#head, this.#line.length - most)).map((stopped) => tellable(stopped, now));
  }

  /**
   * Whether a START is one whose STOP was here before it. From then on that account is known to be complete.
   *
   * @param second its Event-Timestamp (RFC 2869 section 5.3)
   */
  startIsLate(name: WlcAccountName, second: number | undefined, now: Instant): boolean {
    this.advance(now);
    const key = keyOf(name);
    if (!this.#isKnown(key, name.client, second)) return false;
    const stop = this.#byName.get(key)!;
    if (!stop.isStarted) {
      stop.isStarted = true;
      this.#told(tellable(stop, now), now);
    }
    return true;
  }

  /** Whether both records of an account were here, the STOP first: then there is nothing that its STOP has to end. */
  isComplete(name: WlcAccountName, now: Instant): boolean {
    this.advance(now);
    const key = keyOf(name);
    return this.#isKnown(key, name.client) && this.#byName.get(key)!.isStarted;
  }

  /** The NAS has begun anew, and may use names of before: what it has stopped until now is forgotten. */
  nasRestarted(client: IpAddress, now: Instant): void {
    this.advance(now);
    this.#told(tellable(this.#restarted(client, now), now), now);
  }

  advance(now: Instant): void {
    while (this.size > 0 && this.#line[this.#head]!.at + this.#limits.keepMs <= now) this.#forgetOldest();
  }

  nextDeadline(): Instant {
    const oldest = this.#line[this.#head];
    return oldest === undefined ? never : oldest.at + this.#limits.keepMs;
  }

  /** Not if it is known of a `second` before: then another account of that name was stopped since. */
  #isKnown(key: string, client: IpAddress, second?: number): boolean {
    const stop = this.#byName.get(key);
    if (stop === undefined || (second !== undefined && stop.second !== undefined && second > stop.second)) return false;
    return stop.at > (this.#byName.get(String(client))?.at ?? Number.NEGATIVE_INFINITY);
  }

  #remember({ ageMs, ...account }: StoppedAccount & WlcAccountName, now: Instant): void {
    const key = keyOf(account);
    if (!this.#isKnown(key, account.client, account.second)) {
      this.#add({ ...account, key, at: now - ageMs });
    } else if (account.isStarted) this.#byName.get(key)!.isStarted = true;
  }

  /** Kept as long as what it is to forget, and in the same line. */
  #restarted(client: IpAddress, at: Instant): Stopped {
    const nobody = { mac: undefined, acctSessionId: undefined, second: undefined };
    const restarted = { client, ...nobody, key: String(client), at, isStarted: false };
    this.#byName.delete(restarted.key);
    this.#add(restarted);
    return restarted;
  }

  #add(stopped: Stopped): void {
    if (this.size >= this.#limits.accountsMax) this.#forgetOldest();
    this.#byName.set(stopped.key, stopped);
    this.#line.push(stopped);
  }

  #forgetOldest(): void {
    const oldest = this.#line[this.#head]!;
    // It may have been stopped again since, after its NAS had begun anew.
    if (this.#byName.get(oldest.key) === oldest) this.#byName.delete(oldest.key);
    this.#head += 1;
    if (this.#head < leastToGiveBack || this.#head * 2 < this.#line.length) return;
    this.#line = this.#line.slice(this.#head);
    this.#head = 0;
  }
}

function tellable({ client, mac, acctSessionId, second, isStarted, at }: Stopped, now: Instant): StoppedAccount {
  return { client, mac, acctSessionId, second, isStarted, ageMs: Math.max(0, Math.round(now - at)) };
}

function keyOf({ client, mac, acctSessionId }: WlcAccountName): string {
  return `${client} ${mac} ${acctSessionId}`;
}
