import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endProcess, type Namespaces } from './namespaces.ts';

const samog = fileURLToPath(new URL('../../samog', import.meta.url));
const startupMs = 20_000;

/** `./samog run` in a namespace, and the operator's commands to it. */
export class GatewayProcess {
  readonly #namespaces: Namespaces;
  readonly #namespace: string;
  readonly #config: string;
  readonly #socket: string;
  readonly #log: string;
  #child: ChildProcess | undefined;

  constructor(namespaces: Namespaces, namespace: string, config: string) {
    this.#namespaces = namespaces;
    this.#namespace = namespace;
    this.#config = config;
    this.#socket = join(namespaces.folder, 'management.sock');
    this.#log = join(namespaces.folder, 'gateway.log');
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    const log = openSync(this.#log, 'a');
    const command = [samog, 'run', '--config', this.#config];
    this.#child = this.#namespaces.start(this.#namespace, command, { stdio: ['ignore', log, log] });
    closeSync(log);
    const giveUpAt = performance.now() + startupMs;
    while (spawnSync(samog, this.#parameters(['samog-service', 'statistics']), { stdio: 'ignore' }).status !== 0) {
      if (this.#child.exitCode !== null || performance.now() > giveUpAt) {
        throw new Error(`the gateway does not start:\n${this.logTail()}`);
      }
      await sleep(200);
    }
  }

  /** Ends it as an operator does; returns how long that took in milliseconds and its exit code. */
  async stop(): Promise<{ readonly tookMs: number; readonly exitCode: number | null }> {
    const child = this.#child!;
    const tookMs = await endProcess(child);
    return { tookMs, exitCode: child.exitCode };
  }

  /** What `./samog show` prints. */
  show(...what: readonly string[]): string {
    return execFileSync(samog, this.#parameters(what), { encoding: 'utf8' });
  }

  showJson<View>(...what: readonly string[]): View {
    return JSON.parse(this.show(...what, '--json')) as View;
  }

  /** Everything that tells an engineer what it was doing, as far as it still answers. */
  lastWords(): string {
    const views = ['samog-service statistics', 'subscribers samog-only full', 'sockets', 'events', 'crash list'];
    return views
      .map((words) => words.split(' '))
      .map((what) => spawnSync(samog, this.#parameters(what), { encoding: 'utf8' }))
      .map(({ stdout, stderr }) => `${stdout}${stderr}`)
      .join('\n');
  }

  logLines(): number {
    return readFileSync(this.#log, 'utf8').split('\n').length - 1;
  }

  logTail(): string {
    return readFileSync(this.#log, 'utf8').split('\n').slice(-40).join('\n');
  }

  #parameters(what: readonly string[]): string[] {
    return ['show', ...what, '--socket', this.#socket];
  }
}
