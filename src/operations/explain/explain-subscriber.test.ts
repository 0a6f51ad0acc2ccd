import { describe, expect, it } from 'vitest';
import { busySource, emptySource, macOfText, moment } from '../../../tests/operations/view-source.ts';
import type { EventName } from '../../services/samog/event-names.ts';
import type { SamogEvent } from '../../services/samog/events.ts';
import { endReasons, handoffDenials, setupFailures } from '../../services/samog/statistics.ts';
import { adviceOf, explainSubscriber, explanationLines } from './explain-subscriber.ts';

const mac = macOfText('02:00:5e:99:99:99');

function event(name: EventName, text: string): SamogEvent {
  return { name, mac, sessionId: 7, peer: undefined, party: 'samog', direction: 'internal', text: () => text };
}

const reasons = [
  ...handoffDenials.map((why) => ['handover-denied', `handover pmip-to-eogre denied: ${why}`] as const),
  ...setupFailures.map((why) => ['session-failed', `session not set up: ${why}`] as const),
  ...endReasons.map((why) => ['session-ended', `session ended: ${why}`] as const),
];

describe('an explanation', () => {
  it.each(reasons)('knows the reason of %s, %s', (name, text) => {
    const source = emptySource();
    source.events.add(event(name, text), moment.now - 5000);
    const told = explainSubscriber(source, moment, mac);
    expect(told.events).toMatchObject([{ name, meaning: expect.any(String) }]);
    expect(told.findings[1]).toMatch(/^Last refusal or end, 5s ago: .*\.$/);
    expect(told.findings[1]).toContain(told.events[0]!.meaning);
  });

  it.each<[EventName, string]>([
    ['session-ended', 'session ended: constructor'],
    ['path-switched', 'path switched: operator'],
    ['session-ended', ''],
  ])('makes up no reason for %s %j', (name, text) => {
    expect(adviceOf({ number: 1, at: 0, event: event(name, text), text })).toBeUndefined();
  });

  it('says where a subscriber is', () => {
    const told = explainSubscriber(busySource(), moment, macOfText('02:00:5e:11:22:33'));
    expect(told.findings).toEqual([
      'It has a session for 4m 12s: Established at EoGRE 198.51.100.7, address 100.64.3.9. It has moved 3 times.',
    ]);
    expect(told.advice).toEqual([]);
    expect(explanationLines(told)).toEqual([
      'Subscriber 02:00:5e:11:22:33',
      '  It has a session for 4m 12s: Established at EoGRE 198.51.100.7, address 100.64.3.9. It has moved 3 times.',
      'Events: 3',
      '  2026-03-01T10:59:59.500Z <- rg 198.51.100.7: DHCP DISCOVER',
      '  2026-03-01T10:59:59.501Z  * samog: data path switched from PMIPv6 to EoGRE',
      '  2026-03-01T10:59:59.502Z -> rg 198.51.100.7: DHCP OFFER',
    ]);
  });

  it('tells of unknown access nodes, where nothing else is known', () => {
    const source = emptySource();
    expect(explainSubscriber(source, moment, mac)).toMatchObject({ session: null, advice: [] });
    source.manager.forwardingCounters.add('uplink.dropped.unknown-client', 12);
    const told = explainSubscriber(source, moment, mac);
    expect(told.findings.join(' ')).toContain('12 packets came from access nodes that are in no TWAN profile');
    expect(told.advice.join(' ')).toContain('show twan-profile');
  });

  it('is plain JSON', () => {
    const told = explainSubscriber(busySource(), moment, macOfText('02:00:5e:11:22:33'));
    expect(JSON.parse(JSON.stringify(told))).toEqual(told);
  });
});
