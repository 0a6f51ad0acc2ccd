import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alarmKind, alarmNames } from '../../src/operations/alarms/alarm-catalogue.ts';
import { eventKinds } from '../../src/operations/catalogue/event-catalogue.ts';
import { logKinds } from '../../src/operations/catalogue/log-kinds.ts';
import { denialAdvice, endAdvice, failureAdvice } from '../../src/operations/explain/sentences.ts';
import { ladderOf } from '../../src/operations/ladder/ladder.ts';
import { allCounters, placeOf } from '../../src/operations/metrics/counter-metrics.ts';
import { eventNames } from '../../src/services/samog/event-names.ts';
import { endReasons, handoffDenials, samogCounterNames, setupFailures } from '../../src/services/samog/statistics.ts';
import { moment } from '../operations/view-source.ts';

const root = join(import.meta.dirname, '../..');
const reference = readFileSync(join(root, 'docs/reference/events.md'), 'utf8');
const isSection = (name: string): boolean => reference.includes(`\n### ${name}\n`);

function sourcesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(root, folder, file), 'utf8'));
}

/** What is written to the log beside events: `log.info({ event: 'gateway-started' }, …)`. */
const logged = [...sourcesOf('src/host'), ...sourcesOf('src/cli')].flatMap((text) =>
  [...text.matchAll(/\{ event: '([\w-]+)'/g)].map(([, name]) => name!),
);

describe('the catalogue', () => {
  it.each(eventNames)('has a sentence, and something to do, for the event %s', (name) => {
    const { sentence, advice } = eventKinds[name];
    expect(sentence).toMatch(/^[A-Z].+\.$/);
    expect(advice).toMatch(/^[A-Z*`].+\.$/);
    expect(isSection(name)).toBe(true);
    expect(name).toMatch(/^[a-zA-Z0-9]+(-[a-z0-9]+)*$/);
  });

  it.each(alarmNames)('has a sentence, and something to do, for the alarm %s', (name) => {
    const { sentence, advice, seeAlso } = alarmKind(name);
    expect(sentence).toMatch(/^[a-z].+[^.]$/);
    expect(advice).toMatch(/^[A-Z`].+\.$/);
    expect(seeAlso).toMatch(/^show /);
    expect(isSection(name)).toBe(true);
  });

  it('has each event once, and no name of an alarm is one', () => {
    const names = [...eventNames, ...alarmNames.filter((name) => !(eventNames as readonly string[]).includes(name))];
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(eventKinds).sort()).toEqual([...eventNames].sort());
  });

  it('has every line of the log that is no event, and none that is not written', () => {
    expect([...new Set(logged)].sort()).toEqual(Object.keys(logKinds).sort());
    expect(Object.keys(logKinds).filter((name) => !isSection(name))).toEqual([]);
  });

  it.each([
    ['handover-denied', handoffDenials, denialAdvice, 'handoff.denied.'],
    ['session-failed', setupFailures, failureAdvice, 'session.failed.'],
    ['session-ended', endReasons, endAdvice, 'session.ended.'],
  ] as const)(
    'has for each reason of %s a sentence, a counter and a mark of the ladder',
    (name, reasons, told, prefix) => {
      expect(Object.keys(told).sort()).toEqual([...reasons].sort());
      for (const reason of reasons) {
        expect((samogCounterNames as readonly string[]).includes(`${prefix}${reason}`)).toBe(true);
        expect(reference).toContain(`\n| \`${reason}\` | `);
        const text = `because: ${reason}`;
        const decision = {
          mac: undefined,
          sessionId: 1,
          peer: undefined,
          party: 'samog',
          direction: 'internal',
        } as const;
        const [rung] = ladderOf([{ number: 1, at: 0, text, event: { ...decision, name } }], moment).rungs;
        expect(rung?.kind).not.toBe('message');
      }
    },
  );

  it('has a sentence for each reason to drop a packet', () => {
    const drops = allCounters.filter(({ name }) => /(^|\.)(dropped|discarded|refused)\./.test(name));
    expect(drops.length).toBeGreaterThan(40);
    expect(drops.filter((counter) => placeOf(counter).help.startsWith('Counter '))).toEqual([]);
  });
});
