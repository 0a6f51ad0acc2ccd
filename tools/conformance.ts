import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { GeneratedFile } from './generated-file.ts';

/** Where the tables and their sources are, from the project's folder. */
export const conformanceFolder = 'docs/conformance';
const root = join(import.meta.dirname, '..');

const requirement = z.strictObject({
  /** Of the RFC; several where one line of code answers to them all. */
  clause: z.string().min(1),
  level: z.enum(['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY']),
  /** What is asked, in our own words. */
  rule: z.string().min(10),
  /** `untested`: done, and no test says so yet. `partial` and `missing` say what lacks, and why. */
  status: z.enum(['done', 'untested', 'partial', 'missing', 'not applicable']),
  why: z.string().min(3).optional(),
  /** `path/of.test.ts: title as written there`. */
  tests: z.array(z.string().regex(/^[\w./-]+(?:\.test|-suite)\.ts: .+$/)).optional(),
});

const table = z.strictObject({
  /** What it is of: an RFC, or another standard by its whole name, such as `ETSI TS 103 221-2`. */
  rfc: z.number().int().positive().optional(),
  standard: z
    .string()
    .regex(/^[A-Z0-9 -]+$/)
    .optional(),
  title: z.string(),
  /** What of it this project is concerned with, and what not. */
  scope: z.string(),
  requirements: z.array(requirement).min(1),
});

export type Requirement = z.infer<typeof requirement>;
export type ConformanceTable = z.infer<typeof table>;

/** What a table is of, as text. */
export function standardOf({ rfc, standard }: Pick<ConformanceTable, 'rfc' | 'standard'>): string {
  return standard ?? `RFC ${rfc}`;
}

/** The name of its files, without what tells what they are. */
function fileOf({ rfc, standard }: ConformanceTable): string {
  return standard === undefined ? `rfc${rfc}` : standard.toLowerCase().replaceAll(' ', '-');
}

/** Every table, by RFC number, and then the other standards. Throws with the file's name where one is not of the form above. */
export function conformanceTables(): readonly ConformanceTable[] {
  const tables = readdirSync(join(root, conformanceFolder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => {
      const read = table.safeParse(parse(readFileSync(join(root, conformanceFolder, name), 'utf8')));
      if (!read.success) throw new Error(`${conformanceFolder}/${name}: ${z.prettifyError(read.error)}`);
      if (name !== `${fileOf(read.data)}.yaml`)
        throw new Error(`${conformanceFolder}/${name} is about ${standardOf(read.data)}`);
      return read.data;
    });
  const place = ({ rfc }: ConformanceTable): number => rfc ?? Number.MAX_SAFE_INTEGER;
  return tables.sort((left, right) => place(left) - place(right));
}

/** What is wrong with a line that its form does not show: a claim without proof, or a gap without a reason. */
export function faultOf({ status, why, tests }: Requirement): string | undefined {
  const proven = (tests ?? []).length > 0;
  if (status === 'done' && !proven) return 'is done but names no test: name one, or call it untested';
  if ((status === 'missing' || status === 'not applicable') && proven) return `is ${status} but names a test`;
  if (status !== 'done' && status !== 'untested' && why === undefined) return `is ${status} without saying why`;
  return undefined;
}

const levels = ['MUST', 'SHOULD', 'MAY'] as const;
const statuses = ['done', 'untested', 'partial', 'missing', 'not applicable'] as const;

function render(of: ConformanceTable): string {
  const rows = of.requirements.map(({ clause, level, rule, status, why, tests }) =>
    [clause, level, rule, why === undefined ? status : `${status}: ${why}`, (tests ?? []).map(testCell).join('<br>')]
      .map((cell) => ` ${cell.replaceAll('|', '\\|')} `)
      .join('|'),
  );
  return `# ${standardOf(of)}: ${of.title}

Generated from \`${fileOf(of)}.yaml\` by \`npm run generate\`: do not edit.

${of.scope.trim()}

| clause | level | what is asked | status | test |
| --- | --- | --- | --- | --- |
${rows.map((row) => `|${row}|`).join('\n')}
`;
}

/** `file: title`, the file as a link. */
function testCell(test: string): string {
  const path = test.slice(0, test.indexOf(': '));
  return `[${path.slice(path.lastIndexOf('/') + 1)}](../../${path}): ${test.slice(path.length + 2)}`;
}

function renderIndex(tables: readonly ConformanceTable[]): string {
  const count = (of: ConformanceTable, is: (line: Requirement) => boolean) => of.requirements.filter(is).length;
  const rows = tables.map((of) => {
    const counts = statuses.map((status) => count(of, (line) => line.status === status));
    return `| [${standardOf(of)}](${fileOf(of)}.md) | ${of.title} | ${counts.join(' | ')} |`;
  });
  const open = tables.flatMap((of) =>
    of.requirements
      .filter(({ status }) => status === 'missing' || status === 'partial')
      .map(({ clause, level, rule, status, why }) => ({ of: standardOf(of), clause, level, rule, status, why })),
  );
  const openOf = (level: (typeof levels)[number]) => {
    const lines = open.filter((line) => line.level.startsWith(level));
    if (lines.length === 0) return `### ${level}\n\nNone.\n`;
    const list = lines.map((line) => `- ${line.of}, ${line.clause} (${line.status}): ${line.rule} ${line.why}`);
    return `### ${level}\n\n${list.join('\n')}\n`;
  };
  return `# Conformance

Generated by \`npm run generate\` from the \`*.yaml\` beside this page: do not edit.

A line is a requirement in our words, with its clause and level. \`done\` names a test that would fail without it, and a
test checks that every named test exists; \`untested\` is done as far as the code tells, with no test of its own yet;
\`partial\` and \`missing\` say what lacks and why. Requirements for parties that this gateway is not (mobile nodes, RADIUS
servers, DHCP clients) are left out.

| standard | title | ${statuses.join(' | ')} |
| --- | --- | ${statuses.map(() => '---:').join(' | ')} |
${rows.join('\n')}

## What lacks, by level

${levels.map(openOf).join('\n')}`;
}

/** One page for each table, and the index. */
export function conformancePages(): readonly GeneratedFile[] {
  const tables = conformanceTables();
  return [
    { file: `${conformanceFolder}/README.md`, render: () => renderIndex(tables) },
    ...tables.map((of) => ({ file: `${conformanceFolder}/${fileOf(of)}.md`, render: () => render(of) })),
  ];
}
