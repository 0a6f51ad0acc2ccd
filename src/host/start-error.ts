/** Why a gateway cannot start: one thing at a time. */
export interface StartProblem {
  /** The setting it is about, such as `cgw-service.access.address`. */
  readonly path: string;
  /** What was attempted, and what came of it. */
  readonly what: string;
  /** What to do about it. */
  readonly hint: string;
}

/** A gateway did not start; nothing of it is left. All problems at once. */
export class StartError extends Error {
  readonly problems: readonly StartProblem[];

  constructor(problems: readonly StartProblem[]) {
    super(problems.map(({ path, what, hint }) => `${path}: ${what} (${hint})`).join('\n'));
    this.name = 'StartError';
    this.problems = problems;
  }
}
