import { formatIp, formatMac, type IpAddress } from '../../kernel/address.ts';
import type { FilterField } from '../filter/filter.ts';
import type { Moment } from '../views/view.ts';
import { type BoardRow, stateAt, subscriberStates } from './subscriber-board.ts';

/** What subscribers of the board can be filtered by; `profileOf` tells the TWAN profile that an access node is a client of. */
export function subscriberFields(
  profileOf: (peer: IpAddress) => string | undefined,
  at: Moment,
): readonly FilterField<BoardRow>[] {
  return [
    { name: 'mac', kind: 'mac', description: 'its MAC address', of: ({ mac }) => formatMac(mac) },
    {
      name: 'state',
      kind: 'word',
      description: 'what it does',
      choices: subscriberStates,
      of: (row) => [stateAt(row, at.now)],
    },
    {
      name: 'party',
      kind: 'word',
      description: 'who carries it: rg for EoGRE, wlc for PMIPv6 and RADIUS',
      choices: ['rg', 'wlc'],
      of: ({ access }) => (access === undefined ? null : [access]),
    },
    {
      name: 'peer',
      kind: 'address',
      description: 'the access node that it is at, or came from',
      of: ({ accessPeer, previousPeer }) =>
        [accessPeer, previousPeer].flatMap((peer) => (peer === undefined ? [] : [formatIp(peer)])),
    },
    {
      name: 'profile',
      kind: 'word',
      description: 'the TWAN profile of the access node',
      of: ({ accessPeer }) => (accessPeer === undefined ? null : (profileOf(accessPeer) ?? null)),
    },
    {
      name: 'name',
      kind: 'word',
      description: 'the name of its last event or decision',
      of: ({ last, decision }) => [last.event.name, ...(decision === undefined ? [] : [decision.event.name])],
    },
    {
      name: 'text',
      kind: 'text',
      description: 'in the text of its last event or decision',
      of: ({ last, decision }) => [last.text, ...(decision === undefined ? [] : [decision.text])],
    },
    { name: 'moves', kind: 'number', description: 'handovers', of: ({ moves }) => moves },
    { name: 'messages', kind: 'number', description: 'messages', of: ({ messages }) => messages },
    { name: 'faults', kind: 'number', description: 'refusals, and times that ran out', of: ({ faults }) => faults },
    {
      name: 'age',
      kind: 'age',
      description: 'time since its last event',
      of: ({ last }) => Math.max(0, (at.now - last.at) / 1000),
    },
  ];
}
