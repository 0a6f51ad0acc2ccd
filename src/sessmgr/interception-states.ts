import type { InterceptionState } from '../services/samog/intercept/checkpoint.ts';
import type { TargetEntry, TargetTable } from '../services/samog/intercept/target-table.ts';
import { type Interception, interceptionKey } from './interception.ts';

/** States of sessions that are over, or of which nobody knows more, are not kept beyond so many. */
const statesMax = 100_000;

/**
 * How far each interception has come, and what of it the standby has not been told: what outlives a session manager, a
 * chassis and a restart.
 */
export class InterceptionStates {
  readonly #targets: TargetTable;
  readonly #changed: () => void;
  /** As they were told last, by us or by the other chassis. */
  readonly #known = new Map<string, InterceptionState>();
  readonly #untoldStates = new Set<string>();
  readonly #untoldEntries = new Set<string>();
  #hasFollower = false;

  /** @param changed something is to be kept anew */
  constructor(targets: TargetTable, changed: () => void) {
    this.#targets = targets;
    this.#changed = changed;
  }

  of(key: string): InterceptionState | undefined {
    return this.#known.get(key);
  }

  /** All of them, to be kept. */
  all(): InterceptionState[] {
    return [...this.#known.values()].filter(({ isOver }) => !isOver);
  }

  /** Numbers were told ahead, or it has begun. */
  changed(interception: Interception): void {
    this.#set(interception.state(false));
  }

  /** It is over although its session is not: if it begins again, the numbers go on. */
  ended(interception: Interception): void {
    this.#set(interception.state(true));
  }

  /** The session is over: a standby is told, and it is forgotten. */
  over(interception: Interception): void {
    if (this.#hasFollower) this.#set(interception.state(true, true));
    else this.#known.delete(interception.key);
  }

  /** Forgets what is said of sessions that are no more. */
  prune(exists: (sessionId: number) => boolean): void {
    const before = this.#known.size;
    for (const [key, { sessionId }] of this.#known) if (!exists(sessionId)) this.#known.delete(key);
    if (this.#known.size < before) this.#changed();
  }

  targetChanged(xid: string): void {
    if (this.#hasFollower) this.#untoldEntries.add(xid);
    this.#changed();
  }

  /** The session manager that has them is no more: numbers go on from here if it served. */
  keep(interceptions: readonly Interception[], served: boolean): void {
    if (served) for (const each of interceptions) this.#set(each.state(true));
  }

  /** Takes what another chassis, or a file, says of them. */
  take(states: readonly InterceptionState[]): void {
    for (const state of states) {
      const key = interceptionKey(state);
      if (state.isOver) this.#known.delete(key);
      else if (this.#known.has(key) || this.#known.size < statesMax) this.#known.set(key, state);
    }
    if (states.length > 0) this.#changed();
  }

  /** There is a standby that knows nothing yet. */
  begin(): void {
    this.#hasFollower = true;
    for (const key of this.#known.keys()) this.#untoldStates.add(key);
    for (const { xid } of this.#targets.entries()) this.#untoldEntries.add(xid);
  }

  /** There is none any more. */
  end(): void {
    this.#hasFollower = false;
    this.#untoldEntries.clear();
    this.#untoldStates.clear();
    for (const [key, { isOver }] of this.#known) if (isOver) this.#known.delete(key);
  }

  /** What was not told yet, of targets. */
  untoldEntries(): TargetEntry[] {
    const entries: TargetEntry[] = [];
    for (const entry of this.#targets.entries()) if (this.#untoldEntries.has(entry.xid)) entries.push(entry);
    return entries;
  }

  untoldStates(): InterceptionState[] {
    return [...this.#untoldStates].flatMap((key) => this.#known.get(key) ?? []);
  }

  /** These are on their way. */
  told(entries: readonly TargetEntry[], states: readonly InterceptionState[]): void {
    for (const { xid } of entries) this.#untoldEntries.delete(xid);
    for (const state of states) {
      const key = interceptionKey(state);
      this.#untoldStates.delete(key);
      if (state.isOver) this.#known.delete(key);
    }
  }

  #set(state: InterceptionState): void {
    const key = interceptionKey(state);
    if (!this.#known.has(key) && this.#known.size >= statesMax) return;
    this.#known.set(key, state);
    if (this.#hasFollower) this.#untoldStates.add(key);
    this.#changed();
  }
}
