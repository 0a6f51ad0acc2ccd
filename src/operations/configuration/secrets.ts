import { isMap, isScalar, isSeq, type Node, parseDocument, type Scalar } from 'yaml';
import { configSchema } from '../config/schema.ts';
import { type SchemaNode, treeOf } from '../config/schema-tree.ts';
import type { Path } from '../config/yaml-source.ts';
import { isSecretName } from '../support/configuration-without-secrets.ts';
import { below, entryNames } from './entries.ts';

/** What stands for a secret wherever a configuration is shown. Given back as it is, it means the secret that was there. */
export const hiddenMark = '(hidden)';

/** A value of a text that nobody is shown. */
interface Secret {
  /** As changes write it. */
  readonly path: string;
  /** Keys and places from the top. */
  readonly at: Path;
  readonly scalar: Scalar;
}

const tree = treeOf(configSchema);

/**
 * Whether nobody is shown what a setting is set to. What the schema does not know may be a secret that was misspelt.
 *
 * @param name its key, if it has one
 */
export function isSecretSetting(node: SchemaNode | undefined, name = ''): boolean {
  if (node?.comparison === 'secret' || node?.comparison === 'proved') return true;
  // Where a key is, is no secret; what it is, is.
  const isPath = node?.kind === 'value' && node.meta.type.startsWith('absolute path');
  return isSecretName(name) && (node === undefined || node.kind === 'value') && !isPath;
}

/** Of a text that is readable YAML. */
function secretsIn(text: string): Secret[] {
  const document = parseDocument(text, { logLevel: 'silent' });
  return [...secretsBelow(tree, document.contents, { path: '', at: [] }, false)];
}

function* secretsBelow(
  node: SchemaNode | undefined,
  yaml: unknown,
  { path, at }: Pick<Secret, 'path' | 'at'>,
  isInherited: boolean,
): Iterable<Secret> {
  const isSecret = isInherited || isSecretSetting(node);
  if (isMap(yaml)) {
    for (const { key, value } of yaml.items) {
      const name = isScalar(key) ? String(key.value) : '';
      const child = node?.kind === 'mapping' ? node.entries.get(name) : undefined;
      // What the schema does not know may be a secret that was misspelt.
      const place = { path: below(path, name), at: [...at, name] };
      yield* secretsBelow(child, value, place, isSecret || isSecretSetting(child, name));
    }
  } else if (isSeq(yaml)) {
    const item = node?.kind === 'list' ? node.item : undefined;
    const entries = yaml.items.map((entry) => (isMap(entry) ? entry.toJSON() : undefined) as unknown);
    const names = item === undefined ? entries.map((_, index) => String(index)) : entryNames(item, entries);
    for (const [index, entry] of yaml.items.entries()) {
      yield* secretsBelow(item, entry, { path: below(path, names[index]!), at: [...at, index] }, isSecret);
    }
  } else if (isSecret && isScalar(yaml) && yaml.value !== null) {
    yield { path, at, scalar: yaml };
  }
}

/** The text with a mark for each secret; all else of it as it is. */
export function withoutSecrets(text: string): string {
  return replaced(
    text,
    secretsIn(text).map(({ scalar }) => ({ node: scalar, by: hiddenMark })),
  );
}

/** Marks that stand for no secret yet, as they would be told. */
export function hiddenMarks(text: string): readonly Pick<Secret, 'path' | 'at'>[] {
  return secretsIn(text).filter(({ scalar }) => scalar.value === hiddenMark);
}

/**
 * A text that was shown, with the secrets that its marks stand for: those that the former text has at the same paths. A mark for
 * which there is none stays.
 *
 * @param former where secrets are taken from; readable YAML
 */
export function withSecretsOf(text: string, former: string): string {
  const known = new Map(secretsIn(former).map(({ path, scalar }) => [path, scalar.value]));
  const replacements = secretsIn(text).flatMap(({ path, scalar }) => {
    const isMark = scalar.value === hiddenMark && known.has(path);
    return isMark ? [{ node: scalar, by: JSON.stringify(known.get(path)) }] : [];
  });
  return replaced(text, replacements);
}

function replaced(text: string, replacements: readonly { readonly node: Node; readonly by: string }[]): string {
  let result = text;
  for (const { node, by } of replacements.toReversed()) {
    const [start, end] = node.range!;
    // A block scalar ends with its line.
    const tail = text.slice(start, end).endsWith('\n') ? '\n' : '';
    result = `${result.slice(0, start)}${by}${tail}${result.slice(end)}`;
  }
  return result;
}
