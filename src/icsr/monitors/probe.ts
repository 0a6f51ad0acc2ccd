import type { Instant } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';

/** How often something is asked, and when it counts as failed. Times in milliseconds. */
export interface ProbeConfig {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Probes in a row that must go unanswered. */
  readonly failures: number;
}

export interface ProbeStatus {
  readonly healthy: boolean;
  readonly sent: number;
  readonly answered: number;
  /** Probes in a row that went unanswered. */
  readonly missed: number;
  readonly lastAnswerAt: Instant | undefined;
}

/**
 * Asks something whether it is alive, over and over: healthy until so many questions in a row went unanswered, and
 * again with the first answer. One question is on its way at a time, so that a pause of this process, in which answers wait
 * unread, costs at most one of them.
 */
export class Probe implements Timed {
  readonly #config: ProbeConfig;
  readonly #send: (number: number) => void;
  /** The number of the question that waits for its answer; undefined while none does. */
  #open: number | undefined;
  #sent = 0;
  #answered = 0;
  #missed = 0;
  #lastAnswerAt: Instant | undefined;
  #askAt: Instant;
  #timeoutAt: Instant = 0;

  /** @param send asks with the number given, which the answer has to come back with; may not call back */
  constructor(config: ProbeConfig, send: (number: number) => void, now: Instant) {
    this.#config = config;
    this.#send = send;
    this.#askAt = now;
  }

  /** Whether fewer probes in a row went unanswered than count as a failure. */
  get healthy(): boolean {
    return this.#missed < this.#config.failures;
  }

  status(): ProbeStatus {
    const { healthy } = this;
    return {
      healthy,
      sent: this.#sent,
      answered: this.#answered,
      missed: this.#missed,
      lastAnswerAt: this.#lastAnswerAt,
    };
  }

  /** An answer that is too late, or to nothing that was asked, says nothing. */
  heard(number: number, now: Instant): void {
    if (number !== this.#open) return;
    this.#open = undefined;
    this.#answered += 1;
    this.#missed = 0;
    this.#lastAnswerAt = now;
  }

  advance(now: Instant): void {
    if (this.#open !== undefined && now >= this.#timeoutAt) {
      this.#open = undefined;
      this.#missed += 1;
    }
    if (this.#open !== undefined || now < this.#askAt) return;
    this.#sent += 1;
    this.#open = this.#sent;
    this.#timeoutAt = now + this.#config.timeoutMs;
    this.#askAt = now + this.#config.intervalMs;
    this.#send(this.#sent);
  }

  nextDeadline(): Instant {
    return this.#open === undefined ? this.#askAt : this.#timeoutAt;
  }
}
