import type { Instant } from '../../kernel/instant.ts';
import type { PacketInput, Timed } from '../../kernel/port.ts';
import type { SharedMemory } from './shared-memory.ts';

/** The main loop and the link thread show so often that they run. */
export const pulseMs = 20;
/** A thread that stands still for less is as late as any program may be. */
export const stallMs = 50;

/**
 * Finds out that this process stood still, before what waited meanwhile is taken for news: after a stall, timers have
 * expired and hellos wait in queues, and in which order they are delivered is chance. So everything that enters the core
 * passes by here first.
 *
 * A stall is a time in which the main loop did not turn, or the link thread did not run, so that a hello may have come that
 * nobody could hear.
 */
export class StallGuard {
  readonly #memory: SharedMemory;
  readonly #deadIntervalMs: number;
  /**
   * What is told. After less than this, and a hello interval before, which is a third of the dead interval at most, nobody
   * is taken for dead; and a loop that is slow for good does not put the dead interval off for good.
   */
  readonly #stallMs: number;
  readonly #onStall: (forMs: number, now: Instant) => void;
  #isOn = false;
  #beatAt: Instant = 0;
  /** Up to here the link thread's absence has been told. */
  #toldUntil: Instant = 0;
  /** The end of the main loop's last stall. */
  #wokeAt: Instant = 0;
  stalls = 0;
  worstStallMs = 0;

  constructor(memory: SharedMemory, deadIntervalMs: number, onStall: (forMs: number, now: Instant) => void) {
    this.#memory = memory;
    this.#deadIntervalMs = deadIntervalMs;
    this.#stallMs = Math.max(stallMs, deadIntervalMs / 3);
    this.#onStall = onStall;
  }

  /** The link thread runs now; until then nothing is a stall. */
  begin(now: Instant): void {
    this.#isOn = true;
    this.#beatAt = now;
    this.#wokeAt = now;
    this.#toldUntil = now;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** How long the link thread has not run, of the time in which the main loop did. */
  linkSilentMs(now: Instant): number {
    return now - Math.max(this.#memory.linkAliveAt, this.#wokeAt);
  }

  /** To be called before anything enters the core, and at least every `pulseMs`. */
  beat(now: Instant): void {
    this.#memory.raiseMainPulse();
    if (!this.#isOn) return;
    const ownMs = now - this.#beatAt;
    const { linkAliveAt } = this.#memory;
    const linkMs = now - Math.max(linkAliveAt, this.#toldUntil);
    if (ownMs > 0) this.#beatAt = now;
    if (ownMs < this.#stallMs && linkMs < this.#stallMs) return;
    if (ownMs >= this.#stallMs) this.#wokeAt = now;
    // Told in parts, because the dead interval runs meanwhile; at one dead interval as the whole that it then is.
    const wholeMs = now - linkAliveAt;
    const becomesLong = wholeMs >= this.#deadIntervalMs && this.#toldUntil - linkAliveAt < this.#deadIntervalMs;
    this.#toldUntil = now;
    this.stalls += 1;
    const forMs = Math.max(ownMs, becomesLong ? wholeMs : linkMs);
    this.worstStallMs = Math.max(this.worstStallMs, forMs);
    this.#onStall(forMs, now);
  }

  /** The core behind this guard. */
  guarded(core: PacketInput & Timed): PacketInput & Timed {
    return {
      receive: (port, channel, peer, peerPort, bytes, now) => {
        this.beat(now);
        core.receive(port, channel, peer, peerPort, bytes, now);
      },
      advance: (now) => {
        this.beat(now);
        core.advance(now);
      },
      nextDeadline: () => core.nextDeadline(),
    };
  }
}
