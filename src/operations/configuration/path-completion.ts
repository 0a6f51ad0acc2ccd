import { parse } from 'yaml';
import { configSchema } from '../config/schema.ts';
import { type SchemaNode, treeOf, withEmptyMappings } from '../config/schema-tree.ts';
import { entryNames, isMapping } from './entries.ts';

/** What a path may go on with. */
export interface PathCandidate {
  readonly text: string;
  readonly help: string;
}

const tree = treeOf(configSchema);

/**
 * What paths may begin like this, one step further: settings of the schema, and entries that a configuration has.
 *
 * @param text readable YAML
 */
export function pathCandidates(text: string, partial: string): PathCandidate[] {
  const words = partial.split('.');
  const before = words.slice(0, -1);
  let node: SchemaNode = tree;
  let raw = withEmptyMappings(tree, parse(text));
  for (const word of before) {
    if (node.kind === 'mapping') {
      const child: SchemaNode | undefined = node.entries.get(word);
      if (child === undefined) return [];
      raw = isMapping(raw) ? raw[word] : undefined;
      node = child;
    } else if (node.kind === 'list') {
      const entries = Array.isArray(raw) ? raw : [];
      raw = entries[entryNames(node.item, entries).indexOf(word)];
      node = node.item;
    } else return [];
  }
  const found = stepsFrom(node, raw).map(({ text: step, help }) => ({ text: [...before, step].join('.'), help }));
  return found.filter((candidate) => candidate.text.startsWith(partial));
}

function stepsFrom(node: SchemaNode, raw: unknown): PathCandidate[] {
  if (node.kind === 'value') return [];
  if (node.kind === 'mapping') {
    return [...node.entries]
      .filter(([key]) => key !== 'lawful-intercept')
      .map(([key, child]) => ({ text: key, help: child.description.split(/(?<=\.) /)[0]! }));
  }
  const entries = Array.isArray(raw) ? raw : [];
  const names = node.item.kind === 'mapping' ? entryNames(node.item, entries) : entries.map(String);
  return names.map((text) => ({ text, help: '' }));
}
