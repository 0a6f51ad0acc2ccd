import type { SchemaNode } from '../config/schema-tree.ts';

/** What entries of a list are called by, the first of these that they have. */
const namingSettings = ['name', 'address'] as const;

/** Whether a value of the file is a mapping: neither a list nor null. */
export function isMapping(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}

/** The setting that an entry is named by if it is called so; undefined where entries go by their places. */
export function namingSettingOf(item: SchemaNode, called: string): (typeof namingSettings)[number] | undefined {
  if (item.kind !== 'mapping') return undefined;
  const isAddress = /^(?:\d+\.|[\da-f]*:)[\da-f.:]*(?:\/\d+)?$/i.test(called);
  const fitting = isAddress ? namingSettings.toReversed() : namingSettings;
  return fitting.find((name) => item.entries.has(name));
}

/**
 * What each entry of a list is called in paths: its name or address where that is given and no other entry has it, else its
 * place, counted from 0.
 */
export function entryNames(item: SchemaNode, entries: readonly unknown[]): string[] {
  const names = entries.map((entry) => ownName(item, entry));
  return names.map((name, index) => {
    const isAlone = name !== undefined && names.indexOf(name) === index && names.lastIndexOf(name) === index;
    return isAlone ? name : String(index);
  });
}

function ownName(item: SchemaNode, entry: unknown): string | undefined {
  if (item.kind !== 'mapping' || !isMapping(entry)) return undefined;
  for (const setting of namingSettings) {
    const value = entry[setting];
    if (item.entries.has(setting) && (typeof value === 'string' || typeof value === 'number')) return String(value);
  }
  return undefined;
}

/** `a.b`, or `b` at the top. */
export function below(path: string, step: string): string {
  return path === '' ? step : `${path}.${step}`;
}
