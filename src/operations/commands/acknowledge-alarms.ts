import { apiOperations } from '../api/operations.ts';
import type { AlarmsData } from '../views/alarms.ts';
import { integerArgument } from '../views/arguments.ts';
import { refuse } from '../views/view.ts';
import type { OperatorCommand } from './command.ts';

const numberMax = 999_999_999;

/** `alarms acknowledge 7 note "ticket 4711"`: says that somebody looks after it; it stands until it is over all the same. */
export const acknowledgeAlarms: OperatorCommand<AlarmsData> = {
  words: ['alarms', 'acknowledge'],
  summary: apiOperations.acknowledgeAlarms.summary,
  options: [
    { name: 'number', value: 'N', description: 'the alarm, as show alarms has it' },
    { name: 'all', description: 'all that nobody has acknowledged' },
    { name: 'note', value: 'TEXT', description: 'for whoever looks next' },
  ],
  bare: 'number',
  operation: apiOperations.acknowledgeAlarms,
  input: (args) => {
    const { number: text, note } = args;
    const noted = note === undefined ? {} : { note };
    if ('all' in args === (text !== undefined)) {
      return refuse('bad-argument', 'it is not clear which alarm is meant', 'write its number, or "all"');
    }
    if (text === undefined) return { ok: true, value: { body: { all: true, ...noted } } };
    const number = integerArgument('number', text, 1, numberMax);
    return number.ok ? { ok: true, value: { body: { number: number.value, ...noted } } } : number;
  },
  render: ({ alarms }) => [
    ...alarms.map(({ number, alarm, about }) => `${number}: ${alarm}${about === null ? '' : ` ${about}`}`),
    `Alarms acknowledged: ${alarms.length}`,
  ],
};
