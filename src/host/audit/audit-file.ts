import { type FileHandle, mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How large an audit file may become, and how many of them are kept. */
export interface AuditFileOptions {
  readonly path: string;
  /** Octets from which on a file makes room for the next. */
  readonly octetsMax: number;
  /** Files in all, at least two: `PATH`, `PATH.1` and so on. The oldest makes room. */
  readonly filesMax: number;
}

/** Lines that wait for a disk that takes none; beyond these an append is refused at once. */
const waitingMax = 10_000;

interface Waiting {
  readonly line: string;
  /** Undefined once its maker has been told that it could not be written; it is still tried. */
  done: ((error?: Error) => void) | undefined;
}

/**
 * A file of lines that is only appended to, for its owner alone. What is appended while the disk is busy is written with one
 * call and one fsync. It gives way to the next by its size, and where somebody has moved it away (logrotate) a new one is
 * begun. A line that could not be written keeps its place and is tried again with the next.
 */
export class AuditFile {
  readonly path: string;
  readonly #options: AuditFileOptions;
  readonly #waiting: Waiting[] = [];
  #handle: FileHandle | undefined;
  #inode = 0;
  #octets = 0;
  #work: Promise<void> | undefined;
  #failing: string | undefined;

  constructor(options: AuditFileOptions) {
    this.path = options.path;
    this.#options = options;
  }

  /** Why the disk took nothing the last time it was tried; undefined if it did. */
  get failing(): string | undefined {
    return this.#failing;
  }

  /** The lines that are there, oldest first; at most `most` of them, and those of the file before it if it is new. */
  async tail(most: number): Promise<string[]> {
    const lines: string[] = [];
    for (const path of [this.path, `${this.path}.1`]) {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw error;
      });
      lines.unshift(...text.split('\n').filter((line) => line !== ''));
      if (lines.length >= most) break;
    }
    return lines.slice(-most);
  }

  /** Makes sure that it can be written to. @throws if it cannot */
  async open(): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    this.#handle = await open(this.path, 'a', 0o600);
    const { ino, size } = await this.#handle.stat();
    this.#inode = ino;
    this.#octets = size;
    if (size > 0 && !(await this.#endsWithLine(size))) await this.#writeAll('\n');
  }

  /** @param line without its end; resolves when it is on the disk. @throws if it does not get there */
  append(line: string): Promise<void> {
    if (this.#waiting.length >= waitingMax) return Promise.reject(new Error(this.#failing ?? 'too much is waiting'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, done: (error) => (error === undefined ? resolve() : reject(error)) });
      this.#work ??= this.#write().finally(() => {
        this.#work = undefined;
      });
    });
  }

  async close(): Promise<void> {
    await this.#work;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #write(): Promise<void> {
    // What comes in the same turn goes with it.
    await Promise.resolve();
    while (this.#waiting.some(({ done }) => done !== undefined)) {
      const batch = this.#waiting.slice();
      try {
        await this.#renew();
        await this.#writeAll(batch.map(({ line }) => `${line}\n`).join(''));
        this.#failing = undefined;
        this.#waiting.splice(0, batch.length);
        for (const { done } of batch) done?.();
      } catch (error) {
        this.#failing = error instanceof Error ? error.message : String(error);
        for (const waiting of batch) {
          waiting.done?.(new Error(`the audit cannot be written: ${this.#failing}`));
          waiting.done = undefined;
        }
      }
    }
  }

  /** All of it or nothing: half a line would spoil the next one, too. */
  async #writeAll(text: string): Promise<void> {
    const handle = this.#handle!;
    try {
      await handle.writeFile(text);
      await handle.datasync();
      this.#octets += Buffer.byteLength(text);
    } catch (error) {
      await handle.truncate(this.#octets).catch(() => {});
      throw error;
    }
  }

  /** Begins a new file where this one is full, or is no longer where it should be. */
  async #renew(): Promise<void> {
    const found = await stat(this.path).catch(() => undefined);
    const isOurs = this.#handle !== undefined && found?.ino === this.#inode;
    if (isOurs && this.#octets < this.#options.octetsMax) return;
    if (isOurs) {
      for (let number = this.#options.filesMax - 1; number >= 1; number -= 1) {
        const from = number === 1 ? this.path : `${this.path}.${number - 1}`;
        await rename(from, `${this.path}.${number}`).catch(ignoreMissing);
      }
    }
    await this.#handle?.close();
    this.#handle = undefined;
    await this.open();
  }

  async #endsWithLine(size: number): Promise<boolean> {
    const reader = await open(this.path, 'r');
    try {
      const { buffer } = await reader.read(Buffer.alloc(1), 0, 1, size - 1);
      return buffer[0] === 0x0a;
    } finally {
      await reader.close();
    }
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
