import { type GatewayHistory, sampleIntervalMs } from '../operations/history/history.ts';
import { sampleOf } from '../operations/history/series.ts';
import { shownBy, type ViewSource } from '../operations/views/view.ts';
import { now, wallClock } from './clock.ts';

/** Reads a gateway's counters again and again, so that it is known how it was. */
export class HistorySampler {
  readonly #timer: NodeJS.Timeout;
  #reading = false;

  constructor(history: GatewayHistory, source: ViewSource, intervalMs = sampleIntervalMs) {
    const sample = () => history.add(sampleOf(source, { now: now(), wallClock: wallClock() }));
    this.#timer = setInterval(() => {
      // Instances in threads answer in their own time; whoever is slow is not asked twice.
      if (this.#reading) return;
      this.#reading = true;
      shownBy(source, {}, sample)
        .catch(() => {})
        .finally(() => {
          this.#reading = false;
        });
    }, intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
