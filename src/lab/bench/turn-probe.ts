import { closeSync, openSync, readSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

/** The longest turns of an event loop, in milliseconds; three figures that need not be of the same turn. */
export interface LongestTurns {
  /** By the clock: how long a packet may have waited. */
  readonly wallMs: number;
  /** Without what the thread waited for a processor that others had. */
  readonly runMs: number;
  /** Without collections of garbage besides: what the code of a turn takes at once. */
  readonly ownMs: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Turn extends Span {
  /** For a processor. */
  readonly waitedMs: number;
}

/** A shorter turn is none that anybody asks about. */
const turnLeastMs = 0.1;

/**
 * How long the turns of this process's event loop take: it looks in between any two of them. That keeps the processor
 * busy, so that it is for measuring alone, but a stall of a tenth of a millisecond is seen and none is rounded.
 */
export class TurnProbe {
  readonly #waiting = new ProcessorWait();
  #pending: NodeJS.Immediate | undefined;
  #lastMs = 0;
  #lastWaitedMs = 0;
  #turns: Turn[] = [];
  #collections: Span[] = [];
  readonly #observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      this.#collections.push({ from: startTime, to: startTime + duration });
    }
  });

  start(): void {
    this.#turns = [];
    this.#collections = [];
    this.#observer.observe({ entryTypes: ['gc'] });
    this.#lastMs = performance.now();
    this.#lastWaitedMs = this.#waiting.milliseconds();
    this.#look();
  }

  /** Ends the look. */
  async stop(): Promise<LongestTurns> {
    if (this.#pending !== undefined) clearImmediate(this.#pending);
    this.#pending = undefined;
    this.#note();
    // Collections are told a turn after they were.
    await new Promise((resolve) => setTimeout(resolve, 1));
    this.#observer.disconnect();
    return longestOf(this.#turns, this.#collections);
  }

  close(): void {
    this.#waiting.close();
  }

  #look(): void {
    this.#pending = setImmediate(() => {
      this.#note();
      this.#look();
    });
  }

  #note(): void {
    const at = performance.now();
    const waitedMs = this.#waiting.milliseconds();
    if (at - this.#lastMs >= turnLeastMs) {
      this.#turns.push({ from: this.#lastMs, to: at, waitedMs: waitedMs - this.#lastWaitedMs });
    }
    this.#lastMs = at;
    this.#lastWaitedMs = waitedMs;
  }
}

/** Of turns and of collections of garbage within them, by the same clock. */
export function longestOf(turns: readonly Turn[], collections: readonly Span[]): LongestTurns {
  const longest = (of: (turn: Turn) => number): number => turns.reduce((most, turn) => Math.max(most, of(turn)), 0);
  const run = ({ from, to, waitedMs }: Turn): number => Math.max(0, to - from - waitedMs);
  return {
    wallMs: longest(({ from, to }) => to - from),
    runMs: longest(run),
    ownMs: longest((turn) => Math.max(0, run(turn) - collectedMs(turn, collections))),
  };
}

function collectedMs(turn: Span, collections: readonly Span[]): number {
  return collections.reduce(
    (sum, { from, to }) => sum + Math.max(0, Math.min(to, turn.to) - Math.max(from, turn.from)),
    0,
  );
}

/**
 * How long this thread has waited for a processor in all: the second number of its schedstat, in nanoseconds
 * (Documentation/scheduler/sched-stats of the kernel). Unlike a thread's processor time it is not counted in ticks.
 */
class ProcessorWait {
  readonly #file = openSync('/proc/thread-self/schedstat', 'r');
  readonly #text = Buffer.alloc(64);

  milliseconds(): number {
    const length = readSync(this.#file, this.#text, 0, this.#text.length, 0);
    return Number(this.#text.toString('latin1', 0, length).split(' ')[1]) / 1e6;
  }

  close(): void {
    closeSync(this.#file);
  }
}
