import { formatProblem } from '../../operations/config/problem.ts';
import type {
  CandidateAnswer,
  CheckAnswer,
  CommitAnswer,
  CompareAnswer,
  ConfigurationHistory,
  ConfigurationStatus,
  ConfigurationText,
  RolledBackCommit,
} from '../../operations/configuration/answers.ts';
import type { CandidateEdit } from '../../operations/configuration/candidate-edit.ts';
import { splitConfiguration } from '../../operations/configuration/confidential.ts';
import type { ConfigurationReader } from '../../operations/configuration/reader.ts';
import { withoutSecrets } from '../../operations/configuration/secrets.ts';
import type { StoredCandidate } from '../../operations/configuration/stored.ts';
import { changesOfTexts } from '../../operations/configuration/taking.ts';
import { timeAhead } from '../../operations/configuration/time-ahead.ts';
import { refuse } from '../../operations/views/view.ts';
import type { ChassisEvent } from '../../services/samog/event-names.ts';
import { done, isoOf, notStored, type Refused, type Told } from './answered.ts';
import { Candidates } from './candidates.ts';
import { CommitTimer } from './commit-timer.ts';
import { ConfigurationInForce, type InForceOptions, type Running } from './in-force.ts';
import { formerMax, VersionFolder } from './version-folder.ts';

/** What happened to the configuration of a running gateway. */
export type ConfigurationEvent = {
  readonly name: Extract<ChassisEvent, `configuration-${string}`>;
  readonly text: string;
  /** Paths of the settings that changed. */
  readonly paths: readonly string[];
};

export interface ConfigurationDeskOptions extends InForceOptions {
  /** Where candidates and former configurations are. */
  readonly folder: string;
  /** Sessions that a restart would concern. */
  sessions(): number;
  happened(event: ConfigurationEvent): void;
}

/** How a candidate is to be committed. */
export interface CommitOptions {
  readonly comment?: string | undefined;
  /** Goes back by itself after so long unless it is confirmed. */
  readonly confirmWithinMs?: number | undefined;
  /** Settings that cannot be taken now are to wait for the next start. */
  readonly atRestart?: boolean;
  /** What was changed in the file beside the gateway is to be lost; it is kept as a former configuration. */
  readonly overwrite?: boolean;
  /** Not now but then: as `timeAhead` reads it. */
  readonly at?: string;
}

interface Unconfirmed {
  readonly who: string;
  readonly atMs: number;
  readonly untilMs: number;
  readonly comment: string | null;
  /** The whole file that would be. */
  readonly text: string;
  /** What the gateway ran with before. */
  readonly former: Running;
  readonly paths: readonly string[];
  timer: NodeJS.Timeout;
}

/** What fails when it is taken back is tried again so often. */
const retryMs = 5000;
/** What a scheduled commit may be late by: a busy host, not one that was down. */
const lateMs = 120_000;

/**
 * The configuration of a running gateway: candidates, one of each user, that become the file and what runs by a commit, and the
 * configurations that were before. One thing is done at a time.
 *
 * A commit that waits to be confirmed is in force and not in the file: whatever ends the process goes back to what was before.
 */
