import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

interface Ended {
  /** null if it was ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * This system once more, without what a gateway may have left on it, below an overlay that forgets, with systemd as its first
 * process: what a unit asks for is done by who does it on a host. Its mounts are of a namespace of its own and go with it; its
 * network is a loopback interface alone.
 */
export class SystemdMachine {
  readonly #folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
  readonly #binds: string[] = [];
  #machine: ChildProcess | undefined;
  #leader = 0;

  /** A file that it has and the host has not; before it boots. @param path absolute, as the machine sees it */
  put(path: string, text: string, mode = 0o644): void {
    const file = join(this.#folder, 'files', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
  }

  /** The folder of the machine's files, for whoever has more to put there. @param path absolute, as the machine sees it */
  folderOf(path: string): string {
    const folder = join(this.#folder, 'files', path);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** The machine's first process, as the host has it; once it has booted. */
  get leader(): number {
    return this.#leader;
  }

  /** Writes a file of the machine that has booted, over one that is there; its owner and mode stay. @throws Error if it is not there */
  overwrite(path: string, text: string): void {
    const { code, stderr } = this.#run(['sh', '-c', 'test -e "$0" && cat > "$0"', path], text);
    if (code !== 0) throw new Error(`${path} is not written: ${stderr}`);
  }

  /** A folder of the host, to be read by the machine; before it boots. */
  bind(source: string, target: string): void {
    this.#binds.push(`--bind-ro=${source}:${target}`);
  }

  /** @param unit what it starts, with what that needs */
  async boot(unit: string): Promise<void> {
    const script = `set -e; cd "$0"; mkdir machine root; mount -t tmpfs tmpfs machine; mkdir machine/upper machine/work
mount -t overlay overlay -o lowerdir=/,upperdir=machine/upper,workdir=machine/work root
rm -rf root/etc/samog root/var/lib/samog root/var/lib/private/samog; cp -a files/. root; exec "$@"`;
    const nspawn = [
      'systemd-nspawn',
      '--quiet',
      '--directory=root',
      '--register=no',
      '--keep-unit',
      '--private-network',
      // nspawn lets only listed calls through, and that of the fast path is not among them.
      '--system-call-filter=bpf',
    ];
    const rights = '--capability=CAP_NET_ADMIN,CAP_NET_RAW,CAP_BPF,CAP_PERFMON';
    const command = [...nspawn, rights, ...this.#binds, '--boot', '--', `--unit=${unit}`, 'systemd.show_status=no'];
    const machine = spawn('unshare', ['--mount', 'sh', '-c', script, this.#folder, ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#machine = machine;
    let said = '';
    for (const stream of [machine.stdout, machine.stderr]) stream.on('data', (chunk) => (said += chunk));
    await until('its first process', () => {
      if (machine.exitCode !== null) throw new Error(`the machine ended: ${said}`);
      this.#leader = Number(readFileSync(`/proc/${machine.pid}/task/${machine.pid}/children`, 'utf8').trim());
      return this.#leader > 0 && this.run('systemctl', 'show', '--property=Version').code === 0;
    });
  }

  /** Runs a command within. */
  run(...command: string[]): Ended {
    return this.#run(command, '');
  }

  /** A property of a unit, as systemd has it. */
  property(unit: string, name: string): string {
    return this.run('systemctl', 'show', unit, `--property=${name}`, '--value').stdout.trim();
  }

  #run(command: readonly string[], input: string): Ended {
    const enter = ['--target', String(this.#leader), '--all', '--', ...command];
    const { status, stdout, stderr } = spawnSync('nsenter', enter, { encoding: 'utf8', timeout: 30_000, input });
    return { code: status, stdout, stderr };
  }

  /** Switches it off, and forgets its files. */
  async remove(): Promise<void> {
    const machine = this.#machine;
    if (machine !== undefined && machine.exitCode === null && machine.signalCode === null) {
      const ended = once(machine, 'exit');
      // The machine's first process goes with the one that made it.
      machine.kill('SIGKILL');
      if (this.#leader > 0) process.kill(this.#leader, 'SIGKILL');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Waits up to three minutes, which a busy machine needs, until something is so. @throws Error if it is not */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 720; tries++) {
    if (isSo()) return;
    await pause(250);
  }
  throw new Error(`${what} has not come within three minutes`);
}
