import type { Notification } from '../../operations/notifications/notification.ts';

/** What a receiver is told by. */
export interface Delivery {
  /** @throws with a reason, if it was not told */
  deliver(notification: Notification): Promise<void>;
  close(): void;
}

/** What a receiver was told since it was one; why it cannot be told at present and for how long, null if it can. */
export interface QueueCounts {
  readonly sent: number;
  readonly failed: number;
  readonly dropped: number;
  readonly waiting: number;
  readonly failing: string | null;
  readonly failingMs: number | null;
}

/** What waits for a receiver; the oldest makes room. */
const waitingMax = 1000;
/** After a failure the next attempt waits this long, then twice as long each time. */
const pauseMinMs = 1000;
const pauseMaxMs = 60_000;
/** A receiver that takes longer has failed. */
const deliverMs = 10_000;

/**
 * Tells one receiver one thing after the other. One that cannot be reached is tried again and again, and what happens
 * meanwhile waits for it, up to a bound.
 */
export class SinkQueue {
  readonly #delivery: Delivery;
  readonly #pauseMinMs: number;
  readonly #waiting: Notification[] = [];
  #pauseMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isBusy = false;
  #isClosed = false;
  #sent = 0;
  #failed = 0;
  #dropped = 0;
  #failing: { readonly why: string; readonly since: number } | undefined;

  /** @param firstPauseMs for tests that do not wait so long */
  constructor(delivery: Delivery, firstPauseMs = pauseMinMs) {
    this.#delivery = delivery;
    this.#pauseMinMs = firstPauseMs;
    this.#pauseMs = firstPauseMs;
  }

  push(notification: Notification): void {
    if (this.#isClosed) return;
    // The first may be on its way.
    if (this.#waiting.length >= waitingMax) {
      this.#waiting.splice(this.#isBusy ? 1 : 0, 1);
      this.#dropped += 1;
    }
    this.#waiting.push(notification);
    void this.#drain();
  }

  counts(): QueueCounts {
    const failing = this.#failing;
    return {
      sent: this.#sent,
      failed: this.#failed,
      dropped: this.#dropped,
      waiting: this.#waiting.length,
      failing: failing?.why ?? null,
      failingMs: failing === undefined ? null : performance.now() - failing.since,
    };
  }

  /** Nothing is told any more; returns what waits. What is on its way may come twice. */
  leave(): readonly Notification[] {
    this.close();
    return this.#waiting.splice(0);
  }

  /** Nothing is told any more. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#delivery.close();
  }

  async #drain(): Promise<void> {
    if (this.#isBusy || this.#timer !== undefined) return;
    this.#isBusy = true;
    while (!this.#isClosed && this.#waiting.length > 0) {
      const why = await this.#attempt(this.#waiting[0]!);
      if (why !== undefined) {
        this.#failed += 1;
        this.#failing = { why, since: this.#failing?.since ?? performance.now() };
        this.#pause();
        break;
      }
      if (this.#isClosed) return;
      this.#waiting.shift();
      this.#sent += 1;
      this.#failing = undefined;
      this.#pauseMs = this.#pauseMinMs;
    }
    this.#isBusy = false;
  }

  #pause(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#drain();
    }, this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, pauseMaxMs);
  }

  /** Why it failed; undefined if it did not. */
  async #attempt(notification: Notification): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${deliverMs / 1000} s`)), deliverMs);
    });
    try {
      await Promise.race([this.#delivery.deliver(notification), late]);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      clearTimeout(timer);
    }
  }
}
