import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairSource } from '../../../tests/operations/pair-source.ts';
import { busySource, moment } from '../../../tests/operations/view-source.ts';
import type { ViewSource } from '../views/view.ts';
import { bulkstatVariables } from './catalogue.ts';
import { readFormat } from './format.ts';
import { bulkstatFileName, bulkstatLines, outdatedFiles } from './lines.ts';
import { bulkstatVariableNames } from './variables.ts';

const config = { directory: '/nowhere', intervalMs: 1000, filesMax: 3 };
const line = (format: string, source: ViewSource = busySource()): string =>
  bulkstatLines({ ...config, schemas: [{ name: 'one', format }] }, source, moment)[0]!;

describe('a line of bulk statistics', () => {
  it.each([
    ['EMS,%date%,%time%', 'EMS,20260301,110000'],
    ['%host%/%service% up %uptime% s at %epochtime%', 'samog-1/samog up 3600 s at 1772362800'],
    ['%sessions-current%=%sessions-pmip%+%sessions-eogre%', '4=1+2'],
    ['100%%', '100%'],
    ['', ''],
    ['[%srp.switchover.manual%]', '[]'],
  ])('%s', (format, expected) => {
    expect(line(format)).toBe(expected);
  });

  it.each([
    ['%date', 'a % that is not closed', '%%'],
    ['%dat%', 'no variable %dat%', 'did you mean %date%?'],
    ['%session.set-up%', 'no variable', 'did you mean %session.setup%?'],
    ['%xyzzyxyzzy%', 'no variable', 'interface.md'],
    ['%__proto__%', 'no variable', ''],
  ])('is refused: %s', (format, message, hint) => {
    const read = readFormat(format);
    if (read.ok) throw new Error('was read');
    expect(read.message).toContain(message);
    expect(read.hint).toContain(hint);
  });

  it('never throws, and keeps what is no variable', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        readFormat(text);
        const plain = text.replaceAll('%', '%%');
        expect(line(plain)).toBe(text);
      }),
      { numRuns: 100 },
    );
  });

  it('rolls the seed’s variables over as they are typed, and no others', () => {
    const source = busySource();
    source.manager.counters.clear();
    source.manager.counters.add('handoff.pmip-to-pmip.received', 2 ** 32 + 5);
    expect(line('%cgw-binding-update-handoff-req-total-received%,%handoff.pmip-to-pmip.received%', source)).toBe(
      `5,${2 ** 32 + 5}`,
    );
  });

  it('has every variable of the seed and every counter, each under one name', () => {
    expect(new Set(bulkstatVariableNames).size).toBe(bulkstatVariableNames.length);
    expect(bulkstatVariableNames).toEqual(expect.arrayContaining(bulkstatVariables.map(({ name }) => name)));
    const source = pairSource('active');
    for (const name of bulkstatVariableNames) expect(line(`%${name}%`, source)).not.toBe('');
  });
});

describe('files of bulk statistics', () => {
  it('are named after the chassis and the time', () => {
    expect(bulkstatFileName(busySource(), moment)).toBe('samog-1-20260301-110000.csv');
  });

  it('make room, the oldest first, and leave what is not theirs', () => {
    const names = [
      'samog-1-20260301-110000.csv',
      'samog-1-20260228-110000.csv',
      'samog-1-20260301-090000.csv',
      'samog-1-20260301-100000.csv',
      'samog-1-notes.csv',
      'samog-1-b-20250301-090000.csv',
      'samog-10-20250301-090000.csv',
      'other.csv',
    ];
    expect(outdatedFiles(names, 'samog-1', 3)).toEqual(['samog-1-20260228-110000.csv']);
    expect(outdatedFiles(names, 'samog-1', 4)).toEqual([]);
    expect(outdatedFiles(names, 'samog-10', 1)).toEqual([]);
  });
});
