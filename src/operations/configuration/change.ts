import { configSchema } from '../config/schema.ts';
import { type Effect, type SchemaNode, treeOf, withEmptyMappings } from '../config/schema-tree.ts';
import { below, entryNames, isMapping } from './entries.ts';
import { hiddenMark, isSecretSetting } from './secrets.ts';

/** A setting in which two configurations differ. */
export interface SettingChange {
  /** As problems write it, but entries of lists go by their names: `twan-profiles.rg-west.clients`. */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** As it is written; null where it is left out. Of a secret only that there is one. */
  readonly before: string | null;
  readonly after: string | null;
  readonly effect: Effect;
}

const tree = treeOf(configSchema);

/**
 * In which settings two configurations differ, in the order of the reference. What means the same is no difference, however
 * it is written: `5s` and `5000ms`, a default that is written out, an order that does not count.
 *
 * @param before content of a file, as YAML has it; it may be wrong
 */
export function settingChanges(before: unknown, after: unknown): SettingChange[] {
  const start = { path: '', effect: 'restart' as const, isSecret: false };
  return [...changesOf(tree, withEmptyMappings(tree, before), withEmptyMappings(tree, after), start)];
}

interface Place {
  readonly path: string;
  readonly effect: Effect;
  readonly isSecret: boolean;
}

function* changesOf(node: SchemaNode, before: unknown, after: unknown, at: Place): Iterable<SettingChange> {
  const place = {
    path: at.path,
    effect: node.effect ?? at.effect,
    isSecret: at.isSecret || isSecretSetting(node),
  };
  if (before === undefined && after === undefined) return;
  const isReadable = (raw: unknown) =>
    raw === undefined || (node.kind === 'list' ? Array.isArray(raw) : isMapping(raw));
  if (node.kind === 'value' || !isReadable(before) || !isReadable(after))
    yield* changedValue(node, before, after, place);
  else if (node.kind === 'mapping') yield* changedMapping(node, before, after, place);
  else yield* changedList(node, before, after, place);
}

function* changedMapping(
  node: SchemaNode & { kind: 'mapping' },
  before: unknown,
  after: unknown,
  place: Place,
): Iterable<SettingChange> {
  // A section that may be left out says something by being there at all.
  if (node.fallback === undefined && (before === undefined) !== (after === undefined)) {
    yield change(place, before === undefined ? null : 'a section', after === undefined ? null : 'a section');
  }
  const former = isMapping(before) ? before : {};
  const latter = isMapping(after) ? after : {};
  for (const [key, child] of node.entries) {
    const isSecret = place.isSecret || isSecretSetting(child, key);
    yield* changesOf(child, former[key], latter[key], { ...place, path: below(place.path, key), isSecret });
  }
  const unknown = [...Object.keys(former), ...Object.keys(latter)].filter((key) => !node.entries.has(key));
  for (const key of new Set(unknown)) {
    const [left, right] = [plain(former[key]), plain(latter[key])];
    if (left !== right) yield change({ path: below(place.path, key), effect: 'restart', isSecret: true }, left, right);
  }
}

function* changedList(
  node: SchemaNode & { kind: 'list' },
  before: unknown,
  after: unknown,
  place: Place,
): Iterable<SettingChange> {
  const { item } = node;
  const former = listOf(node, before);
  const latter = listOf(node, after);
  if (item.kind !== 'mapping') {
    const order = (values: readonly string[]) => (node.comparison === 'any-order' ? [...values].sort() : values);
    const [left, right] = [former, latter].map((list) => list.map((entry) => written(item, entry) ?? ''));
    if (order(left!).join('\n') === order(right!).join('\n')) return;
    const shown = (list: unknown) => (Array.isArray(list) ? list.map(plain).join(', ') : null);
    yield change(place, shown(before), shown(after));
    return;
  }
  const formerNames = entryNames(item, former);
  const latterNames = entryNames(item, latter);
  const both = (names: readonly string[], others: readonly string[]) => names.filter((name) => others.includes(name));
  const [kept, moved] = [both(formerNames, latterNames), both(latterNames, formerNames)];
  if (node.comparison !== 'any-order' && kept.join('\n') !== moved.join('\n')) {
    yield change({ ...place, path: below(place.path, 'order') }, kept.join(', '), moved.join(', '));
  }
  for (const name of new Set([...formerNames, ...latterNames])) {
    const [left, right] = [former[formerNames.indexOf(name)], latter[latterNames.indexOf(name)]];
    yield* changesOf(item, left, right, { ...place, path: below(place.path, name) });
  }
}

function listOf({ fallback }: SchemaNode, raw: unknown): readonly unknown[] {
  if (Array.isArray(raw)) return raw;
  return Array.isArray(fallback) ? fallback : [];
}

function* changedValue(node: SchemaNode, before: unknown, after: unknown, place: Place): Iterable<SettingChange> {
  const same = (written(node, before) ?? node.absent) === (written(node, after) ?? node.absent);
  if (same && (node.fallback !== undefined || (before === undefined) === (after === undefined))) return;
  yield change(place, plain(before), plain(after));
}

/** In one way of writing it, so that equal texts are equal values; undefined for what is left out and has no default. */
function written(node: SchemaNode, raw: unknown): string | undefined {
  const given = raw === undefined ? node.fallback : raw;
  if (given === undefined) return undefined;
  if (node.kind !== 'value') return JSON.stringify(given);
  const read = node.schema.safeParse(given);
  return read.success ? `read ${node.meta.show(read.data)}` : `raw ${JSON.stringify(given)}`;
}

function plain(raw: unknown): string | null {
  if (raw === undefined) return null;
  return typeof raw === 'string' ? raw : (JSON.stringify(raw) ?? String(raw));
}

function change({ path, effect, isSecret }: Place, before: string | null, after: string | null): SettingChange {
  const shown = (text: string | null) => (text !== null && isSecret ? hiddenMark : text);
  const kind = before === null ? 'added' : after === null ? 'removed' : 'changed';
  return { path, kind, before: shown(before), after: shown(after), effect };
}
