import { describe, expect, it } from 'vitest';
import { utf8Encode } from '../../wire/bytes/text.ts';
import { hostSeal } from '../seal.ts';
import { LogInTickets, ticketLifeMs } from './log-in-tickets.ts';

const key = utf8Encode('a key of two chassis, long enough');
const who = { userName: 'alice', roles: ['operate'], proof: 'p', logIn: 'first', ageMs: 1000 } as const;
const givenAt = 1_000_000;
const here = new LogInTickets(hostSeal(key, 'log-ins'), 'gw-a', () => givenAt);

/** The other chassis, as its clock is so much later. */
function there(laterMs = 0, sharedKey = key, name = 'gw-b'): LogInTickets {
  return new LogInTickets(hostSeal(sharedKey, 'log-ins'), name, () => givenAt + laterMs);
}

describe('tickets from one chassis to the other', () => {
  it('say who comes, and are taken once', () => {
    const ticket = here.give(who);
    const other = there(2000);
    expect(other.take(ticket)).toEqual({ ...who, ageMs: 3000 });
    expect(other.take(ticket)).toBeUndefined();
    expect(other.take(here.give(who))).toBeDefined();
  });

  it.each<[string, LogInTickets]>([
    ['is late', there(ticketLifeMs + 1)],
    ['thinks that it is of the time to come', there(-61_000)],
    ['has another key', there(0, utf8Encode('another key of two chassis'))],
    ['has given it', there(0, key, 'gw-a')],
    ['has the key for something else', new LogInTickets(hostSeal(key, 'answers'), 'gw-b', () => givenAt)],
  ])('are nothing to a chassis that %s', (_, chassis) => {
    expect(chassis.take(here.give(who))).toBeUndefined();
  });

  it('are refused when too many were taken, until those are over', () => {
    let laterMs = 0;
    const other = new LogInTickets(hostSeal(key, 'log-ins'), 'gw-b', () => givenAt + laterMs);
    for (let count = 0; count < 10_000; count += 1) expect(other.take(here.give(who))).toBeDefined();
    expect(other.take(here.give(who))).toBeUndefined();
    laterMs = ticketLifeMs + 1;
    const later = new LogInTickets(hostSeal(key, 'log-ins'), 'gw-a', () => givenAt + laterMs);
    expect(other.take(later.give(who))).toBeDefined();
  });

  it('are taken from a clock that is a little ahead', () => {
    expect(there(-59_000).take(here.give(who))).toEqual(who);
  });

  it.each([
    ['', 'nothing'],
    ['x'.repeat(10_000), 'far too much'],
    ['AAAA', 'too little'],
    [Buffer.from(hostSeal(key, 'log-ins').seal(utf8Encode('{"version":2}'))).toString('base64url'), 'another version'],
    [Buffer.from(hostSeal(key, 'log-ins').seal(utf8Encode('{'))).toString('base64url'), 'no JSON'],
  ])('are not %j: %s', (text) => {
    expect(there().take(text)).toBeUndefined();
  });

  it('are void if anything of them is changed', () => {
    const octets = Buffer.from(here.give(who), 'base64url');
    for (const at of [0, 12, octets.length - 1]) {
      const changed = Buffer.from(octets);
      changed[at]! ^= 1;
      expect(there().take(changed.toString('base64url'))).toBeUndefined();
    }
  });
});
