// Builds the browser's console (`npm run build:console`) from src/console into dist/console.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const root = join(import.meta.dirname, '..');
const source = join(root, 'src/console');

/** The licences of the packages that are in the script: it may only be passed on with them. */
function licencesOf(inputs: readonly string[]): string {
  const names = new Set(inputs.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  const licenceOf = (name: string) => {
    const folder = join(root, 'node_modules', name);
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return `${name} ${version}\n\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()}\n`;
  };
  return [...names]
    .sort()
    .map(licenceOf)
    .join(`\n${'-'.repeat(72)}\n\n`);
}

/** Text of each file of the console, by its name. The same sources make the same octets. */
export function consoleFiles(): ReadonlyMap<string, string> {
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: { console: 'src/console/main.tsx' },
    outdir: 'dist/console',
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'error',
    // It has no text of the machine that it was built on.
    sourcemap: false,
    metafile: true,
  });
  return new Map([
    ...outputFiles.map(({ path, text }): [string, string] => [path.slice(path.lastIndexOf('/') + 1), text]),
    ['licences.txt', licencesOf(Object.keys(metafile.inputs))],
    ...['index.html', 'icon.svg'].map((name): [string, string] => [name, readFileSync(join(source, name), 'utf8')]),
  ]);
}

if (process.argv[1] === import.meta.filename) {
  const folder = join(root, 'dist/console');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of consoleFiles()) writeFileSync(join(folder, name), text);
}
