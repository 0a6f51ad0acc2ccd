import { describe, expect, it } from 'vitest';
import * as constants from './constants.ts';

const tables: [string, Readonly<Record<string, number>>][] = Object.entries(constants).flatMap(([name, value]) =>
  typeof value === 'object' ? [[name, value]] : [],
);

describe('the tables of numbers', () => {
  it.each(tables)('%s has no number twice', (_name, table) => {
    const numbers = Object.values(table);
    expect(numbers.length).toBeGreaterThan(0);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('names a status, or shows the number', () => {
    expect(constants.bindingStatusName(constants.bindingStatus.timestampMismatch)).toBe('timestampMismatch');
    expect(constants.bindingStatusName(250)).toBe('250');
  });

  it('names flags and keeps bits without a name', () => {
    expect(constants.flagNames(constants.bindingUpdateFlag, 0x8201)).toBe('acknowledge|proxyRegistration|0x1');
    expect(constants.flagNames(constants.revocationFlag, 0)).toBe('none');
  });
});
