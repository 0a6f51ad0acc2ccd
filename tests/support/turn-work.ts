import { Session } from 'node:inspector';

/** The code that was busiest in one turn of the event loop. */
export interface TurnWork {
  /** How often it was run. */
  readonly times: number;
  /** `file:function`. */
  readonly where: string;
}

interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly {
    readonly functionName: string;
    readonly ranges: readonly { readonly count: number }[];
  }[];
}

const nothing: TurnWork = { times: 0, where: 'nothing' };

/**
 * What is run most often in any one turn of the event loop while something is done: V8's count of each block of code, and no time, so
 * that it is the same on every machine. What a function of the language itself goes through without calling anybody is not counted.
 * Everything is slower until `close`.
 */
export class TurnWatch {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  async busiest(act: () => Promise<unknown>): Promise<TurnWork> {
    this.#taken();
    let busiest = nothing;
    const look = (): void => {
      for (const script of this.#taken()) {
        if (!script.url.includes('/src/')) continue;
        const found = busiestOf(script);
        if (found.times > busiest.times) busiest = found;
      }
    };
    let next: NodeJS.Immediate | undefined;
    const lookAgain = (): void => {
      look();
      next = setImmediate(lookAgain);
    };
    next = setImmediate(lookAgain);
    try {
      await act();
      look();
      return busiest;
    } finally {
      clearImmediate(next);
    }
  }

  close(): void {
    this.#session.disconnect();
  }

  /** What was run since it was last taken. An inspector of one's own thread answers at once. */
  #taken(): readonly ScriptCoverage[] {
    let found: readonly ScriptCoverage[] = [];
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      found = result;
    });
    return found;
  }
}

function busiestOf({ url, functions }: ScriptCoverage): TurnWork {
  let busiest = nothing;
  for (const { functionName, ranges } of functions) {
    for (const { count: times } of ranges) {
      if (times > busiest.times) busiest = { times, where: `${url.split('/').at(-1)}:${functionName}` };
    }
  }
  return busiest;
}
