import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseConfig } from './parse.ts';
import { formatProblem } from './problem.ts';

const example = readFileSync(new URL('../../../config/samog.example.yaml', import.meta.url), 'utf8');
const withoutLimits = example.slice(0, example.indexOf('thresholds:'));

/** Problems of the example with these lines instead of its thresholds and notifications. */
function problemsOf(lines: string): string[] {
  const parsed = parseConfig(withoutLimits + lines, 'x.yaml');
  return parsed.ok ? [] : parsed.problems.map((problem) => formatProblem(problem).replace(/^x\.yaml:\d+:\d+: /, ''));
}

const threshold = (lines: string): string => `thresholds:\n  - name: t\n    metric: samog_sessions\n${lines}`;

describe('thresholds of a configuration', () => {
  it.each([
    [threshold('    above: 1\n'), []],
    [threshold('    above: 1.5\n    clear-below: 1.5\n'), []],
    [threshold('    below: 1\n    clear-above: 2\n'), []],
    [threshold(''), ['has no limit']],
    [threshold('    above: 1\n    below: 0\n'), ['has two limits']],
    [threshold('    above: 1\n    clear-below: 2\n'), ['is beyond above']],
    [threshold('    below: 1\n    clear-above: 0\n'), ['is beyond below']],
    [threshold('    above: 1\n    clear-above: 0\n'), ['belongs to below']],
    [`${threshold('    above: 1\n')}${threshold('    above: 1\n').replace('thresholds:\n', '')}`, ['"t" is taken']],
    [threshold('    above: 1\n').replace('samog_sessions', 'samog_session'), ['did you mean samog_sessions?']],
    [threshold('    above: many\n'), ['has no limit', 'not a number']],
  ])('are checked: %j', (lines, expected) => {
    const found = problemsOf(lines);
    expect(found).toHaveLength(expected.length);
    for (const [index, text] of expected.entries()) expect(found[index]).toContain(text);
  });
});
