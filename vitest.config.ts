import { defineConfig } from 'vitest/config';
import { fastCheckPlugin } from './tests/support/fast-check-plugin.ts';
import { timesAsManyRuns } from './tests/support/property-parameters.ts';

/** Where to write the results as JSON besides showing them; .ci/run counts by it. */
const report = process.env['SAMOG_TEST_REPORT'];

// biome-ignore lint/style/noDefaultExport: Vitest reads its configuration from the default export.
export default defineConfig({
  plugins: [fastCheckPlugin()],
  test: {
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
    // A hunt takes its time.
    testTimeout: 60_000 * timesAsManyRuns(process.env),
    hookTimeout: 60_000,
    // Every program that a test starts reads what the first one has compiled.
    env: { NODE_COMPILE_CACHE: new URL('.build/compile-cache', import.meta.url).pathname },
    pool: 'forks',
    maxWorkers: 2,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
