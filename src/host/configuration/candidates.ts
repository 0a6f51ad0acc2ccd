import type { CandidateAnswer, CheckAnswer, CompareAnswer } from '../../operations/configuration/answers.ts';
import { type CandidateEdit, candidateEdit } from '../../operations/configuration/candidate-edit.ts';
import { checkCandidate } from '../../operations/configuration/check-candidate.ts';
import { joinedConfiguration, splitConfiguration } from '../../operations/configuration/confidential.ts';
import { settingText } from '../../operations/configuration/edit.ts';
import { rebased } from '../../operations/configuration/rebase.ts';
import { withoutSecrets } from '../../operations/configuration/secrets.ts';
import type { StoredCandidate } from '../../operations/configuration/stored.ts';
import { changesOfTexts, type Taking, takingOf } from '../../operations/configuration/taking.ts';
import { refuse } from '../../operations/views/view.ts';
import { done, type Told } from './answered.ts';
import type { ConfigurationInForce } from './in-force.ts';
import type { VersionFolder } from './version-folder.ts';

const candidatesMax = 32;
const candidateName = 'candidate';

/** What users would have the configuration be: a candidate of each of them. Nothing of it is in force. */
export class Candidates {
  readonly #inForce: ConfigurationInForce;
  readonly #folder: VersionFolder;
  readonly #sessions: () => number;

  /** @param sessions that a restart would concern */
  constructor(inForce: ConfigurationInForce, folder: VersionFolder, sessions: () => number) {
    this.#inForce = inForce;
    this.#folder = folder;
    this.#sessions = sessions;
  }

  all(): readonly StoredCandidate[] {
    return [...this.#folder.candidates.values()];
  }

  has(who: string): boolean {
    return this.#folder.candidates.has(who);
  }

  /** One that is not there yet is begun of what is in force. */
  of(who: string): StoredCandidate {
    const { now, present, openText: base } = this.#inForce;
    return this.#folder.candidates.get(who) ?? { who, at: now, basedOn: present.number, base, text: base };
  }

  /** What is in force has changed since it was begun. */
  isOutdated({ base }: StoredCandidate): boolean {
    return base !== this.#inForce.openText;
  }

  /** The whole file that it would be. */
  wholeOf({ text }: StoredCandidate): string {
    const { confidential } = splitConfiguration(this.#inForce.present.text);
    return joinedConfiguration({ open: text, confidential });
  }

  /** @param path of the part that is shown, or empty */
  shown(candidate: StoredCandidate, path = ''): Told<CandidateAnswer> {
    const part = settingText(withoutSecrets(candidate.text), path);
    if (!part.ok) return part;
    return done({
      who: candidate.who,
      basedOn: candidate.basedOn,
      isOutdated: this.isOutdated(candidate),
      text: part.text,
      changes: changesOfTexts(this.#inForce.openText, candidate.text),
    });
  }

  async edit(who: string, edit: CandidateEdit): Promise<Told<CandidateAnswer>> {
    if (!this.has(who) && this.#folder.candidates.size >= candidatesMax) {
      return refuse('too-many', `there are ${candidatesMax} candidates already`, 'have one of them discarded');
    }
    const candidate = this.of(who);
    const { confidential } = splitConfiguration(this.#inForce.present.text);
    const edited = candidateEdit({ ...candidate, confidential }, edit);
    if (!edited.ok) return edited;
    return this.keep(who, edited.text);
  }

  /** Gives a candidate another text. */
  async keep(who: string, text: string): Promise<Told<CandidateAnswer>> {
    return this.#kept({ ...this.of(who), at: this.#inForce.now, text });
  }

  async discard(who: string): Promise<void> {
    await this.#folder.dropCandidate(who);
  }

  /** Brings a candidate up to what is in force by now: what it changes is changed of that. */
  async refresh(who: string): Promise<Told<CandidateAnswer>> {
    const candidate = this.of(who);
    const { openText: base, present, now } = this.#inForce;
    const result = rebased(candidate.base, candidate.text, base);
    if (!result.ok) return result;
    return this.#kept({ ...candidate, at: now, basedOn: present.number, base, text: result.text });
  }

  compare(who: string, back: number): Told<CompareAnswer> {
    const version = this.#inForce.versions()[back];
    if (version === undefined) return this.#inForce.noSuch(back);
    const from = back === 0 ? this.#inForce.openText : splitConfiguration(version.text).open;
    return done({ from: version.number, changes: changesOfTexts(from, this.of(who).text) });
  }

  /** What the gateway would run with. */
  taking(candidate: StoredCandidate): Taking {
    return takingOf(this.#inForce.running.text, this.wholeOf(candidate), candidateName);
  }

  check(candidate: StoredCandidate, taking = this.taking(candidate)): CheckAnswer {
    const { openText: inForce, running } = this.#inForce;
    const { text } = candidate;
    return checkCandidate({ taking, text, inForce, config: running.config, sessions: this.#sessions() });
  }

  async #kept(candidate: StoredCandidate): Promise<Told<CandidateAnswer>> {
    // Without a disk it lasts as long as the process.
    await this.#folder.putCandidate(candidate).catch(() => {});
    return this.shown(candidate);
  }
}
