import type { Instant, WallClock } from '../../kernel/instant.ts';
import type { InterceptionState } from '../../services/samog/intercept/checkpoint.ts';
import type { Target } from '../../services/samog/intercept/target.ts';
import { type TargetEntry, TargetTable } from '../../services/samog/intercept/target-table.ts';
import { interceptionKey } from '../interception.ts';
import type { InterceptNews, InterceptNumbers, InterceptReport } from './intercept-messages.ts';

export interface RemoteInterceptsDependencies {
  readonly targetsMax: number;
  readonly wallClock: () => WallClock;
  /** Targets, or how far interceptions have come, are to be kept anew. */
  changed(): void;
}

/**
 * The intercepts of a session manager instance in another thread, as its chassis sees them: `Intercepts`, as far as whoever
 * provisions and keeps has to do with them. What a thread that ends has told is what the next one goes on with.
 */
export class RemoteIntercepts {
  readonly #dependencies: RemoteInterceptsDependencies;
  readonly #targets: TargetTable;
  readonly #states = new Map<string, InterceptionState>();
  #send: ((news: InterceptNews) => void) | undefined;
  #told: InterceptNumbers = nothingTold;
  /** Of threads that have ended. */
  #former = { unreadable: 0, faults: 0 };
  readonly states = {
    all: (): InterceptionState[] => [...this.#states.values()],
    take: (states: readonly InterceptionState[]): void => {
      for (const state of states) this.#states.set(interceptionKey(state), state);
    },
  };

  constructor(dependencies: RemoteInterceptsDependencies) {
    this.#dependencies = dependencies;
    this.#targets = new TargetTable(dependencies.targetsMax);
  }

  /** What came to its end is forgotten here as it is there. */
  get targets(): TargetTable {
    this.#targets.expire(this.#dependencies.wallClock());
    return this.#targets;
  }

  get followedTo(): number | undefined {
    return this.#told.followedTo;
  }

  /** How many there are. */
  get interceptions(): { readonly length: number } {
    return { length: this.#told.interceptions };
  }

  get unreadable(): number {
    return this.#former.unreadable + this.#told.unreadable;
  }

  get faults(): number {
    return this.#former.faults + this.#told.faults;
  }

  /** As of `Intercepts`. */
  put(target: Target, _now: Instant): TargetEntry | undefined {
    return this.#changed(this.targets.put(target));
  }

  /** As of `Intercepts`. */
  withdraw(xid: string, _now: Instant): TargetEntry | undefined {
    return this.#changed(this.targets.withdraw(xid));
  }

  /** As of `Intercepts`. */
  take(entries: readonly TargetEntry[], _now: Instant): void {
    const news = entries.filter((entry) => this.#targets.take(entry));
    if (news.length > 0) this.#send?.({ entries: news, states: [] });
  }

  /** Its thread does so when it ends. */
  settle(): void {}

  /** A thread has the instance from now on, and is told what is known. */
  begin(send: (news: InterceptNews) => void): void {
    this.#send = send;
    send({ entries: [...this.targets.entries()], states: this.states.all() });
  }

  /** The thread has ended. */
  ended(): void {
    this.#send = undefined;
    const { unreadable, faults } = this;
    this.#former = { unreadable, faults };
    this.#told = nothingTold;
  }

  /** What the thread has said; what is to be delivered of it is for somebody else. */
  heard({ pdus: _, entries, states, over, ...numbers }: InterceptReport): void {
    this.#told = numbers;
    for (const key of over) this.#states.delete(key);
    this.states.take(states);
    for (const entry of entries) this.#targets.take(entry);
    if (entries.length + states.length + over.length > 0) this.#dependencies.changed();
  }

  #changed(entry: TargetEntry | undefined): TargetEntry | undefined {
    if (entry === undefined) return undefined;
    this.#send?.({ entries: [entry], states: [] });
    this.#dependencies.changed();
    return entry;
  }
}

const nothingTold: InterceptNumbers = { followedTo: undefined, unreadable: 0, faults: 0, interceptions: 0 };
