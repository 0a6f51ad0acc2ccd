import type { Seal } from '../../kernel/context.ts';
import type { Instant, WallClock } from '../../kernel/instant.ts';
import type { InterceptionState } from '../../services/samog/intercept/checkpoint.ts';
import type { DeliveryRoom } from '../../services/samog/intercept/delivery-room.ts';
import type { TargetEntry } from '../../services/samog/intercept/target-table.ts';
import { interceptionKey } from '../interception.ts';
import { Intercepts } from '../intercepts.ts';
import type { InterceptedPdu, InterceptNews, InterceptNumbers, InterceptReport } from './intercept-messages.ts';

export interface ServedInterceptsOptions {
  /** Of the session manager instance, from 0. */
  readonly index: number;
  readonly networkFunction: string;
  readonly targetsMax: number;
}

export interface ServedInterceptsDependencies {
  readonly seal: Seal;
  readonly wallClock: () => WallClock;
  /** Of the delivery functions, by their names. */
  readonly rooms: ReadonlyMap<string, DeliveryRoom>;
}

/**
 * Who is intercepted of the sessions of an instance in a thread of its own: the other end of `RemoteIntercepts`. What is to be
 * delivered goes to the chassis with what is to be kept of it, at the end of each turn.
 */
export class ServedIntercepts {
  readonly intercepts: Intercepts;
  #pdus: InterceptedPdu[] = [];
  #isChanged = false;
  #toldEntries = new Map<string, TargetEntry>();
  readonly #toldStates = new Map<string, InterceptionState>();
  #told: InterceptNumbers = { followedTo: undefined, unreadable: 0, faults: 0, interceptions: 0 };
  /** Sessions that were intercepted when that was told. */
  #size = 0;

  constructor({ index, ...options }: ServedInterceptsOptions, dependencies: ServedInterceptsDependencies) {
    const { rooms, ...shared } = dependencies;
    this.intercepts = new Intercepts({
      ...options,
      ...shared,
      deliver: (delivery, kind, pdu) => {
        if (rooms.get(delivery)?.takeFor(index, kind, pdu.length) !== true) return false;
        this.#pdus.push({ delivery, pdu });
        return true;
      },
      changed: () => {
        this.#isChanged = true;
      },
    });
  }

  /** Takes what the chassis knows of targets and interceptions. It need not be told that again. */
  take({ entries, states }: InterceptNews, now: Instant): void {
    for (const entry of entries) this.#toldEntries.set(entry.xid, entry);
    for (const state of states) this.#toldStates.set(interceptionKey(state), state);
    this.intercepts.take(entries, now);
    this.intercepts.states.take(states);
  }

  /** What the chassis is to hear; undefined if there is nothing. */
  report(): InterceptReport | undefined {
    const numbers = this.#numbers();
    const { followedTo, unreadable, faults, interceptions } = this.#told;
    const isSame =
      followedTo === numbers.followedTo &&
      unreadable === numbers.unreadable &&
      faults === numbers.faults &&
      interceptions === numbers.interceptions;
    if (isSame && !this.#isChanged && this.#pdus.length === 0) return undefined;
    this.#told = numbers;
    const pdus = this.#pdus;
    this.#pdus = [];
    const kept = this.#isChanged ? this.#changes() : { entries: [], states: [], over: [] };
    this.#isChanged = false;
    return { pdus, ...kept, ...numbers };
  }

  #numbers(): InterceptNumbers {
    const { followedTo, unreadable, faults, size } = this.intercepts;
    // They are gone through for that only when there may be others.
    const isSame = size === this.#size && !this.#isChanged;
    const interceptions = isSame ? this.#told.interceptions : this.intercepts.interceptions.length;
    this.#size = size;
    return { followedTo, unreadable, faults, interceptions };
  }

  /** What is kept is replaced when it changes, never changed itself. */
  #changes(): Pick<InterceptReport, 'entries' | 'states' | 'over'> {
    const { targets, states } = this.intercepts;
    const all = [...targets.entries()];
    const entries = all.filter((entry) => this.#toldEntries.get(entry.xid) !== entry);
    this.#toldEntries = new Map(all.map((entry) => [entry.xid, entry]));
    const present = new Map(states.all().map((state) => [interceptionKey(state), state]));
    const fresh = [...present].filter(([key, state]) => this.#toldStates.get(key) !== state);
    const over = [...this.#toldStates.keys()].filter((key) => !present.has(key));
    for (const key of over) this.#toldStates.delete(key);
    for (const [key, state] of fresh) this.#toldStates.set(key, state);
    return { entries, states: fresh.map(([, state]) => state), over };
  }
}
