import type { Observation } from './observation.ts';
import type { Trace } from './trace.ts';

/** A step that a scenario expects to see. */
export interface ExpectedStep {
  readonly number: number;
  readonly text: string;
  /** Whether this is the observation by which the step is seen. Asked only once the step `after` has been seen. */
  readonly seenBy: (observation: Observation) => boolean;
  /** A step that must have been seen before this one is looked for: for what goes on all the time, such as data. */
  readonly after?: number;
}

/** A step that was seen. */
export interface SeenStep {
  readonly number: number;
  readonly text: string;
  /** Milliseconds since the scenario began. */
  readonly at: number;
}

/** An observation worth showing, with the number of the step that was seen by it. */
export interface FlowLine {
  readonly observation: Observation;
  readonly step: number | undefined;
}

/** Data is shown only where a step is seen by it: it goes on all the time. */
const shownOnlyAsSteps: ReadonlySet<string> = new Set(['data', 'ARP']);

/** Looks for the steps of one scenario in what is observed, and remembers the call flow. */
export class StepWatcher {
  readonly flow: FlowLine[] = [];
  readonly #expected: readonly ExpectedStep[];
  readonly #seen = new Map<number, { readonly at: number; readonly order: number }>();
  readonly #stop: () => void;
  #observations = 0;

  constructor(expected: readonly ExpectedStep[], trace: Pick<Trace, 'listen'>) {
    this.#expected = expected;
    this.#stop = trace.listen((observation) => this.#observe(observation));
  }

  stop(): void {
    this.#stop();
  }

  /** Whether every step has been seen. */
  get complete(): boolean {
    return this.#seen.size === this.#expected.length;
  }

  hasSeen(step: number): boolean {
    return this.#seen.has(step);
  }

  /** The steps that were seen, in the order in which they were seen. */
  steps(): SeenStep[] {
    return this.#expected
      .filter(({ number }) => this.#seen.has(number))
      .map(({ number, text }) => ({ number, text, ...this.#seen.get(number)! }))
      .sort((left, right) => left.order - right.order)
      .map(({ number, text, at }) => ({ number, text, at }));
  }

  /** What differs from the expectation: steps that are missing, and steps seen before one that should precede them. */
  problems(): string[] {
    const problems: string[] = [];
    let before: { readonly number: number; readonly order: number } | undefined;
    for (const { number, text } of this.#expected) {
      const seen = this.#seen.get(number);
      if (seen === undefined) {
        problems.push(`step ${number} was not seen: ${text}`);
        continue;
      }
      if (before !== undefined && seen.order < before.order) {
        problems.push(`step ${number} was seen before step ${before.number}`);
      }
      before = { number, order: seen.order };
    }
    return problems;
  }

  #observe(observation: Observation): void {
    this.#observations += 1;
    let step: number | undefined;
    for (const expected of this.#expected) {
      if (this.#seen.has(expected.number)) continue;
      if (expected.after !== undefined && !this.#seen.has(expected.after)) continue;
      if (!expected.seenBy(observation)) continue;
      step = expected.number;
      this.#seen.set(expected.number, { at: observation.at, order: this.#observations });
      break;
    }
    if (step !== undefined || !shownOnlyAsSteps.has(observation.what)) this.flow.push({ observation, step });
  }
}
