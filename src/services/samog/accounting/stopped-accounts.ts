import type { IpAddress, MacAddress } from '../../../kernel/address.ts';
import { type Instant, never } from '../../../kernel/instant.ts';
import type { Timed } from '../../../kernel/port.ts';

/** Whose account it is: an Acct-Session-Id is its NAS's own (RFC 2866 section 5.5), whatever others call theirs. */
export interface AccountName {
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

interface Stopped {
  readonly name: string;
  readonly at: Instant;
  /** Event-Timestamp (RFC 2869 section 5.3), if the NAS gives one. */
  readonly second: number | undefined;
  isStarted: boolean;
}

/** Places of the line that nobody stands at any more are given back by so many. */
const leastToGiveBack = 1024;

/**
 * Accounts of which a STOP has come. Datagrams overtake one another, and what is lost is repeated later: the START of such an account may
 * come when its UE is gone. An account has one START and one STOP, and an Acct-Session-Id names one account (RFC 2866 sections 5.1, 5.5): so a
 * START behind its STOP is an old one, unless its Event-Timestamp says otherwise.
 */
export class StoppedAccounts implements Timed {
  readonly #limits: StoppedAccountsLimits;
  readonly #byName = new Map<string, Stopped>();
  /** In the order in which they came, which is that in which they are forgotten. */
  #line: Stopped[] = [];
  #head = 0;

  constructor(limits: StoppedAccountsLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#line.length - this.#head;
  }

  /** A STOP has come, for the first time or again. @param second its Event-Timestamp */
  stopped(name: AccountName, second: number | undefined, now: Instant): void {
    this.advance(now);
    const key = keyOf(name);
    if (this.#isKnown(key, name.client)) return;
    this.#add({ name: key, at: now, second, isStarted: false });
  }

  /** Whether a START is one whose STOP was here before it. From then on that account is known to be complete. */
  startIsLate(name: AccountName, second: number | undefined, now: Instant): boolean {
    this.advance(now);
    const key = keyOf(name);
    if (!this.#isKnown(key, name.client)) return false;
    const stop = this.#byName.get(key)!;
    if (second !== undefined && stop.second !== undefined && second > stop.second) return false;
    stop.isStarted = true;
    return true;
  }

  /** Whether both records of an account were here, the STOP first: then there is nothing that its STOP has to end. */
  isComplete(name: AccountName, now: Instant): boolean {
    this.advance(now);
    const key = keyOf(name);
    return this.#isKnown(key, name.client) && this.#byName.get(key)!.isStarted;
  }

  /** The NAS has begun anew, and may use names of before: what it has stopped until now is forgotten. */
  nasRestarted(client: IpAddress, now: Instant): void {
    this.advance(now);
    // Kept as long as what it is to forget, and in the same line.
    this.#byName.delete(String(client));
    this.#add({ name: String(client), at: now, second: undefined, isStarted: false });
  }

  advance(now: Instant): void {
    while (this.size > 0 && this.#line[this.#head]!.at + this.#limits.keepMs <= now) this.#forgetOldest();
  }

  nextDeadline(): Instant {
    const oldest = this.#line[this.#head];
    return oldest === undefined ? never : oldest.at + this.#limits.keepMs;
  }

  #isKnown(key: string, client: IpAddress): boolean {
    const stop = this.#byName.get(key);
    return stop !== undefined && stop.at > (this.#byName.get(String(client))?.at ?? -1);
  }

  #add(stopped: Stopped): void {
    if (this.size >= this.#limits.accountsMax) this.#forgetOldest();
    this.#byName.set(stopped.name, stopped);
    this.#line.push(stopped);
  }

  #forgetOldest(): void {
    const oldest = this.#line[this.#head]!;
    // It may have been stopped again since, after its NAS had begun anew.
    if (this.#byName.get(oldest.name) === oldest) this.#byName.delete(oldest.name);
    this.#head += 1;
    if (this.#head < leastToGiveBack || this.#head * 2 < this.#line.length) return;
    this.#line = this.#line.slice(this.#head);
    this.#head = 0;
  }
}

function keyOf({ client, mac, acctSessionId }: AccountName): string {
  return `${client} ${mac} ${acctSessionId}`;
}
