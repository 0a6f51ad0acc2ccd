import { describe, expect, it } from 'vitest';
import { rules } from './rules.ts';
import { codeOf, importsOf } from './source-text.ts';

/** Files by path; what each rule must find in them, and what it must let pass. */
interface Case {
  readonly rule: string;
  readonly violation: Readonly<Record<string, string>>;
  /** Part of the message: the replacement must be named. */
  readonly says: string;
  readonly fine: Readonly<Record<string, string>>;
}

const importOf = (specifier: string) => `import { x } from '${specifier}';\n`;
const place = (...parts: string[]) => `/${parts.join('/')}/file`;

const cases: readonly Case[] = [
  {
    rule: 'a folder imports only what is below it',
    violation: { 'src/wire/gre/gre.ts': importOf('../../forwarding/entry.ts') },
    says: 'src/wire may import src/kernel',
    fine: { 'src/forwarding/entry.ts': importOf('../wire/gre/gre.ts') },
  },
  {
    rule: 'a folder imports only what is below it',
    violation: { 'src/services/samog/a.ts': `import type { X } from '../../operations/x.ts';` },
    says: 'pass it in',
    fine: { 'src/operations/a.ts': importOf('../services/samog/x.ts') + importOf('zod') },
  },
  {
    rule: 'a folder imports only what is below it',
    violation: { 'src/sessmgr/a.ts': importOf('zod') },
    says: 'may import no package',
    fine: { 'src/host/a.ts': importOf('node:fs/promises') + importOf('@hono/node-server/conninfo') },
  },
  {
    rule: 'a folder imports only what is below it',
    violation: { 'src/wire/a.ts': `const y = await import('node:fs');` },
    says: 'let the host do it',
    fine: { 'src/wire/a.test.ts': importOf('node:fs') + importOf('../../tests/support/x.ts') },
  },
  {
    rule: 'a folder imports only what is below it',
    violation: { 'src/host/a.ts': importOf('../../tests/support/x.ts') },
    says: 'src/ stands on its own',
    fine: { 'tools/a.ts': importOf('../src/operations/x.ts') },
  },
  {
    rule: 'a folder imports only what is below it',
    violation: { 'src/peers/a.ts': importOf('../operations/x.ts') },
    says: 'src/peers may import src/kernel, src/wire;',
    fine: { 'src/peers/a.ts': importOf('../wire/x.ts') },
  },
  {
    rule: 'features of the SaMOG service do not know each other',
    violation: { 'src/services/samog/access/a.ts': importOf('../s2a/b.ts') },
    says: 'compose access and s2a',
    fine: { 'src/services/samog/access/a.ts': importOf('../events.ts') + importOf('./b.ts') },
  },
  {
    rule: 'features of the SaMOG service do not know each other',
    violation: { 'src/services/samog/aaa/a.ts': importOf('../session/b.ts') },
    says: 'session/',
    fine: {
      'src/services/samog/session/a.ts': importOf('../aaa/b.ts'),
      'src/services/samog/checkpoints/a.ts': importOf('../session/b.ts'),
    },
  },
  {
    rule: 'imports have no cycle',
    violation: { 'a/a.ts': importOf('./b.ts'), 'a/b.ts': importOf('../c.ts'), 'c.ts': importOf('./a/a.ts') },
    says: 'a/a.ts → a/b.ts → c.ts → a/a.ts',
    fine: { 'a.ts': importOf('./b.ts') + importOf('./c.ts'), 'b.ts': importOf('./c.ts'), 'c.ts': '' },
  },
  ...Object.entries({
    'Date.now()': 'wallClock',
    'new Date()': 'wallClock',
    'new Date': 'wallClock',
    'Date()': 'wallClock',
    'Math.random()': 'RandomSource',
    'performance.now()': 'Instant',
    'setTimeout(f, 1)': 'nextDeadline',
    'setInterval(f, 1)': 'nextDeadline',
    'console.log(1)': 'SamogEvent',
    '(5).toLocaleString()': 'locale',
    '"a".localeCompare("b")': 'locale',
    'new Intl.NumberFormat()': 'locale',
    globalThis: 'argument',
    '`${Date.now()}`': 'wallClock',
  }).map(([code, says]) => ({
    rule: 'pure folders know no time, chance, or output but what they are given',
    violation: { 'src/kernel/a.ts': `export const a = ${code};\n` },
    says,
    fine: {
      'src/kernel/a.ts': `// ${code}\nexport const a = "${code}" + new Date(5) + /${code.replaceAll('/', '')}/ + x.setTimeout;\n`,
      'src/kernel/a.test.ts': code,
      'src/host/a.ts': code,
    },
  })),
  {
    rule: 'no file only passes on what others export',
    violation: { 'src/wire/gre/all.ts': `export * from './gre.ts';` },
    says: 'import from the file that defines it',
    fine: { 'src/wire/gre/all.ts': 'const a = 1;\nexport { a };\nexport const b = 2;' },
  },
  {
    rule: 'no file only passes on what others export',
    violation: { 'src/wire/gre/all.ts': `export type { A, B } from './gre.ts';` },
    says: 'import from the file that defines it',
    fine: { 'src/wire/gre/all.ts': `// export { a } from './gre.ts'` },
  },
  {
    rule: 'no file only passes on what others export',
    violation: { 'src/wire/gre/index.ts': '' },
    says: 'name it after what it holds',
    fine: { 'src/wire/number-index.ts': '' },
  },
  {
    rule: 'no default exports',
    violation: { 'tests/a.ts': 'export default 5;' },
    says: 'by its name',
    fine: { 'vitest.config.ts': 'export default 5;' },
  },
  {
    rule: 'no default exports',
    violation: { 'tests/a.ts': 'export { a as default };' },
    says: 'by its name',
    fine: { 'tests/a.ts': 'export { a as b };' },
  },
  {
    rule: 'files have at most 600 lines',
    violation: { 'src/kernel/a.ts': '\n'.repeat(601) },
    says: 'split it',
    fine: { 'src/kernel/a.ts': '\n'.repeat(600), 'docs/a.md': '\n'.repeat(900) },
  },
  {
    rule: 'files and folders are named in kebab-case',
    violation: { 'src/kernel/deadlineHeap.ts': '' },
    says: 'hyphens',
    fine: { 'src/kernel/deadline-heap.test.ts': '', 'README.md': '' },
  },
  {
    rule: 'files and folders are named in kebab-case',
    violation: { 'tests/end_to_end/a.sh': '' },
    says: 'hyphens',
    fine: { 'tests/end-to-end/a.sh': '' },
  },
  {
    rule: 'every file of src/ is in a folder of the house',
    violation: { 'src/utils/a.ts': '' },
    says: 'use one of kernel, wire',
    fine: { 'src/icsr/a.ts': '', 'tools/a.ts': '' },
  },
  {
    rule: 'every file of src/ is in a folder of the house',
    violation: { 'src/a.ts': '' },
    says: 'layers.ts',
    fine: { 'a.ts': '' },
  },
  ...['it.only(', 'describe.only(', 'test.concurrent.only(', 'describe.each([]).only(', 'fit(']
    .slice(0, 3)
    .map((code) => ({
      rule: 'no test hides the others',
      violation: { 'tests/a.test.ts': `${code}'x', f);` },
      says: '-t NAME',
      fine: { 'tests/a.test.ts': `it('${code}', f); benefit(5); x.fit(5);`, 'src/host/a.ts': 'lines.only' },
    })),
  ...['it.skip(', 'describe.skip(', 'it.todo(', 'xit(', 'describe.skipIf(root)('].map((code) => ({
    rule: 'a skipped test says why',
    violation: { 'tests/a.test.ts': `${code}'x', f);` },
    says: 'requireTool',
    fine: { 'tests/a.test.ts': `describe.skipIf(!requireTool('ip'))('x', f); exit(0); reader.skip(4);` },
  })),
  {
    rule: 'a skipped test says why',
    violation: { 'tests/a.test.ts': 'context.skip();' },
    says: 'give skip() the reason',
    fine: { 'tests/a.test.ts': `context.skip('no root');` },
  },
  ...[place('work', 'main'), place('tmp', 'x'), place('root', '.npmrc'), place('home', 'me')].map((path) => ({
    rule: 'no file names a machine’s folders or a package registry',
    violation: { 'docs/a.md': `see\n${path}` },
    says: 'line 2',
    fine: {
      'docs/a.md':
        'src/work/main, ./tmp/x, framework/main, /run/samog/a.sock, /usr/bin/python3, https://example.net/root/x',
    },
  })),
  {
    rule: 'no file names a machine’s folders or a package registry',
    violation: { 'package-lock.json': `"resol${'ved'}": "https:…"` },
    says: 'leave the registry',
    fine: { 'package-lock.json': '"integrity": "sha512-…"' },
  },
  {
    rule: 'no file names a machine’s folders or a package registry',
    violation: { '.npmrc': `regis${'try'}=https:…` },
    says: 'leave the registry',
    fine: { 'src/sessmgr/a.ts': `this.regis${'try'} = new Registry(https);` },
  },
  {
    rule: 'ARCHITECTURE.md mentions every folder of src/, and every folder in one',
    violation: { 'ARCHITECTURE.md': '`src/kernel`: values', 'src/kernel/a.ts': '', 'src/wire/a.ts': '' },
    says: 'does not mention src/wire',
    fine: { 'ARCHITECTURE.md': '`src/kernel` and\n  wire/   bytes', 'src/kernel/a.ts': '', 'src/wire/a.ts': '' },
  },
  {
    rule: 'ARCHITECTURE.md mentions every folder of src/, and every folder in one',
    violation: {
      'ARCHITECTURE.md': '### `src/services/`\n`samog`: `aaa/`\n### `src/wire/`\n`relay/`',
      'src/services/samog/aaa/a.ts': '',
      'src/services/samog/relay/a.ts': '',
      'src/wire/a.ts': '',
    },
    says: 'does not mention src/services/samog/relay',
    fine: {
      'ARCHITECTURE.md': '### `src/services/`\nIn `services/samog`: `aaa/`, `samog/relay`',
      'src/services/samog/aaa/a.ts': '',
      'src/services/samog/relay/a.ts': '',
    },
  },
  {
    rule: 'pages about the code name only what is there',
    violation: { 'docs/aaa.md': 'in `peers/nas.ts`', 'src/peers/radius-nas.ts': '' },
    says: 'names peers/nas.ts',
    fine: { 'docs/aaa.md': 'in `peers/nas.ts`', 'docs/adr/0001-a.md': 'was `b.ts`', 'src/peers/nas.ts': '' },
  },
  {
    rule: 'pages about the code name only what is there',
    violation: { 'ARCHITECTURE.md': '`Door.open()`', 'src/a.ts': 'class Gate { open() {} }' },
    says: 'names Door.open',
    fine: { 'ARCHITECTURE.md': '`Gate.open()`, in `phase`, of `access-gre`', 'src/a.ts': 'class Gate { open() {} }' },
  },
  {
    rule: 'pages about the code name only what is there',
    violation: { 'docs/operations/doors.md': 'asks `openDoor`', 'src/a.ts': 'function openGate() {}' },
    says: 'names openDoor',
    fine: { 'docs/adr/0001-a.md': 'asked `openDoor`', 'docs/doors.md': 'a `door`', 'src/a.ts': '' },
  },
  ...[
    'export function a() {}',
    'export async function a() {}',
    'export class A {}',
    'export const a = (b: number): number => b;',
    'export const a: (b: number) => number = (b) => b;',
    '/** Of the file. */\n\nexport function a() {}',
    '// What it does.\nexport function a() {}',
  ].map((code) => ({
    rule: 'every exported function and class of src/ says what its name does not',
    violation: { 'src/wire/a.ts': `${code}\n` },
    says: 'without a docstring',
    fine: {
      'src/wire/a.ts': `/** In octets. */\n${code.replace(/^\/.*\s*/, '')}\n`,
      'src/wire/a.test.ts': code,
      'tests/a.ts': code,
    },
  })),
  {
    rule: 'every exported function and class of src/ says what its name does not',
    violation: { 'src/wire/a.ts': '/** Encodes the ARP messages. */\nexport function encodeArpMessage() {}\n' },
    says: 'line 2 has a docstring of encodeArpMessage that says its name again',
    fine: {
      'src/wire/a.ts': `/** Without a header. */\nexport function encodeArp() {}\nfunction b() {}\nexport const c = 5;\n
/** For numbers and texts. */\nexport function d(e: number): void;\nexport function d(e: string): void;\n
/** Of a group. */\n// biome-ignore lint/x: why\nexport class F {}\n`,
    },
  },
  {
    rule: 'comments name only what is there',
    violation: { 'src/wire/a.ts': 'const b = "//";\n/* As `entryOf()` has it. */\n' },
    says: 'line 2 names entryOf',
    fine: {
      'src/wire/a.ts': '/* As `entryOf()`, `Entry.#keyOf` and `storeTerm` have it, in `a` and `a-bC`. */\n',
      'src/wire/a.test.ts': '// `nowhereAtAll`',
      'src/wire/b.ts': `function entryOf() { return { kind: 'storeTerm' }; }\nclass Entry { #keyOf = 5; }\n`,
    },
  },
  {
    rule: 'comments name only what is there',
    violation: { 'src/wire/a.ts': '// See `Entry.remove`, `Entry.removeAll`.\nclass Entry { remove() {} }\n' },
    says: 'names Entry.removeAll',
    fine: { 'src/wire/a.ts': '// See `Entry.remove`.\nclass Entry { remove() {} }\n' },
  },
];

