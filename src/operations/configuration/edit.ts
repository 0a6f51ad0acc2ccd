import { type Document, isMap, isScalar, isSeq, parseDocument, type Scalar, visit } from 'yaml';
import { configSchema } from '../config/schema.ts';
import { type SchemaNode, treeOf, withEmptyMappings } from '../config/schema-tree.ts';
import { meantInstead } from '../config/spelling.ts';
import { clip } from '../views/arguments.ts';
import { type Refusal, refuse } from '../views/view.ts';
import { entryNames, isMapping, namingSettingOf } from './entries.ts';

export type Edited = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly refusal: Refusal };

type Step = string | number;

/** What a path of an operator's leads to. */
interface Target {
  readonly steps: readonly Step[];
  readonly node: SchemaNode;
  /** Entries of lists that are not there yet, from the outside to the inside: where, and what names them. */
  readonly begun: readonly { readonly steps: readonly Step[]; readonly naming: Readonly<Record<string, string>> }[];
  /** Of a list of values: the one that is meant. */
  readonly value: string | undefined;
}

type Resolved = { readonly ok: true; readonly target: Target } | { readonly ok: false; readonly refusal: Refusal };

const tree = treeOf(configSchema);

/**
 * Sets one setting of a configuration; its comments stay. Sections and entries on the way are made if they are not there. To a
 * list of values one is added; a list in brackets takes its place.
 *
 * @param text readable YAML
 * @param path `samog-service.setup-timeout`; entries of lists by their name, address or place: `twan-profiles.rg-west.clients`
 * @param value as the file would have it
 */
export function withSetting(text: string, path: string, value: string): Edited {
  const document = read(text);
  const resolved = resolve(path, document.toJS(), 'set');
  if (!resolved.ok) return resolved;
  const { steps, node, begun } = resolved.target;
  const parsed = settingValue(node, value);
  if (!parsed.ok) return parsed;
  for (const { steps: at, naming } of begun) place(document, at, naming);
  if (node.kind === 'list' && !Array.isArray(parsed.value)) {
    const list = document.getIn(steps, true);
    place(document, [...steps, isSeq(list) ? list.items.length : 0], parsed.value);
  } else place(document, steps, parsed.value);
  return { ok: true, text: textOf(document) };
}

/** Takes a setting, a section, an entry of a list or one value of a list out. */
export function withoutSetting(text: string, path: string): Edited {
  const document = read(text);
  const data: unknown = document.toJS();
  const resolved = resolve(path, data, 'delete');
  if (!resolved.ok) return resolved;
  const { steps, value } = resolved.target;
  let at: readonly Step[] = steps;
  if (value !== undefined) {
    const list = document.getIn(steps, true);
    const index = isSeq(list) ? list.items.findIndex((item) => isScalar(item) && String(item.value) === value) : -1;
    if (index < 0) return notThere(path);
    at = [...steps, index];
  }
  if (!document.hasIn(at)) return notThere(path);
  document.deleteIn(at);
  return { ok: true, text: textOf(document) };
}

/** The part of a configuration that a path leads to, as YAML; the whole for an empty path. */
export function settingText(text: string, path: string): Edited {
  if (path === '') return { ok: true, text };
  const document = read(text);
  const resolved = resolve(path, document.toJS(), 'show');
  if (!resolved.ok) return resolved;
  const found: unknown = document.getIn(resolved.target.steps, true);
  if (found === undefined || found === null) return notThere(path);
  document.contents = found as typeof document.contents;
  document.commentBefore = null;
  return { ok: true, text: textOf(document) };
}

function read(text: string): Document {
  return parseDocument(text, { logLevel: 'silent' }) as Document;
}

