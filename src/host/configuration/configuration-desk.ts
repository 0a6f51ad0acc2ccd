import { readFile, realpath, stat } from 'node:fs/promises';
import type { GatewayConfig } from '../../operations/config/gateway-config.ts';
import { parseConfig } from '../../operations/config/parse.ts';
import type {
  CandidateAnswer,
  CheckAnswer,
  CommitAnswer,
  CompareAnswer,
  ConfigurationHistory,
  ConfigurationStatus,
  ConfigurationText,
  ConfigurationVersion,
  RolledBackCommit,
} from '../../operations/configuration/answers.ts';
import { type CandidateEdit, candidateEdit } from '../../operations/configuration/candidate-edit.ts';
import { checkCandidate } from '../../operations/configuration/check-candidate.ts';
import { joinedConfiguration, splitConfiguration } from '../../operations/configuration/confidential.ts';
import { settingText } from '../../operations/configuration/edit.ts';
import type { ConfigurationReader } from '../../operations/configuration/reader.ts';
import { rebased } from '../../operations/configuration/rebase.ts';
import { withoutSecrets } from '../../operations/configuration/secrets.ts';
import type { StoredCandidate, StoredVersion } from '../../operations/configuration/stored.ts';
import { changesOfTexts, type Taking, takingOf } from '../../operations/configuration/taking.ts';
import { type Refusal, refuse } from '../../operations/views/view.ts';
import type { ChassisEvent } from '../../services/samog/event-names.ts';
import { StartError } from '../start-error.ts';
import { prepareFile } from './atomic-file.ts';
import { formerMax, VersionFolder } from './version-folder.ts';

export type Told<Answer> =
  | { readonly ok: true; readonly data: Answer }
  | { readonly ok: false; readonly refusal: Refusal };

/** What happened to the configuration of a running gateway. */
export type ConfigurationEvent = {
  readonly name: Extract<ChassisEvent, `configuration-${string}`>;
  readonly text: string;
  /** Paths of the settings that changed. */
  readonly paths: readonly string[];
};

export interface ConfigurationDeskOptions {
  /** The file that the gateway was started with, and what it held then: valid. */
  readonly file: string;
  readonly text: string;
  /** Where candidates and former configurations are. */
  readonly folder: string;
  /** Has the running gateway go on with another configuration; a StartError if it cannot, and then nothing has changed. */
  apply(config: GatewayConfig): Promise<void>;
  /** Sessions that a restart would concern. */
  sessions(): number;
  happened(event: ConfigurationEvent): void;
  readonly wallClock: () => number;
}

export interface CommitOptions {
  readonly comment?: string | undefined;
  /** Goes back by itself after so long unless it is confirmed. */
  readonly confirmWithinMs?: number | undefined;
  /** Settings that cannot be taken now are to wait for the next start. */
  readonly atRestart?: boolean;
  /** What was changed in the file beside the gateway is to be lost; it is kept as a former configuration. */
  readonly overwrite?: boolean;
}

interface Unconfirmed {
  readonly who: string;
  readonly atMs: number;
  readonly untilMs: number;
  readonly comment: string | null;
  /** The whole file that would be. */
  readonly text: string;
  /** What the gateway ran with before. */
  readonly former: { readonly text: string; readonly config: GatewayConfig };
  readonly paths: readonly string[];
  timer: NodeJS.Timeout;
}

/** What fails when it is taken back is tried again so often. */
const retryMs = 5000;
const candidatesMax = 32;
const candidateName = 'candidate';

/**
 * The configuration of a running gateway: candidates, one of each user, that become the file and what runs by a commit, and the
 * configurations that were before. One thing is done at a time.
 *
 * A commit that waits to be confirmed is in force and not in the file: whatever ends the process goes back to what was before.
 */
