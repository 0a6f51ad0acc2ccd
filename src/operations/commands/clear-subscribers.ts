import { apiOperations } from '../api/operations.ts';
import { macArgument } from '../views/arguments.ts';
import { counted } from '../views/format.ts';
import { refuse } from '../views/view.ts';
import type { OperatorCommand } from './command.ts';

/** `clear subscribers`: ends sessions; the LMA and the access node are told. */
export const clearSubscribers: OperatorCommand<{ readonly cleared: number }> = {
  words: ['clear', 'subscribers'],
  summary: apiOperations.clearSubscribers.summary,
  options: [
    {
      name: 'mac',
      value: 'ADDRESS',
      description: 'the subscriber, in any usual writing of a MAC address',
      completion: 'mac',
    },
    { name: 'all', description: 'all sessions' },
  ],
  bare: 'mac',
  consent: {
    inScripts: 'needed',
    question: (args, sessions) => ('all' in args ? `this ends ${counted(sessions, 'session')}` : undefined),
  },
  operation: apiOperations.clearSubscribers,
  input: (args) => {
    const all = 'all' in args;
    const text = args['mac'];
    if (all === (text !== undefined)) {
      return refuse('bad-argument', 'it is not clear whom to clear', 'write "all", or "mac" and an address');
    }
    if (text === undefined) return { ok: true, value: { body: { all: true } } };
    const mac = macArgument(text);
    if (!mac.ok) return mac;
    return { ok: true, value: { body: { mac: text } } };
  },
  render: ({ cleared }) => [`Number of subscribers matching the specified criteria: ${cleared}`],
};
