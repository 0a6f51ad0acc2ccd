import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseIpv4 } from '../../kernel/address.ts';
import { parseConfig } from './parse.ts';

const example = readFileSync(new URL('../../../config/samog.example.yaml', import.meta.url), 'utf8');
const withoutLists = example.replace(/^access-lists:\n(?: .*\n)+/m, '');
const withRule = (rule: string) => `${withoutLists}access-lists: [{name: test, rules: [{action: deny, ${rule}}]}]\n`;

function parsed(text: string) {
  const result = parseConfig(text, 'gateway.yaml');
  return result.ok ? result.config.accessLists : result.problems.map(({ path, code }) => `${path} ${code}`);
}

const anything = {
  protocol: undefined,
  source: undefined,
  destination: undefined,
  sourcePorts: undefined,
  destinationPorts: undefined,
};

describe('access lists', () => {
  it('are none where none are written, and may be empty', () => {
    expect(parsed(withoutLists)).toEqual([]);
    expect(parsed(`${withoutLists}access-lists: [{name: nothing}]\n`)).toEqual([{ name: 'nothing', rules: [] }]);
  });

  it('keep their rules in order, each with what it says', () => {
    expect(parsed(example)).toEqual([
      {
        name: 'no-mail-relay',
        rules: [
          { ...anything, action: 'deny', protocol: 6, destinationPorts: { first: 25, last: 25 } },
          { ...anything, action: 'permit' },
        ],
      },
      {
        name: 'walled-garden',
        rules: [
          expect.objectContaining({ destination: { address: parseIpv4('203.0.113.53'), length: 32 } }),
          expect.objectContaining({ protocol: 17, sourcePorts: { first: 53, last: 53 } }),
        ],
      },
    ]);
  });

  it.each([
    ['protocol: 89', { protocol: 89 }],
    ['protocol: icmp', { protocol: 1 }],
    ['destination: 10.0.0.0/8', { destination: { address: parseIpv4('10.0.0.0'), length: 8 } }],
    ['protocol: sctp, source-ports: 1024-65535', { protocol: 132, sourcePorts: { first: 1024, last: 65535 } }],
    ['protocol: udp, destination-ports: 0', { protocol: 17, destinationPorts: { first: 0, last: 0 } }],
  ])('take %s', (rule, expected) => {
    expect(parsed(withRule(rule))).toEqual([{ name: 'test', rules: [{ ...anything, action: 'deny', ...expected }] }]);
  });

  it.each([
    ['protocol: ipx', 'access-lists.0.rules.0.protocol bad-value'],
    ['protocol: 256', 'access-lists.0.rules.0.protocol bad-value'],
    ['source: "2001:db8::1"', 'access-lists.0.rules.0.source bad-value'],
    ['source: 10.0.0.1/8', 'access-lists.0.rules.0.source bad-value'],
    ['protocol: tcp, source-ports: 2-1', 'access-lists.0.rules.0.source-ports out-of-range'],
    ['protocol: tcp, source-ports: 65536', 'access-lists.0.rules.0.source-ports out-of-range'],
    ['protocol: tcp, source-ports: http', 'access-lists.0.rules.0.source-ports wrong-type'],
    ['source-ports: 80', 'access-lists.0.rules.0.source-ports conflict'],
    ['protocol: icmp, destination-ports: 80', 'access-lists.0.rules.0.destination-ports conflict'],
    ['action: reject', 'access-lists.0.rules.0.action bad-value'],
  ])('refuse %s', (rule, problem) => {
    const text = withRule(rule).replace(/action: deny, (?=action)/, '');
    expect(parsed(text)).toEqual([problem]);
  });

  it('have names of their own', () => {
    const twice = example.replace('name: walled-garden', 'name: no-mail-relay');
    expect(parsed(twice)).toEqual(['access-lists.1.name conflict']);
  });
});
