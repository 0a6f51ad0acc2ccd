import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseIpv4 } from '../../kernel/address.ts';
import { parseConfig } from './parse.ts';
import { settingPaths } from './reference.ts';

const read = (name: string) => readFileSync(new URL(`../../../config/${name}`, import.meta.url), 'utf8');
const gateway = read('samog.example.yaml');
const section = read('lawful-intercept.example.yaml');
const spelledOut = section.replace(/^( +)# ([a-z-]+:)/gm, '$1$2');

function parsed(text: string) {
  const result = parseConfig(`${gateway}\n${text}`, 'gateway.yaml');
  return result.ok ? result.config.lawfulIntercept : result.problems.map(({ path, code }) => `${path} ${code}`);
}

describe('lawful intercept', () => {
  it('is none without its section', () => {
    expect(parsed('')).toBeUndefined();
  });

  it('is configured as its example says, which names every setting with its default', () => {
    expect(parsed(section)).toMatchObject({
      networkFunction: 'samog',
      targetsMax: 1000,
      directory: '/var/lib/samog/intercept',
      provisioning: { address: parseIpv4('192.0.2.2'), port: 9443 },
      delivery: [
        { name: 'mediation', port: 50_010, bufferOctets: 67_108_864, keepaliveMs: 60_000, timeoutMs: 180_000 },
      ],
    });
    for (const path of settingPaths().filter((each) => each.startsWith('lawful-intercept'))) {
      const key = path.split('.').at(-1)!;
      expect(spelledOut).toMatch(new RegExp(`^[\\s-]*${key}:`, 'm'));
    }
    const named = spelledOut.replace(/tls-name: (\S+)/, 'tls-name: $1');
    expect(parsed(named)).toMatchObject({ delivery: [{ tlsName: 'mdf.example.net' }] });
  });

  it.each<[string, (text: string) => string, string]>([
    ['no key', (text) => text.replace(/^ {2}key-file:.*\n/m, ''), 'lawful-intercept.key-file missing'],
    [
      'no delivery function',
      (text) => text.replace(/^ {2}delivery:[\s\S]*/m, '  delivery: []\n'),
      'lawful-intercept.delivery out-of-range',
    ],
    [
      'two of one name',
      (text) => `${text}${text.slice(text.indexOf('    - name: mediation'))}`,
      'lawful-intercept.delivery.1.name conflict',
    ],
    [
      'a timeout within the interval',
      (text) => text.replace('# keepalive-timeout: 180s', 'keepalive-timeout: 60s'),
      'lawful-intercept.delivery.0.keepalive-timeout conflict',
    ],
    [
      'a relative path',
      (text) => text.replace('/etc/samog/intercept/warrants-ca.pem', 'ca.pem'),
      'lawful-intercept.provisioning.ca bad-value',
    ],
    [
      'no address',
      (text) => text.replace('address: 192.0.2.2', 'address: here'),
      'lawful-intercept.provisioning.address bad-value',
    ],
  ])('is refused with %s', (_, change, problem) => {
    expect(parsed(change(section))).toEqual([problem]);
  });
});
