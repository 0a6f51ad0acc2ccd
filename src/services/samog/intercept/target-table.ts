import type { WallClock } from '../../../kernel/instant.ts';
import { identityText, type Target, type TargetIdentity } from './target.ts';

/** What is known of one task: the target, or that it was withdrawn. */
export interface TargetEntry {
  readonly xid: string;
  /** Grows with each change of any entry: of two that know the same task differently the greater one is right. */
  readonly revision: number;
  /** The end of the warrant: nothing is kept of it longer. */
  readonly until: WallClock;
  /** Undefined: withdrawn. */
  readonly target: Target | undefined;
}

/**
 * The targets of a chassis, found by any identity in one step, whether there are none or many.
 *
 * What was withdrawn is remembered until its warrant would have ended, so that a chassis which comes back with an older
 * table does not bring it back.
 */
export class TargetTable {
  readonly targetsMax: number;
  readonly #entries = new Map<string, TargetEntry>();
  readonly #byIdentity = new Map<string, Set<string>>();
  #revision = 0;
  #size = 0;

  constructor(targetsMax: number) {
    this.targetsMax = targetsMax;
  }

  /** Targets, those whose time has not come included. */
  get size(): number {
    return this.#size;
  }

  /** The greatest revision met. */
  get revision(): number {
    return this.#revision;
  }

  /** Undefined for a task that is not known, or was withdrawn. */
  get(xid: string): Target | undefined {
    return this.#entries.get(xid)?.target;
  }

  /** In the order in which they came. */
  targets(): Target[] {
    return [...this.#entries.values()].flatMap(({ target }) => target ?? []);
  }

  /** Withdrawn ones included, as long as they are kept. */
  entries(): IterableIterator<TargetEntry> {
    return this.#entries.values();
  }

  /** Adds a target or changes it; undefined if there is no room for a new one. */
  put(target: Target): TargetEntry | undefined {
    if (this.get(target.xid) === undefined && this.#size >= this.targetsMax) return undefined;
    return this.#set({ xid: target.xid, revision: this.#revision + 1, until: target.until, target });
  }

  /** Withdraws a target; undefined if there is none. */
  withdraw(xid: string): TargetEntry | undefined {
    const entry = this.#entries.get(xid);
    if (entry?.target === undefined) return undefined;
    return this.#set({ xid, revision: this.#revision + 1, until: entry.until, target: undefined });
  }

  /** Takes what another chassis, or a file, says of a task; false if what is known is as new. */
  take(entry: TargetEntry): boolean {
    this.#revision = Math.max(this.#revision, entry.revision);
    const known = this.#entries.get(entry.xid);
    if (known !== undefined && known.revision >= entry.revision) return false;
    this.#set(entry);
    return true;
  }

  /** Forgets what has come to its end; returns whether there was anything. */
  expire(now: WallClock): boolean {
    let any = false;
    for (const entry of this.#entries.values()) {
      if (now < entry.until) continue;
      this.#unindex(entry);
      this.#entries.delete(entry.xid);
      any = true;
    }
    return any;
  }

  /** The targets that one of these identities names, and whose time it is. */
  matching(identities: Iterable<TargetIdentity>, now: WallClock): Target[] {
    const found = new Map<string, Target>();
    for (const identity of identities) {
      for (const xid of this.#byIdentity.get(identityText(identity)) ?? []) {
        const target = this.get(xid)!;
        if (now >= target.from && now < target.until) found.set(xid, target);
      }
    }
    return [...found.values()];
  }

  /** When the next target begins or ends; undefined if none will. */
  nextChange(now: WallClock): WallClock | undefined {
    let next: WallClock | undefined;
    for (const { target, until } of this.#entries.values()) {
      for (const at of [target?.from ?? until, until]) if (at > now && (next === undefined || at < next)) next = at;
    }
    return next;
  }

  #set(entry: TargetEntry): TargetEntry {
    const known = this.#entries.get(entry.xid);
    if (known !== undefined) this.#unindex(known);
    this.#revision = Math.max(this.#revision, entry.revision);
    this.#entries.set(entry.xid, entry);
    if (entry.target === undefined) return entry;
    this.#size += 1;
    const key = identityText(entry.target.identity);
    const same = this.#byIdentity.get(key) ?? new Set();
    this.#byIdentity.set(key, same.add(entry.xid));
    return entry;
  }

  #unindex({ xid, target }: TargetEntry): void {
    if (target === undefined) return;
    this.#size -= 1;
    const key = identityText(target.identity);
    const same = this.#byIdentity.get(key);
    same?.delete(xid);
    if (same?.size === 0) this.#byIdentity.delete(key);
  }
}
