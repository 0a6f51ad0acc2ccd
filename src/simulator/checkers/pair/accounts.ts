import type { AccountingBooks } from '../../../peers/accounting-books.ts';
import type { ManagerReader } from '../../../sessmgr/manager-reader.ts';
import { AccountsChecker } from '../accounts.ts';
import { accountIn, isProtected } from './known-records.ts';
import type { ChassisObserved, PairChecker, PairObserved } from './pair-checker.ts';

/**
 * Accounts of a pair: on the chassis that serves each follows its session and ends, to the octet, with what has been
 * forwarded; what AAA has written down is what one of the chassis has closed its account with. Of accounts that AAA was told
 * of while there was no READY standby another chassis may know less than AAA, and one that takes over without being READY, or
 * by force, knows less of all: those are not compared.
 */
export class PairAccountsChecker implements PairChecker {
  readonly name = 'accounts';
  /** Of each chassis that serves, since it has begun to. */
  readonly #following = new Map<ManagerReader, AccountsChecker>();
  /** What accounts were closed with, by Acct-Session-Id. */
  readonly #closed = new Map<string, Set<string>>();
  readonly #wasReady = new Map<string, boolean>();
  #hasServed = false;
  /** Accounts that AAA was told of while nobody else knew. */
  readonly #toldAlone = new Set<string>();
  /** Whether every chassis knew all that was told when it took over. */
  isWhole = true;

  /** A packet to an AAA server leaves a chassis. */
  tells(from: ChassisObserved, standby: ChassisObserved | undefined, bytes: Uint8Array): void {
    const account = accountIn(bytes);
    if (account !== undefined && !isProtected(from, standby)) this.#toldAlone.add(account);
  }

  check({ chassis }: PairObserved): readonly string[] {
    const wrong: string[] = [];
    for (const each of chassis) {
      const life = `${each.name}${each.life}`;
      if (!each.isAlive || !each.serves) {
        this.#following.delete(each.manager);
        this.#wasReady.set(life, each.isAlive && each.isReady);
        continue;
      }
      wrong.push(...this.#follow(each, this.#wasReady.get(life) === true));
    }
    return wrong;
  }

  /** When all is well again: AAA has no account otherwise than it was closed. */
  checkBooks(books: AccountingBooks): readonly string[] {
    if (!this.isWhole) return [];
    const wrong = books.takeWrong().filter((text) => ![...this.#toldAlone].some((account) => text.includes(account)));
    for (const { acctSessionId, hasStopped, inputOctets, outputOctets } of books.accounts()) {
      const said = `${inputOctets} up, ${outputOctets} down`;
      const closed = this.#closed.get(acctSessionId);
      if (!hasStopped || closed === undefined || closed.has(said) || this.#toldAlone.has(acctSessionId)) continue;
      wrong.push(`AAA has ${acctSessionId} with ${said}; it was closed with ${[...closed].join(' or ')}`);
    }
    return wrong;
  }

  #follow(each: ChassisObserved, wasReady: boolean): readonly string[] {
    const { manager, managers } = each;
    let following = this.#following.get(manager);
    if (following === undefined) {
      if (this.#hasServed && !wasReady) this.isWhole = false;
      this.#hasServed = true;
      following = new AccountsChecker();
      following.begin(managers);
      this.#following.set(manager, following);
      return [];
    }
    const wrong = following.look(managers);
    for (const [account, { uplinkOctets, downlinkOctets }] of following.takeClosed()) {
      const closed = this.#closed.get(account) ?? new Set();
      this.#closed.set(account, closed.add(`${uplinkOctets} up, ${downlinkOctets} down`));
    }
    return wrong;
  }
}
