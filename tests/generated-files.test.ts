import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../tools/generated-files.ts';

describe('generated files', () => {
  it.each(generatedFiles)('$file is up to date (else: npm run generate)', async ({ file, render }) => {
    expect(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')).toBe(await render());
  });
});
