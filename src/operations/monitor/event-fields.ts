import { formatIp, formatMac } from '../../kernel/address.ts';
import type { FilterField } from '../filter/filter.ts';
import type { LoggedEvent } from '../logged-event.ts';
import { rungKindOf, rungKinds } from '../rung-kind.ts';
import type { Moment } from '../views/view.ts';

/** What events can be filtered by. */
export function eventFields(at: Moment): readonly FilterField<LoggedEvent>[] {
  return [
    {
      name: 'mac',
      kind: 'mac',
      description: 'the subscriber',
      of: ({ event: { mac } }) => (mac === undefined ? null : formatMac(mac)),
    },
    {
      name: 'kind',
      kind: 'word',
      description: 'a message, a decision, a refusal, or a time that ran out',
      choices: rungKinds,
      of: ({ event }) => [rungKindOf(event)],
    },
    {
      name: 'party',
      kind: 'word',
      description: 'who is at the other end; samog for decisions',
      choices: ['rg', 'wlc', 'aaa', 'lma', 'standby', 'active', 'samog'],
      of: ({ event }) => [event.party],
    },
    {
      name: 'direction',
      kind: 'word',
      description: 'received, sent, or internal',
      choices: ['received', 'sent', 'internal'],
      of: ({ event }) => [event.direction],
    },
    {
      name: 'peer',
      kind: 'address',
      description: 'the address at the other end',
      of: ({ event: { peer } }) => (peer === undefined ? null : formatIp(peer)),
    },
    { name: 'name', kind: 'word', description: 'the name of the event', of: ({ event }) => event.name },
    { name: 'text', kind: 'text', description: 'in its text', of: ({ text }) => text },
    { name: 'age', kind: 'age', description: 'how long ago', of: (logged) => Math.max(0, (at.now - logged.at) / 1000) },
  ];
}
