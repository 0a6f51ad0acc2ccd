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

const receiver = (list: string, lines: string): string => `notifications:\n  ${list}:\n    - name: n\n${lines}`;
const snmp = (lines: string): string => receiver('snmp', `      address: 203.0.113.61\n${lines}`);
const syslog = (lines: string): string => receiver('syslog', `      address: 203.0.113.60\n${lines}`);

describe('receivers of a configuration', () => {
  it.each([
    [syslog(''), []],
    [syslog('      transport: tls\n      tls:\n        ca: /etc/ca.pem\n'), []],
    [syslog('      tls:\n        ca: /etc/ca.pem\n'), ['is for transport tls']],
    [syslog('      transport: tls\n      tls:\n        key: /etc/key.pem\n'), ['a certificate without its key']],
    [receiver('webhooks', '      url: https://alerts.example.net/hook?to=x\n'), []],
    [receiver('webhooks', '      url: ftp://alerts.example.net\n'), ['is no such URL']],
    [receiver('webhooks', '      url: https://me:mine@alerts.example.net\n'), ['is no such URL']],
    [receiver('webhooks', '      url: https://a.example.net\n      secret: short\n'), ['has 5 octets']],
    [snmp('      community: public\n'), []],
    [snmp('      user:\n        name: samog\n'), []],
    [snmp(''), ['is neither version 2c nor version 3']],
    [snmp('      community: public\n      user:\n        name: samog\n'), ['is neither version 2c nor version 3']],
    [snmp('      user:\n        name: samog\n        priv-key: eight or more\n'), ['is missing']],
    [`${syslog('')}${snmp('      community: public\n').replace('notifications:\n', '')}`, ['"n" is taken']],
  ])('are checked: %j', (lines, expected) => {
    const found = problemsOf(lines);
    expect(found).toHaveLength(expected.length);
    for (const [index, text] of expected.entries()) expect(found[index]).toContain(text);
  });
});
