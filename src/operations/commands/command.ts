import type { ApiInput, ApiOperation } from '../api/operation.ts';
import type { Refusal, ViewArguments, ViewOption } from '../views/view.ts';

/** What came of a command that was carried out, for the exit code. */
export type CommandOutcome = 'done' | 'refused' | 'timed-out';

/** How a command is written: its words, then its options in any order, each a flag or a name with a value. */
export interface CommandShape {
  readonly words: readonly string[];
  readonly summary: string;
  readonly options: readonly ViewOption[];
  /** The option that a value without a name is for. */
  readonly bare?: string;
  /** Options that are written by their places alone, before all others, each without its name. */
  readonly positional?: readonly string[];
}

/** What an operator is asked before a command that cannot be taken back. */
export interface Consent {
  /** `needed`: where nobody can be asked the command is refused unless `--yes` is given. `implied`: then it goes on. */
  readonly inScripts: 'needed' | 'implied';
  /** What the command does, in words; undefined if it needs no consent. `sessions`: how many the gateway has. */
  question(args: ViewArguments, sessions: number): string | undefined;
  /** What is looked at and shown before somebody is asked; it changes nothing. */
  readonly preflight?: Pick<OperatorCommand, 'operation' | 'input' | 'render'>;
}

/**
 * A command that the gateway carries out, as data: the command line, the shell and the API's clients are renderings of it.
 * Its text is made of the answer alone.
 */
export interface OperatorCommand<Answer = unknown> extends CommandShape {
  /** What is asked of the gateway; it names the role that this needs. */
  readonly operation: ApiOperation;
  readonly consent?: Consent;
  /** Options whose values name files: `input` is given what is in them. */
  readonly files?: readonly string[];
  /** What is sent with it. */
  input(
    args: ViewArguments,
  ): { readonly ok: true; readonly value: ApiInput } | { readonly ok: false; readonly refusal: Refusal };
  render(answer: Answer): string[];
  /** `done` if left out. */
  outcome?(answer: Answer): CommandOutcome;
}
