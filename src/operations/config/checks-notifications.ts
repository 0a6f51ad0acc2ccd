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

/** Receivers have names of their own, and what belongs together is there. */
const receiversMakeSense: Check = (config, report) => {
  const names = new Set<string>();
  for (const list of ['syslog', 'webhooks', 'snmp'] as const) {
    for (const [index, receiver] of (config.notifications?.[list] ?? []).entries()) {
      const name = receiver?.name;
      if (name !== undefined && names.has(name)) {
        report(
          ['notifications', list, index, 'name'],
          'conflict',
          `"${name}" is taken`,
          'give each receiver its own name',
        );
      }
      if (name !== undefined) names.add(name);
    }
  }
  for (const [index, receiver] of (config.notifications?.syslog ?? []).entries()) {
    const { transport, tls } = receiver ?? {};
    const path = ['notifications', 'syslog', index, 'tls'];
    if (tls !== undefined && transport !== 'tls')
      report(path, 'conflict', 'is for transport tls', 'set transport: tls');
    if ((tls?.certificate === undefined) === (tls?.key === undefined)) continue;
    report(path, 'missing', 'has a certificate without its key, or a key alone', 'give both, or neither');
  }
  for (const [index, receiver] of (config.notifications?.snmp ?? []).entries()) {
    if (receiver === undefined) continue;
    const path = ['notifications', 'snmp', index];
    const { community, user } = receiver;
    if ((community === undefined) === (user === undefined)) {
      report(path, 'conflict', 'is neither version 2c nor version 3, or both', 'give it either a community or a user');
    }
    if (user?.['priv-key'] !== undefined && user['auth-key'] === undefined) {
      report([...path, 'user', 'auth-key'], 'missing', 'is missing', 'nothing is encrypted without authentication');
    }
  }
};

export const notificationChecks: readonly Check[] = [thresholdsMakeSense, receiversMakeSense];
