import { apiOperations } from '../api/operations.ts';
import { integerArgument } from '../views/arguments.ts';
import { type ExportsData, exports } from '../views/exports.ts';
import { refuse } from '../views/view.ts';
import type { OperatorCommand } from './command.ts';

const numberMax = 1_000_000_000;

/** `clear export number N`: ends an export, whoever has begun it. */
export const cancelExport: OperatorCommand<ExportsData> = {
  words: ['clear', 'export'],
  summary: apiOperations.cancelExport.summary,
  options: [{ name: 'number', value: 'N', description: 'which one: show exports has its number' }],
  bare: 'number',
  operation: apiOperations.cancelExport,
  input: ({ number: text }) => {
    if (text === undefined) return refuse('bad-argument', 'which export is missing', 'show exports lists them');
    const number = integerArgument('number', text, 1, numberMax);
    return number.ok ? { ok: true, value: { body: { number: number.value } } } : number;
  },
  render: (answer) => exports.render(answer),
};
