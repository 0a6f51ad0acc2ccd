import type { Plugin } from 'vitest/config';

/** The module that tests get for fast-check; the mark keeps other plugins from taking it for a file. */
const standIn = '\0fast-check of the tests';
const parameters = new URL('property-parameters.ts', import.meta.url).pathname;

/**
 * What `import fc from 'fast-check'` gives in a test: fast-check itself, with the seed and the number of runs that the
 * environment asks for. Only the files that import it pay for it; a setup file would load fast-check into every worker.
 */
export function fastCheckPlugin(): Plugin {
  return {
    name: 'fast-check of the tests',
    enforce: 'pre',
    resolveId: (source, importer) => (source === 'fast-check' && importer !== standIn ? standIn : undefined),
    load: (id) =>
      id === standIn
        ? `import * as fastCheck from 'fast-check';
           import { propertyParameters, timesAsManyRuns } from '${parameters}';
           fastCheck.configureGlobal(propertyParameters(process.env, Math.random));
           const times = timesAsManyRuns(process.env);
           export const assert = (property, asked) =>
             fastCheck.assert(property, { ...asked, numRuns: (asked?.numRuns ?? 100) * times });
           export * from 'fast-check';
           export default { ...fastCheck, assert };`
        : undefined,
  };
}
