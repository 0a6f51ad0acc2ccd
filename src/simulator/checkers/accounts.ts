import type { AccountingBooks } from '../../peers/accounting-books.ts';
import { acctSessionIdOf } from '../../services/samog/account-id.ts';
import { type Account, type Counted, owedRecord } from '../../services/samog/accounting/account.ts';
import { accountOf } from '../../services/samog/session/live-account.ts';
import { type Session, sessionId } from '../../services/samog/session/state.ts';
import type { SessionManager } from '../../sessmgr/session-manager.ts';
import type { Checker, Observed } from './checker.ts';

interface Kept {
  readonly acctSessionId: string;
  readonly account: Account;
  /** What the data path had forwarded when it was looked at last, while the session lived. */
  readonly forwarded: Counted;
  readonly isLive: boolean;
}

const fields = ['uplinkPackets', 'uplinkOctets', 'downlinkPackets', 'downlinkOctets'] as const;

/**
 * A session has one account, which begins once and ends once with it; what it says never goes down and is, in the end, to
 * the octet what the data path has forwarded. To be asked after every step of a gateway that nobody stands in for.
 */
export class AccountsChecker implements Checker {
  readonly name = 'accounts';
  #kept = new Map<number, Kept>();
  /** What accounts that are closed must say, by Acct-Session-Id. */
  readonly #final = new Map<string, Counted>();
  readonly #closed: (readonly [string, Counted])[] = [];

  check({ managers }: Observed): readonly string[] {
    return this.look(managers);
  }

  /** Follows accounts that are open already. */
  begin(managers: readonly SessionManager[]): void {
    this.#kept = this.#keptOf(managers);
  }

  /** What accounts were closed with since it was called last. */
  takeClosed(): readonly (readonly [acctSessionId: string, Counted])[] {
    return this.#closed.splice(0);
  }

  /** To be called after each packet that may have been forwarded. */
  look(managers: readonly SessionManager[]): readonly string[] {
    const wrong: string[] = [];
    const kept = this.#keptOf(managers);
    for (const [id, now] of kept) wrong.push(...this.#compare(this.#kept.get(id), now));
    for (const [id, before] of this.#kept) {
      if (kept.has(id)) continue;
      if (before.isLive) wrong.push(`${before.acctSessionId} is gone, and no STOP was owed`);
      else if (this.#stillOwed(before) > 1)
        wrong.push(`${before.acctSessionId} is gone, and owed more than its last record`);
    }
    this.#kept = kept;
    return wrong;
  }

  /** When all is well again: what AAA has written down is all there was, but for what is owed at this very moment. */
  checkBooks(books: AccountingBooks): readonly string[] {
    const wrong: string[] = [];
    const owing = new Set<string>();
    for (const { acctSessionId, account } of this.#kept.values()) {
      if (owedRecord(account) !== undefined) owing.add(acctSessionId);
      else if (books.of(acctSessionId)?.hasStarted !== true) wrong.push(`the START of ${acctSessionId} is lost`);
    }
    for (const [acctSessionId, { uplinkOctets, downlinkOctets }] of this.#final) {
      if (owing.has(acctSessionId)) continue;
      const booked = books.of(acctSessionId);
      if (booked?.hasStopped !== true) wrong.push(`the STOP of ${acctSessionId} is lost`);
      else if (booked.inputOctets !== uplinkOctets || booked.outputOctets !== downlinkOctets) {
        const has = `${booked.inputOctets} and ${booked.outputOctets}`;
        wrong.push(`AAA has ${acctSessionId} with ${has} octets, not ${uplinkOctets} and ${downlinkOctets}`);
      }
    }
    return wrong;
  }

  #keptOf(managers: readonly SessionManager[]): Map<number, Kept> {
    const kept = new Map<number, Kept>();
    for (const manager of managers) {
      for (const { session } of manager.registry.sessions()) {
        const id = sessionId(session);
        const now = keptOf(manager, session, this.#kept.get(id));
        if (now !== undefined) kept.set(id, now);
      }
    }
    return kept;
  }

  #compare(before: Kept | undefined, now: Kept): string[] {
    const who = now.acctSessionId;
    const { told, beganAt, stop } = now.account;
    if (before === undefined) return now.isLive ? [] : [`${who} is closed, and was never open`];
    const wrong: string[] = [];
    if (before.account.beganAt !== beganAt) wrong.push(`${who} has begun anew`);
    for (const field of fields) {
      if (told[field] < before.account.told[field]) wrong.push(`${field} of ${who} was told as more`);
      if (told[field] > now.forwarded[field]) wrong.push(`${field} of ${who} is told as more than was forwarded`);
    }
    if (!before.isLive) return now.isLive ? [...wrong, `${who} is open again`] : wrong;
    if (now.isLive) return stop === undefined ? wrong : [...wrong, `${who} has a STOP, and lives`];
    if (stop === undefined) return [...wrong, `${who} was closed without a STOP`];
    for (const field of fields) {
      const forwarded = before.forwarded[field];
      if (stop.counted[field] !== forwarded)
        wrong.push(`${field} of ${who} ends with ${stop.counted[field]}, not ${forwarded}`);
    }
    this.#final.set(who, before.forwarded);
    this.#closed.push([who, stop.counted]);
    return wrong;
  }

  #stillOwed({ account }: Kept): number {
    return [account.start, account.interim, account.stop].filter((record) => record !== undefined).length;
  }
}

function keptOf(manager: SessionManager, session: Session, before: Kept | undefined): Kept | undefined {
  const account = accountOf(session);
  if (account === undefined) return undefined;
  const isLive = session.kind === 'Live';
  const name = isLive ? session.durable : (session as Extract<Session, { kind: 'Owing' | 'Disconnecting' }>);
  const forwarded = isLive ? manager.flows.usage(name.id) : before?.forwarded;
  return { acctSessionId: acctSessionIdOf(name), account, forwarded: forwarded ?? account.told, isLive };
}
