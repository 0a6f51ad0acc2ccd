import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Namespaces of a test are called after its process, so that what a killed test left behind can be told and removed. */
const prefix = 'samog-e2e-';
const namespaceFolder = '/run/netns';
/** How long a process that was asked to end has before it is made to. */
const patienceMs = 2000;

export interface Finished {
  /** null if a signal ended it. */
  readonly exitCode: number | null;
  readonly output: string;
}

/** Network namespaces and the processes in them, made by one test process and removed by it however it ends. */
export class Namespaces {
  /** For logs, captures and sockets; kept if the test asks for it. */
  readonly folder = mkdtempSync(join(tmpdir(), prefix));
  readonly #names: string[] = [];
  readonly #processes = new Set<ChildProcess>();
  readonly #atExit = (): void => this.#removeNow();
  readonly #atSignal = (): void => {
    this.#removeNow();
    process.exit(130);
  };

  constructor() {
    removeLeftovers();
    process.once('exit', this.#atExit);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, this.#atSignal);
  }

  /** Makes a namespace without forwarding and without IPv6, its loopback up; returns its name. */
  add(role: string): string {
    const name = `${prefix}${process.pid}-${this.#names.length}-${role}`;
    run('ip', ['netns', 'add', name]);
    this.#names.push(name);
    run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
    const settings = { 'ipv4/ip_forward': 0, 'ipv6/conf/default/disable_ipv6': 1 };
    const lines = Object.entries(settings).map(([setting, value]) => `echo ${value} > /proc/sys/net/${setting}`);
    this.exec(name, 'sh', '-ec', lines.join('\n'));
    return name;
  }

  /** Runs a command in a namespace and returns what it printed. @throws Error if it fails */
  exec(namespace: string, ...command: readonly string[]): string {
    return run('ip', ['netns', 'exec', namespace, ...command]);
  }

  /** Starts a command in a namespace; it becomes the command, so that signals reach it. */
  start(namespace: string, command: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', namespace, ...command], options);
    this.#processes.add(child);
    child.once('exit', () => this.#processes.delete(child));
    return child;
  }

  /** Runs a command in a namespace while other things go on; gives all it printed, and its exit code. */
  async run(namespace: string, command: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Finished> {
    const child = this.start(namespace, command, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    let output = '';
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    const [exitCode] = (await once(child, 'close')) as [number | null];
    return { exitCode, output };
  }

  /** Ends the processes, then removes the namespaces and, unless its files are wanted, the folder. */
  async remove(keepFolder = false): Promise<void> {
    await Promise.all([...this.#processes].map((child) => endProcess(child)));
    process.off('exit', this.#atExit);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#atSignal);
    this.#deleteNamespaces();
    if (!keepFolder) rmSync(this.folder, { recursive: true, force: true });
  }

  #removeNow(): void {
    for (const child of this.#processes) child.kill('SIGKILL');
    this.#deleteNamespaces();
  }

  #deleteNamespaces(): void {
    for (const name of this.#names.splice(0)) run('ip', ['netns', 'delete', name]);
  }
}

/** Asks a process to end, waits for it, and makes it end if it does not; returns how long it took, in milliseconds. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
  const begin = performance.now();
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill(signal);
    const impatience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    await ended;
    clearTimeout(impatience);
  }
  return performance.now() - begin;
}

/** Removes the namespaces, and ends the processes in them, of test processes that no longer exist. */
function removeLeftovers(): void {
  if (!existsSync(namespaceFolder)) return;
  for (const name of readdirSync(namespaceFolder)) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || existsSync(`/proc/${owner}`)) continue;
    for (const pid of run('ip', ['netns', 'pids', name]).split('\n').filter(Boolean)) {
      process.kill(Number(pid), 'SIGKILL');
    }
    run('ip', ['netns', 'delete', name]);
  }
}

function run(command: string, parameters: readonly string[]): string {
  return execFileSync(command, parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
