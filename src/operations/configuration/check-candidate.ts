import type { GatewayConfig } from '../config/gateway-config.ts';
import type { Problem } from '../config/problem.ts';
import { readYaml } from '../config/yaml-source.ts';
import { counted } from '../views/format.ts';
import type { AtRestart, CheckAnswer } from './answers.ts';
import { hiddenMarks } from './secrets.ts';
import { changesOfTexts, type Taking } from './taking.ts';

export interface CandidateCheck {
  /** Of the candidate by the running gateway. */
  readonly taking: Taking;
  readonly text: string;
  /** What is in force. */
  readonly inForce: string;
  /** What the gateway runs with. */
  readonly config: GatewayConfig;
  readonly sessions: number;
}

/** What is wrong with a candidate, what it changes, and what of it waits for the next start. */
export function checkCandidate({ taking, text, inForce, config, sessions }: CandidateCheck): CheckAnswer {
  const changes = changesOfTexts(inForce, text);
  const missing = missingSecrets(text, 'candidate');
  if (!taking.ok || missing.length > 0) {
    const problems = taking.ok ? [] : taking.problems.map(withoutSecret);
    const all = [...problems, ...missing].sort((left, right) => left.line - right.line || left.column - right.column);
    return { ok: false, problems: all, changes, atRestart: null };
  }
  const effects = new Map(taking.changes.map(({ path, effect }) => [path, effect]));
  const waiting = taking.changes.filter(({ effect }) => effect === 'restart').map(({ path }) => path);
  const atRestart: AtRestart = { paths: waiting, reasons: taking.reasons, disturbs: disturbed(config, sessions) };
  return {
    ok: true,
    problems: [],
    changes: changes.map((change) => ({ ...change, effect: effects.get(change.path) ?? change.effect })),
    atRestart: waiting.length === 0 ? null : atRestart,
  };
}

/** Who has typed a secret wrong sees it; who looks later does not. */
function withoutSecret(problem: Problem): Problem {
  return /(?:secret|key|password)$/.test(problem.path)
    ? { ...problem, message: problem.message.replace(/"[^"]*"/, '(hidden)') }
    : problem;
}

/** Where a text says `(hidden)`, and nothing is known that this would stand for. */
export function missingSecrets(text: string, file: string): Problem[] {
  const source = readYaml(text);
  return hiddenMarks(text).map(({ path, at }) => ({
    ...source.locate(at, 'value'),
    code: 'missing',
    file,
    path,
    message: 'is hidden, and there was no secret before',
    hint: 'give it a value',
  }));
}

function disturbed({ redundancy, recovery }: GatewayConfig, sessions: number): string {
  if (sessions === 0) return 'disturbs nobody: there are no sessions';
  if (redundancy !== undefined) {
    return `hands ${counted(sessions, 'session')} to the peer: change the standby first, then switch over`;
  }
  if (recovery !== undefined)
    return `interrupts ${counted(sessions, 'session')} for some seconds: they are kept on disk`;
  return `ends ${counted(sessions, 'session')}: there is neither a peer nor a recovery section`;
}
