import { readFile, realpath, stat } from 'node:fs/promises';
import type { GatewayConfig } from '../../operations/config/gateway-config.ts';
import { parseConfig } from '../../operations/config/parse.ts';
import { splitConfiguration } from '../../operations/configuration/confidential.ts';
import type { ConfigurationVersion } from '../../operations/configuration/reader.ts';
import type { StoredVersion } from '../../operations/configuration/stored.ts';
import { changesOfTexts } from '../../operations/configuration/taking.ts';
import { refuse } from '../../operations/views/view.ts';
import { StartError } from '../start-error.ts';
import { isoOf, notStored, type Refused } from './answered.ts';
import { prepareFile } from './atomic-file.ts';
import type { VersionFolder } from './version-folder.ts';

export interface InForceOptions {
  /** The file that the gateway was started with, and what it held then: valid. */
  readonly file: string;
  readonly text: string;
  /** Has the running gateway go on with another configuration; a StartError if it cannot, and then nothing has changed. */
  apply(config: GatewayConfig): Promise<void>;
  readonly wallClock: () => number;
}

/** A configuration that a gateway runs with. */
export interface Running {
  readonly text: string;
  readonly config: GatewayConfig;
}

/** What is to be the file. */
export interface NextVersion {
  readonly text: string;
  readonly who: string;
  readonly comment: string | null;
}

/** What is in force: the file, what runs of it, and what was before. */
export class ConfigurationInForce {
  readonly file: string;
  readonly #options: InForceOptions;
  readonly #folder: VersionFolder;
  /** The file as the gateway knows it. */
  #present: StoredVersion;
  /** What runs: the file, but for settings that wait for the next start. */
  #running: Running;
  #awaitsRestart: readonly string[] = [];
  #isEditedBeside = false;
  /** The whole file that would be, while a commit waits to be confirmed: it runs, and is not in the file. */
  unconfirmed: string | undefined;

  private constructor(options: InForceOptions, folder: VersionFolder, present: StoredVersion) {
    this.file = options.file;
    this.#options = options;
    this.#folder = folder;
    this.#present = present;
    const parsed = parseConfig(options.text, options.file);
    if (!parsed.ok) throw new RangeError('a gateway runs with a valid configuration');
    this.#running = { text: options.text, config: parsed.config };
  }

  static async open(options: InForceOptions, folder: VersionFolder): Promise<ConfigurationInForce> {
    return new ConfigurationInForce(options, folder, await presentOf(options, folder));
  }

  get present(): StoredVersion {
    return this.#present;
  }

  get running(): Running {
    return this.#running;
  }

  /** Paths of settings that are in the file and wait for the next start. */
  get awaitsRestart(): readonly string[] {
    return this.#awaitsRestart;
  }

  /** At the last look the file was not as the gateway has made or read it. */
  get isEditedBeside(): boolean {
    return this.#isEditedBeside;
  }

  /** The file, or what waits to be confirmed, without its confidential part. */
  get openText(): string {
    return splitConfiguration(this.unconfirmed ?? this.#present.text).open;
  }

  get now(): string {
    return isoOf(this.#options.wallClock());
  }

  /** Looks at the file: what it holds. */
  async look(): Promise<string> {
    const text = await readFile(this.file, 'utf8').catch(() => this.#present.text);
    this.#isEditedBeside = text !== this.#present.text;
    return text;
  }

  /** The present one first. */
  versions(): readonly StoredVersion[] {
    const former = this.#folder.versions.filter(({ number }) => number < this.#present.number);
    return [this.#present, ...former.toReversed()];
  }

  described({ number, kind, who, at, comment }: StoredVersion): ConfigurationVersion {
    const back = number === this.#present.number ? 0 : this.versions().findIndex((one) => one.number === number);
    return { number, back, kind, who, at, comment };
  }

  noSuch(back: number): Refused {
    const most = this.versions().length - 1;
    const hint = most === 0 ? 'there is no former one yet' : `use 0 to ${most}; configure history lists them`;
    return refuse('not-found', `there is no configuration ${back} commits ago`, hint);
  }

  /** Has the gateway go on with another configuration; why it cannot. */
  async apply(next: Running): Promise<Refused | undefined> {
    try {
      await this.#options.apply(next.config);
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      const { path, what, hint } = error.problems[0]!;
      return refuse('refused', `${path}: ${what}`, hint);
    }
    this.#running = next;
    return undefined;
  }

  /**
   * Makes a text the file and the present version: all of it, or nothing.
   *
   * @param beside what the file holds now
   * @param next what the gateway is to run with: taken when everything is on the disk, and before the file has its new content; undefined
   *   if it runs with that already
   */
  async publish(version: NextVersion, beside: string, next: Running | undefined): Promise<Refused | undefined> {
    const added: StoredVersion[] = [];
    const former = this.#running;
    let failed: Refused | undefined;
    try {
      const path = await realpath(this.file);
      const prepared = await prepareFile(path, version.text, (await stat(path)).mode & 0o777);
      try {
        await this.#keepVersions(version, beside, added);
        failed = next && (await this.apply(next));
        if (failed === undefined) await prepared.publish();
      } finally {
        await prepared.discard();
      }
    } catch (error) {
      failed = notStored(error);
    }
    if (failed !== undefined) {
      for (const one of added.toReversed()) await this.#folder.withdraw(one);
      // The file has not become what runs by now.
      if (this.#running !== former) await this.apply(former);
      return failed;
    }
    this.#present = added.at(-1)!;
    this.#isEditedBeside = false;
    this.#awaitsRestart = changesOfTexts(this.#running.text, version.text).map(({ path }) => path);
    await this.#folder.prune();
    return undefined;
  }

  /** @param added what has been kept, also if this fails */
  async #keepVersions({ text, who, comment }: NextVersion, beside: string, added: StoredVersion[]): Promise<void> {
    const keep = async (version: StoredVersion): Promise<void> => {
      added.push(version);
      await this.#folder.add(version);
    };
    let { number } = this.#present;
    if (this.#folder.versions.at(-1)?.number !== number) await keep(this.#present);
    if (beside !== this.#present.text && beside !== text) {
      number += 1;
      await keep({ number, kind: 'edited', who: null, at: this.now, comment: null, text: beside });
    }
    await keep({ number: number + 1, kind: 'committed', who, at: this.now, comment, text });
  }
}

/** What the file is, by what is kept of it. */
async function presentOf({ file, text, wallClock }: InForceOptions, folder: VersionFolder): Promise<StoredVersion> {
  const last = folder.versions.at(-1);
  if (last === undefined) {
    const { mtimeMs } = await stat(file);
    return { number: 1, kind: 'found', who: null, at: isoOf(mtimeMs), comment: null, text };
  }
  if (last.text === text) return last;
  // The process ended between keeping a version and giving the file its content: that commit has not come about.
  const before = folder.versions.at(-2);
  if (before?.text === text) {
    await folder.withdraw(last);
    return before;
  }
  return { number: last.number + 1, kind: 'edited', who: null, at: isoOf(wallClock()), comment: null, text };
}
