import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { alarmSentences } from '../../src/operations/alarms/pair-alarms.ts';

const troubleshooting = readFileSync(new URL('../../docs/operations/troubleshooting.md', import.meta.url), 'utf8');

describe('troubleshooting', () => {
  it('has a section for every alarm of a chassis, and for no other', () => {
    const section = troubleshooting.slice(troubleshooting.indexOf('### Alarms of the pair'));
    const titles = [...section.matchAll(/^#### (.*)$/gm)].map(([, title]) => title);
    expect(titles).toEqual(Object.keys(alarmSentences));
  });
});
