import { describe, expect, it } from 'vitest';
import { macOf, parseIp } from '../../kernel/address.ts';
import type { EventName } from '../../services/samog/event-names.ts';
import type { SamogEvent } from '../../services/samog/events.ts';
import { compileFilter } from '../filter/filter.ts';
import type { LoggedEvent } from '../logged-event.ts';
import { SubscriberBoard, stateAt } from './subscriber-board.ts';
import { subscriberFields } from './subscriber-fields.ts';

const ue = macOf(0x02005e112233);
const other = macOf(0x02005e112290);

type From = readonly [SamogEvent['party'], string | undefined, SamogEvent['direction']];
const rg: From = ['rg', '10.9.0.7', 'received'];
const wlc: From = ['wlc', '10.8.0.2', 'received'];
const lma: From = ['lma', '10.7.0.1', 'received'];
const decision: From = ['samog', undefined, 'internal'];

function boardOf(events: readonly (readonly [From, string, number?])[], subscribersMax?: number): SubscriberBoard {
  const board = new SubscriberBoard(subscribersMax);
  events.forEach(([[party, peer, direction], name, mac = ue], index) => {
    const address = peer === undefined ? undefined : parseIp(peer)!;
    const event = { name: name as EventName, mac: macOf(mac), sessionId: 1, peer: address, party, direction };
    const logged: LoggedEvent = { number: index + 1, at: index * 10, event, text: name };
    board.add(logged);
  });
  return board;
}

const attach = [
  [wlc, 'proxyBindingUpdate-received'],
  [decision, 'session-attempted'],
  [lma, 'proxyBindingAcknowledgement-received'],
  [decision, 'session-established'],
] as const;
const handover = [
  ...attach,
  [rg, 'dhcp-discover-received'],
  [decision, 'handover-accepted'],
  [decision, 'path-switched'],
] as const;

describe('the board of subscribers', () => {
  it.each([
    ['a message alone', [[rg, 'dhcp-discover-received']], 'seen'],
    ['an attach under way', attach.slice(0, 3), 'attaching'],
    ['an attach', attach, 'bound'],
    ['a handover under way', handover, 'handover'],
    [
      'a handover',
      [...handover, [wlc, 'bindingRevocationAcknowledgement-received'], [decision, 'access-session-cleaned']],
      'bound',
    ],
    ['a handover denied', [...attach, [decision, 'handover-denied']], 'denied'],
    ['a set-up that failed', [...attach.slice(0, 2), [decision, 'session-failed']], 'denied'],
    ['another try', [...attach.slice(0, 2), [decision, 'session-failed'], ...attach], 'bound'],
    ['an end', [...attach, [decision, 'session-ended']], 'ended'],
  ] as const)('%s', (_, events, state) => {
    expect(stateAt(boardOf(events).of(ue)!, 200)).toBe(state);
  });

  it('takes a handover of which nothing more is heard for one that is over', () => {
    const row = boardOf(handover).of(ue)!;
    expect([stateAt(row, 1000), stateAt(row, 60_000)]).toEqual(['handover', 'bound']);
  });

  it('knows where a subscriber is and was, and counts', () => {
    const row = boardOf([...handover, [wlc, 'bindingRevocationAcknowledgement-received']]).of(ue)!;
    expect(row).toMatchObject({
      ...{ access: 'rg', accessPeer: parseIp('10.9.0.7'), previousPeer: parseIp('10.8.0.2') },
      ...{ moves: 1, messages: 4, faults: 0 },
    });
    expect(row.decision?.event.name).toBe('path-switched');
  });

  it('forgets the quietest first', () => {
    const board = boardOf(
      [
        [rg, 'a', 1],
        [rg, 'b', 2],
        [rg, 'c', 1],
        [rg, 'd', 3],
      ],
      2,
    );
    expect(board.rows().map(({ mac, last }) => [mac, last.event.name])).toEqual([
      [3, 'd'],
      [1, 'c'],
    ]);
  });

  it.each([
    ['state=bound', [other]],
    ['state=handover,denied', [ue]],
    ['profile=west', [ue]],
    ['party=wlc', [other]],
    ['peer=10.8.0.0/24', [other, ue]],
    ['moves>0 name=path-switched', [ue]],
    ['faults=0', [other, ue]],
    ['0200.5e11.2290', [other]],
  ])('is filtered by %s', (text, macs) => {
    const board = boardOf([...handover, ...attach.map(([from, name]) => [from, name, other] as const)]);
    const profileOf = (peer: unknown) => (peer === parseIp('10.9.0.7') ? 'west' : undefined);
    const read = compileFilter(text, subscriberFields(profileOf, { now: 200, wallClock: 0 }));
    if (!read.ok) throw new Error(read.problem.what);
    expect(
      board
        .rows()
        .filter(read.filter.matches)
        .map(({ mac }) => mac),
    ).toEqual(macs);
  });
});
