import { formatProblem } from '../config/problem.ts';
import { durationText } from '../views/format.ts';
import type {
  CandidateAnswer,
  CheckAnswer,
  CommitAnswer,
  CompareAnswer,
  ConfigurationHistory,
  ConfigurationStatus,
  ConfigurationText,
} from './answers.ts';
import type { SettingChange } from './change.ts';
import type { ConfigurationVersion } from './reader.ts';

const signs = { added: '+', removed: '-', changed: '~' } as const;

/** One change a line: `~ samog-service.setup-timeout: 30s -> 20s`. */
export function changeLines(changes: readonly SettingChange[]): string[] {
  if (changes.length === 0) return ['No changes'];
  return changes.map(({ path, kind, before, after, effect }) => {
    const [left, right] = [before, after].map((text) => text?.replaceAll('\n', '\\n'));
    const said = kind === 'changed' ? `${left} -> ${right}` : (right ?? left);
    return `${signs[kind]} ${path}: ${said}${effect === 'restart' ? '  (at the next start)' : ''}`;
  });
}

/** The text of a candidate; a comment in front says if others have committed meanwhile. */
export function candidateLines({ text, isOutdated }: CandidateAnswer): string[] {
  return [
    ...(isOutdated ? ['# outdated: others have committed meanwhile; refresh brings it up to that'] : []),
    ...lines(text),
  ];
}

/** What an edit has come to. */
export function editLines({ changes, isOutdated }: CandidateAnswer): string[] {
  const outdated = isOutdated
    ? ['The candidate is outdated: others have committed meanwhile; refresh brings it up to that']
    : [];
  return [...outdated, `Changes of the candidate: ${changes.length}`];
}

/** The text of a version, behind a comment that names it. */
export function textLines({ version, text }: ConfigurationText): string[] {
  return [`# ${versionLine(version)}`, ...lines(text)];
}

/** What a candidate would change, or two versions have different. */
export function compareLines({ changes }: CompareAnswer): string[] {
  return changeLines(changes);
}

/** The problems of a candidate, if it has any; else what it changes, and whether that waits for a restart and why. */
export function checkLines({ problems, changes, atRestart }: CheckAnswer): string[] {
  if (problems.length > 0) return problems.map(formatProblem);
  if (atRestart === null) return [...changeLines(changes), 'The candidate has no problems, and can be taken at once'];
  return [
    ...changeLines(changes),
    `At the next start: ${atRestart.paths.join(', ')}`,
    ...atRestart.reasons.map((reason) => `Because: ${reason}`),
    `A restart ${atRestart.disturbs}`,
  ];
}

/** What became of a commit, and what is to be done next: to confirm it, or to give the peer the same. */
export function commitLines(answer: CommitAnswer): string[] {
  const { outcome, version, confirmBy, isOfPair } = answer;
  const pair = isOfPair ? ['The peer has to be given the same: srp validate-configuration compares'] : [];
  switch (outcome) {
    case 'committed':
      return [
        ...checkLines(answer).filter((line) => !line.startsWith('The candidate')),
        `Committed: number ${version}`,
        ...pair,
      ];
    case 'scheduled':
      return [
        ...changeLines(answer.changes),
        `To be committed at ${answer.commitAt}, unless it is cancelled: configure cancel`,
        ...pair,
      ];
    case 'awaits-confirmation':
      return [
        ...changeLines(answer.changes),
        `In force until ${confirmBy}, unless it is confirmed: configure confirm`,
        ...pair,
      ];
    case 'confirmed':
      return [`Confirmed: number ${version}`];
    case 'unchanged':
      return [`Nothing to commit: number ${version} is in force`];
    case 'invalid':
      return [...checkLines(answer), 'Nothing is committed'];
    case 'needs-restart':
      return [...checkLines(answer), 'Nothing is committed: at-restart has it stored for the next start'];
  }
}

/** The versions there are, one a line, each with the number of steps back to it. */
export function historyLines({ versions }: ConfigurationHistory): string[] {
  return versions.map((version) => `${String(version.back).padStart(2)}  ${versionLine(version)}`);
}

/** What is in force, what waits to be confirmed or for the next start, and whose candidates there are. */
export function statusLines(status: ConfigurationStatus): string[] {
  const { file, version, unconfirmed, scheduled, rolledBack, awaitsRestart, isEditedBeside, candidates } = status;
  const because = {
    'not-confirmed': 'nobody confirmed it in time',
    cancelled: 'it was cancelled',
    restarted: 'the gateway was started again before it was confirmed',
  } as const;
  return [
    `File:                ${file}${isEditedBeside ? ' (changed beside the gateway, which has not taken that)' : ''}`,
    `In force:            ${versionLine(version)}`,
    `Unconfirmed:         ${unconfirmed === null ? 'none' : `of ${unconfirmed.who}, goes back at ${unconfirmed.until} (in ${unconfirmed.secondsLeft} s)`}`,
    `Scheduled:           ${scheduled === null ? 'none' : `of ${scheduled.who}, at ${scheduled.at} (in ${durationText(scheduled.secondsLeft)})`}`,
    `Taken back last:     ${rolledBack === null ? 'none' : `of ${rolledBack.who}, at ${rolledBack.at}: ${because[rolledBack.because]}`}`,
    `At the next start:   ${awaitsRestart.join(', ') || 'nothing'}`,
    `Candidates:          ${candidates.map(({ who, at, isOutdated }) => `${who} (${at}${isOutdated ? ', outdated' : ''})`).join(', ') || 'none'}`,
  ];
}

function versionLine({ number, kind, who, at, comment }: ConfigurationVersion): string {
  const by =
    kind === 'committed'
      ? `by ${who ?? 'nobody known'}`
      : kind === 'edited'
        ? 'edited beside the gateway'
        : 'found at the start';
  return `number ${number}, ${at}, ${by}${comment === null ? '' : `: ${comment}`}`;
}

function lines(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}
