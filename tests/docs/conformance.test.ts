import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conformanceTables, faultOf, type Requirement, standardOf } from '../../tools/conformance.ts';

const root = join(import.meta.dirname, '../..');
const texts = new Map<string, string | undefined>();

function textOf(path: string): string | undefined {
  if (!texts.has(path))
    texts.set(path, existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined);
  return texts.get(path);
}

/** Whether a file has the title of a test: a whole string literal that opens an argument list or is called `name`. */
function hasTitle(text: string, title: string): boolean {
  const quoted = [`'${title.replaceAll("'", "\\'")}'`, `"${title}"`, `\`${title}\``];
  return quoted.some(
    (literal) =>
      text.includes(`(${literal}`) || text.includes(`(\n    ${literal}`) || text.includes(`name: ${literal}`),
  );
}

/** Why a reference `file: title` points at nothing; undefined if it does not. */
function brokenReference(test: string, read = textOf): string | undefined {
  const path = test.slice(0, test.indexOf(': '));
  const text = read(path);
  if (text === undefined) return `${path} does not exist`;
  return hasTitle(text, test.slice(path.length + 2))
    ? undefined
    : `${path} has no test “${test.slice(path.length + 2)}”`;
}

describe('the conformance tables', () => {
  it.each(conformanceTables().map((table) => ({ ...table, name: standardOf(table) })))(
    'of $name claim nothing that no test shows',
    ({ requirements }) => {
      const faults = requirements.flatMap((line) => {
        const found = [faultOf(line), ...(line.tests ?? []).map((test) => brokenReference(test))];
        return found.filter((fault) => fault !== undefined).map((fault) => `${line.clause}, ${line.rule} ${fault}`);
      });
      expect(faults).toEqual([]);
    },
  );

  it('cover what the gateway speaks', () => {
    const numbers = conformanceTables().map(({ rfc, standard }) => rfc ?? standard);
    expect(numbers).toEqual(expect.arrayContaining([5213, 5844, 5845, 5846, 5847, 2131, 2865, 3579, 2784, 2890, 8086]));
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});

describe('the check of the tables', () => {
  const line: Requirement = {
    clause: '1',
    level: 'MUST',
    rule: 'be checked',
    status: 'done',
    tests: ['a.test.ts: is'],
  };

  it.each<[string, Partial<Requirement>, boolean]>([
    ['a claim with its test', {}, false],
    ['a claim without a test', { tests: [] }, true],
    ['a gap without a reason', { status: 'missing', tests: [] }, true],
    ['a gap with a reason', { status: 'missing', tests: [], why: 'not yet' }, false],
    ['a gap that names a test', { status: 'missing', why: 'not yet' }, true],
  ])('judges %s', (_name, change, faulty) => {
    expect(faultOf({ ...line, ...change }) !== undefined).toBe(faulty);
  });

  it('misses a file and a title that are not there', () => {
    const read = (path: string) => (path === 'a.test.ts' ? "it('is', () => {});" : undefined);
    expect(brokenReference('a.test.ts: is', read)).toBeUndefined();
    expect(brokenReference('a.test.ts: was', read)).toContain('has no test');
    expect(brokenReference('a.test.ts: i', read)).toContain('has no test');
    expect(brokenReference('b.test.ts: is', read)).toContain('does not exist');
  });
});
