// Writes the generated files (`npm run generate`), or with `--check` only tells which are out of date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles } from './generated-files.ts';

const root = join(import.meta.dirname, '..');
const onlyCheck = process.argv.includes('--check');

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

for (const { file, render } of generatedFiles) {
  const path = join(root, file);
  const text = await render();
  if (readIfPresent(path) === text) continue;
  if (onlyCheck) {
    console.error(`${file} is out of date: run "npm run generate"`);
    process.exitCode = 1;
    continue;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.error(`wrote ${file}`);
}
