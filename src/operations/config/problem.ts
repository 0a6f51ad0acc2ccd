export const problemCodes = [
  'syntax',
  'too-large',
  'too-deep',
  'alias',
  'duplicate-key',
  'unknown-key',
  'missing',
  'wrong-type',
  'bad-value',
  'out-of-range',
  'unknown-reference',
  'conflict',
] as const;
export type ProblemCode = (typeof problemCodes)[number];

/** One thing wrong with a configuration, as shown to the operator. Nothing is applied while there is one. */
export interface Problem {
  readonly code: ProblemCode;
  readonly file: string;
  /** Keys and list positions from the top, such as `cgw-service.s2a.lmas.0`; empty for the file as a whole. */
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  /** A predicate: it reads on from the path. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** `gateway.yaml:12:7: cgw-service.access.mtu is 99 (use 576 to 9216)` */
export function formatProblem(problem: Problem): string {
  const subject = problem.path === '' ? 'the file' : problem.path;
  return `${problem.file}:${problem.line}:${problem.column}: ${subject} ${problem.message} (${problem.hint})`;
}
