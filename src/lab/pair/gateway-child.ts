import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { now } from '../../host/clock.ts';
import { ManagementClient } from '../../host/management/client.ts';
import type { InterceptFiles } from './interception.ts';
import type { NetworkNamespace } from './network-namespace.ts';
import { chassisConfig, chassisName, type OperatorFiles } from './pair-config.ts';
import type { ChassisLetter } from './pair-network.ts';

/** The launcher of the release that this is. */
export const presentRelease = fileURLToPath(new URL('../../../samog', import.meta.url));
const startLimitMs = 30_000;
const endLimitMs = 5000;
const pollMs = 20;
const logTailLines = 25;

/** One chassis of the pair: `samog run` as a process of its own in a namespace of its own, with its files. */
export class GatewayChild {
  readonly letter: ChassisLetter;
  readonly name: string;
  readonly client: ManagementClient;
  readonly #inside: NetworkNamespace;
  readonly #config: string;
  readonly #log: string;
  #child: ChildProcess | undefined;

  /** @param operators whom it lets in over the network; nobody without them */
  constructor(
    letter: ChassisLetter,
    inside: NetworkNamespace,
    folder: string,
    operators: OperatorFiles | undefined,
    intercept?: InterceptFiles,
  ) {
    const own = join(folder, letter);
    const files = {
      managementSocket: join(own, 'management.sock'),
      recoveryDirectory: join(own, 'recovery'),
      intercept: intercept && { ...intercept, directory: join(own, 'intercept') },
      operators: operators && { ...operators, audit: join(own, 'audit') },
    };
    mkdirSync(files.recoveryDirectory, { recursive: true, mode: 0o700 });
    this.letter = letter;
    this.name = chassisName[letter];
    this.#inside = inside;
    this.#config = join(own, 'samog.yaml');
    this.#log = join(own, 'log');
    writeFileSync(this.#config, chassisConfig(letter, files));
    this.client = new ManagementClient(files.managementSocket);
  }

  /**
   * Starts the process, and resolves when it answers.
   *
   * @param release the launcher of the release that it is to be
   * @throws Error if it does not answer, with its last words
   */
  async start(release = presentRelease): Promise<void> {
    const log = openSync(this.#log, 'a');
    // It must not outlive this process, whatever becomes of that.
    const dieWithParent = ['setpriv', '--pdeathsig', 'KILL', '--'];
    const [command, ...args] = [...dieWithParent, ...this.#inside.entering([release, 'run', '--config', this.#config])];
    const child = spawn(command!, args, { stdio: ['ignore', log, log] });
    this.#child = child;
    closeSync(log);
    const giveUpAt = now() + startLimitMs;
    while ((await this.client.health()).kind !== 'data') {
      if (child.exitCode !== null || now() > giveUpAt) {
        throw new Error(`${this.name} does not start:\n${this.lastWords()}`);
      }
      await sleep(pollMs);
    }
  }

  /** kill -9, at once. */
  kill(): void {
    this.signal('SIGKILL');
  }

  /** SIGSTOP has it stand still until SIGCONT. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(name);
  }

  /** Resolves when the process has ended. */
  async ended(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await once(child, 'exit');
  }

  /** Ends the process as an operator does. */
  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM');
    const impatience = setTimeout(() => this.kill(), endLimitMs);
    await this.ended();
    clearTimeout(impatience);
  }

  /** The end of its log. */
  lastWords(): string {
    return readFileSync(this.#log, 'utf8').trimEnd().split('\n').slice(-logTailLines).join('\n');
  }

  /** A view's data. @throws Error if the gateway refuses or does not answer */
  async show<View>(path: string, args: Readonly<Record<string, string>> = {}): Promise<View> {
    const answer = await this.client.show(path, args);
    if (answer.kind === 'data') return answer.data as View;
    const why = answer.kind === 'refused' ? answer.refusal.what : answer.kind;
    throw new Error(`${this.name} does not show ${path}: ${why}`);
  }
}
