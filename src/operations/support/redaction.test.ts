import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { pairSource } from '../../../tests/operations/pair-source.ts';
import { busySource, moment } from '../../../tests/operations/view-source.ts';
import { configSchema } from '../config/schema.ts';
import { type SchemaNode, treeOf } from '../config/schema-tree.ts';
import { views } from '../views/registry.ts';
import { configurationWithoutSecrets, isSecretName } from './configuration-without-secrets.ts';
import { Redaction } from './redaction.ts';

describe('redaction', () => {
  it.each([
    ['02:00:5e:11:22:33', 'mac-1'],
    ['username: 02005e112233 at 02-00-5E-11-22-33, 0200.5e11.2233', 'username: mac-1 at mac-1, mac-1'],
    ['0001010123456789@wlan.mnc001.mcc001.3gppnetwork.org', 'user-1'],
    ['imsi 001010123456789', 'imsi number-1'],
    ['moved to 192.0.2.10 and back to 192.0.2.10:5436', 'moved to ip-1 and back to ip-1:5436'],
    ['from 2001:db8::7, not at 10:59:59.500', 'from ip-1, not at 10:59:59.500'],
    ['2026-03-01T10:59:59.500Z', '2026-03-01T10:59:59.500Z'],
    ['release 1.2.3, 999.1.1.1, c1a55e', 'release 1.2.3, 999.1.1.1, c1a55e'],
  ])('%s', (text, expected) => {
    expect(new Redaction().text(text)).toBe(expected);
  });

  it('keeps what belongs together together', () => {
    const data = {
      rows: [
        { mac: '02:00:00:00:00:01', nai: 'somebody' },
        { '02:00:00:00:00:01': 3, imsi: null },
      ],
    };
    expect(new Redaction().of(data)).toEqual({
      rows: [
        { mac: 'mac-1', nai: 'user-1' },
        { 'mac-1': 3, imsi: null },
      ],
    });
  });

  it('leaves nothing of a subscriber in any view', () => {
    const redaction = new Redaction();
    const args: Readonly<Record<string, object>> = { 'subscribers samog-only': { full: '' } };
    for (const source of [busySource(), pairSource('active')]) {
      for (const view of views) {
        const outcome = view.build(source, moment, { ...args[view.words.join(' ')] });
        if (!outcome.ok) continue;
        const text = JSON.stringify(redaction.of(outcome.data));
        const personal = /(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}|02005e|00101012345|@wlan|100\.64\.|198\.51\.100|c1a55e/i;
        expect(`${view.words.join(' ')} ${text}`).not.toMatch(personal);
      }
    }
  });
});

describe('a configuration without secrets', () => {
  const example = readFileSync(new URL('../../../config/samog-pair-a.example.yaml', import.meta.url), 'utf8');

  it('has everything else', () => {
    const data = configurationWithoutSecrets(example);
    expect(JSON.stringify(data)).not.toContain('change-me');
    const restored = JSON.parse(JSON.stringify(data).replaceAll('(removed)', 'change-me-to-something-long')) as Record<
      string,
      Record<string, unknown>
    >;
    const original = parse(example) as Record<string, Record<string, unknown>>;
    restored['service-redundancy-protocol']!['shared-key'] = original['service-redundancy-protocol']!['shared-key'];
    expect(restored).toEqual(original);
  });

  it('knows the secrets of the schema by their names', () => {
    const secrets: string[] = [];
    const visit = (name: string, node: SchemaNode): void => {
      if (node.kind === 'mapping') for (const [key, child] of node.entries) visit(key, child);
      else if (node.kind === 'list') visit(name, node.item);
      else if (node.comparison === 'secret') secrets.push(name);
    };
    visit('', treeOf(configSchema));
    expect(secrets).toEqual(expect.arrayContaining(['secret', 'password']));
    expect(secrets.filter((name) => !isSecretName(name))).toEqual([]);
    expect(isSecretName('shared-key')).toBe(true);
  });

  it('is nothing where there is no YAML', () => {
    expect(configurationWithoutSecrets('a: [')).toBeUndefined();
  });
});
