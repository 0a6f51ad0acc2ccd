import { holdsTerm } from '../../../icsr/chassis/state.ts';
import type { ChassisObserved, PairChecker, PairObserved } from './pair-checker.ts';

/** At most one chassis serves under each term, in one of its lives; and no chassis goes back to an earlier one. */
export class TermsChecker implements PairChecker {
  readonly name = 'terms';
  /** Who has held each term. */
  readonly #holders = new Map<number, string>();
  readonly #highest = new Map<string, number>();

  check({ chassis }: PairObserved): readonly string[] {
    return chassis.flatMap((each) => (each.isAlive ? this.#wrongWith(each) : []));
  }

  #wrongWith({ name, life, machine, serves, storedTerm }: ChassisObserved): string[] {
    const { state, term } = machine;
    const wrong: string[] = [];
    if (serves || holdsTerm(state)) {
      const who = `${name} in its life ${life}`;
      const holder = this.#holders.get(term.own) ?? who;
      if (holder !== who) wrong.push(`term ${term.own} is held by ${who} and was by ${holder}`);
      this.#holders.set(term.own, who);
      if (term.own < term.highest) wrong.push(`${name} serves under term ${term.own} and knows of ${term.highest}`);
      if (storedTerm < term.own) wrong.push(`${name} serves under term ${term.own}; its disk has ${storedTerm}`);
    }
    if (serves && state.kind !== 'ACTIVE' && state.kind !== 'PENDING_ACTIVE') {
      wrong.push(`the ports of ${name} are open in ${state.kind}`);
    }
    const before = this.#highest.get(name) ?? 0;
    if (term.highest < before) wrong.push(`${name} knew of term ${before} and says ${term.highest}`);
    this.#highest.set(name, Math.max(before, term.highest));
    return wrong;
  }
}
