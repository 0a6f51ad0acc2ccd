import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  readCandidate,
  readMark,
  readSchedule,
  readVersion,
  type StoredCandidate,
  type StoredSchedule,
  type StoredVersion,
  type UnconfirmedMark,
} from '../../operations/configuration/stored.ts';
import { syncFolder, writeWhole } from './atomic-file.ts';

/** Former ones, beside the present one. */
export const formerMax = 50;
const fileMode = 0o600;
const folderMode = 0o700;

/**
 * The folder in which the gateway keeps the configurations that were in force, the candidates, and a mark while a commit waits
 * to be confirmed. Each is a file of its own that appears whole; one that is faulty is left alone and not looked at.
 */
export class VersionFolder {
  readonly path: string;
  /** Oldest first; the last is the present one. */
  versions: readonly StoredVersion[] = [];
  readonly candidates = new Map<string, StoredCandidate>();
  /** Of a commit that a former process did not see confirmed. */
  leftUnconfirmed: UnconfirmedMark | undefined;
  /** A commit that waits for its time. */
  scheduled: StoredSchedule | undefined;

  private constructor(path: string) {
    this.path = path;
  }

  /** Reads what is there; a folder that is not there is empty, and is made when something is to be kept. */
  static async open(path: string): Promise<VersionFolder> {
    const folder = new VersionFolder(path);
    const versions = await readAll(folder.#versions, readVersion);
    folder.versions = versions.toSorted((left, right) => left.number - right.number);
    for (const candidate of await readAll(folder.#candidates, readCandidate)) {
      folder.candidates.set(candidate.who, candidate);
    }
    folder.leftUnconfirmed = await readOne(folder.#mark, readMark);
    folder.scheduled = await readOne(folder.#schedule, readSchedule);
    return folder;
  }

  /** Keeps a version as the present one; the oldest makes room. @throws as the file system does */
  async add(version: StoredVersion): Promise<void> {
    await this.#make(this.#versions);
    await writeWhole(this.#fileOf(version), JSON.stringify(version), fileMode);
    this.versions = [...this.versions, version];
  }

  /** Takes back what `add` has kept, as far as it can. */
  async withdraw(version: StoredVersion): Promise<void> {
    this.versions = this.versions.filter(({ number }) => number !== version.number);
    await rm(this.#fileOf(version), { force: true }).catch(() => {});
  }

  /** Takes away those that are beyond the number kept. */
  async prune(): Promise<void> {
    const outdated = this.versions.slice(0, -(formerMax + 1));
    this.versions = this.versions.slice(-(formerMax + 1));
    for (const version of outdated) await rm(this.#fileOf(version), { force: true }).catch(() => {});
  }

  /** @throws as the file system does; the candidate is kept in this process all the same */
  async putCandidate(candidate: StoredCandidate): Promise<void> {
    this.candidates.set(candidate.who, candidate);
    await this.#make(this.#candidates);
    await writeWhole(this.#candidateFile(candidate.who), JSON.stringify(candidate), fileMode);
  }

  async dropCandidate(who: string): Promise<void> {
    this.candidates.delete(who);
    await rm(this.#candidateFile(who), { force: true }).catch(() => {});
  }

  /** A commit waits to be confirmed: whoever is started next is to know. @throws as the file system does */
  async mark(mark: UnconfirmedMark): Promise<void> {
    await this.#make(this.path);
    await writeWhole(this.#mark, JSON.stringify(mark), fileMode);
  }

  async unmark(): Promise<void> {
    this.leftUnconfirmed = undefined;
    await rm(this.#mark, { force: true }).catch(() => {});
  }

  /** @throws as the file system does */
  async schedule(schedule: StoredSchedule): Promise<void> {
    await this.#make(this.path);
    await writeWhole(this.#schedule, JSON.stringify(schedule), fileMode);
    this.scheduled = schedule;
  }

  async unschedule(): Promise<void> {
    this.scheduled = undefined;
    await rm(this.#schedule, { force: true }).catch(() => {});
  }

  get #versions(): string {
    return join(this.path, 'versions');
  }

  get #candidates(): string {
    return join(this.path, 'candidates');
  }

  get #mark(): string {
    return join(this.path, 'unconfirmed.json');
  }

  get #schedule(): string {
    return join(this.path, 'scheduled.json');
  }

  #fileOf({ number }: StoredVersion): string {
    return join(this.#versions, `${String(number).padStart(8, '0')}.json`);
  }

  #candidateFile(who: string): string {
    return join(this.#candidates, `${Buffer.from(who).toString('hex')}.json`);
  }

  async #make(folder: string): Promise<void> {
    const made = await mkdir(folder, { recursive: true, mode: folderMode });
    if (made !== undefined) await syncFolder(this.path);
  }
}

type Read<Kept> = (text: string) => Kept | undefined;

async function readAll<Kept>(folder: string, read: Read<Kept>): Promise<Kept[]> {
  const names = await readdir(folder).catch(() => []);
  const kept: Kept[] = [];
  for (const name of names.filter((one) => one.endsWith('.json')).sort()) {
    const found = await readOne(join(folder, name), read);
    if (found !== undefined) kept.push(found);
  }
  return kept;
}

async function readOne<Kept>(file: string, read: Read<Kept>): Promise<Kept | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : read(text);
}
