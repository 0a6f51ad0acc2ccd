import { writeSync } from 'node:fs';
import type { Instant } from '../kernel/instant.ts';
import { now } from './clock.ts';

/** Where progress is told. */
export interface ProgressOutput {
  /** Whether a line can be painted over. */
  readonly isTerminal: boolean;
  write(text: string): void;
}

/** Standard error, at once: whoever works without a pause leaves a stream no time to write. */
const standardError: ProgressOutput = {
  isTerminal: process.stderr.isTTY === true,
  write(text) {
    try {
      writeSync(2, text);
    } catch {
      // A reader that is slow or gone is no reason to stop working.
    }
  },
};

/** Before that, nobody wonders. */
const quietMs = 1000;
const repaintMs = 200;
const lineMs = 10_000;
const eraseLine = '\r\x1b[K';

/**
 * Tells how far something is that takes more than a second, at what rate, and how long it still takes: on a terminal a line
 * that is painted over and goes away in the end, elsewhere a line every ten seconds.
 */
export class Progress {
  readonly #what: string;
  readonly #total: number;
  readonly #output: ProgressOutput;
  readonly #clock: () => Instant;
  readonly #begunAt: Instant;
  #tellAt: Instant;
  #isPainted = false;

  /**
   * @param what pieces of what, such as `attaches`
   * @param total of how many
   */
  constructor(what: string, total: number, output: ProgressOutput = standardError, clock: () => Instant = now) {
    this.#what = what;
    this.#total = total;
    this.#output = output;
    this.#clock = clock;
    this.#begunAt = clock();
    this.#tellAt = this.#begunAt + (output.isTerminal ? quietMs : lineMs);
  }

  /** So many are done. May be called for each. @param note what else is worth telling */
  reached(done: number, note?: string): void {
    const at = this.#clock();
    if (at < this.#tellAt) return;
    const text = progressText(this.#what, done, this.#total, at - this.#begunAt, note);
    if (this.#output.isTerminal) this.#output.write(`${eraseLine}${text}`);
    else this.#output.write(`${text}\n`);
    this.#isPainted = this.#output.isTerminal;
    this.#tellAt = at + (this.#output.isTerminal ? repaintMs : lineMs);
  }

  /** Takes the line off the terminal. */
  end(): void {
    if (this.#isPainted) this.#output.write(eraseLine);
    this.#isPainted = false;
  }
}

/** `attaches: 12,000 of 100,000, 4,012 a second, 22 s left`. */
export function progressText(what: string, done: number, total: number, elapsedMs: number, note?: string): string {
  const number = (value: number): string =>
    value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });
  const parts = [`${what}: ${number(done)} of ${number(total)}`];
  if (done > 0 && elapsedMs > 0) {
    const perSecond = (done * 1000) / elapsedMs;
    parts.push(`${number(perSecond)} a second`, `${timeText((total - done) / perSecond)} left`);
  }
  if (note !== undefined) parts.push(note);
  return parts.join(', ');
}

function timeText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
