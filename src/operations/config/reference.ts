import { configSchema } from './schema.ts';
import { type Effect, type SchemaNode, treeOf } from './schema-tree.ts';

interface Row {
  readonly path: string;
  readonly type: string;
  readonly fallback: string;
  readonly unit: string;
  readonly description: string;
}

function fallbackOf(node: SchemaNode): string {
  if (Array.isArray(node.fallback)) return node.fallback.map((item) => `\`${item}\``).join(', ') || 'none';
  if (node.fallback !== undefined) return `\`${String(node.fallback)}\``;
  return node.absent ?? '**required**';
}

/** One row for each setting; `[]` stands for each entry of a list. */
function rowsOf(
  node: SchemaNode,
  path: string,
  isOwn = node.comparison === 'own',
  effect: Effect = node.effect ?? 'restart',
): Row[] {
  const notes = [...(isOwn ? ['Each chassis’s own.'] : []), ...(effect === 'hot' ? ['Hot.'] : [])];
  const description = notes.length === 0 ? node.description : `${node.description} (${notes.join(' ')})`;
  const effectOf = (child: SchemaNode): Effect => child.effect ?? effect;
  switch (node.kind) {
    case 'mapping':
      return [...node.entries].flatMap(([key, child]) =>
        rowsOf(child, path === '' ? key : `${path}.${key}`, isOwn || child.comparison === 'own', effectOf(child)),
      );
    case 'list': {
      if (node.item.kind === 'mapping') return rowsOf(node.item, `${path}[]`, isOwn, effectOf(node.item));
      const type = node.item.kind === 'value' ? `list of ${node.item.meta.type}` : 'list';
      return [{ path, type, unit: '', fallback: fallbackOf(node), description }];
    }
    case 'value':
      return [{ path, type: node.meta.type, unit: node.meta.unit, fallback: fallbackOf(node), description }];
  }
}

/** Paths of all settings as the reference writes them. */
export function settingPaths(): string[] {
  return rowsOf(treeOf(configSchema), '').map((row) => row.path);
}

const preface = `# Configuration reference

Generated from the schema by \`npm run generate\`: do not edit.

One YAML file, given as \`./samog run --config FILE\`; \`./samog check --config FILE\` reads it without starting anything and
reports all problems at once. \`config/samog.example.yaml\` is a complete example, \`config/samog-pair-a.example.yaml\` and
\`-b\` are those of a pair. Unknown and repeated keys are errors; YAML aliases are not allowed. The two chassis of a pair
have the same configuration but for what is called each chassis’s own. What is called hot is taken by a running gateway,
without disturbing any session; all else takes effect at the next start (docs/operations/configuration.md). A duration is a number with \`ms\`, \`s\`, \`m\`,
\`h\` or \`d\`; the unit column says what a number alone counts.
`;

/** The text of docs/reference/configuration.md. */
export function configReference(): string {
  const tree = treeOf(configSchema);
  const sections = tree.kind === 'mapping' ? [...tree.entries] : [];
  const parts = sections.map(([key, node]) => {
    const rows = rowsOf(node, key).map((row) => {
      const cells = [`\`${row.path}\``, row.type, row.fallback, row.unit, row.description];
      return `| ${cells.join(' | ')} |`;
    });
    const head = '| setting | type | default | unit | description |\n| --- | --- | --- | --- | --- |';
    return `\n## ${key}\n\n${node.description}\n\n${head}\n${rows.join('\n')}\n`;
  });
  return `${preface}${parts.join('')}`;
}
