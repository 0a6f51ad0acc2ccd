import type { ApiInput } from '../api/operation.ts';
import { apiOperations } from '../api/operations.ts';
import type {
  CandidateAnswer,
  CheckAnswer,
  CommitAnswer,
  CompareAnswer,
  ConfigurationHistory,
  ConfigurationStatus,
  ConfigurationText,
} from '../configuration/answers.ts';
import {
  candidateLines,
  checkLines,
  commitLines,
  compareLines,
  editLines,
  historyLines,
  statusLines,
  textLines,
} from '../configuration/text.ts';
import { integerArgument } from '../views/arguments.ts';
import { refuse, type ViewArguments, type ViewOption } from '../views/view.ts';
import type { OperatorCommand } from './command.ts';

type Input = ReturnType<OperatorCommand['input']>;

const path: ViewOption = {
  name: 'path',
  value: 'PATH',
  description: 'a setting: samog-service.setup-timeout, twan-profiles.NAME.clients',
  completion: 'setting',
};
const back: ViewOption = { name: 'back', value: 'NUMBER', description: 'how many commits ago; 0 is what is in force' };
const backMax = 1000;
const confirmMinutesMax = 1440;
const confirmMinutesDefault = '10';

function sent(body: ApiInput['body'] = {}): Input {
  return { ok: true, value: { body } };
}

function asked(query: ApiInput['query'] = {}): Input {
  return { ok: true, value: { query } };
}

function needs(args: ViewArguments, name: string, example: string, use: (value: string) => Input): Input {
  const value = args[name];
  if (value === undefined) return refuse('bad-argument', `${name} is missing`, `write ${example}`);
  return use(value);
}

function agedQuery(args: ViewArguments): Input {
  if (args['back'] === undefined) return asked();
  const number = integerArgument('back', args['back'], 0, backMax);
  return number.ok ? asked({ back: args['back'] }) : number;
}

const show: OperatorCommand<CandidateAnswer> = {
  words: ['configure', 'show'],
  summary: 'your candidate, or a part of it',
  options: [path],
  positional: ['path'],
  operation: apiOperations.candidate,
  input: (args) => asked(args['path'] === undefined ? {} : { path: args['path'] }),
  render: candidateLines,
};

const set: OperatorCommand<CandidateAnswer> = {
  words: ['configure', 'set'],
  summary: 'set a setting of your candidate; to a list of values one is added',
  options: [path, { name: 'value', value: 'VALUE', description: 'as the file would have it; a list in brackets' }],
  positional: ['path', 'value'],
  operation: apiOperations.editCandidate,
  input: (args) =>
    needs(args, 'path', 'configure set PATH VALUE', (of) =>
      needs(args, 'value', `configure set ${of} VALUE`, (value) => sent({ set: { path: of, value } })),
    ),
  render: editLines,
};

const remove: OperatorCommand<CandidateAnswer> = {
  words: ['configure', 'delete'],
  summary: 'take a setting, a section, an entry or a value of a list out of your candidate',
  options: [path],
  positional: ['path'],
  operation: apiOperations.editCandidate,
  input: (args) => needs(args, 'path', 'configure delete PATH', (of) => sent({ delete: { path: of } })),
  render: editLines,
};

const load: OperatorCommand<CandidateAnswer> = {
  words: ['configure', 'load'],
  summary: 'take a whole file as your candidate; (hidden) stands for the secret that was there',
  options: [{ name: 'file', value: 'FILE', description: 'on this machine' }],
  positional: ['file'],
  files: ['file'],
  operation: apiOperations.editCandidate,
  input: (args) => needs(args, 'file', 'configure load FILE', (text) => sent({ load: text })),
  render: editLines,
};

const compare: OperatorCommand<CompareAnswer> = {
  words: ['configure', 'compare'],
  summary: apiOperations.compareCandidate.summary,
  options: [back],
  positional: ['back'],
  operation: apiOperations.compareCandidate,
  input: agedQuery,
  render: compareLines,
};

const check: OperatorCommand<CheckAnswer> = {
  words: ['configure', 'check'],
  summary: apiOperations.checkCandidate.summary,
  options: [],
  operation: apiOperations.checkCandidate,
  input: () => asked(),
  render: checkLines,
  outcome: ({ ok }) => (ok ? 'done' : 'refused'),
};

