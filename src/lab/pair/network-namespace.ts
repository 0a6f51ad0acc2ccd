import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A further network namespace, made by root of the present one. It vanishes when this process ends, or by `remove`. */
export class NetworkNamespace {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  /** @throws Error if it cannot be made */
  static async make(): Promise<NetworkNamespace> {
    const hold = 'echo made; read -r _';
    const holder = spawn('unshare', ['--net', 'sh', '-c', hold], { stdio: ['pipe', 'pipe', 'inherit'] });
    await Promise.race([
      once(holder.stdout!, 'data'),
      once(holder, 'exit').then(() => {
        throw new Error('a network namespace for a gateway cannot be made');
      }),
    ]);
    return new NetworkNamespace(holder);
  }

  /** The process by which `ip` names it. */
  get pid(): number {
    return this.#holder.pid!;
  }

  /** The command that runs another one inside, and becomes it. */
  entering(command: readonly string[]): string[] {
    return ['nsenter', `--net=/proc/${this.pid}/ns/net`, '--', ...command];
  }

  async remove(): Promise<void> {
    if (this.#holder.exitCode !== null) return;
    const ended = once(this.#holder, 'exit');
    this.#holder.stdin!.end();
    await ended;
  }
}

/** Runs lines of `ip -batch`, in the present namespace or another one. @throws Error if one of them fails */
export function ipBatch(lines: readonly string[], inside?: NetworkNamespace): void {
  const ip = ['ip', '-batch', '-'];
  const [command, ...args] = inside === undefined ? ip : inside.entering(ip);
  execFileSync(command!, args, { input: `${lines.join('\n')}\n`, stdio: ['pipe', 'ignore', 'pipe'] });
}
