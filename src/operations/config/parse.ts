import type { z } from 'zod';
import { type ConfigDraft, checks } from './checks.ts';
import { authorizationChecks } from './checks-authorization.ts';
import { interceptChecks } from './checks-intercept.ts';
import { notificationChecks } from './checks-notifications.ts';
import { redundancyChecks } from './checks-redundancy.ts';
import { toGatewayConfig } from './convert.ts';
import type { GatewayConfig } from './gateway-config.ts';
import type { Problem, ProblemCode } from './problem.ts';
import { configSchema } from './schema.ts';
import { nodeAt, readDraft, type SchemaNode, treeOf, withEmptyMappings } from './schema-tree.ts';
import { meantInstead } from './spelling.ts';
import type { Refusal } from './values.ts';
import { type Path, readYaml, type YamlSource } from './yaml-source.ts';

export type ParsedConfig =
  | { readonly ok: true; readonly config: GatewayConfig }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Enough for any honest mistake; a file that is no configuration at all must not bury the terminal. */
const problemsMax = 100;

/**
 * Reads a configuration file. Never throws: whatever is wrong with the text comes back as problems, all of them at
 * once and in the order of the file.
 *
 * @param fileName how the problems call the file; it is not opened
 */
export function parseConfig(text: string, fileName: string): ParsedConfig {
  const problems: Problem[] = [];
  const report = (source: YamlSource, path: Path, part: 'key' | 'value', refusal: Refusal): void => {
    problems.push({ ...refusal, file: fileName, path: path.map(String).join('.'), ...source.locate(path, part) });
  };

  const source = readYaml(text);
  for (const { line, column, path, ...refusal } of source.problems) {
    problems.push({ ...refusal, file: fileName, path: path.map(String).join('.'), line, column });
  }
  if (source.readable) {
    const tree = treeOf(configSchema);
    const data = withEmptyMappings(tree, source.data);
    const parsed = configSchema.safeParse(data);
    for (const issue of parsed.error?.issues ?? []) {
      for (const { path, part, refusal } of refusalsOf(issue, tree)) report(source, path, part, refusal);
    }
    const draft = (readDraft(tree, data) ?? {}) as ConfigDraft;
    for (const check of [
      ...checks,
      ...authorizationChecks,
      ...interceptChecks,
      ...notificationChecks,
      ...redundancyChecks,
    ]) {
      check(draft, (path, code, message, hint) => {
        // To a check, a value that cannot be read looks like one that is not there.
        const isKnown = code === 'missing' && problems.some((problem) => problem.path === path.map(String).join('.'));
        if (!isKnown) report(source, path, 'value', { code, message, hint });
      });
    }
    if (problems.length === 0 && parsed.success) return { ok: true, config: toGatewayConfig(parsed.data) };
  }
  problems.sort((left, right) => left.line - right.line || left.column - right.column);
  return { ok: false, problems: problems.slice(0, problemsMax) };
}

interface LocatedRefusal {
  readonly path: Path;
  readonly part: 'key' | 'value';
  readonly refusal: Refusal;
}

function refusalsOf(issue: z.core.$ZodIssue, tree: SchemaNode): LocatedRefusal[] {
  const path = issue.path as Path;
  const at = (code: ProblemCode, message: string, hint: string): LocatedRefusal[] => [
    { path, part: 'value', refusal: { code, message, hint } },
  ];
  switch (issue.code) {
    case 'custom': {
      const { code, hint } = issue.params as Omit<Refusal, 'message'>;
      return at(code, issue.message, hint);
    }
    case 'unrecognized_keys':
      return issue.keys.slice(0, problemsMax).map((key) => ({
        path: [...path, key],
        part: 'key',
        refusal: { code: 'unknown-key', message: 'is not a setting', hint: keyHint(tree, path, key) },
      }));
    case 'too_small':
      return at('out-of-range', 'is empty', 'list at least one');
    case 'too_big':
      return at('out-of-range', `has more than ${issue.maximum} entries`, `list at most ${issue.maximum}`);
    default: {
      const kind = nodeAt(tree, path)?.kind === 'list' ? 'a list' : 'a mapping';
      const absent = issue.message.endsWith('received undefined');
      const sample = kind === 'a list' ? 'write it as "- …" lines' : 'write its settings indented below it';
      return absent
        ? at('missing', 'is missing', `add ${kind}: ${sample}`)
        : at('wrong-type', `is not ${kind}`, sample);
    }
  }
}

/** Where else in the file a key belongs, if it is one. */
function homeOf(node: SchemaNode, key: string, path: readonly string[]): string | undefined {
  const below = node.kind === 'list' ? node.item : node;
  if (below.kind !== 'mapping') return undefined;
  for (const [name, child] of below.entries) {
    if (name === key) return path.length === 0 ? 'the top level' : path.join('.');
    const found = homeOf(child, key, [...path, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function keyHint(tree: SchemaNode, path: Path, key: string): string {
  const node = nodeAt(tree, path);
  const known = node?.kind === 'mapping' ? [...node.entries.keys()] : [];
  const meant = meantInstead(key, known);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  const home = homeOf(tree, key, []);
  if (home !== undefined) return `it belongs under ${home}`;
  return `known here: ${known.join(', ')}`;
}
