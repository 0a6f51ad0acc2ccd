import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { goldens } from './golden.ts';
import { labelsNow, labelsOf, missingLabels, namedInUnreleased, readLabels, writtenLabels } from './labels.ts';

const file = new URL('labels.txt', goldens);
const changelog = readFileSync(new URL('../../CHANGELOG.md', import.meta.url), 'utf8');

describe('a label of the last release', () => {
  it('is there still, unless the changelog names it in backquotes under Unreleased', () => {
    const now = labelsNow();
    // At a release, once its section of the changelog has a number: what there is then is what is agreed from then on.
    if (process.env['UPDATE_LABELS'] === '1') writeFileSync(file, writtenLabels(now));
    const agreed = readLabels(readFileSync(file, 'utf8'));
    const named = namedInUnreleased(changelog);
    const untold = missingLabels(agreed, now).filter(({ label }) => !named.has(label));
    expect(untold.map(({ of, label }) => `${of}: \`${label}\` is gone; CHANGELOG.md has to name it`)).toEqual([]);
    expect(Object.keys(agreed).length).toBeGreaterThan(100);
  });

  it('is a word before a colon, one of two on a line, or the heading of a column', () => {
    const text = [
      'SaMOG Service Name: samog',
      '  Sessions:           4  Sessions max:     1000000',
      '  Pair:               not configured: this chassis is alone',
      'No  Taken By  See Also',
      ' 2  alice     show cgw-service',
      '2026-03-01T10:59:59.500Z 02:00:5e:11:22:33 <- rg',
    ].join('\n');
    const labels = ['No', 'Pair', 'SaMOG Service Name', 'See Also', 'Sessions', 'Sessions max', 'Taken By'];
    expect(labelsOf(text)).toEqual(labels);
  });

  it('is missed where it is gone, and where its text is; one that is new is not', () => {
    const agreed = { 'show-alarms': ['No', 'Taken By'], 'show-audit': ['Audit'], 'samog cli': ['--yes'] };
    const now = { 'show-alarms': ['No', 'Held By'], 'samog cli': ['--no', '--yes'] };
    expect(missingLabels(agreed, now)).toEqual([
      { of: 'show-alarms', label: 'Taken By' },
      { of: 'show-audit', label: 'show-audit' },
    ]);
    const told = '# Changelog\n\n## Unreleased\n\n- `Taken\n  By` is `Held By`\n\n## 0.1.0\n\n- `No` is gone\n';
    expect([...namedInUnreleased(told)]).toEqual(['Taken By', 'Held By']);
  });
});