export class ConfigurationDesk implements ConfigurationReader {
  readonly #options: ConfigurationDeskOptions;
  readonly #folder: VersionFolder;
  readonly #inForce: ConfigurationInForce;
  readonly #candidates: Candidates;
  readonly #timer: CommitTimer;
  #unconfirmed: Unconfirmed | undefined;
  #rolledBack: RolledBackCommit | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: ConfigurationDeskOptions, folder: VersionFolder, inForce: ConfigurationInForce) {
    this.#options = options;
    this.#folder = folder;
    this.#inForce = inForce;
    this.#candidates = new Candidates(inForce, folder, () => options.sessions());
    const { wallClock } = options;
    this.#timer = new CommitTimer({ folder, wallClock: () => wallClock(), due: () => this.#due() });
  }

  static async open(options: ConfigurationDeskOptions): Promise<ConfigurationDesk> {
    const folder = await VersionFolder.open(options.folder);
    const desk = new ConfigurationDesk(options, folder, await ConfigurationInForce.open(options, folder));
    const left = folder.leftUnconfirmed;
    if (left !== undefined) {
      await folder.unmark();
      desk.#rolledBack = { who: left.who, at: desk.#inForce.now, because: 'restarted' };
      const text = `what ${left.who} had committed was not confirmed when the gateway ended: it runs with what was before`;
      options.happened({ name: 'configuration-rolled-back', text, paths: [] });
    }
    return desk;
  }

  status(): ConfigurationStatus {
    const unconfirmed = this.#unconfirmed;
    const inForce = this.#inForce;
    return {
      file: inForce.file,
      version: inForce.described(inForce.present),
      unconfirmed: unconfirmed
        ? {
            who: unconfirmed.who,
            at: isoOf(unconfirmed.atMs),
            until: isoOf(unconfirmed.untilMs),
            secondsLeft: Math.max(0, Math.ceil((unconfirmed.untilMs - this.#options.wallClock()) / 1000)),
            comment: unconfirmed.comment,
          }
        : null,
      scheduled: this.#scheduled(),
      rolledBack: this.#rolledBack,
      awaitsRestart: inForce.awaitsRestart,
      isEditedBeside: inForce.isEditedBeside,
      candidates: this.#candidates.all().map((candidate) => ({
        who: candidate.who,
        at: candidate.at,
        isOutdated: this.#candidates.isOutdated(candidate),
      })),
    };
  }

  /** The same, after a look at the file. */
  async looked(): Promise<ConfigurationStatus> {
    await this.#inForce.look();
    return this.status();
  }

  history(): ConfigurationHistory {
    const versions = this.#inForce.versions().map((version) => this.#inForce.described(version));
    return { versions, keptMax: formerMax };
  }

  /** @param back 0 for the present one */
  text(back: number): Told<ConfigurationText> {
    const version = this.#inForce.versions()[back];
    if (version === undefined) return this.#inForce.noSuch(back);
    const text = withoutSecrets(splitConfiguration(version.text).open);
    return done({ version: this.#inForce.described(version), text });
  }

  /** A candidate that is not there yet is begun of what is in force. @param path of the part that is shown, or empty */
  candidate(who: string, path = ''): Told<CandidateAnswer> {
    return this.#candidates.shown(this.#candidates.of(who), path);
  }

  edit(who: string, edit: CandidateEdit): Promise<Told<CandidateAnswer>> {
    return this.#inTurn(() => this.#candidates.edit(who, edit));
  }

  /** Loads a former configuration into somebody's candidate. */
  rollBackTo(who: string, back: number): Promise<Told<CandidateAnswer>> {
    return this.#inTurn(async () => {
      const version = this.#inForce.versions()[back];
      if (version === undefined) return this.#inForce.noSuch(back);
      return this.#candidates.keep(who, splitConfiguration(version.text).open);
    });
  }

  discard(who: string): Promise<Told<CandidateAnswer>> {
    return this.#inTurn(async () => {
      await this.#candidates.discard(who);
      return this.candidate(who);
    });
  }

  /** Brings a candidate up to what is in force by now: what it changes is changed of that. */
  refresh(who: string): Promise<Told<CandidateAnswer>> {
    return this.#inTurn(() => this.#candidates.refresh(who));
  }

  compare(who: string, back: number): Told<CompareAnswer> {
    return this.#candidates.compare(who, back);
  }

  check(who: string): CheckAnswer {
    return this.#candidates.check(this.#candidates.of(who));
  }

  commit(who: string, options: CommitOptions): Promise<Told<CommitAnswer>> {
    return this.#inTurn(async () => this.#commitOf(who, this.#candidates.of(who), options));
  }

  async #commitOf(who: string, candidate: StoredCandidate, options: CommitOptions): Promise<Told<CommitAnswer>> {
    const isChanged = changesOfTexts(this.#inForce.openText, candidate.text).length > 0;
    const unconfirmed = this.#unconfirmed;
    if (unconfirmed !== undefined) {
      if (!isChanged && options.confirmWithinMs === undefined) return this.#confirm(who);
      const hint = 'configure confirm keeps it, configure cancel takes it back';
      return refuse('refused', `what ${unconfirmed.who} has committed is not confirmed yet`, hint);
    }
    if (!isChanged && candidate.text === this.#inForce.openText) return done(this.#outcome('unchanged', []));
    if (this.#candidates.isOutdated(candidate)) {
      const { who: other, number } = this.#inForce.present;
      const what = `${other ?? 'somebody'} has committed number ${number} since this candidate was begun`;
      return refuse('refused', what, 'configure refresh brings it up to that; compare then, and commit again');
    }
    const beside = await this.#inForce.look();
    if (this.#inForce.isEditedBeside && options.overwrite !== true && beside !== this.#candidates.wholeOf(candidate)) {
      const hint = `load ${this.#inForce.file} to begin with what it says, or commit overwrite to lose that`;
      return refuse('refused', `${this.#inForce.file} was changed beside the gateway`, hint);
    }
    return this.#commit(candidate, options, beside);
  }

  confirm(who: string): Promise<Told<CommitAnswer>> {
    return this.#inTurn(() => this.#confirm(who));
  }

  /** Takes back at once what is not confirmed yet. */
  cancel(who: string): Promise<Told<CommitAnswer>> {
    return this.#inTurn(async () => {
      const { scheduled } = this.#timer;
      if (this.#unconfirmed === undefined && scheduled !== undefined) {
        await this.#timer.drop();
        const text = `${who} has cancelled what ${scheduled.who} would have committed at ${isoOf(scheduled.atMs)}`;
        this.#options.happened({ name: 'configuration-scheduled', text, paths: [] });
        return done(this.#outcome('unchanged', []));
      }
      if (this.#unconfirmed === undefined) return nothingToConfirm;
      const failed = await this.#takeBack('cancelled', who);
      return failed ?? done(this.#outcome('unchanged', []));
    });
  }

  /** What is not confirmed stays so: the next start is with what was before. */
  async stop(): Promise<void> {
    clearTimeout(this.#unconfirmed?.timer);
    this.#timer.stop();
    await this.#turn;
  }

  async #commit(candidate: StoredCandidate, options: CommitOptions, beside: string): Promise<Told<CommitAnswer>> {
    const { who } = candidate;
    const taking = this.#candidates.taking(candidate);
    const checked = this.#candidates.check(candidate, taking);
    if (!taking.ok || !checked.ok) return done({ ...checked, ...this.#refusal('invalid') });
    const { confirmWithinMs, atRestart = false, comment = null } = options;
    if (checked.atRestart !== null && (!atRestart || confirmWithinMs !== undefined)) {
      if (atRestart) {
        const what = `a restart is needed for ${checked.atRestart.paths.join(', ')}, and would go back to what was before`;
        return refuse('bad-argument', what, 'commit those apart, without confirmed');
      }
      return done({ ...checked, ...this.#refusal('needs-restart') });
    }
    if (options.at !== undefined) return this.#schedule(candidate, { ...options, at: options.at }, checked);
    const text = this.#candidates.wholeOf(candidate);
    const former = this.#inForce.running;
    const next = { text: taking.text, config: taking.config };
    const paths = checked.changes.map(({ path }) => path);
    if (confirmWithinMs !== undefined) {
      const atMs = this.#options.wallClock();
      const failed =
        (await this.#stored(() => this.#folder.mark({ who, at: isoOf(atMs) }))) ?? (await this.#inForce.apply(next));
      if (failed !== undefined) {
        await this.#folder.unmark();
        return failed;
      }
      this.#rolledBack = null;
      const timer = setTimeout(() => this.#expired(), confirmWithinMs);
      this.#begin({ who, atMs, untilMs: atMs + confirmWithinMs, comment, text, former, paths, timer });
      await this.#spent(candidate);
      const said = `${who} has changed ${paths.join(', ')}; unless it is confirmed by ${isoOf(atMs + confirmWithinMs)}, it goes back`;
      this.#options.happened({ name: 'configuration-unconfirmed', text: said, paths });
      return done({ ...this.#outcome('awaits-confirmation', checked.changes), atRestart: checked.atRestart });
    }
    const failed = await this.#inForce.publish({ text, who, comment }, beside, next);
    if (failed !== undefined) return failed;
    this.#rolledBack = null;
    await this.#spent(candidate);
    this.#tellCommitted(
      'configuration-committed',
      `${who} has committed number ${this.#inForce.present.number}`,
      paths,
    );
    return done({ ...this.#outcome('committed', checked.changes), atRestart: checked.atRestart });
  }

  /** What was changed of it since it was scheduled stays. */
  async #spent({ who, text }: StoredCandidate): Promise<void> {
    if (this.#candidates.of(who).text === text) await this.#candidates.discard(who);
  }

  async #schedule(
    candidate: StoredCandidate,
    { at, confirmWithinMs, comment, atRestart = false, overwrite = false }: CommitOptions & { at: string },
    { changes, atRestart: waiting }: CheckAnswer,
  ): Promise<Told<CommitAnswer>> {
    const { scheduled } = this.#timer;
    if (scheduled !== undefined) {
      const what = `a commit of ${scheduled.who} waits for ${isoOf(scheduled.atMs)} already`;
      return refuse('refused', what, 'configure cancel takes it back');
    }
    const time = timeAhead(at, this.#options.wallClock());
    if (!time.ok) return time;
    const { who } = candidate;
    const options = { comment: comment ?? null, confirmWithinMs: confirmWithinMs ?? null, atRestart, overwrite };
    const schedule = { who, atMs: time.value, ...options, candidate };
    const failed = await this.#stored(() => this.#timer.schedule(schedule));
    if (failed !== undefined) return failed;
    const paths = changes.map(({ path }) => path);
    const text = `${who} has ${paths.join(', ')} committed at ${isoOf(time.value)}, unless it is cancelled`;
    this.#options.happened({ name: 'configuration-scheduled', text, paths });
    return done({ ...this.#outcome('scheduled', changes), atRestart: waiting });
  }

  #scheduled(): ConfigurationStatus['scheduled'] {
    const { scheduled } = this.#timer;
    if (scheduled === undefined) return null;
    const { who, atMs, comment } = scheduled;
    const secondsLeft = Math.max(0, Math.ceil((atMs - this.#options.wallClock()) / 1000));
    return { who, at: isoOf(atMs), secondsLeft, comment };
  }

  /** The time of a scheduled commit has come; long ago, if the gateway did not run then. */
  #due(): void {
    void this.#inTurn(async () => {
      const { scheduled } = this.#timer;
      if (scheduled === undefined) return;
      await this.#timer.drop();
      const { who, atMs, candidate, atRestart, overwrite } = scheduled;
      const options = {
        ...{ atRestart, overwrite, comment: scheduled.comment ?? undefined },
        confirmWithinMs: scheduled.confirmWithinMs ?? undefined,
      };
      const isLate = this.#options.wallClock() - atMs > lateMs;
      const answer = isLate ? undefined : await this.#commitOf(who, candidate, options);
      if (answer?.ok && answer.data.ok) return;
      const why =
        answer === undefined
          ? 'the gateway did not run then'
          : answer.ok
            ? [...answer.data.problems.map(formatProblem), ...(answer.data.atRestart?.paths ?? [])].join('; ')
            : answer.refusal.what;
      const text = `what ${who} had scheduled for ${isoOf(atMs)} is not committed: ${why}`;
      this.#options.happened({ name: 'configuration-commit-failed', text, paths: [] });
    });
  }

  async #confirm(who: string): Promise<Told<CommitAnswer>> {
    const unconfirmed = this.#unconfirmed;
    if (unconfirmed === undefined) return nothingToConfirm;
    const { text, comment, paths } = unconfirmed;
    const beside = await this.#inForce.look();
    const version = { text, who: unconfirmed.who, comment };
    const failed = await this.#inForce.publish(version, beside, undefined);
    if (failed !== undefined) return failed;
    clearTimeout(unconfirmed.timer);
    this.#end();
    await this.#folder.unmark();
    const said = `${who} has confirmed number ${this.#inForce.present.number}, which ${unconfirmed.who} had committed`;
    this.#tellCommitted('configuration-confirmed', said, paths);
    return done(this.#outcome('confirmed', []));
  }

  #expired(): void {
    void this.#inTurn(async () => {
      if (this.#unconfirmed !== undefined) await this.#takeBack('not-confirmed', undefined);
    });
  }

  /** Why it could not be taken back yet; then it is tried again. */
  async #takeBack(because: 'not-confirmed' | 'cancelled', canceller: string | undefined): Promise<Refused | undefined> {
    const unconfirmed = this.#unconfirmed!;
    clearTimeout(unconfirmed.timer);
    const failed = await this.#inForce.apply(unconfirmed.former);
    if (failed !== undefined) {
      unconfirmed.timer = setTimeout(() => this.#expired(), retryMs);
      const text = `what ${unconfirmed.who} had committed cannot be taken back yet: ${failed.refusal.what}`;
      this.#options.happened({ name: 'configuration-rollback-failing', text, paths: unconfirmed.paths });
      return failed;
    }
    this.#end();
    await this.#folder.unmark();
    this.#rolledBack = { who: unconfirmed.who, at: this.#inForce.now, because };
    const why = because === 'cancelled' ? `${canceller} has cancelled it` : 'nobody has confirmed it in time';
    const text = `what ${unconfirmed.who} had committed is taken back, because ${why}: ${unconfirmed.paths.join(', ')}`;
    this.#options.happened({ name: 'configuration-rolled-back', text, paths: unconfirmed.paths });
    // Nobody has to type it again.
    if (!this.#candidates.has(unconfirmed.who)) {
      await this.#candidates.keep(unconfirmed.who, splitConfiguration(unconfirmed.text).open);
    }
    return undefined;
  }

  async #stored(work: () => Promise<void>): Promise<Refused | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      return notStored(error);
    }
  }

  #begin(unconfirmed: Unconfirmed): void {
    this.#unconfirmed = unconfirmed;
    this.#inForce.unconfirmed = unconfirmed.text;
  }

  #end(): void {
    this.#unconfirmed = undefined;
    this.#inForce.unconfirmed = undefined;
  }

  #tellCommitted(name: ConfigurationEvent['name'], text: string, paths: readonly string[]): void {
    const { awaitsRestart } = this.#inForce;
    const waits = awaitsRestart.length === 0 ? '' : `; at the next start: ${awaitsRestart.join(', ')}`;
    this.#options.happened({ name, text: `${text}: ${paths.join(', ')}${waits}`, paths });
  }

  #outcome(outcome: CommitAnswer['outcome'], changes: CommitAnswer['changes']): CommitAnswer {
    const until = this.#unconfirmed?.untilMs;
    return {
      ...{ outcome, ok: outcome !== 'invalid' && outcome !== 'needs-restart', problems: [], changes, atRestart: null },
      version: this.#inForce.present.number,
      confirmBy: until === undefined ? null : isoOf(until),
      commitAt: this.#scheduled()?.at ?? null,
      isOfPair: this.#inForce.running.config.redundancy !== undefined,
    };
  }

  #refusal(outcome: 'invalid' | 'needs-restart'): Omit<CommitAnswer, 'problems' | 'changes' | 'atRestart'> {
    const { problems: _problems, changes: _changes, atRestart: _atRestart, ...common } = this.#outcome(outcome, []);
    return common;
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
