import type { PairSetting } from './redundancy-config.ts';
import { type ConfigFile, configSchema } from './schema.ts';
import { type SchemaNode, treeOf } from './schema-tree.ts';

/**
 * The settings of a pair, without those that are each chassis's own and those that are left out, unless what they are follows
 * from others.
 */
export function pairSettings(file: ConfigFile): readonly PairSetting[] {
  return settingsOf(treeOf(configSchema), file, '');
}

function settingsOf(node: SchemaNode, value: unknown, path: string): PairSetting[] {
  const settings = [...settingsBelow(node, value, path)];
  if (node.kind === 'list' && node.fallback !== undefined) return comparedWithDefault(node, settings, path);
  // A mapping that the file gives says something by being there.
  const isGiven = node.kind === 'mapping' && node.fallback === undefined;
  if (isGiven && settings.every(({ isDefault }) => isDefault)) return settings.map(asGiven);
  return settings;
}

const asGiven = (setting: PairSetting): PairSetting => ({ ...setting, isDefault: false });

/** A list is at its default as a whole or not at all. */
function comparedWithDefault(node: SchemaNode, settings: PairSetting[], path: string): PairSetting[] {
  const textOf = (of: readonly PairSetting[]): string => JSON.stringify(of.map((one) => [one.path, one.value]));
  const isDefault = textOf(settings) === textOf([...settingsBelow(node, node.schema.parse(undefined), path)]);
  return settings.map((setting) => ({ ...setting, isDefault }));
}

function* settingsBelow(node: SchemaNode, value: unknown, path: string): Iterable<PairSetting> {
  if (value === undefined || node.comparison === 'own' || node.comparison === 'proved') return;
  switch (node.kind) {
    case 'value':
      yield {
        path,
        value: node.meta.show(value),
        isSecret: node.comparison === 'secret',
        isDefault: isDefault(node, value),
      };
      return;
    case 'mapping': {
      const beside = value as Readonly<Record<string, unknown>>;
      for (const [key, child] of node.entries) {
        const isImplied = beside[key] === undefined && child.implied !== undefined;
        const settings = settingsOf(
          child,
          beside[key] ?? child.implied?.(beside),
          path === '' ? key : `${path}.${key}`,
        );
        yield* settings.map((setting) => (isImplied ? { ...setting, isDefault: true } : setting));
      }
      return;
    }
    case 'list':
      for (const [index, item] of (value as readonly unknown[]).entries()) {
        yield* settingsOf(node.item, item, `${path}${entryName(node, item, index)}`);
      }
  }
}

function isDefault(node: SchemaNode & { kind: 'value' }, value: unknown): boolean {
  return node.fallback !== undefined && node.meta.show(node.schema.parse(undefined)) === node.meta.show(value);
}

/** Where the order does not count, an entry goes by its first setting, its name or address; otherwise by its place. */
function entryName({ item: node, comparison }: SchemaNode & { kind: 'list' }, item: unknown, index: number): string {
  if (comparison !== 'any-order') return `.${index}`;
  if (node.kind !== 'mapping') return '';
  const [[key, child]] = [...node.entries] as [[string, SchemaNode]];
  const name = (item as Readonly<Record<string, unknown>>)[key];
  return child.kind === 'value' ? `.${child.meta.show(name)}` : '';
}
