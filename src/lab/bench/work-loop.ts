import { now } from '../../host/clock.ts';
import { Progress } from '../../host/progress.ts';
import type { Instant } from '../../kernel/instant.ts';
import { Latencies } from './latencies.ts';

/**
 * `window`: as many outstanding as this, always. `ratePerSecond`: begun on schedule, whatever is outstanding; with `tickMs`
 * so many milliseconds' worth at a time, which leaves the processor to others in between.
 */
export type Pace = { readonly window: number } | { readonly ratePerSecond: number; readonly tickMs?: number };

export interface WorkOptions {
  /** Pieces of what, for whoever waits for it; `pieces of work` unless told otherwise. */
  readonly what?: string;
  /** Pieces of work, numbered from 0. */
  readonly count: number;
  readonly pace: Pace;
  /** Begins a piece of work. */
  readonly begin: (piece: number) => void;
  /** Called after pieces were begun on schedule, to have them sent at once. */
  readonly flush: () => void;
  /** A run that completes nothing for so long has lost what is outstanding; 3 s unless told otherwise. */
  readonly stallMs?: number;
}

export interface WorkResult {
  readonly elapsedMs: number;
  /** Pieces that were refused or never completed. */
  readonly failures: number;
  /** From the beginning of a piece, or when it was due to begin, to `measured` or `completed`. */
  readonly latencies: Latencies;
  /** Pieces a second. */
  readonly rate: number;
}

const stallMsDefault = 10_000;

/** Fixed work, done as a closed loop (a window) or an open one (a schedule). */
export class WorkLoop {
  readonly #options: WorkOptions;
  /** When each piece began; NaN when it is over. */
  readonly #beganAt: Float64Array;
  readonly #latencies: Latencies;
  #startedAt: Instant = 0;
  #endedAt: Instant = 0;
  #begun = 0;
  #over = 0;
  #failures = 0;
  #finish: (() => void) | undefined;
  readonly #progress: Progress;

  constructor(options: WorkOptions) {
    this.#options = options;
    this.#beganAt = new Float64Array(options.count).fill(Number.NaN);
    this.#latencies = new Latencies(options.count);
    this.#progress = new Progress(options.what ?? 'pieces of work', options.count);
  }

  async run(): Promise<WorkResult> {
    const { count, pace } = this.#options;
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    this.#startedAt = now();
    this.#endedAt = this.#startedAt;
    if ('window' in pace) for (let piece = 0; piece < Math.min(pace.window, count); piece += 1) this.#beginNext(now());
    else this.#keepSchedule(pace.ratePerSecond, pace.tickMs);
    const watch = this.#watchForStall();
    await finished;
    this.#progress.end();
    clearInterval(watch);
    const elapsedMs = this.#endedAt - this.#startedAt;
    const rate = elapsedMs === 0 ? 0 : ((count - this.#failures) / elapsedMs) * 1000;
    return { elapsedMs, failures: this.#failures, latencies: this.#latencies, rate };
  }

  /** To be called when a piece has succeeded; a second time does nothing. */
  completed(piece: number): void {
    this.measured(piece);
    this.#end(piece);
  }

  /** Takes the latency of a piece that is not over yet; without it, `completed` does. */
  measured(piece: number): void {
    const began = this.#beganAt[piece]!;
    if (began >= 0) this.#latencies.add(now() - began);
    // Negative: begun and measured, but not over.
    if (began >= 0) this.#beganAt[piece] = -1;
  }

  failed(piece: number): void {
    if (Number.isNaN(this.#beganAt[piece]!)) return;
    this.#failures += 1;
    this.#end(piece);
  }

  #end(piece: number): void {
    if (Number.isNaN(this.#beganAt[piece]!)) return;
    this.#beganAt[piece] = Number.NaN;
    this.#over += 1;
    this.#endedAt = now();
    this.#progress.reached(this.#over);
    if (this.#over === this.#options.count) this.#finish?.();
    else if ('window' in this.#options.pace && this.#begun < this.#options.count) this.#beginNext(this.#endedAt);
  }

  #beginNext(at: Instant): void {
    const piece = this.#begun;
    this.#begun += 1;
    this.#beganAt[piece] = at;
    this.#options.begin(piece);
  }

  /** Spins without `tickMs`. A piece counts from when it was due (coordinated omission), or from the tick that it was due in. */
  #keepSchedule(ratePerSecond: number, tickMs?: number): void {
    const { count, flush } = this.#options;
    const turn = (): void => {
      const due = Math.min(Math.floor(((now() - this.#startedAt) / 1000) * ratePerSecond) + 1, count);
      const any = this.#begun < due;
      while (this.#begun < due) this.#beginNext(this.#startedAt + (this.#begun / ratePerSecond) * 1000);
      if (any) flush();
      if (this.#begun >= count) return;
      if (tickMs === undefined) setImmediate(turn);
      else setTimeout(turn, tickMs);
    };
    turn();
  }

  #watchForStall(): NodeJS.Timeout {
    let before = -1;
    return setInterval(() => {
      if (this.#over > before) {
        before = this.#over;
        return;
      }
      this.#failures += this.#options.count - this.#over;
      this.#over = this.#options.count;
      this.#finish?.();
    }, this.#options.stallMs ?? stallMsDefault);
  }
}