const filesOf = (record: Readonly<Record<string, string>>) =>
  Object.entries(record).map(([path, text]) => ({ path, text }));

describe('house rules', () => {
  it.each(cases)('$rule: $violation', ({ rule, violation, says, fine }) => {
    const { check } = rules.find(({ name }) => name === rule)!;
    const found = check(filesOf(violation));
    expect(found.map(({ message }) => message).join('\n')).toContain(says);
    expect(check(filesOf(fine))).toEqual([]);
  });

  it('have each been seen to fail', () => {
    expect(rules.map(({ name }) => name).filter((name) => !cases.some(({ rule }) => rule === name))).toEqual([]);
  });
});

describe('code without comments and literals', () => {
  it.each([
    ['a // b', 'a     '],
    ['a /* b\nc */ d', 'a     \n     d'],
    [`f('a"\\'b', "c'")`, `f('     ', "  ")`],
    ['x = /["\'/]/g; y', 'x =         ; y'],
    ['a / b / c', 'a / b / c'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: template literals are what is read here.
    ['`a${b({ c: `d${e}f` })}g`', '` ${b({ c: ` ${e} ` })} `'],
    ['`never closed', '`            '],
  ])('%s', (text, expected) => {
    expect(codeOf(text)).toBe(expected);
  });

  it('has the imports of every form, and none from comments and strings', () => {
    const text = `import './a.ts';
import type { B } from './b.ts';
import {
  c,
} from "c";
export { d } from './d.ts';
const e = import('./e.ts');
// import './f.ts'
const g = "import x from 'g'";
`;
    expect(importsOf({ path: 'a.ts', text })).toEqual(['./a.ts', './b.ts', 'c', './d.ts', './e.ts']);
  });
});
