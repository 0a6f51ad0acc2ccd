import type { ApiInput } from '../api/operation.ts';
import { apiOperations } from '../api/operations.ts';
import {
  type AloneAnswer,
  type AuditAnswer,
  aloneLines,
  auditLines,
  type ConfigurationAnswer,
  configurationLines,
  type NackAnswer,
  nackLines,
  type ProbeFlagAnswer,
  probeFlagLines,
  type SwitchoverAnswer,
  switchoverLines,
  type ValidationAnswer,
  validationLines,
} from '../redundancy-commands.ts';
import { integerArgument } from '../views/arguments.ts';
import { counted } from '../views/format.ts';
import { refuse } from '../views/view.ts';
import type { OperatorCommand } from './command.ts';

/** How long `srp initiate-switchover` waits unless told otherwise; a hand-over has a limit of its own, below this. */
const switchoverWaitSeconds = 30;
const switchoverWaitSecondsMax = 300;
const auditWaitMs = 10_000;

function sent(body: ApiInput['body'] = {}, waitMs = 0): { ok: true; value: ApiInput } {
  return { ok: true, value: { body, waitMs } };
}

const validateConfiguration: OperatorCommand<ConfigurationAnswer> = {
  words: ['srp', 'validate-configuration'],
  summary: 'compare the configurations of both chassis now',
  options: [],
  operation: apiOperations.validateConfiguration,
  input: () => sent(),
  render: configurationLines,
  outcome: ({ status }) => (status === 'equal' ? 'done' : 'refused'),
};

/** `srp validate-switchover`. */
export const validateSwitchover: OperatorCommand<ValidationAnswer> = {
  words: ['srp', 'validate-switchover'],
  summary: 'tell whether a planned switchover would go well, a line for each condition',
  options: [],
  operation: apiOperations.validateSwitchover,
  input: () => sent(),
  render: validationLines,
  outcome: ({ passed }) => (passed ? 'done' : 'refused'),
};

const initiateSwitchover: OperatorCommand<SwitchoverAnswer> = {
  words: ['srp', 'initiate-switchover'],
  summary: 'hand the role to the peer, and wait until it has it',
  options: [
    { name: 'force', description: 'go on without what is not indispensable' },
    {
      name: 'wait',
      value: 'SECONDS',
      description: `how long to wait for the result, 0 to ${switchoverWaitSecondsMax}; ${switchoverWaitSeconds} if left out`,
    },
  ],
  consent: {
    inScripts: 'needed',
    preflight: validateSwitchover as OperatorCommand,
    question: (_args, sessions) => `this hands ${counted(sessions, 'session')} to the peer`,
  },
  operation: apiOperations.initiateSwitchover,
  input: (args) => {
    const wait = integerArgument('wait', args['wait'] ?? String(switchoverWaitSeconds), 0, switchoverWaitSecondsMax);
    if (!wait.ok) return wait;
    const waitMs = wait.value * 1000;
    return sent({ force: 'force' in args, waitMs }, waitMs);
  },
  render: switchoverLines,
  outcome: ({ outcome }) => {
    if (outcome === 'completed') return 'done';
    return outcome === 'under-way' ? 'timed-out' : 'refused';
  },
};

const initiateAudit: OperatorCommand<AuditAnswer> = {
  words: ['srp', 'initiate-audit'],
  summary: 'compare what both chassis hold, and send again what differs',
  options: [{ name: 'manual-with-sync', description: 'the only mode there is' }],
  operation: apiOperations.initiateAudit,
  input: (args) => {
    if (!('manual-with-sync' in args)) {
      return refuse('bad-argument', 'the mode of the audit is missing', 'write manual-with-sync after it');
    }
    return sent({ mode: 'manual-with-sync' }, auditWaitMs);
  },
  render: auditLines,
  outcome: ({ outcome }) => (outcome === 'equal' || outcome === 'repaired' ? 'done' : 'timed-out'),
};

const resetAuthProbeFail: OperatorCommand<ProbeFlagAnswer> = {
  words: ['srp', 'reset-auth-probe-fail'],
  summary: 'let the AAA probe cause a switchover again',
  options: [],
  operation: apiOperations.resetAuthProbeFail,
  input: () => sent(),
  render: probeFlagLines,
};

const serveAlone: OperatorCommand<AloneAnswer> = {
  words: ['srp', 'serve-alone'],
  summary: apiOperations.serveAlone.summary,
  options: [],
  consent: {
    inScripts: 'needed',
    question: () => 'this has the chassis serve what is on its own disk: what its peer has served since is lost',
  },
  operation: apiOperations.serveAlone,
  input: () => sent(),
  render: aloneLines,
};

function nack(word: 'enable' | 'disable'): OperatorCommand<NackAnswer> {
  return {
    words: ['srp', word, 'nack'],
    summary: `${word} NACKs of the micro-checkpoints of a CMD-ID`,
    options: [
      {
        name: 'micro-chkpt-cmd',
        value: 'CMD-ID',
        description: 'its CMD-ID: show srp checkpoint info lists them',
        completion: 'cmd-id',
      },
    ],
    operation: apiOperations.nack,
    input: (args) => {
      const text = args['micro-chkpt-cmd'];
      if (text === undefined)
        return refuse('bad-argument', 'the CMD-ID is missing', 'write micro-chkpt-cmd CMD-ID after it');
      const cmdId = integerArgument('micro-chkpt-cmd', text, 0, 65_535);
      return cmdId.ok ? sent({ cmdId: cmdId.value, enabled: word === 'enable' }) : cmdId;
    },
    render: nackLines,
  };
}

/** `srp …`: what an operator may ask of a pair. */
export const srpCommands = [
  validateConfiguration,
  validateSwitchover,
  initiateSwitchover,
  initiateAudit,
  resetAuthProbeFail,
  serveAlone,
  nack('enable'),
  nack('disable'),
] as readonly OperatorCommand[];
