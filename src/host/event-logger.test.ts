import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { ipv4Of, macOf } from '../kernel/address.ts';
import type { EventName } from '../services/samog/event-names.ts';
import type { SamogEvent } from '../services/samog/events.ts';
import { EventLogger } from './event-logger.ts';

type Line = Readonly<Record<string, unknown>>;

function logger(level: string): { readonly lines: Line[]; readonly logger: EventLogger } {
  const lines: Line[] = [];
  const log = pino({ level, base: null, timestamp: false }, { write: (text) => void lines.push(JSON.parse(text)) });
  return { lines, logger: new EventLogger(log) };
}

function event(name: EventName, peer?: number): SamogEvent {
  return {
    name,
    mac: macOf(0x02005e112233),
    sessionId: 1,
    peer: peer === undefined ? undefined : ipv4Of(peer),
    party: 'samog',
    direction: 'internal',
    text: () => 'what happened',
  };
}

describe('EventLogger', () => {
  it.each([
    ['debug', 'access-request-received', true],
    ['info', 'access-request-received', false],
    ['info', 'path-switched', true],
    ['warn', 'path-switched', false],
    ['warn', 'aaa-server-dead', true],
  ] as const)('of level %s wants %s: %s', (level, name, wanted) => {
    expect(logger(level).logger.wants(name)).toBe(wanted);
  });

  it('writes what an operator wants to know, and messages only to whoever looks for faults', () => {
    for (const [level, count] of [
      ['debug', 2],
      ['info', 1],
      ['error', 0],
    ] as const) {
      const { lines, logger: events } = logger(level);
      events.write(event('path-switched'), 1);
      events.write(event('dhcp-discover-received', 0x7f000001), 1);
      expect(lines).toHaveLength(count);
    }
    const { lines, logger: events } = logger('info');
    events.write(event('lma-down', 0xcb007164), 1);
    expect(lines).toEqual([
      {
        level: 40,
        event: 'lma-down',
        mac: '02:00:5e:11:22:33',
        peer: '203.0.113.100',
        party: 'samog',
        msg: 'what happened',
      },
    ]);
  });

  it('tells an operator what becomes of a pair', () => {
    const { lines, logger: events } = logger('info');
    for (const name of [
      'chassis-transition',
      'alarm-raised',
      'alarm-cleared',
      'srp-refused',
      'heartbeat-sent',
    ] as const) {
      events.write(event(name), 0);
    }
    expect(lines.map(({ event: name, level }) => [name, level])).toEqual([
      ['chassis-transition', 30],
      ['alarm-raised', 40],
      ['alarm-cleared', 30],
      ['srp-refused', 40],
    ]);
  });

  it('writes a few lines of one event and peer, and counts the others', () => {
    const { lines, logger: events } = logger('info');
    for (let index = 0; index < 1000; index += 1) events.write(event('handover-denied', 1), index);
    events.write(event('handover-denied', 2), 1000);
    expect(lines).toHaveLength(6);
    events.write(event('path-switched'), 10_500);
    expect(lines.slice(6)).toEqual([
      {
        level: 30,
        event: 'handover-denied',
        peer: '0.0.0.1',
        suppressed: 995,
        msg: '995 more of these were not logged',
      },
      expect.objectContaining({ event: 'path-switched' }),
    ]);
  });

  it('writes every step of a chassis whose role goes to and fro, and is bounded there too', () => {
    const { lines, logger: events } = logger('info');
    for (let count = 0; count < 40; count += 1) events.write(event('chassis-transition'), count);
    expect(lines).toHaveLength(40);
    for (let count = 0; count < 1000; count += 1) events.write(event('chassis-transition'), 40);
    expect(lines).toHaveLength(50);
  });

  it('is bounded whatever peers there are', () => {
    const { lines, logger: events } = logger('debug');
    for (let count = 0; count < 50_000; count += 1) events.write(event('heartbeat-received', count >> 3), 1);
    expect(lines.length).toBe(500);
    events.flush();
    expect(lines.length).toBeLessThan(1000);
    const told = lines.reduce((sum, line) => sum + Number(line['suppressed'] ?? 0), 0);
    expect(told + lines.filter((line) => line['suppressed'] === undefined).length).toBe(50_000);
  });

  it('writes a fault with its stack, and bounds faults too', () => {
    const { lines, logger: events } = logger('info');
    for (let index = 0; index < 100; index += 1) events.writeFault(new Error('our bug'), { port: 'access-gre' }, index);
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatchObject({
      level: 50,
      event: 'fault-contained',
      port: 'access-gre',
      err: { message: 'our bug' },
    });
  });
});
