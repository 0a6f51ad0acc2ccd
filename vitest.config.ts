import { defineConfig } from 'vitest/config';
import { layers } from './tests/house-rules/layers.ts';
import { fastCheckPlugin } from './tests/support/fast-check-plugin.ts';
import { LongestFirst } from './tests/support/longest-first.ts';
import { timesAsManyRuns } from './tests/support/property-parameters.ts';

/** Where to write the results as JSON besides showing them; .ci/run counts by it. */
const report = process.env['SAMOG_TEST_REPORT'];
/** Pure code has nothing that one test file could leave behind for the next: they share processes. */
const pureTests = Object.entries(layers).flatMap(([folder, { pure }]) => (pure ? [`src/${folder}/**/*.test.ts`] : []));

// biome-ignore lint/style/noDefaultExport: Vitest reads its configuration from the default export.
export default defineConfig({
  plugins: [fastCheckPlugin()],
  test: {
    // A hunt takes its time.
    testTimeout: 60_000 * timesAsManyRuns(process.env),
    hookTimeout: 60_000,
    // Every program that a test starts reads what the first one has compiled.
    env: { NODE_COMPILE_CACHE: new URL('.build/compile-cache', import.meta.url).pathname },
    pool: 'forks',
    // A test that drives programs waits for them most of its time: more files at once than CI has processors, which is two.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: { name: 'whole', include: ['src/**/*.test.ts', 'tests/**/*.test.ts'], exclude: pureTests },
      },
      { extends: true, test: { name: 'pure', include: pureTests, isolate: false } },
    ],
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
