import { apiOperations } from '../api/operations.ts';
import { explanationLines, type SubscriberExplanation } from '../explain/explain-subscriber.ts';
import { macArgument } from '../views/arguments.ts';
import { refuse } from '../views/view.ts';
import type { OperatorCommand } from './command.ts';

/** `explain subscriber MAC`. */
export const explainSubscriber: OperatorCommand<SubscriberExplanation> = {
  words: ['explain', 'subscriber'],
  summary: apiOperations.explainSubscriber.summary,
  options: [
    {
      name: 'mac',
      value: 'ADDRESS',
      description: 'the subscriber, in any usual writing of a MAC address',
      completion: 'mac',
    },
  ],
  bare: 'mac',
  operation: apiOperations.explainSubscriber,
  input: (args) => {
    const text = args['mac'];
    if (text === undefined) return refuse('bad-argument', 'whom to explain is missing', 'write a MAC address after it');
    const mac = macArgument(text);
    if (!mac.ok) return mac;
    return { ok: true, value: { query: { mac: text } } };
  },
  render: explanationLines,
};
