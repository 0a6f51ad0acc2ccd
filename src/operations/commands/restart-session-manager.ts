import { apiOperations } from '../api/operations.ts';
import { integerArgument } from '../views/arguments.ts';
import { refuse } from '../views/view.ts';
import type { OperatorCommand } from './command.ts';

/** `session-manager restart instance N`. */
export interface RestartAnswer {
  /** Counted from 1. */
  readonly instance: number;
  /** How many it serves again; null on a standby, which is sent its records by the active. */
  readonly sessions: number | null;
  /** How many it had and has not any more, beside those that were being set up. */
  readonly lost: number;
  readonly tookMs: number;
}

const instancesMax = 1000;
/** With a million sessions on a busy machine. */
const restartWaitMs = 60_000;

/** Begins one session manager instance anew, with its sessions; the others serve on. */
export const restartSessionManager: OperatorCommand<RestartAnswer> = {
  words: ['session-manager', 'restart'],
  summary: apiOperations.restartSessionManager.summary,
  options: [{ name: 'instance', value: 'N', description: 'which one, counted from 1', completion: 'instance' }],
  bare: 'instance',
  consent: {
    inScripts: 'implied',
    question: ({ instance = '' }) =>
      `this restarts session manager instance ${instance}: whoever is attaching to it begins anew`,
  },
  operation: apiOperations.restartSessionManager,
  input: (args) => {
    const text = args['instance'];
    if (text === undefined) return refuse('bad-argument', 'which instance is missing', 'write "instance" and a number');
    const instance = integerArgument('instance', text, 1, instancesMax);
    if (!instance.ok) return instance;
    return { ok: true, value: { body: { instance: instance.value }, waitMs: restartWaitMs } };
  },
  render: ({ instance, sessions, lost, tookMs }) => [
    `Session manager instance ${instance} was restarted in ${Math.round(tookMs)} ms`,
    sessions === null
      ? 'This chassis is the standby: the active sends it what it is to record'
      : `It has ${sessions} sessions again, and has lost ${lost}`,
  ],
};
