import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'docs/acceptance');

/** A line of a table: what is required, and what shows it. */
function rowsOf(text: string): (readonly [string, string])[] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  const cells = lines.map((line) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
  return cells.flatMap(([what, ...by], index) =>
    /^-+/.test(what!) || /^[| -]+$/.test(lines[index + 1] ?? '') ? [] : [[what!, by.join(' | ')] as const],
  );
}

/** Why a line shows nothing: no proof, no such file, no such test in it. */
function faultsOf(shownBy: string, read: (path: string) => string | undefined): string[] {
  const faults: string[] = [];
  let text: string | undefined;
  let path = '';
  const parts = shownBy.matchAll(
    /`((?:src|tests|bpf|deploy)\/[^`]*)`|“([^”]*)”|`\.\/samog (?:lab|bench|simulate)[^`]*`|\]\([^)]*\)/g,
  );
  let proofs = 0;
  for (const [whole, file, title] of parts) {
    proofs += whole.startsWith('](') ? 0 : 1;
    if (file !== undefined) {
      path = file;
      text = read(file);
      if (text === undefined) faults.push(`${file} is not there`);
    } else if (title !== undefined && text !== undefined && !hasTitle(text, title)) {
      faults.push(`${path} has no test “${title}”`);
    }
  }
  if (proofs === 0 && !shownBy.startsWith('Not shown')) faults.push('nothing shows it');
  return faults;
}

/** A whole string literal, as it stands in a source. */
function hasTitle(text: string, title: string): boolean {
  return [`'${title.replaceAll("'", "\\'")}'`, `"${title}"`, `\`${title}\``].some((literal) => text.includes(literal));
}

/** Of a folder there is nothing to read. */
function textOf(path: string): string | undefined {
  const whole = join(root, path);
  if (!existsSync(whole)) return undefined;
  return statSync(whole).isDirectory() ? '' : readFileSync(whole, 'utf8');
}

describe('what is said to be shown', () => {
  it.each(readdirSync(folder))('in docs/acceptance/%s is', (name) => {
    const rows = rowsOf(readFileSync(join(folder, name), 'utf8'));
    expect(rows.length).toBeGreaterThan(10);
    const faults = rows.flatMap(([what, by]) => faultsOf(by, textOf).map((fault) => `${what}: ${fault}`));
    expect(faults).toEqual([]);
  });
});

describe('the check of what is said to be shown', () => {
  const read = (path: string) => (path === 'tests/a.test.ts' ? "it('is so', () => {" : undefined);
  it.each([
    ['`tests/a.test.ts` “is so”', []],
    ['`./samog bench icsr --json`', []],
    ['Not shown: nobody has', []],
    ['`tests/b.test.ts`', ['tests/b.test.ts is not there']],
    ['`tests/a.test.ts` “is”', ['tests/a.test.ts has no test “is”']],
    ['`tests/a.test.ts` “is so”, “is not”', ['tests/a.test.ts has no test “is not”']],
    ['[there](there.md)', ['nothing shows it']],
    ['', ['nothing shows it']],
  ])('%s', (by, faults) => {
    expect(faultsOf(by, read)).toEqual(faults);
  });

  it('reads the lines of a table, and neither its head nor what is around', () => {
    expect(rowsOf('text\n\n| what | shown by |\n| --- | --- |\n| a | `b` |\n')).toEqual([['a', '`b`']]);
  });
});
