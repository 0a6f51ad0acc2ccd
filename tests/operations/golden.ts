import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

/** The texts agreed. */
export const goldens = new URL('../goldens/', import.meta.url);

/** Compares with tests/goldens/NAME, or writes it if UPDATE_GOLDENS is 1. */
export function expectGolden(name: string, text: string): void {
  const file = new URL(name, goldens);
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
}
