// Builds the browser's console (`npm run build:console`) from src/console into dist/console.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const root = join(import.meta.dirname, '..');
const source = join(root, 'src/console');

/** Text of each file of the console, by its name. The same sources make the same octets. */
export function consoleFiles(): ReadonlyMap<string, string> {
  const { outputFiles } = buildSync({
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
  });
  return new Map([
    ...outputFiles.map(({ path, text }): [string, string] => [path.slice(path.lastIndexOf('/') + 1), text]),
    ...['index.html', 'icon.svg'].map((name): [string, string] => [name, readFileSync(join(source, name), 'utf8')]),
  ]);
}

if (process.argv[1] === import.meta.filename) {
  const folder = join(root, 'dist/console');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of consoleFiles()) writeFileSync(join(folder, name), text);
}
