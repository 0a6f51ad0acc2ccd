import { describe, expect, it } from 'vitest';
import { macOf } from '../kernel/address.ts';
import { atOnce } from '../kernel/in-parts.ts';
import { SeededRandom } from '../kernel/random.ts';
import type { SamogEvent } from '../services/samog/events.ts';
import { EventLog } from './event-log.ts';

function event(mac: number): SamogEvent {
  return {
    name: 'path-switched',
    mac: macOf(mac),
    sessionId: 1,
    peer: undefined,
    party: 'samog',
    direction: 'internal',
    text: () => '',
  };
}

describe('EventLog', () => {
  it('keeps the last ones, and numbers them through', () => {
    const log = new EventLog(3);
    for (let index = 1; index <= 8; index += 1) log.add(event(index), index);
    expect(log.latest(10).map(({ number, at }) => [number, at])).toEqual([
      [6, 6],
      [7, 7],
      [8, 8],
    ]);
    expect(log.count).toBe(8);
  });

  it('counts what it passes over, as what it does not keep', () => {
    const log = new EventLog(4096);
    expect(log.passesOver(500)).toBe(false);
    for (let index = 0; index < 1000; index += 1) log.add(event(index), 500);
    expect([log.passesOver(500), log.passesOver(500), log.passesOver(1500)]).toEqual([true, true, false]);
    log.add(event(1), 1500);
    expect([log.count, log.kept, log.dropped]).toEqual([1003, 1001, 2]);
  });

  it('keeps of a flood what can be read, and numbers the rest all the same', () => {
    const log = new EventLog(4096);
    for (let index = 0; index < 3000; index += 1) log.add(event(index), 500);
    log.add(event(1), 1500);
    expect([log.count, log.kept]).toEqual([3001, 1001]);
    expect(log.latest(2).map(({ number, at }) => [number, at])).toEqual([
      [1000, 500],
      [3001, 1500],
    ]);
  });

  it('keeps the octets of messages until others need the room, and round the end of it', () => {
    const log = new EventLog(8, 10);
    const sent = (...octets: number[]): SamogEvent => ({
      ...event(1),
      message: () => ({ kind: 'packet', octets: Uint8Array.from(octets) }),
    });
    const kept = () => log.latest(8).map((logged) => [...(log.messageOf(logged)?.octets ?? [])]);
    log.add(sent(1, 2, 3, 4), 1);
    log.add(event(1), 2);
    log.add(sent(5, 6, 7), 3);
    expect(kept()).toEqual([[1, 2, 3, 4], [], [5, 6, 7]]);
    log.add(sent(8, 9, 10, 11), 4);
    expect(kept()).toEqual([[], [], [5, 6, 7], [8, 9, 10, 11]]);
    log.add(sent(...new Array<number>(11).fill(1)), 5);
    log.add(sent(...new Array<number>(10).fill(2)), 6);
    expect(kept().slice(3)).toEqual([[], [], new Array<number>(10).fill(2)]);
  });

  it('asks for the octets of a message only if it keeps it', () => {
    const log = new EventLog(8);
    let asked = 0;
    const message = () => {
      asked += 1;
      return { kind: 'packet', octets: new Uint8Array(4) } as const;
    };
    for (let index = 0; index < 1500; index += 1) log.add({ ...event(1), message }, 1);
    expect([asked, log.dropped]).toEqual([1000, 500]);
  });

  it('goes on after a number, over what was not kept and what is forgotten', () => {
    const log = new EventLog(4);
    for (let index = 1; index <= 6; index += 1) log.add(event(index % 2), index);
    const numbers = (after: number, search = {}) => {
      const { found, next } = log.following(after, { limit: 2, ...search });
      return [found.map(({ number }) => number), next];
    };
    expect(numbers(0)).toEqual([[3, 4], 4]);
    expect(numbers(4)).toEqual([[5, 6], 6]);
    expect(numbers(6)).toEqual([[], 6]);
    expect(numbers(0, { mac: macOf(1) })).toEqual([[3, 5], 6]);
    expect(numbers(0, { matches: () => false, searchMax: 3 })).toEqual([[], 5]);
    log.missed(3);
    expect(numbers(6)).toEqual([[], 9]);
  });

  it('finds the events of a UE as whoever goes through all of them', () => {
    const log = new EventLog(16);
    const random = new SeededRandom(7);
    for (let index = 1; index <= 400; index += 1) {
      log.add(event(random.below(5)), index);
      const of = macOf(random.below(6));
      const wanted = log.latest(16).filter((logged) => logged.event.mac === of);
      expect(log.search({ limit: 3, mac: of }).found).toEqual(wanted.slice(-3));
      const after = log.count - 8;
      const later = wanted.filter(({ number }) => number > after);
      expect(log.following(after, { limit: 2, mac: of }).found).toEqual(later.slice(0, 2));
    }
  });

  it('looks for events in parts, and what comes meanwhile makes room as ever', () => {
    const log = new EventLog(2000);
    for (let index = 1; index <= 2000; index += 1) log.add(event(index % 2), index * 10);
    const search = log.searchInParts({ limit: 2000, matches: ({ number }) => number % 100 === 0 });
    expect(search.next().done).toBe(false);
    for (let index = 1; index <= 600; index += 1) log.add(event(1), 20_000 + index * 10);
    const { found } = atOnce(search);
    expect(found.map(({ number }) => number)).toEqual([...Array(14).keys()].map((index) => 700 + index * 100));
  });

  it('looks at no more events than it may', () => {
    const log = new EventLog(8);
    for (let index = 1; index <= 8; index += 1) log.add(event(1), index);
    const matches = ({ number }: { readonly number: number }) => number <= 6;
    expect(log.search({ limit: 8, matches, searchMax: 4 }).found.map(({ number }) => number)).toEqual([5, 6]);
  });

  it('gives the latest of one UE, oldest first', () => {
    const log = new EventLog(8);
    for (let index = 0; index < 8; index += 1) log.add(event(index % 2), index);
    expect(log.latest(2, macOf(1)).map(({ at }) => at)).toEqual([5, 7]);
    expect(log.latest(5, macOf(9))).toEqual([]);
    expect(new EventLog(4).latest(5)).toEqual([]);
  });
});
