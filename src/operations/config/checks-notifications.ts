import type { Check } from './checks.ts';

const sides = [
  { limit: 'above', clear: 'clear-below', other: 'below', otherClear: 'clear-above', sign: 1 },
  { limit: 'below', clear: 'clear-above', other: 'above', otherClear: 'clear-below', sign: -1 },
] as const;

/** A threshold has one limit, and is over on the right side of it. */
const thresholdsMakeSense: Check = (config, report) => {
  const names = new Set<string>();
  for (const [index, threshold] of (config.thresholds ?? []).entries()) {
    if (threshold === undefined) continue;
    const path = ['thresholds', index];
    const { name } = threshold;
    if (name !== undefined && names.has(name)) {
      report([...path, 'name'], 'conflict', `"${name}" is taken`, 'give each threshold its own name');
    }
    if (name !== undefined) names.add(name);
    if ((threshold.above === undefined) === (threshold.below === undefined)) {
      const message = threshold.above === undefined ? 'has no limit' : 'has two limits';
      report(path, 'conflict', message, 'give it either above or below');
      continue;
    }
    for (const { limit, clear, other, otherClear, sign } of sides) {
      const [at, back] = [threshold[limit], threshold[clear]];
      if (at === undefined) continue;
      if (threshold[otherClear] !== undefined) {
        report([...path, otherClear], 'conflict', `belongs to ${other}`, `write ${clear} with ${limit}`);
      }
      if (back !== undefined && sign * back > sign * at) {
        report([...path, clear], 'conflict', `is beyond ${limit}`, `use ${at} or what is on the other side of it`);
      }
    }
  }
};

export const notificationChecks: readonly Check[] = [thresholdsMakeSense];
