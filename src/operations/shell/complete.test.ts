import { describe, expect, it } from 'vitest';
import { groupSummaries, openCommands } from '../commands/table.ts';
import { complete, helpLines, type LiveValues } from './complete.ts';
import { promptOf } from './prompt.ts';

const macs = ['02:00:5e:11:22:33', '02:00:5e:11:22:90', '5c:e9:1e:00:aa:01'];
const live: LiveValues = (kind) => (kind === 'mac' ? macs.map((text) => ({ text, help: 'EoGRE' })) : []);

const offered = async (line: string): Promise<string[]> =>
  (await complete(openCommands, groupSummaries, line, live)).candidates.map(({ text }) => text);

describe('completion', () => {
  it.each<[string, string[]]>([
    ['', ['show', 'explain', 'clear', 'alarms', 'audit', 'path', 'session-manager', 'srp', 'configure']],
    ['s', ['show', 'session-manager', 'srp']],
    ['show so', ['sockets', 'softgre']],
    ['sh srp st', ['statistics']],
    ['show subscribers samog-only m', ['mac']],
    ['show subscribers samog-only mac ', macs],
    ['show subscribers samog-only mac 5', ['5c:e9:1e:00:aa:01']],
    [
      'show subscribers samog-only mac 02:00:5e:11:22:33 ',
      ['full', 'access', 'profile', 'filter', 'count', 'limit', 'cursor', 'wide'],
    ],
    ['show subscribers samog-only access ', ['pmip', 'eogre', 'ip']],
    ['explain subscriber 02', macs.slice(0, 2)],
    ['clear subscribers ', ['mac', 'all', ...macs]],
    ['show events limit ', ['<N>']],
    ['show events limit 5', []],
    ['show sockets | c', ['count', 'csv']],
    ['show sockets | match ', []],
    ['configure roll', ['rollback']],
    ['configure rollback ', ['<NUMBER>']],
    ['configure commit c', ['check', 'confirmed', 'comment']],
    ['configure commit confirmed ', ['<MINUTES>', 'at', 'comment', 'at-restart', 'overwrite']],
    ['bogus ', []],
  ])('of %j', async (line, expected) => {
    expect(await offered(line)).toEqual(expected);
  });

  it('is explained a line each, and where the line may end that is said, too', async () => {
    expect(helpLines(await complete(openCommands, groupSummaries, 'show crash ', live))).toEqual([
      '  list  faults of the gateway that cost a session',
    ]);
    expect(helpLines(await complete(openCommands, groupSummaries, 'show crash list ', live))).toEqual([
      '  wide     lines as long as they are, on a narrow terminal, too',
      '  <Enter>  carry it out; | FILTER may follow',
    ]);
    expect(helpLines(await complete(openCommands, groupSummaries, 'bogus ', live))).toEqual(['  nothing fits here']);
  });
});

const unconfirmed = (secondsLeft: number) => ({ who: 'alice', until: '2026-11-22T12:00:00Z', secondsLeft });

describe('the prompt', () => {
  it.each([
    [undefined, 'no gateway> '],
    [{ chassis: 'samog', role: null, alarms: [], unconfirmed: null }, 'samog> '],
    [{ chassis: 'gw-a', role: 'Standby', alarms: [], unconfirmed: null }, 'gw-a[Standby]> '],
    [
      { chassis: 'gw-a', role: 'Active', alarms: ['peer-silent', 'clock-skew'], unconfirmed: null },
      'gw-a[Active]! 2> ',
    ],
    [{ chassis: 'samog', role: null, alarms: [], unconfirmed: unconfirmed(361) }, 'samog (confirm in 7 min)> '],
    [{ chassis: 'samog', role: null, alarms: ['x'], unconfirmed: unconfirmed(60) }, 'samog! 1 (confirm in 60 s)> '],
  ])('of %j', (health, prompt) => {
    expect(promptOf(health)).toBe(prompt);
  });
});
