import type { Check } from './checks.ts';

/** Whoever provisions names a delivery function, which has to be one; and one that is slow to answer is not one that is gone. */
const deliveryFunctionsAreDistinct: Check = (config, report) => {
  const names = new Set<string>();
  for (const [index, delivery] of (config['lawful-intercept']?.delivery ?? []).entries()) {
    const path = ['lawful-intercept', 'delivery', index];
    const { name, 'keepalive-interval': interval, 'keepalive-timeout': timeout } = delivery ?? {};
    if (name !== undefined && names.has(name)) {
      report([...path, 'name'], 'conflict', `"${name}" is taken`, 'give each delivery function its own name');
    }
    if (name !== undefined) names.add(name);
    if (interval !== undefined && timeout !== undefined && timeout <= interval) {
      const hint = 'use more than keepalive-interval, or no connection lasts';
      report([...path, 'keepalive-timeout'], 'conflict', 'is not longer than keepalive-interval', hint);
    }
  }
};

export const interceptChecks: readonly Check[] = [deliveryFunctionsAreDistinct];
