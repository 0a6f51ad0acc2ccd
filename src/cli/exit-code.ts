/** How a command ends, for scripts. */
export const exitCode = {
  done: 0,
  /** The request was understood and cannot be fulfilled: a faulty configuration, an address in use. */
  refused: 1,
  usage: 2,
  /** No gateway answers. */
  unreachable: 3,
  notFound: 4,
  timedOut: 5,
} as const;

/** Ends a command with something to say on standard error. */
export class CommandError extends Error {
  readonly exitCode: number;

  /** @param hint what to do about it */
  constructor(code: number, what: string, hint: string) {
    super(`${what}\n  ${hint}`);
    this.name = 'CommandError';
    this.exitCode = code;
  }
}