/** No line is folded: what was on one line stays there. */
function textOf(document: Document): string {
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function notThere(path: string): { ok: false; refusal: Refusal } {
  return refuse('not-found', `${clip(path)} is not set`, 'show tells what is');
}

function resolve(path: string, data: unknown, purpose: 'set' | 'delete' | 'show'): Resolved {
  const words = path.split('.').filter((word) => word !== '');
  if (words.length === 0)
    return refuse('bad-argument', 'the path is empty', 'write samog-service.setup-timeout, or so');
  const steps: Step[] = [];
  const begun: Target['begun'][number][] = [];
  let node: SchemaNode = tree;
  let raw = withEmptyMappings(tree, data);
  let at = 0;
  while (at < words.length) {
    if (node.kind === 'value') {
      return refuse('bad-argument', `${words.slice(0, at).join('.')} has nothing below it`, 'leave the rest out');
    }
    if (node.kind === 'mapping') {
      const word = words[at]!;
      const child: SchemaNode | undefined = node.entries.get(word);
      if (child === undefined) return unknownSetting(words, at, node);
      node = child;
      raw = isMapping(raw) ? raw[word] : undefined;
      steps.push(word);
      at += 1;
      continue;
    }
    const { item }: SchemaNode & { kind: 'list' } = node;
    if (item.kind !== 'mapping') {
      const value = words.slice(at).join('.');
      if (purpose === 'set')
        return refuse(
          'bad-argument',
          'a value of a list has no settings',
          `write it behind ${words.slice(0, at).join('.')}`,
        );
      return { ok: true, target: { steps, node, begun, value } };
    }
    const entries = Array.isArray(raw) ? raw : [];
    const entry = entryAt(item, entries, words, at);
    if (entry !== undefined) {
      steps.push(entry.index);
      raw = entries[entry.index];
      at = entry.next;
    } else {
      if (purpose !== 'set') return notThere(path);
      const fresh = freshEntry(item, words, at);
      if (!fresh.ok) return fresh;
      steps.push(entries.length);
      begun.push({ steps: [...steps], naming: fresh.naming });
      raw = fresh.naming;
      at = fresh.next;
    }
    node = item;
  }
  return { ok: true, target: { steps, node, begun, value: undefined } };
}

/** Names may have dots in them: the longest that an entry has is meant. */
function entryAt(
  item: SchemaNode,
  entries: readonly unknown[],
  words: readonly string[],
  at: number,
): { readonly index: number; readonly next: number } | undefined {
  const names = entryNames(item, entries);
  for (let next = words.length; next > at; next -= 1) {
    const index = names.indexOf(words.slice(at, next).join('.'));
    if (index >= 0) return { index, next };
  }
  const place = /^\d{1,5}$/.test(words[at]!) ? Number(words[at]) : -1;
  return place >= 0 && place < entries.length ? { index: place, next: at + 1 } : undefined;
}

type Fresh =
  | { readonly ok: true; readonly naming: Readonly<Record<string, string>>; readonly next: number }
  | { readonly ok: false; readonly refusal: Refusal };

function freshEntry(item: SchemaNode & { kind: 'mapping' }, words: readonly string[], at: number): Fresh {
  let next = at + 1;
  while (next < words.length && !item.entries.has(words[next]!)) next += 1;
  if (next === words.length) {
    const hint = `name a setting of it: ${[...item.entries.keys()].join(', ')}`;
    return refuse('bad-argument', `${words.join('.')} is a whole entry`, hint);
  }
  const called = words.slice(at, next).join('.');
  const setting = namingSettingOf(item, called);
  // Where entries have no names, whatever is said in place of one begins another.
  return { ok: true, naming: setting === undefined ? {} : { [setting]: called }, next };
}

function unknownSetting(
  words: readonly string[],
  at: number,
  { entries }: SchemaNode & { kind: 'mapping' },
): { ok: false; refusal: Refusal } {
  // Of interception nobody is told who does not ask for it.
  const known = [...entries.keys()].filter((key) => key !== 'lawful-intercept');
  const meant = meantInstead(words[at]!, known);
  const hint = meant === undefined ? `known here: ${known.join(', ')}` : `did you mean "${meant}"?`;
  return refuse('bad-argument', `${clip(words.slice(0, at + 1).join('.'))} is not a setting`, hint);
}

type Value = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly refusal: Refusal };

/** What is a text for the schema stays one: a secret of digits is no number. */
function settingValue(node: SchemaNode, text: string): Value {
  const scalar = node.kind === 'list' && node.item.kind === 'value' ? node.item : node;
  if (scalar.kind === 'value' && scalar.schema.safeParse(text).success) return { ok: true, value: text };
  const document = parseDocument(text, { logLevel: 'silent' });
  let hasAlias = false;
  visit(document, {
    Alias() {
      hasAlias = true;
      return visit.BREAK;
    },
  });
  if (hasAlias) return refuse('bad-argument', 'the value has a YAML alias', 'write it out, or in quotes');
  if (document.errors.length > 0) {
    return refuse('bad-argument', 'the value is not valid YAML', 'write it as the file would have it, or in quotes');
  }
  const value: unknown = document.toJS({ maxAliasCount: 0 });
  if (node.kind === 'mapping' && !isMapping(value)) {
    return refuse('bad-argument', 'a section has no value', 'name a setting of it, or write {} for its defaults');
  }
  return { ok: true, value };
}

function place(document: Document, steps: readonly Step[], value: unknown): void {
  for (let depth = 1; depth < steps.length; depth += 1) {
    const above = steps.slice(0, depth);
    const found: unknown = document.getIn(above, true);
    if (isMap(found) || isSeq(found)) continue;
    const made = document.createNode(typeof steps[depth] === 'number' ? [] : {});
    // What is commented out there stays so.
    if (isScalar(found)) made.commentBefore = found.commentBefore ?? found.comment ?? null;
    document.setIn(above, made);
  }
  const found: unknown = document.getIn(steps, true);
  if (isScalar(found) && (typeof value !== 'object' || value === null)) {
    // The same node: what is written behind it stays there.
    (found as Scalar).value = value;
    delete (found as Scalar).source;
  } else document.setIn(steps, document.createNode(value));
}
