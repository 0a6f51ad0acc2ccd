import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process that answers each line of JSON on its standard input with one on its standard output, in order. */
export class JsonProcess {
  readonly child: ChildProcess;
  readonly #waiting: { resolve: (answer: unknown) => void; reject: (error: Error) => void }[] = [];
  /** The last lines of its standard error, for failures. */
  readonly errors: string[] = [];
  readonly #ready: Promise<unknown>;

  constructor(child: ChildProcess) {
    this.child = child;
    // It may be ready before anybody asks.
    this.#ready = this.#answer();
    this.#ready.catch(() => {});
    createInterface({ input: child.stdout! }).on('line', (line) => this.#waiting.shift()?.resolve(JSON.parse(line)));
    createInterface({ input: child.stderr! }).on('line', (line) => this.errors.push(line));
    child.once('exit', (code, signal) => {
      const error = new Error(`process ended (${code ?? signal}): ${this.errors.slice(-20).join('\n')}`);
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }

  /** The line that it prints when it is ready, unasked. */
  async ready(): Promise<void> {
    await this.#ready;
  }

  ask<Answer>(command: object): Promise<Answer> {
    const answer = this.#answer() as Promise<Answer>;
    this.child.stdin!.write(`${JSON.stringify(command)}\n`);
    return answer;
  }

  #answer(): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }
}

/** The other side of `JsonProcess`: answers commands until standard input ends, as it does when the test ends. */
export function answerCommands<Command>(answer: (command: Command) => Promise<unknown>, end: () => void): void {
  const lines = createInterface({ input: process.stdin });
  let last: Promise<unknown> = Promise.resolve();
  lines.on('line', (line) => {
    last = last.then(async () =>
      process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Command))}\n`),
    );
  });
  lines.on('close', end);
  process.stdout.write('{"ready":true}\n');
}
