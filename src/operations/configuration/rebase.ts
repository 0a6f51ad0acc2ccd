import { type Document, isMap, isSeq, parse, parseDocument } from 'yaml';
import { configSchema } from '../config/schema.ts';
import { type SchemaNode, treeOf, withEmptyMappings } from '../config/schema-tree.ts';
import { refuse } from '../views/view.ts';
import type { Edited } from './edit.ts';
import { below, entryNames, isMapping } from './entries.ts';

const tree = treeOf(configSchema);
/** Of a conflict so many places are named. */
const conflictsTold = 5;

/**
 * What somebody has changed of a configuration, changed of another one instead: that which others have made of it meanwhile, with
 * its comments. Where both have changed the same, nothing is guessed.
 *
 * @param base what both began with
 */
export function rebased(base: string, mine: string, theirs: string): Edited {
  const [common, own, other] = [base, mine, theirs].map((text) => withEmptyMappings(tree, parse(text)));
  const conflicts: string[] = [];
  const merged = merge(tree, common, own, other, '', conflicts);
  if (conflicts.length > 0) {
    const places = conflicts.slice(0, conflictsTold).join(', ');
    const hint = 'compare tells what is in force now; discard the candidate, or load one that has both';
    return refuse('refused', `others have changed the same: ${places}`, hint);
  }
  const document = parseDocument(theirs, { logLevel: 'silent' }) as Document;
  bring(document, [], other, merged);
  return { ok: true, text: document.toString({ lineWidth: 0, flowCollectionPadding: false }) };
}

function merge(
  node: SchemaNode | undefined,
  base: unknown,
  mine: unknown,
  theirs: unknown,
  path: string,
  conflicts: string[],
): unknown {
  if (isSame(mine, base) || isSame(mine, theirs)) return theirs;
  if (isSame(theirs, base)) return mine;
  if (isMapping(mine) && isMapping(theirs)) {
    const former = isMapping(base) ? base : {};
    const keys = new Set([...Object.keys(theirs), ...Object.keys(mine)]);
    return Object.fromEntries(
      [...keys].flatMap((key) => {
        const child = node?.kind === 'mapping' ? node.entries.get(key) : undefined;
        const value = merge(child, former[key], mine[key], theirs[key], below(path, key), conflicts);
        return value === undefined ? [] : [[key, value]];
      }),
    );
  }
  const lists = [base ?? [], mine, theirs];
  if (node?.kind === 'list' && node.item.kind === 'mapping' && lists.every(Array.isArray)) {
    return mergeEntries(node.item, lists as unknown[][], path, conflicts);
  }
  conflicts.push(path);
  return theirs;
}

function mergeEntries(item: SchemaNode, lists: readonly unknown[][], path: string, conflicts: string[]): unknown[] {
  const [base, mine, theirs] = lists.map((entries) => {
    const names = entryNames(item, entries);
    return new Map(entries.map((entry, index) => [names[index]!, entry]));
  }) as [Map<string, unknown>, Map<string, unknown>, Map<string, unknown>];
  const names = new Set([...theirs.keys(), ...mine.keys()]);
  return [...names].flatMap((name) => {
    const value = merge(item, base.get(name), mine.get(name), theirs.get(name), below(path, name), conflicts);
    return value === undefined ? [] : [value];
  });
}

/** Has a document say what it is to say, and touches nothing else. */
function bring(document: Document, steps: readonly (string | number)[], before: unknown, after: unknown): void {
  if (isSame(before, after)) return;
  const node = steps.length === 0 ? document.contents : document.getIn(steps, true);
  if (isMap(node) && isMapping(before) && isMapping(after)) {
    for (const key of Object.keys(before)) if (!(key in after)) document.deleteIn([...steps, key]);
    for (const [key, value] of Object.entries(after)) bring(document, [...steps, key], before[key], value);
  } else if (isSeq(node) && Array.isArray(before) && Array.isArray(after) && after.length >= before.length) {
    for (const [index, value] of after.entries()) bring(document, [...steps, index], before[index], value);
  } else document.setIn(steps, document.createNode(after));
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
