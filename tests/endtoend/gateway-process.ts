import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ManagementClient } from '../../src/host/management/client.ts';
import { endProcess, type Namespaces } from './namespaces.ts';

const samog = fileURLToPath(new URL('../../samog', import.meta.url));
const startupMs = 40_000;

/** `./samog run` in a namespace, and the operator's commands to it. */
export class GatewayProcess {
  readonly namespace: string;
  /** The management socket without a process for each question. */
  readonly client: ManagementClient;
  readonly #namespaces: Namespaces;
  readonly #config: string;
  readonly #socket: string;
  readonly #log: string;
  #child: ChildProcess | undefined;

  /**
   * @param name of its files
   * @param configOf its configuration, with its management socket
   */
  constructor(namespaces: Namespaces, namespace: string, name: string, configOf: (managementSocket: string) => string) {
    this.#namespaces = namespaces;
    this.namespace = namespace;
    this.#config = join(namespaces.folder, `${name}.yaml`);
    this.#socket = join(namespaces.folder, `${name}.sock`);
    this.#log = join(namespaces.folder, `${name}.log`);
    this.client = new ManagementClient(this.#socket);
    writeFileSync(this.#config, configOf(this.#socket));
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    const log = openSync(this.#log, 'a');
    const command = [samog, 'run', '--config', this.#config];
    const child = this.#namespaces.start(this.namespace, command, { stdio: ['ignore', log, log] });
    this.#child = child;
    closeSync(log);
    const giveUpAt = performance.now() + startupMs;
    while ((await this.client.health()).kind !== 'data') {
      if (child.exitCode !== null || performance.now() > giveUpAt) {
        throw new Error(`the gateway does not start:\n${this.logTail()}`);
      }
      await sleep(50);
    }
  }

  get socket(): string {
    return this.#socket;
  }

  get runs(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child!.kill(signal);
  }

  async kill(): Promise<void> {
    const ended = once(this.#child!, 'exit');
    this.signal('SIGKILL');
    await ended;
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

  /** What one of the operator's other commands prints. @throws Error unless it succeeds */
  operate(...command: readonly string[]): string {
    return execFileSync(samog, [...command, '--socket', this.#socket], { encoding: 'utf8' });
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

  /** What it has logged of faults of its own. */
  faults(): string[] {
    return this.logged('fault-contained');
  }

  /** The lines of its log that are of an event. */
  logged(event: string): string[] {
    return readFileSync(this.#log, 'utf8')
      .split('\n')
      .filter((line) => line.includes(`"${event}"`));
  }

  logTail(): string {
    return readFileSync(this.#log, 'utf8').split('\n').slice(-40).join('\n');
  }

  #parameters(what: readonly string[]): string[] {
    return ['show', ...what, '--socket', this.#socket];
  }
}