/** By the words of others. */
const commitCheck: OperatorCommand<CheckAnswer> = { ...check, words: ['configure', 'commit', 'check'] };

const commit: OperatorCommand<CommitAnswer> = {
  words: ['configure', 'commit'],
  summary: apiOperations.commitCandidate.summary,
  options: [
    {
      name: 'confirmed',
      value: 'MINUTES',
      implied: confirmMinutesDefault,
      description: `goes back by itself unless "configure confirm" follows in time, 1 to ${confirmMinutesMax}; ${confirmMinutesDefault} if left out`,
    },
    {
      name: 'at',
      value: 'TIME',
      description: 'not now but then: 03:00, the next time that it is so in UTC, or a time in RFC 3339',
    },
    { name: 'comment', value: 'TEXT', description: 'why; the history has it' },
    { name: 'at-restart', description: 'what cannot be taken now is to wait for the next start' },
    { name: 'overwrite', description: 'what was changed in the file beside the gateway may be lost' },
  ],
  operation: apiOperations.commitCandidate,
  input: (args) => {
    const { confirmed, comment, at } = args;
    const minutes = confirmed === undefined ? undefined : integerArgument('confirmed', confirmed, 1, confirmMinutesMax);
    if (minutes?.ok === false) return minutes;
    return sent({
      ...(comment === undefined ? {} : { comment }),
      ...(at === undefined ? {} : { at }),
      ...(minutes === undefined ? {} : { confirmMinutes: minutes.value }),
      atRestart: 'at-restart' in args,
      overwrite: 'overwrite' in args,
    });
  },
  render: commitLines,
  outcome: ({ ok }) => (ok ? 'done' : 'refused'),
};

function decision(word: 'confirm' | 'cancel', operation: OperatorCommand['operation']): OperatorCommand<CommitAnswer> {
  return {
    words: ['configure', word],
    summary: operation.summary,
    options: [],
    operation,
    input: () => sent(),
    render: commitLines,
  };
}

const rollback: OperatorCommand<CandidateAnswer> = {
  words: ['configure', 'rollback'],
  summary: `${apiOperations.rollbackCandidate.summary}; commit puts it in force`,
  options: [back],
  positional: ['back'],
  operation: apiOperations.rollbackCandidate,
  input: (args) => {
    const number = integerArgument('back', args['back'] ?? '1', 0, backMax);
    return number.ok ? sent({ back: number.value }) : number;
  },
  render: editLines,
};

function candidateCommand(word: string, operation: OperatorCommand['operation']): OperatorCommand<CandidateAnswer> {
  return {
    words: ['configure', word],
    summary: operation.summary,
    options: [],
    operation,
    input: () => (operation.method === 'DELETE' ? asked() : sent()),
    render: editLines,
  };
}

const running: OperatorCommand<ConfigurationText> = {
  words: ['configure', 'running'],
  summary: apiOperations.configurationText.summary,
  options: [back],
  positional: ['back'],
  operation: apiOperations.configurationText,
  input: agedQuery,
  render: textLines,
};

const history: OperatorCommand<ConfigurationHistory> = {
  words: ['configure', 'history'],
  summary: apiOperations.configurationHistory.summary,
  options: [],
  operation: apiOperations.configurationHistory,
  input: () => asked(),
  render: historyLines,
};

const status: OperatorCommand<ConfigurationStatus> = {
  words: ['show', 'configuration'],
  summary: apiOperations.configurationStatus.summary,
  options: [],
  operation: apiOperations.configurationStatus,
  input: () => asked(),
  render: statusLines,
};

/** `configure …`: what the configuration of a running gateway is changed by. */
export const configureCommands = [
  show,
  set,
  remove,
  load,
  compare,
  check,
  commit,
  commitCheck,
  decision('confirm', apiOperations.confirmCommit),
  decision('cancel', apiOperations.cancelCommit),
  rollback,
  candidateCommand('refresh', apiOperations.refreshCandidate),
  candidateCommand('discard', apiOperations.discardCandidate),
  running,
  history,
  status,
] as readonly OperatorCommand[];
