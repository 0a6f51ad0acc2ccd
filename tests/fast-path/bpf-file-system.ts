import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Unmounts when the test ends or is killed: its standard input is then at its end. */
const guard = 'cat >/dev/null; umount "$1"; rmdir "$1"';

/** A BPF file system of the test's own, in which programs, maps and links outlive their process. */
export class BpfFileSystem {
  readonly folder = mkdtempSync(join(tmpdir(), 'samog-bpffs-'));
  readonly #guard: ChildProcess;

  constructor() {
    execFileSync('mount', ['-t', 'bpf', 'bpf', this.folder]);
    this.#guard = spawn('sh', ['-c', guard, 'guard', this.folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
  }

  async remove(): Promise<void> {
    const ended = once(this.#guard, 'exit');
    this.#guard.stdin!.end();
    await ended;
  }
}
