import { type Instant, never } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';
import type { ChassisCommand } from './options.ts';
import type { PairCounter } from './pair-counters.ts';

export interface PlannedSwitchoverDependencies {
  /** Has nothing new asked of AAA; `PlannedSwitchover.settled` is called once all that was asked has been answered. */
  settle(): void;
  /** Gives the role away, unless that is refused now. */
  handOver(command: ChassisCommand): void;
  count(counter: PairCounter): void;
}

/** A switchover that nothing forces, and that may wait. */
export function isPlanned(command: ChassisCommand): boolean {
  return command.kind === 'switchoverRequested' && !command.force;
}

/**
 * A planned switchover before it begins. What has been asked of AAA is answered first, and the sessions that were asked for are set up: no
 * other chassis knows of these requests, and each of them would be asked anew. Meanwhile the chassis serves and forwards as
 * before, but asks nothing new. It waits no longer than the limit.
 */
export class PlannedSwitchover implements Timed {
  readonly #limitMs: number;
  readonly #dependencies: PlannedSwitchoverDependencies;
  #asked: { readonly command: ChassisCommand; readonly until: Instant } | undefined;

  /** @param limitMs 0 for no waiting at all */
  constructor(limitMs: number, dependencies: PlannedSwitchoverDependencies) {
    this.#limitMs = limitMs;
    this.#dependencies = dependencies;
  }

  /** It has been asked for, and has not begun. */
  get isWaiting(): boolean {
    return this.#asked !== undefined;
  }

  /** Does nothing if one is waiting already. */
  ask(command: ChassisCommand, now: Instant): void {
    if (this.#asked !== undefined) return;
    this.#asked = { command, until: now + this.#limitMs };
    this.#dependencies.settle();
  }

  /** Everything has been answered. */
  settled(): void {
    this.#begin('handover.settled');
  }

  /** The role is lost otherwise. */
  cancel(): void {
    this.#asked = undefined;
  }

  advance(now: Instant): void {
    if (this.#asked !== undefined && now >= this.#asked.until) this.#begin('handover.not-settled');
  }

  nextDeadline(): Instant {
    return this.#asked?.until ?? never;
  }

  #begin(counter: PairCounter): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    this.#asked = undefined;
    this.#dependencies.count(counter);
    this.#dependencies.handOver(asked.command);
  }
}
