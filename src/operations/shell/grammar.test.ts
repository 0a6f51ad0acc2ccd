import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommandShape } from '../commands/command.ts';
import { groupSummaries, operatorCommands } from '../commands/table.ts';
import { incomplete, readCommand } from './grammar.ts';

const commands: readonly CommandShape[] = [
  {
    words: ['show', 'service'],
    summary: 'the service',
    options: [{ name: 'full', description: 'all of it' }],
  },
  { words: ['show', 'service', 'statistics'], summary: 'what it counted', options: [] },
  {
    words: ['show', 'subscribers'],
    summary: 'who is there',
    options: [
      { name: 'mac', value: 'ADDRESS', description: 'this one', completion: 'mac' },
      { name: 'access', value: 'TYPE', description: 'of this kind', choices: ['pmip', 'eogre'] },
      { name: 'full', description: 'all of each' },
    ],
  },
  { words: ['explain', 'subscriber'], summary: 'why', options: [] },
  {
    words: ['clear', 'subscribers'],
    summary: 'end sessions',
    options: [
      { name: 'mac', value: 'ADDRESS', description: 'this one' },
      { name: 'all', description: 'everybody' },
    ],
    bare: 'mac',
  },
  {
    words: ['put'],
    summary: 'put it in force',
    options: [
      { name: 'confirmed', value: 'MINUTES', implied: '10', description: 'for the time being' },
      { name: 'comment', value: 'TEXT', description: 'why' },
    ],
  },
];

const read = (line: string, abbreviations = true) =>
  readCommand(commands, line.split(' ').filter(Boolean), abbreviations);

describe('a command', () => {
  it.each<[string, string, object]>([
    ['show service', 'show service', {}],
    ['show service full', 'show service', { full: '' }],
    ['show service statistics', 'show service statistics', {}],
    ['sh se st', 'show service statistics', {}],
    ['sh su m 02:00:00:00:00:01 f', 'show subscribers', { mac: '02:00:00:00:00:01', full: '' }],
    ['sh su a e', 'show subscribers', { access: 'eogre' }],
    ['c s 02:00:00:00:00:01', 'clear subscribers', { mac: '02:00:00:00:00:01' }],
    ['clear subscribers mac all', 'clear subscribers', { mac: 'all' }],
    ['put confirmed', 'put', { confirmed: '10' }],
    ['put confirmed 5', 'put', { confirmed: '5' }],
    ['put confirmed comment x', 'put', { confirmed: '10', comment: 'x' }],
    ['put conf 5 com confirmed', 'put', { confirmed: '5', comment: 'confirmed' }],
    ['put conf com 7', 'put', { confirmed: '10', comment: '7' }],
  ])('is read from %s', (line, words, args) => {
    expect(read(line)).toMatchObject({ ok: true, command: { words: words.split(' ') }, args });
  });

  it.each([true, false])(
    'may have a word that means another one, as the seed writes it; cut short: %s',
    (abbreviations) => {
      expect(read('show subscriber full', abbreviations)).toMatchObject({
        ok: true,
        command: { words: ['show', 'subscribers'] },
        args: { full: '' },
      });
      expect(read('explain subscriber', abbreviations)).toMatchObject({ ok: true, path: ['explain', 'subscriber'] });
    },
  );

  it.each([
    ['s', 'show', true],
    ['show s', '"s" could be service, subscribers', false],
    ['show service full statistics', '"statistics" does not follow show service', false],
    ['show subscribers full full', 'full is given twice', false],
    ['show subscribers access lte', '"lte" is no access', false],
    ['bogus', 'there is no command "bogus"', false],
    ['clear subscribers x y', '"y" does not follow clear subscribers', false],
  ])('%s: %s', (line, text, ok) => {
    const reading = read(line);
    expect(reading.ok).toBe(ok);
    expect(reading.ok ? reading.path[0] : reading.what).toBe(text);
  });

  it('is written out in scripts', () => {
    for (const line of ['sh service', 'show service f', 'show subscribers access e']) {
      expect(read(line).ok).toBe(true);
      expect(read(line, false).ok).toBe(false);
    }
    expect(read('show subscribers access eogre full', false)).toMatchObject({ ok: true, args: { access: 'eogre' } });
  });

  it.each([
    ['show', 'show is not a whole command', 'what may follow: service, subscribers'],
    ['show subscribers mac', 'mac has no value', 'write mac ADDRESS'],
  ])('says what is missing of %s', (line, what, hint) => {
    const reading = read(line);
    if (!reading.ok) throw new Error(reading.what);
    expect(reading.command).toBeUndefined();
    expect(incomplete(reading)).toEqual({ ok: false, what, hint });
  });
});

describe('the commands of the gateway', () => {
  it.each(operatorCommands)(
    '$words is read as itself, and is written as others are',
    ({ words, options, bare, summary }) => {
      expect(readCommand(operatorCommands, words, false)).toMatchObject({ ok: true, command: { words }, args: {} });
      for (const word of [...words, ...options.map(({ name }) => name)]) {
        expect(word).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      }
      expect(summary).not.toBe('');
      expect(bare === undefined || options.some(({ name }) => name === bare)).toBe(true);
      expect(groupSummaries[words[0]!]).toBeTypeOf('string');
    },
  );

  it('never fail on any words', () => {
    const known = operatorCommands.flatMap(({ words, options }) => [...words, ...options.map(({ name }) => name)]);
    const word = fc.oneof(fc.constantFrom(...known), fc.string(), fc.constantFrom('__proto__', 'constructor', ''));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), fc.boolean(), (words, abbreviations) => {
        const reading = readCommand(operatorCommands, words, abbreviations, groupSummaries);
        if (reading.ok) expect(reading.command === undefined || Array.isArray(reading.next)).toBe(true);
        else expect(reading.what.length).toBeLessThan(600);
      }),
      { numRuns: 300 },
    );
  });
});