export class ConfigurationDesk implements ConfigurationReader {
  readonly #options: ConfigurationDeskOptions;
  readonly #folder: VersionFolder;
  /** The file as the gateway knows it. */
  #present: StoredVersion;
  /** What runs: the file, but for settings that wait for the next start. */
  #running: { text: string; config: GatewayConfig };
  #unconfirmed: Unconfirmed | undefined;
  #rolledBack: RolledBackCommit | null = null;
  #awaitsRestart: readonly string[] = [];
  #isEditedBeside = false;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: ConfigurationDeskOptions, folder: VersionFolder, present: StoredVersion) {
    this.#options = options;
    this.#folder = folder;
    this.#present = present;
    const parsed = parseConfig(options.text, options.file);
    if (!parsed.ok) throw new RangeError('a gateway runs with a valid configuration');
    this.#running = { text: options.text, config: parsed.config };
  }

  static async open(options: ConfigurationDeskOptions): Promise<ConfigurationDesk> {
    const folder = await VersionFolder.open(options.folder);
    const present = await presentOf(options, folder);
    const desk = new ConfigurationDesk(options, folder, present);
    const left = folder.leftUnconfirmed;
    if (left !== undefined) {
      await folder.unmark();
      desk.#rolledBack = { who: left.who, at: desk.#now(), because: 'restarted' };
      const text = `what ${left.who} had committed was not confirmed when the gateway ended: it runs with what was before`;
      options.happened({ name: 'configuration-rolled-back', text, paths: [] });
    }
    return desk;
  }

  status(): ConfigurationStatus {
    const unconfirmed = this.#unconfirmed;
    return {
      file: this.#options.file,
      version: this.#described(this.#present),
      unconfirmed: unconfirmed
        ? {
            who: unconfirmed.who,
            at: isoOf(unconfirmed.atMs),
            until: isoOf(unconfirmed.untilMs),
            secondsLeft: Math.max(0, Math.ceil((unconfirmed.untilMs - this.#options.wallClock()) / 1000)),
            comment: unconfirmed.comment,
          }
        : null,
      rolledBack: this.#rolledBack,
      awaitsRestart: this.#awaitsRestart,
      isEditedBeside: this.#isEditedBeside,
      candidates: [...this.#folder.candidates.values()].map((candidate) => ({
        who: candidate.who,
        at: candidate.at,
        isOutdated: this.#isOutdated(candidate),
      })),
    };
  }

  /** The same, after a look at the file. */
  async looked(): Promise<ConfigurationStatus> {
    this.#isEditedBeside = (await this.#onDisk()) !== this.#present.text;
    return this.status();
  }

  history(): ConfigurationHistory {
    return { versions: this.#versions().map((version) => this.#described(version)), keptMax: formerMax };
  }

  /** @param back 0 for the present one */
  text(back: number): Told<ConfigurationText> {
    const version = this.#versions()[back];
    if (version === undefined) return this.#noSuch(back);
    return done({ version: this.#described(version), text: shown(version.text) });
  }

  /** A candidate that is not there yet is begun of what is in force. @param path of the part that is shown, or empty */
  candidate(who: string, path = ''): Told<CandidateAnswer> {
    return this.#shownCandidate(this.#candidateOf(who), path);
  }

  edit(who: string, edit: CandidateEdit): Promise<Told<CandidateAnswer>> {
    return this.#inTurn(async () => {
      const { candidates } = this.#folder;
      if (!candidates.has(who) && candidates.size >= candidatesMax) {
        return refuse('too-many', `there are ${candidatesMax} candidates already`, 'have one of them discarded');
      }
      const candidate = this.#candidateOf(who);
      const { confidential } = splitConfiguration(this.#present.text);
      const edited = candidateEdit({ ...candidate, confidential }, edit);
      if (!edited.ok) return edited;
      return this.#kept({ ...candidate, at: this.#now(), text: edited.text });
    });
  }

  /** Loads a former configuration into somebody's candidate. */
  rollBackTo(who: string, back: number): Promise<Told<CandidateAnswer>> {
    return this.#inTurn(async () => {
      const version = this.#versions()[back];
      if (version === undefined) return this.#noSuch(back);
      const { open } = splitConfiguration(version.text);
      return this.#kept({ ...this.#candidateOf(who), at: this.#now(), text: open });
    });
  }

  discard(who: string): Promise<Told<CandidateAnswer>> {
    return this.#inTurn(async () => {
      await this.#folder.dropCandidate(who);
      return this.candidate(who);
    });
  }

  /** Brings a candidate up to what is in force by now: what it changes is changed of that. */
  refresh(who: string): Promise<Told<CandidateAnswer>> {
    return this.#inTurn(async () => {
      const candidate = this.#candidateOf(who);
      const base = this.#openText;
      const result = rebased(candidate.base, candidate.text, base);
      if (!result.ok) return result;
      return this.#kept({ ...candidate, at: this.#now(), basedOn: this.#present.number, base, text: result.text });
    });
  }

  compare(who: string, back: number): Told<CompareAnswer> {
    const version = this.#versions()[back];
    if (version === undefined) return this.#noSuch(back);
    const from = back === 0 ? this.#openText : splitConfiguration(version.text).open;
    return done({ from: version.number, changes: changesOfTexts(from, this.#candidateOf(who).text) });
  }

  check(who: string): CheckAnswer {
    return this.#checked(this.#taking(this.#candidateOf(who)), this.#candidateOf(who));
  }

  commit(who: string, options: CommitOptions): Promise<Told<CommitAnswer>> {
    return this.#inTurn(async () => {
      const candidate = this.#candidateOf(who);
      const isChanged = changesOfTexts(this.#openText, candidate.text).length > 0;
      const unconfirmed = this.#unconfirmed;
      if (unconfirmed !== undefined) {
        if (!isChanged && options.confirmWithinMs === undefined) return this.#confirm(who);
        const hint = 'configure confirm keeps it, configure cancel takes it back';
        return refuse('refused', `what ${unconfirmed.who} has committed is not confirmed yet`, hint);
      }
      if (!isChanged && candidate.text === this.#openText) return done(this.#outcome('unchanged', []));
      if (this.#isOutdated(candidate)) {
        const { who: other, number } = this.#present;
        const what = `${other ?? 'somebody'} has committed number ${number} since this candidate was begun`;
        return refuse('refused', what, 'configure refresh brings it up to that; compare then, and commit again');
      }
      const beside = await this.#onDisk();
      this.#isEditedBeside = beside !== this.#present.text;
      if (this.#isEditedBeside && options.overwrite !== true && beside !== this.#wholeOf(candidate)) {
        const hint = `load ${this.#options.file} to begin with what it says, or commit overwrite to lose that`;
        return refuse('refused', `${this.#options.file} was changed beside the gateway`, hint);
      }
      return this.#commit(candidate, options, beside);
    });
  }

  confirm(who: string): Promise<Told<CommitAnswer>> {
    return this.#inTurn(() => this.#confirm(who));
  }

  /** Takes back at once what is not confirmed yet. */
  cancel(who: string): Promise<Told<CommitAnswer>> {
    return this.#inTurn(async () => {
      if (this.#unconfirmed === undefined) return nothingToConfirm;
      const failed = await this.#takeBack('cancelled', who);
      return failed ?? done(this.#outcome('unchanged', []));
    });
  }

  /** What is not confirmed stays so: the next start is with what was before. */
  async stop(): Promise<void> {
    clearTimeout(this.#unconfirmed?.timer);
    await this.#turn;
  }

  async #commit(candidate: StoredCandidate, options: CommitOptions, beside: string): Promise<Told<CommitAnswer>> {
    const { who } = candidate;
    const taking = this.#taking(candidate);
    const checked = this.#checked(taking, candidate);
    if (!taking.ok || !checked.ok) return done({ ...checked, ...this.#refusal('invalid') });
    const { confirmWithinMs, atRestart = false, comment = null } = options;
    if (checked.atRestart !== null && (!atRestart || confirmWithinMs !== undefined)) {
      if (atRestart) {
        const what = `a restart is needed for ${checked.atRestart.paths.join(', ')}, and would go back to what was before`;
        return refuse('bad-argument', what, 'commit those apart, without confirmed');
      }
      return done({ ...checked, ...this.#refusal('needs-restart') });
    }
    const text = this.#wholeOf(candidate);
    const former = this.#running;
    const next = { text: taking.text, config: taking.config };
    const paths = checked.changes.map(({ path }) => path);
    if (confirmWithinMs !== undefined) {
      const atMs = this.#options.wallClock();
      const failed =
        (await this.#stored(() => this.#folder.mark({ who, at: isoOf(atMs) }))) ?? (await this.#applied(next));
      if (failed !== undefined) {
        await this.#folder.unmark();
        return failed;
      }
      this.#rolledBack = null;
      const timer = setTimeout(() => this.#expired(), confirmWithinMs);
      this.#unconfirmed = {
        ...{ who, atMs, untilMs: atMs + confirmWithinMs, comment, text, former, paths, timer },
      };
      await this.#folder.dropCandidate(who);
      const said = `${who} has changed ${paths.join(', ')}; unless it is confirmed by ${isoOf(atMs + confirmWithinMs)}, it goes back`;
      this.#options.happened({ name: 'configuration-unconfirmed', text: said, paths });
      return done({ ...this.#outcome('awaits-confirmation', checked.changes), atRestart: checked.atRestart });
    }
    const failed = await this.#published({ text, who, comment }, beside, () => this.#applied(next));
    if (failed !== undefined) return failed;
    this.#rolledBack = null;
    await this.#folder.dropCandidate(who);
    this.#tellCommitted('configuration-committed', `${who} has committed number ${this.#present.number}`, paths);
    return done({ ...this.#outcome('committed', checked.changes), atRestart: checked.atRestart });
  }

  async #confirm(who: string): Promise<Told<CommitAnswer>> {
    const unconfirmed = this.#unconfirmed;
    if (unconfirmed === undefined) return nothingToConfirm;
    const { text, comment, paths } = unconfirmed;
    const beside = await this.#onDisk();
    const version = { text, who: unconfirmed.who, comment };
    const failed = await this.#published(version, beside, async () => undefined);
    if (failed !== undefined) return failed;
    clearTimeout(unconfirmed.timer);
    this.#unconfirmed = undefined;
    await this.#folder.unmark();
    const said = `${who} has confirmed number ${this.#present.number}, which ${unconfirmed.who} had committed`;
    this.#tellCommitted('configuration-confirmed', said, paths);
    return done(this.#outcome('confirmed', []));
  }

  #expired(): void {
    void this.#inTurn(async () => {
      if (this.#unconfirmed !== undefined) await this.#takeBack('not-confirmed', undefined);
    });
  }

  /** Why it could not be taken back yet; then it is tried again. */
  async #takeBack(
    because: 'not-confirmed' | 'cancelled',
    canceller: string | undefined,
  ): Promise<{ ok: false; refusal: Refusal } | undefined> {
    const unconfirmed = this.#unconfirmed!;
    clearTimeout(unconfirmed.timer);
    const failed = await this.#applied(unconfirmed.former);
    if (failed !== undefined) {
      unconfirmed.timer = setTimeout(() => this.#expired(), retryMs);
      const text = `what ${unconfirmed.who} had committed cannot be taken back yet: ${failed.refusal.what}`;
      this.#options.happened({ name: 'configuration-rollback-failing', text, paths: unconfirmed.paths });
      return failed;
    }
    this.#unconfirmed = undefined;
    await this.#folder.unmark();
    this.#rolledBack = { who: unconfirmed.who, at: this.#now(), because };
    const why = because === 'cancelled' ? `${canceller} has cancelled it` : 'nobody has confirmed it in time';
    const text = `what ${unconfirmed.who} had committed is taken back, because ${why}: ${unconfirmed.paths.join(', ')}`;
    this.#options.happened({ name: 'configuration-rolled-back', text, paths: unconfirmed.paths });
    // Nobody has to type it again.
    if (!this.#folder.candidates.has(unconfirmed.who)) {
      const { open } = splitConfiguration(unconfirmed.text);
      await this.#kept({ ...this.#candidateOf(unconfirmed.who), at: this.#now(), text: open });
    }
    return undefined;
  }

  /**
   * Makes a text the file and the present version: all of it, or nothing.
   *
   * @param take what else has to go well, when everything is on the disk and before the file has its new content
   */
  async #published(
    { text, who, comment }: { readonly text: string; readonly who: string; readonly comment: string | null },
    beside: string,
    take: () => Promise<{ ok: false; refusal: Refusal } | undefined>,
  ): Promise<{ ok: false; refusal: Refusal } | undefined> {
    const before = this.#folder.versions;
    const added: StoredVersion[] = [];
    const keep = async (version: StoredVersion): Promise<void> => {
      added.push(version);
      await this.#folder.add(version);
    };
    let failed: { ok: false; refusal: Refusal } | undefined;
    let present = this.#present;
    let number = present.number;
    try {
      const path = await realpath(this.#options.file);
      const prepared = await prepareFile(path, text, (await stat(path)).mode & 0o777);
      try {
        if (before.at(-1)?.number !== number) await keep(present);
        if (beside !== present.text && beside !== text) {
          number += 1;
          await keep({ number, kind: 'edited', who: null, at: this.#now(), comment: null, text: beside });
        }
        present = { number: number + 1, kind: 'committed', who, at: this.#now(), comment, text };
        await keep(present);
        failed = await take();
        if (failed === undefined) await prepared.publish();
      } catch (error) {
        await prepared.discard();
        throw error;
      }
      if (failed !== undefined) await prepared.discard();
    } catch (error) {
      failed = notStored(error);
    }
    if (failed !== undefined) {
      for (const version of added.toReversed()) await this.#folder.withdraw(version);
      return failed;
    }
    this.#present = present;
    this.#isEditedBeside = false;
    this.#awaitsRestart = changesOfTexts(this.#running.text, text).map(({ path }) => path);
    await this.#folder.prune();
    return undefined;
  }

  async #stored(work: () => Promise<void>): Promise<{ ok: false; refusal: Refusal } | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      return notStored(error);
    }
  }

  async #applied(next: { text: string; config: GatewayConfig }): Promise<{ ok: false; refusal: Refusal } | undefined> {
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

  #tellCommitted(name: ConfigurationEvent['name'], text: string, paths: readonly string[]): void {
    const waits = this.#awaitsRestart.length === 0 ? '' : `; at the next start: ${this.#awaitsRestart.join(', ')}`;
    this.#options.happened({ name, text: `${text}: ${paths.join(', ')}${waits}`, paths });
  }

  #taking(candidate: StoredCandidate): Taking {
    return takingOf(this.#running.text, this.#wholeOf(candidate), candidateName);
  }

  #checked(taking: Taking, { text }: StoredCandidate): CheckAnswer {
    const { config } = this.#running;
    return checkCandidate({ taking, text, inForce: this.#openText, config, sessions: this.#options.sessions() });
  }

  #outcome(outcome: CommitAnswer['outcome'], changes: CommitAnswer['changes']): CommitAnswer {
    const until = this.#unconfirmed?.untilMs;
    return {
      ...{ outcome, ok: outcome !== 'invalid' && outcome !== 'needs-restart', problems: [], changes, atRestart: null },
      version: this.#present.number,
      confirmBy: until === undefined ? null : isoOf(until),
      isOfPair: this.#running.config.redundancy !== undefined,
    };
  }

  #refusal(outcome: 'invalid' | 'needs-restart'): Omit<CommitAnswer, 'problems' | 'changes' | 'atRestart'> {
    const { problems: _problems, changes: _changes, atRestart: _atRestart, ...common } = this.#outcome(outcome, []);
    return common;
  }

  /** Of what is in force: the file, or what waits to be confirmed. */
  get #openText(): string {
    return splitConfiguration(this.#unconfirmed?.text ?? this.#present.text).open;
  }

  #wholeOf({ text }: StoredCandidate): string {
    const { confidential } = splitConfiguration(this.#present.text);
    return joinedConfiguration({ open: text, confidential });
  }

  #candidateOf(who: string): StoredCandidate {
    const base = this.#openText;
    const begun = { who, at: this.#now(), basedOn: this.#present.number, base, text: base };
    return this.#folder.candidates.get(who) ?? begun;
  }

  #isOutdated({ base }: StoredCandidate): boolean {
    return base !== this.#openText;
  }

  async #kept(candidate: StoredCandidate): Promise<Told<CandidateAnswer>> {
    // Without a disk it lasts as long as the process.
    await this.#folder.putCandidate(candidate).catch(() => {});
    return this.#shownCandidate(candidate, '');
  }

  #shownCandidate(candidate: StoredCandidate, path: string): Told<CandidateAnswer> {
    const part = settingText(withoutSecrets(candidate.text), path);
    if (!part.ok) return part;
    return done({
      who: candidate.who,
      basedOn: candidate.basedOn,
      isOutdated: this.#isOutdated(candidate),
      text: part.text,
      changes: changesOfTexts(this.#openText, candidate.text),
    });
  }

  /** The present one first. */
  #versions(): readonly StoredVersion[] {
    const former = this.#folder.versions.filter(({ number }) => number < this.#present.number);
    return [this.#present, ...former.toReversed()];
  }

  #described({ number, kind, who, at, comment }: StoredVersion): ConfigurationVersion {
    const back = number === this.#present.number ? 0 : this.#versions().findIndex((one) => one.number === number);
    return { number, back, kind, who, at, comment };
  }

  #noSuch(back: number): { ok: false; refusal: Refusal } {
    const most = this.#versions().length - 1;
    const hint = most === 0 ? 'there is no former one yet' : `use 0 to ${most}; configure history lists them`;
    return refuse('not-found', `there is no configuration ${back} commits ago`, hint);
  }

  async #onDisk(): Promise<string> {
    return readFile(this.#options.file, 'utf8').catch(() => this.#present.text);
  }

  #now(): string {
    return isoOf(this.#options.wallClock());
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }
}

const nothingToConfirm = refuse(
  'refused',
  'nothing waits to be confirmed',
  'configure history tells what was committed',
);

function done<Answer>(data: Answer): Told<Answer> {
  return { ok: true, data };
}

function notStored(error: unknown): { ok: false; refusal: Refusal } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) throw error;
  const what = `the configuration cannot be written: ${error instanceof Error ? error.message : code}`;
  return refuse('failed', what, 'nothing has changed; see that the gateway may write there, and that there is room');
}

function shown(text: string): string {
  return withoutSecrets(splitConfiguration(text).open);
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** What the file is, by what is kept of it. */
async function presentOf(
  { file, text, wallClock }: ConfigurationDeskOptions,
  folder: VersionFolder,
): Promise<StoredVersion> {
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
