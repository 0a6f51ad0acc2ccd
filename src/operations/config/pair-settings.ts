import type { PairSetting } from './redundancy-config.ts';
import { type ConfigFile, configSchema } from './schema.ts';
import { type SchemaNode, treeOf } from './schema-tree.ts';

/** The settings of a pair, without those that are each chassis's own and those that are left out. */
export function pairSettings(file: ConfigFile): readonly PairSetting[] {
  return [...settingsOf(treeOf(configSchema), file, '')];
}

function* settingsOf(node: SchemaNode, value: unknown, path: string): Iterable<PairSetting> {
  if (value === undefined || node.comparison === 'own' || node.comparison === 'proved') return;
  switch (node.kind) {
    case 'value':
      yield { path, value: node.meta.show(value), isSecret: node.comparison === 'secret' };
      return;
    case 'mapping': {
      const values = new Map(Object.entries(value as object));
      for (const [key, child] of node.entries)
        yield* settingsOf(child, values.get(key), path === '' ? key : `${path}.${key}`);
      return;
    }
    case 'list':
      for (const [index, item] of (value as readonly unknown[]).entries()) {
        yield* settingsOf(node.item, item, `${path}${entryName(node, item, index)}`);
      }
  }
}

/** Where the order does not count, an entry goes by its first setting, its name or address; otherwise by its place. */
function entryName({ item: node, comparison }: SchemaNode & { kind: 'list' }, item: unknown, index: number): string {
  if (comparison !== 'any-order') return `.${index}`;
  if (node.kind !== 'mapping') return '';
  const [[key, child]] = [...node.entries] as [[string, SchemaNode]];
  const name = (item as Readonly<Record<string, unknown>>)[key];
  return child.kind === 'value' ? `.${child.meta.show(name)}` : '';
}
