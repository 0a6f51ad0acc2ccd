import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rules } from './house-rules/rules.ts';
import type { SourceFile } from './house-rules/source-text.ts';

const root = join(import.meta.dirname, '..');
/** Not the project's own text: installed, built, or git's. */
const foreign = new Set(['.git', 'node_modules', '.build', 'coverage']);

/** All files of the project, whether git knows them yet or not; a file with a NUL is not text. */
function projectFiles(folder = ''): SourceFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (foreign.has(entry.name)) return [];
    if (entry.isDirectory()) return projectFiles(path);
    const text = entry.isFile() ? readFileSync(join(root, path), 'utf8') : '\0';
    return text.includes('\0') ? [] : [{ path, text }];
  });
}

describe('the project keeps its house rules', () => {
  const files = projectFiles();

  it.each(rules)('$name', ({ check }) => {
    expect(check(files).map(({ path, message }) => `${path} ${message}`)).toEqual([]);
  });

  it('which look at all of it', () => {
    expect(files.filter(({ path }) => path.startsWith('src/')).length).toBeGreaterThan(20);
    expect(files.map(({ path }) => path)).toContain('package.json');
  });
});
