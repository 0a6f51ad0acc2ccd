import type { z } from 'zod';
import type { ValueMeta } from './values.ts';

/**
 * How a setting takes part in the comparison of the two configurations of a pair, which have to be alike but for this:
 * - `own`: belongs to one chassis, and is not compared
 * - `proved`: is the same on both, or they would not be talking
 * - `secret`: only a digest of it is shown to the peer
 * - `any-order`: a list in which the order of the entries does not count
 */
export type Comparison = 'own' | 'proved' | 'secret' | 'any-order';

/** When a changed setting takes effect: `hot` in a running gateway, without disturbing any session; `restart` at the next start. */
export type Effect = 'hot' | 'restart';

/** What a setting is that is left out, given the mapping that it would be in. */
export type Implied = (beside: Readonly<Record<string, unknown>>) => unknown;

interface NodeBase {
  /** With defaults: parsing it reads one value or mapping as the file gives it. */
  readonly schema: z.ZodType;
  readonly description: string;
  /** The default as it would be written in the file; undefined if there is none. */
  readonly fallback: unknown;
  /** What happens when the setting is left out and there is no default; undefined if it may not be left out. */
  readonly absent: string | undefined;
  /** Undefined for what is compared as it stands. */
  readonly comparison: Comparison | undefined;
  /** Undefined for what takes effect as whatever it is part of; at the top that is `restart`. */
  readonly effect: Effect | undefined;
  /** Undefined where nothing follows from what is beside it. */
  readonly implied: Implied | undefined;
}

/** A schema as a plain tree, for whoever walks it: the reference, the spelling hints, the cross checks. */
export type SchemaNode =
  | (NodeBase & { readonly kind: 'mapping'; readonly entries: ReadonlyMap<string, SchemaNode> })
  | (NodeBase & { readonly kind: 'list'; readonly item: SchemaNode })
  | (NodeBase & { readonly kind: 'value'; readonly meta: ValueMeta });

interface Found {
  description: string | undefined;
  fallback: unknown;
  absent: string | undefined;
  comparison: Comparison | undefined;
  effect: Effect | undefined;
  implied: Implied | undefined;
}

/**
 * Reads a schema into its tree: wrappers of defaults and of what may be left out become facts of the node that they
 * wrap.
 */
export function treeOf(schema: z.ZodType): SchemaNode {
  const found: Found = {
    ...{ description: undefined, fallback: undefined, absent: undefined, comparison: undefined, effect: undefined },
    implied: undefined,
  };
  let inner = schema;
  for (;;) {
    const meta = inner.meta() as Partial<ValueMeta & Found> | undefined;
    found.description ??= meta?.description;
    found.absent ??= meta?.absent;
    found.comparison ??= meta?.comparison;
    found.effect ??= meta?.effect;
    found.implied ??= meta?.implied;
    const definition = inner.def as unknown as Record<string, unknown>;
    const base = { schema, ...found, description: found.description ?? '' };
    switch (inner.def.type) {
      case 'prefault':
        found.fallback = definition['defaultValue'];
        inner = definition['innerType'] as z.ZodType;
        continue;
      case 'optional':
        inner = definition['innerType'] as z.ZodType;
        continue;
      case 'object': {
        const shape = Object.entries(definition['shape'] as Record<string, z.ZodType>);
        return { ...base, kind: 'mapping', entries: new Map(shape.map(([key, child]) => [key, treeOf(child)])) };
      }
      case 'array':
        return { ...base, kind: 'list', item: treeOf(definition['element'] as z.ZodType) };
      default:
        return {
          ...base,
          kind: 'value',
          meta: { type: meta?.type ?? '', unit: meta?.unit ?? '', show: meta?.show ?? String },
        };
    }
  }
}

/** The node at a path of the file; undefined where the schema has nothing. */
export function nodeAt(tree: SchemaNode, path: readonly PropertyKey[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = tree;
  for (const step of path) {
    if (node?.kind === 'mapping') node = node.entries.get(String(step));
    else node = node?.kind === 'list' ? node.item : undefined;
  }
  return node;
}

/**
 * The raw content with `section:` that has nothing below it (all its settings commented out) read as an empty mapping:
 * YAML calls it null. An empty value stays null, and is refused.
 */
export function withEmptyMappings(node: SchemaNode, raw: unknown): unknown {
  if (node.kind === 'value') return raw;
  if (node.kind === 'list') {
    return Array.isArray(raw) ? raw.map((item) => withEmptyMappings(node.item, item)) : raw;
  }
  if (raw === null) return {};
  if (typeof raw !== 'object' || Array.isArray(raw)) return raw;
  return Object.fromEntries(
    Object.entries(raw).map(([key, value]) => {
      const child = node.entries.get(key);
      return [key, child ? withEmptyMappings(child, value) : value];
    }),
  );
}

/** All parts optional, at every depth. */
export type Draft<T> = T extends readonly (infer Item)[]
  ? readonly (Draft<Item> | undefined)[]
  : T extends string | number | boolean
    ? T
    : { readonly [Key in keyof T]?: Draft<T[Key]> | undefined };

/**
 * Reads what can be read and leaves undefined what cannot, so that the cross checks find their conflicts even where
 * other values are wrong.
 */
export function readDraft(node: SchemaNode, raw: unknown): unknown {
  if (node.kind === 'value') return node.schema.safeParse(raw).data;
  const given = raw === undefined ? node.fallback : raw;
  if (node.kind === 'list') return Array.isArray(given) ? given.map((item) => readDraft(node.item, item)) : undefined;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  const values = new Map(Object.entries(given));
  return Object.fromEntries([...node.entries].map(([key, child]) => [key, readDraft(child, values.get(key))]));
}
