import { expect, it } from 'vitest';
import { accounted, play, sampleEvents, start } from '../../../tests/support/session-samples.ts';
import { subscriberAccountingFields, subscriberAccountingOf } from './subscriber-accounting.ts';

const at = { now: start, wallClock: start };
const eventOf = (name: string) => sampleEvents.find((sample) => sample.name === name)!.event;

it('says what is owed to AAA', () => {
  const accounting = subscriberAccountingOf(accounted(), at);
  expect(accounting).toMatchObject({ acctSessionId: '01ca11b1000003e8', owed: 'start', wlc: null });
  expect(Object.fromEntries(subscriberAccountingFields(accounting))).toMatchObject({
    'Owed to AAA': 'start',
    'WLC Accounting': 'none',
    'Waits for a START': 'no',
  });
});

it('says what the WLC says, and that it has stopped the session', () => {
  const { session } = play(accounted(), ['START of WLC A', 'STOP of WLC A'].map(eventOf));
  const accounting = subscriberAccountingOf(session!, at);
  expect(accounting).toMatchObject({
    wlc: { nas: '192.0.2.10', acctSessionId: 'a1', inputOctets: 9, outputOctets: 0 },
    handoffRemainingSeconds: 10,
  });
  expect(Object.fromEntries(subscriberAccountingFields(accounting))['WLC Accounting']).toBe('a1 at 192.0.2.10');
});
