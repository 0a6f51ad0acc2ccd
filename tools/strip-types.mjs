// Node.js runs TypeScript by stripping its types, but not below a folder called node_modules, where `npm install` puts this
// package. This does it there; the launcher has Node import it first, in every process and thread.
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

const here = new URL('..', import.meta.url).href;

registerHooks({
  load(url, context, nextLoad) {
    const isOurs = url.startsWith(here) && url.endsWith('.ts') && !url.slice(here.length).includes('node_modules/');
    if (!isOurs) return nextLoad(url, context);
    const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'));
    return { format: 'module', source, shortCircuit: true };
  },
});
