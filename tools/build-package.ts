// Makes lib/, the JavaScript that the npm package has in place of src, for Node.js strips no types below a folder
// `node_modules`. npm runs it before it packs. Types become blanks and names of files keep their length, so that a line
// and column in lib are those of src.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
/** A file beside the one that names it: what is imported, and the script of a thread or process. */
const nameOfFile = /(['"`])(\.\.?\/[^'"`\s]*)\.ts\1/g;

/**
 * The JavaScript of a file and of every file that it needs, by paths from `src`. What only tests need is not among them.
 *
 * @param entry path from `src`
 * @throws Error if a file that one names is not there
 */
function javaScriptOf(entry: string): ReadonlyMap<string, string> {
  const source = join(root, 'src');
  const made = new Map<string, string>();
  const awaited = new Set([entry]);
  for (const file of awaited) {
    const plain = stripTypeScriptTypes(readFileSync(join(source, file), 'utf8'));
    const named = (target: string): string => {
      const needed = join(dirname(file), `${target}.ts`);
      if (!existsSync(join(source, needed))) throw new Error(`src/${file} names ${target}.ts, which is not there`);
      awaited.add(needed);
      return `${target}.js`;
    };
    made.set(
      file.replace(/ts$/, 'js'),
      plain.replace(nameOfFile, (_, quote: string, target: string) => `${quote}${named(target)}${quote}`),
    );
  }
  return made;
}

const files = javaScriptOf('cli/main.ts');
rmSync(join(root, 'lib'), { recursive: true, force: true });
for (const [file, text] of files) {
  const path = join(root, 'lib', file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
