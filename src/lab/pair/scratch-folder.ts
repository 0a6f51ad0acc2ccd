import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Waits until this process ends, however that happens: its standard input is then at its end. Processes of the lab may be
 * writing still, hence the repetition.
 */
const remover = `trap '' INT TERM HUP; read -r _; until rm -rf "$1"; do sleep 0.2; done`;

/** A folder for the files of a lab. It is gone soon after this process, even if that is killed. */
export class ScratchFolder {
  readonly path: string;
  readonly #remover: ChildProcess;

  /** @param parent the folder that it is made in */
  constructor(parent = tmpdir()) {
    this.path = mkdtempSync(join(parent, 'samog-lab-'));
    this.#remover = spawn('sh', ['-c', remover, 'remover', this.path], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
  }

  async remove(): Promise<void> {
    const ended = once(this.#remover, 'exit');
    this.#remover.stdin!.end();
    await ended;
  }
}
