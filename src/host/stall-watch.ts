import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How late the event loop has been, in milliseconds: how long a packet or a deadline may have waited for it. */
export interface StallStatistics {
  readonly worstMs: number;
  readonly percentile99Ms: number;
}

/** Fifty wake-ups a second would be measurable on an idle machine; a stall shorter than this does no harm. */
const resolutionMs = 50;

/** Measures the stall of this process's event loop; others must not take our own stall for a failure of a peer. */
export class StallWatch {
  readonly #histogram = monitorEventLoopDelay({ resolution: resolutionMs });

  start(): void {
    this.#histogram.enable();
  }

  stop(): void {
    this.#histogram.disable();
  }

  /** Since the start, or since `reset`. The histogram holds the time between two samples, the interval included. */
  statistics(): StallStatistics {
    const lateMs = (nanoseconds: number): number => Math.max(nanoseconds / 1e6 - resolutionMs, 0);
    if (this.#histogram.count === 0) return { worstMs: 0, percentile99Ms: 0 };
    return { worstMs: lateMs(this.#histogram.max), percentile99Ms: lateMs(this.#histogram.percentile(99)) };
  }

  reset(): void {
    this.#histogram.reset();
  }
}
