import { expect, it } from 'vitest';
import { timeAhead } from './time-ahead.ts';

const now = Date.parse('2026-03-01T10:00:00Z');

it.each([
  ['10:01', '2026-03-01T10:01:00.000Z'],
  ['23:59:30', '2026-03-01T23:59:30.000Z'],
  // It is so now: tomorrow.
  ['10:00', '2026-03-02T10:00:00.000Z'],
  ['03:00', '2026-03-02T03:00:00.000Z'],
  ['2026-03-01T12:00+01:00', '2026-03-01T11:00:00.000Z'],
])('%s is %s', (text, time) => {
  const read = timeAhead(text, now);
  expect(read.ok && new Date(read.value).toISOString()).toBe(time);
});

it.each([
  ['24:00', 'is no time'],
  ['3:00', 'is no time'],
  ['in an hour', 'is no time'],
  ['2026-02-30T10:00', 'is no time'],
  ['2026-03-01T10:00:00Z', 'is over'],
  ['2026-03-16T10:00:00Z', 'is too far ahead'],
])('%s %s', (text, what) => {
  expect(timeAhead(text, now)).toMatchObject({ ok: false, refusal: { what: expect.stringContaining(what) } });
});
