import type { FilterField } from '../filter/filter.ts';
import type { SubscriberSummary } from './subscriber.ts';

const accessWords: Readonly<Record<string, string>> = { PMIPv6: 'pmip', EoGRE: 'eogre', IP: 'ip' };

/** What sessions can be filtered by: what a line of the list has. */
export const sessionFields: readonly FilterField<SubscriberSummary>[] = [
  { name: 'mac', kind: 'mac', description: 'its MAC address', of: ({ mac }) => mac },
  { name: 'state', kind: 'word', description: 'of its session', of: ({ state }) => state.toLowerCase() },
  {
    name: 'access',
    kind: 'word',
    description: 'how it is attached',
    choices: Object.values(accessWords),
    of: ({ accessType }) => (accessType === null ? null : (accessWords[accessType] ?? null)),
  },
  { name: 'peer', kind: 'address', description: 'the access node that it is at', of: ({ accessPeer }) => accessPeer },
  { name: 'address', kind: 'address', description: 'its own', of: ({ address }) => address },
  { name: 'nai', kind: 'text', description: 'in its NAI', of: ({ nai }) => nai },
  { name: 'call-id', kind: 'word', description: 'its call identifier', of: ({ callId }) => callId },
  { name: 'moves', kind: 'number', description: 'handovers', of: ({ moves }) => moves },
  { name: 'age', kind: 'age', description: 'time since it was set up', of: ({ ageSeconds }) => ageSeconds },
];
