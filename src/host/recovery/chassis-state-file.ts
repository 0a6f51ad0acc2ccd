import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { nothingStored, type StoreStanding } from '../../icsr/chassis/store-standing.ts';
import { storeRoles } from '../../wire/srp/names.ts';
import { greaterRestartCounter } from '../restart-counter.ts';
import { StartError } from '../start-error.ts';

interface State {
  /** The highest term that the chassis has served under or heard of; 0 before the first. */
  readonly term: number;
  /** The Restart Counter that the peers know of the service; undefined before the first start. */
  readonly restartCounter: number | undefined;
  /** CMD-IDs of which no refusal is told, by the operator's word; undefined if there are none. */
  readonly disabledNacks?: readonly number[] | undefined;
  /** Which service the call recovery store follows; undefined before the first. */
  readonly store?: StoreStanding | undefined;
}

export const stateFileName = 'chassis-state.json';
const formatVersion = 1;

/**
 * What a chassis must never forget, in a file of its own: a chassis that has forgotten its term may take one that its peer
 * serves under, and peers forget their sessions by a Restart Counter that differs. All is on the disk when the call that
 * sets it returns, and a loss of power leaves either the former file or the new one.
 */
export class ChassisStateFile {
  readonly #directory: string;
  #state: State;

  private constructor(directory: string, state: State) {
    this.#directory = directory;
    this.#state = state;
  }

  /**
   * Reads the state of the chassis; a chassis without one is new.
   *
   * @throws StartError if the file is not one that was written here: guessing a term is not safe
   */
  static open(directory: string): ChassisStateFile {
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      return new ChassisStateFile(directory, load(join(directory, stateFileName)));
    } catch (error) {
      if (error instanceof StartError) throw error;
      const what = `the state of the chassis cannot be read: ${error instanceof Error ? error.message : error}`;
      throw new StartError([
        { path: 'recovery.directory', what, hint: 'let the user of the gateway read and write there' },
      ]);
    }
  }

  get term(): number {
    return this.#state.term;
  }

  get restartCounter(): number | undefined {
    return this.#state.restartCounter;
  }

  get disabledNacks(): readonly number[] {
    return this.#state.disabledNacks ?? [];
  }

  get store(): StoreStanding {
    return this.#state.store ?? nothingStored;
  }

  /** @throws Error of the file system; then the former one is in force still */
  storeStanding(store: StoreStanding): void {
    this.#store({ ...this.#state, store });
  }

  /** @throws Error of the file system; then the former ones are in force still */
  storeDisabledNacks(cmdIds: readonly number[]): void {
    this.#store({ ...this.#state, disabledNacks: cmdIds.length === 0 ? undefined : cmdIds });
  }

  /** @throws Error of the file system; then the former term is in force still */
  storeTerm(term: number): void {
    this.#store({ ...this.#state, term });
  }

  /** @throws Error of the file system; then the former counter is in force still */
  storeRestartCounter(restartCounter: number): void {
    this.#store({ ...this.#state, restartCounter });
  }

  #store(state: State): void {
    const path = join(this.#directory, stateFileName);
    const fresh = `${path}.new`;
    const file = openSync(fresh, 'w', 0o600);
    try {
      writeSync(file, `${JSON.stringify({ version: formatVersion, ...state })}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, path);
    const directory = openSync(this.#directory, 'r');
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
    this.#state = state;
  }
}

function load(path: string): State {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { term: 0, restartCounter: undefined };
    throw error;
  }
  const state = parse(text);
  if (state !== undefined) return state;
  const hint =
    'restore it; without a peer, remove it; with one, after `show srp info` there has told its term, write {"version":1,"term":N} with N at least that term';
  throw new StartError([{ path: 'recovery.directory', what: `${path} is damaged: the term in it is lost`, hint }]);
}

function parse(text: string): State | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { version, term, restartCounter, disabledNacks, store } = value as Record<string, unknown>;
  if (version !== formatVersion || !isCount(term)) return undefined;
  if (restartCounter !== undefined && !isCount(restartCounter)) return undefined;
  if (store !== undefined && !isStanding(store)) return undefined;
  const kept = { term, restartCounter, ...(store === undefined ? {} : { store }) };
  if (disabledNacks === undefined) return kept;
  if (Array.isArray(disabledNacks) && disabledNacks.every(isCount)) return { ...kept, disabledNacks };
  return undefined;
}

function isStanding(value: unknown): value is StoreStanding {
  if (typeof value !== 'object' || value === null) return false;
  const { term, as } = value as Record<string, unknown>;
  return isCount(term) && typeof as === 'string' && Object.hasOwn(storeRoles, as);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= 0xffffffff;
}

/**
 * The service's Restart Counter, kept on disk: the same as before if sessions were kept, and otherwise a greater one,
 * from which peers learn that theirs are lost.
 *
 * @throws Error of the file system
 */
export function keptRestartCounter(state: ChassisStateFile, sessionsKept: boolean): number {
  const before = state.restartCounter;
  if (sessionsKept && before !== undefined) return before;
  const counter = greaterRestartCounter(before);
  state.storeRestartCounter(counter);
  return counter;
}
