import { acknowledgeAlarms } from './acknowledge-alarms.ts';
import { auditForwarding } from './audit-forwarding.ts';
import { cancelExport } from './cancel-export.ts';
import { checkPath } from './check-path.ts';
import { clearSubscribers } from './clear-subscribers.ts';
import type { OperatorCommand } from './command.ts';
import { configureCommands } from './configure-commands.ts';
import { explainSubscriber } from './explain-subscriber.ts';
import { restartSessionManager } from './restart-session-manager.ts';
import { showCommands } from './show-commands.ts';
import { srpCommands, validateSwitchover } from './srp-commands.ts';

/** Commands by the words under which people look for them. */
const byOtherWords: readonly OperatorCommand[] = [
  {
    ...showCommands.find(({ words }) => words.join(' ') === 'show subscribers samog-only')!,
    words: ['show', 'subscribers'],
    summary: 'subscribers of the gateway: there are none but those of the SaMOG service',
  },
  {
    ...(validateSwitchover as OperatorCommand),
    words: ['show', 'icsr', 'readiness'],
    summary: 'what srp validate-switchover tells: whether the peer could take over now',
  },
];

/** Every command that the gateway carries out. The command line and the shell are made of this list. */
export const operatorCommands: readonly OperatorCommand[] = [
  ...showCommands,
  ...byOtherWords,
  explainSubscriber as OperatorCommand,
  clearSubscribers as OperatorCommand,
  acknowledgeAlarms as OperatorCommand,
  auditForwarding as OperatorCommand,
  checkPath as OperatorCommand,
  cancelExport as OperatorCommand,
  restartSessionManager as OperatorCommand,
  ...srpCommands,
  ...configureCommands,
];

/** Those that everybody may know of. */
export const openCommands: readonly OperatorCommand[] = operatorCommands.filter(
  ({ operation }) => operation.role !== 'intercept',
);

/** What the first word of several commands is about. */
export const groupSummaries: Readonly<Record<string, string>> = {
  show: 'show what the gateway does',
  clear: 'end sessions, or exports of them',
  alarms: 'take on what is wrong',
  audit: 'compare what is with what is to be, and repair it',
  configure: 'change how the gateway is set up: candidate, commit, rollback',
  path: 'find out what the network between carries',
  srp: 'operate the pair: service redundancy protocol',
  'session-manager': 'operate the session manager instances',
  explain: 'tell in words why something is as it is',
};
