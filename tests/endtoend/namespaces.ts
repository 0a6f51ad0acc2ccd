import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'samog-e2e-';
/** How long a process that was asked to end has before it is made to. */
const patienceMs = 2000;

/**
 * Waits until the test ends or is killed, however that happens: its standard input is then at its end. Whatever of the
 * test is left by then goes: processes in its namespaces, the namespaces, and its folder unless it is to be kept.
 */
const guard = `
trap '' INT TERM HUP
keep=no
while read -r word; do keep=$word; done
for name in $(ip netns list | cut -d ' ' -f 1); do
  case $name in
    "$1"-*)
      for pid in $(ip netns pids "$name"); do kill -9 "$pid"; done
      ip netns delete "$name"
      ;;
  esac
done
[ "$keep" = keep ] || rm -rf "$2"
`;

export interface Finished {
  /** null if a signal ended it. */
  readonly exitCode: number | null;
  readonly output: string;
}

/** Network namespaces and the processes in them, made by one test and removed whatever becomes of it. */
export class Namespaces {
  /** For logs, captures and sockets. */
  readonly folder = mkdtempSync(join(tmpdir(), prefix));
  readonly #names: string[] = [];
  readonly #processes = new Set<ChildProcess>();
  readonly #namePrefix = `${prefix}${process.pid}`;
  readonly #guard: ChildProcess;

  constructor() {
    const command = ['-c', guard, 'guard', this.#namePrefix, this.folder];
    this.#guard = spawn('sh', command, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  }

  /** Makes a namespace without forwarding and without IPv6, its loopback up; returns its name. */
  add(role: string): string {
    const name = this.#nameFor(role);
    run('ip', ['netns', 'add', name]);
    this.#names.push(name);
    run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
    const settings = { 'ipv4/ip_forward': 0, 'ipv6/conf/default/disable_ipv6': 1 };
    const lines = Object.entries(settings).map(([setting, value]) => `echo ${value} > /proc/sys/net/${setting}`);
    this.exec(name, 'sh', '-ec', lines.join('\n'));
    return name;
  }

  /** Gives a process's namespace a name for as long as the test; returns it. */
  adopt(role: string, pid: number): string {
    const name = this.#nameFor(role);
    run('ip', ['netns', 'attach', name, String(pid)]);
    this.#names.push(name);
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

  #nameFor(role: string): string {
    return `${this.#namePrefix}-${this.#names.length}-${role}`;
  }

  /** Ends the processes, then removes the namespaces and, unless its files are wanted, the folder. */
  async remove(keepFolder: boolean): Promise<void> {
    await Promise.all([...this.#processes].map((child) => endProcess(child)));
    for (const name of this.#names.splice(0)) run('ip', ['netns', 'delete', name]);
    if (!keepFolder) rmSync(this.folder, { recursive: true, force: true });
    const ended = once(this.#guard, 'exit');
    this.#guard.stdin!.end(keepFolder ? 'keep\n' : '');
    await ended;
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

function run(command: string, parameters: readonly string[]): string {
  return execFileSync(command, parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
