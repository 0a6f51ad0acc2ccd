import { expect, it } from 'vitest';
import type { EventRow } from '../views/events.ts';
import { captureOf } from './capture-file.ts';
import { eventsOfCapture } from './read-capture.ts';

it('a capture file has the events of every party, read again as they were', () => {
  const parties = ['rg', 'wlc', 'aaa', 'lma', 'samog', 'standby', 'active'];
  const rows = parties.map(
    (party, index): EventRow => ({
      ...{ number: index + 1, time: new Date(index).toISOString(), epochMs: index, ageSeconds: null },
      ...{ name: 'session-attempted', severity: 'debug', kind: 'decision', text: `at ${party}`, message: null },
      ...{ mac: '02:00:5e:11:22:33', peer: party === 'samog' ? null : '192.0.2.1', party, direction: 'internal' },
    }),
  );
  expect(eventsOfCapture(captureOf(rows, 'samog', 'about'))).toEqual({ about: 'about', events: rows });
});
