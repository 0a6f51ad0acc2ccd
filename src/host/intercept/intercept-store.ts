import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Seal } from '../../kernel/context.ts';
import {
  decodeEntries,
  decodeStates,
  encodeEntries,
  encodeStates,
  type InterceptionState,
  openPadded,
  sealPadded,
} from '../../services/samog/intercept/checkpoint.ts';
import type { TargetEntry } from '../../services/samog/intercept/target-table.ts';
import { setU32, u32At } from '../../wire/bytes/reader.ts';

/** What a chassis keeps of intercepts. */
export interface KeptIntercepts {
  readonly entries: readonly TargetEntry[];
  readonly states: readonly InterceptionState[];
}

/** The file grows in steps of so many octets: its size does not tell how many targets there are. */
const stepOctets = 65_536;
/** Changes of one moment are written together. */
const delayMs = 50;
const fileName = 'targets.sealed';

/**
 * Targets, and how far each interception has come, in a sealed file for the gateway's user alone: written as a whole, a moment
 * after a change, and never in the way of who made it.
 */
export class InterceptStore {
  readonly #path: string;
  readonly #seal: Seal;
  readonly #contents: () => KeptIntercepts;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #failing: string | undefined;

  /** @param contents what is to be kept, asked for when it is written */
  constructor(directory: string, seal: Seal, contents: () => KeptIntercepts) {
    this.#path = join(directory, fileName);
    this.#seal = seal;
    this.#contents = contents;
  }

  /** Why the disk took nothing the last time; undefined if it did. */
  get failing(): string | undefined {
    return this.#failing;
  }

  /** What was kept; nothing on a new chassis. @throws Error if there is a file that cannot be read, or has another key */
  static async load(directory: string, seal: Seal): Promise<KeptIntercepts> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, fileName);
    const sealed = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (sealed === undefined) return { entries: [], states: [] };
    const clear = openPadded(seal, sealed);
    const kept = clear === undefined ? undefined : decoded(clear);
    if (kept === undefined) throw new Error(`${path} was sealed with another key, or is damaged`);
    return kept;
  }

  /** Something is to be kept anew. */
  changed(): void {
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), delayMs);
  }

  /** Writes what is to be kept now. @throws Error of the file system; it is tried again with the next change */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const written = this.#work.then(() => this.#write());
    this.#work = written.catch(() => {});
    return written;
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    if (this.#timer !== undefined) await this.flush().catch(() => {});
    await this.#work;
  }

  async #write(): Promise<void> {
    try {
      const clear = encoded(this.#contents());
      const capacity = Math.ceil((clear.length + 1) / stepOctets) * stepOctets;
      const fresh = `${this.#path}.new`;
      const file = await open(fresh, 'w', 0o600);
      try {
        await file.writeFile(sealPadded(this.#seal, clear, capacity)!);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(fresh, this.#path);
      this.#failing = undefined;
    } catch (error) {
      this.#failing = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }
}

function encoded({ entries, states }: KeptIntercepts): Uint8Array {
  const first = encodeEntries(entries).slice();
  const second = encodeStates(states);
  const all = new Uint8Array(4 + first.length + second.length);
  setU32(all, 0, first.length);
  all.set(first, 4);
  all.set(second, 4 + first.length);
  return all;
}

function decoded(clear: Uint8Array): KeptIntercepts | undefined {
  if (clear.length < 4) return undefined;
  const end = 4 + u32At(clear, 0);
  const entries = decodeEntries(clear.slice(4, end));
  const states = decodeStates(clear.slice(end));
  return entries === undefined || states === undefined ? undefined : { entries, states };
}
