import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../config/parse.ts';
import { settingChanges } from './change.ts';
import { joinedConfiguration, splitConfiguration } from './confidential.ts';
import { settingText, withoutSetting, withSetting } from './edit.ts';
import { pathCandidates } from './path-completion.ts';
import { hiddenMark, hiddenMarks, withoutSecrets, withSecretsOf } from './secrets.ts';
import { takingOf } from './taking.ts';

const example = readFileSync(new URL('../../../config/samog.example.yaml', import.meta.url), 'utf8');
const pair = readFileSync(new URL('../../../config/samog-pair-a.example.yaml', import.meta.url), 'utf8');

function edited(text: string, path: string, value: string): string {
  const result = withSetting(text, path, value);
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.text;
}

function changed(before: string, after: string) {
  return settingChanges(parse(before), parse(after));
}

describe('secrets of a configuration', () => {
  it.each([
    ['alone', example],
    ['of a pair', pair],
  ])('are in nothing that is shown of a chassis %s, and are never lost', (_, text) => {
    const shown = withoutSecrets(text);
    const secrets = [...text.matchAll(/^\s*(?:- )?(?:secret|key|shared-key): (.*)$/gm)].map(([, value]) => value!);
    expect(secrets.length).toBeGreaterThan(0);
    for (const secret of secrets) if (!secret.startsWith('/')) expect(shown).not.toContain(secret);
    expect(shown).toContain(hiddenMark);
    // Nothing else is touched.
    expect(shown.split('\n').length).toBe(text.split('\n').length);
    const restored = withSecretsOf(shown, text);
    expect(hiddenMarks(restored)).toEqual([]);
    expect(parse(restored)).toEqual(parse(text));
  });

  it('are asked for where a mark stands for none', () => {
    const shown = withoutSecrets(pair).replace(/shared-key: .*/, `shared-key: ${hiddenMark}`);
    const left = hiddenMarks(withSecretsOf(shown, 'chassis: {}')).map(({ path }) => path);
    expect(left).toContain('service-redundancy-protocol.shared-key');
  });

  it('come back whatever they are', () => {
    const secret = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
    fc.assert(
      fc.property(secret, fc.constantFrom('plain', 'quoted'), (value, style) => {
        const text = `mrme-service:\n  radius:\n    servers:\n      - name: one\n        secret: ${style === 'plain' ? JSON.stringify(value) : `>-\n          ${JSON.stringify(value)}`} # why\n        address: 192.0.2.1\n`;
        const shown = withoutSecrets(text);
        expect(shown).not.toContain(JSON.stringify(value));
        expect(parse(withSecretsOf(shown, text))).toEqual(parse(text));
      }),
      { numRuns: 60 },
    );
  });

  it('of whoever is notified, and files of keys that are none', () => {
    const text =
      'notifications: {webhooks: [{name: a, secret: s3cr3t}], snmp: [{name: b, community: pu81ic, auth-key: k3y}]}\nmanagement: {tcp: {key: /etc/key.pem}}\n';
    expect(withoutSecrets(text)).not.toMatch(/s3cr3t|pu81ic|k3y\b/);
    expect(withoutSecrets(text)).toContain('/etc/key.pem');
    const [change] = changed(text, text.replace('pu81ic', 'other'));
    expect(change).toMatchObject({ path: 'notifications.snmp.b.community', before: hiddenMark, after: hiddenMark });
  });

  it('are not shown where their name is misspelt', () => {
    expect(withoutSecrets('mrme-service:\n  radius:\n    sekret: a\n    secretx: topsecret\n')).not.toContain(
      'topsecret',
    );
  });
});

describe('the part that is nobody’s business', () => {
  const text =
    '# first\nchassis: { name: a }\n\n# whom\n# and how\nlawful-intercept:\n  x1: {}\n\n# log\nlogging: {}\n';
  it('is split off with its comments, and joined again', () => {
    const { open, confidential } = splitConfiguration(text);
    expect(open).toBe('# first\nchassis: { name: a }\n\n# log\nlogging: {}\n');
    expect(confidential).toBe('# whom\n# and how\nlawful-intercept:\n  x1: {}\n\n');
    expect(parse(joinedConfiguration({ open, confidential }))).toEqual(parse(text));
  });

  it('is split off a file on one line, too', () => {
    const { open, confidential } = splitConfiguration('{chassis: {name: a}, "lawful-intercept": {x1: 1}}');
    expect(open).not.toContain('x1');
    expect(parse(confidential)).toEqual({ 'lawful-intercept': { x1: 1 } });
  });
});

describe('changes', () => {
  it('are none of what means the same', () => {
    expect(changed(example, example)).toEqual([]);
    expect(changed(example, edited(example, 'samog-service.setup-timeout', '30000ms'))).toEqual([]);
    expect(changed('logging: {}\n', 'logging:\n  level: info\n')).toEqual([]);
    expect(changed('', 'logging:\n')).toEqual([]);
  });

  it('name the setting, what it was and what it is, and when it takes effect', () => {
    const after = edited(edited(example, 'logging.level', 'debug'), 'recovery.flush-interval', '2s');
    expect(changed(example, after)).toMatchObject([
      { path: 'logging.level', after: 'debug', effect: 'hot' },
      { path: 'recovery.flush-interval', after: '2s', effect: 'restart' },
    ]);
    expect(changed('chassis: {}', 'chassis: {}\nmetrics: {}')).toMatchObject([
      { path: 'metrics', kind: 'added', effect: 'hot' },
    ]);
  });

  it('find entries by their names, wherever they stand', () => {
    const before = 'twan-profiles: [{name: a, clients: [10.0.0.0/8]}, {name: b, clients: [10.1.0.0/16]}]';
    const after = 'twan-profiles: [{name: b, clients: [10.1.0.0/16, 10.2.0.0/16]}, {name: a, clients: [10.0.0.0/8]}]';
    expect(changed(before, after)).toMatchObject([
      { path: 'twan-profiles.b.clients', before: '10.1.0.0/16', after: '10.1.0.0/16, 10.2.0.0/16' },
    ]);
    const servers = (names: string) => `mrme-service: {radius: {servers: [${names}]}}`;
    expect(changed(servers('{name: a}, {name: b}'), servers('{name: b}, {name: a}'))).toMatchObject([
      { path: 'mrme-service.radius.servers.order', before: 'a, b', after: 'b, a' },
    ]);
  });

  it('show no secret', () => {
    const after = edited(example, 'mrme-service.radius.servers.0.secret', 'changed-secret');
    const [change] = changed(example, after);
    expect(change).toMatchObject({ before: hiddenMark, after: hiddenMark, kind: 'changed' });
  });
});

describe('edits', () => {
  it('leave comments where they are', () => {
    const after = edited(example, 'logging.level', 'debug');
    expect(after.match(/#/g)?.length).toBe(example.match(/#/g)?.length);
    expect(parseConfig(after, 'x').ok).toBe(true);
    expect(parse(after)).toMatchObject({ logging: { level: 'debug' } });
  });

  it.each([
    ['metrics.port', '9999', { metrics: { port: 9999 } }],
    ['mrme-service.password', '0123', { 'mrme-service': { password: '0123' } }],
    ['fast-path.mode', 'off', { 'fast-path': { mode: 'off' } }],
    ['twan-profiles.x.y.access-type', 'pmip', { 'twan-profiles': [{ name: 'x.y', 'access-type': 'pmip' }] }],
    ['twan-profiles.x.clients', '10.0.0.0/8', { 'twan-profiles': [{ name: 'x', clients: ['10.0.0.0/8'] }] }],
    ['twan-profiles.x.clients', '[10.0.0.0/8, 10.1.0.0/16]', { 'twan-profiles': [{ clients: { length: 2 } }] }],
    [
      'mrme-service.radius.servers.192.0.2.1.secret',
      '42',
      { 'mrme-service': { radius: { servers: [{ address: '192.0.2.1', secret: '42' }] } } },
    ],
    ['cgw-service.revocation.trigger', '3', { 'cgw-service': { revocation: { trigger: 3 } } }],
  ])('set %s to %s where there was nothing', (path, value, expected) => {
    expect(parse(edited('metrics:\n', path, value))).toMatchObject(expected);
  });

  it('add to a list and take from it', () => {
    const two = edited('cgw-service: {s2a: {lmas: [10.0.0.1]}}', 'cgw-service.s2a.lmas', '10.0.0.2');
    expect(parse(two)).toEqual({ 'cgw-service': { s2a: { lmas: ['10.0.0.1', '10.0.0.2'] } } });
    const one = withoutSetting(two, 'cgw-service.s2a.lmas.10.0.0.1');
    expect(one.ok && parse(one.text)).toEqual({ 'cgw-service': { s2a: { lmas: ['10.0.0.2'] } } });
  });

  it.each([
    ['samog-service.setup-timeot', '1s', 'did you mean "setup-timeout"?'],
    ['logging.level.x', '1', 'leave the rest out'],
    ['twan-profiles.x', '1', 'name a setting of it'],
    ['', '1', 'write samog-service'],
    ['samog-service', '1', 'name a setting'],
    ['logging.level', '[', 'quotes'],
    ['logging', '*a', 'write it out'],
    ['logging', '{level: *a}', 'write it out'],
  ])('of %s to %s are refused with a hint', (path, value, hint) => {
    const result = withSetting(example, path, value);
    expect(result.ok ? '' : result.refusal.hint).toContain(hint);
  });

  it('show a part', () => {
    const part = settingText(edited(example, 'logging.level', 'debug'), 'logging');
    expect(part).toMatchObject({ ok: true, text: expect.stringContaining('level: debug') });
    expect(settingText(example, 'nowhere').ok).toBe(false);
    expect(withoutSetting(example, 'metrics.port.x').ok).toBe(false);
  });

  it('never throw, whatever the path and the value are', () => {
    const word = fc.constantFrom(
      'logging',
      'level',
      'twan-profiles',
      '0',
      '',
      '..',
      '__proto__',
      'servers',
      'mrme-service',
      'radius',
      '{}',
      '99',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), fc.string({ maxLength: 20 }), (path, value) => {
        const result = withSetting(example, path.join('.'), value);
        if (result.ok) parse(result.text);
        withoutSetting(example, path.join('.'));
        settingText(example, path.join('.'));
      }),
      { numRuns: 200 },
    );
  });
});

describe('what a running gateway takes', () => {
  it('is what is hot; the rest waits', () => {
    const wanted = edited(edited(example, 'logging.level', 'debug'), 'recovery.flush-interval', '2s');
    const taking = takingOf(example, wanted, 'x');
    if (!taking.ok) throw new Error('refused');
    expect(taking.config.logging.level).toBe('debug');
    expect(taking.config.recovery?.flushIntervalMs).toBe(
      (parseConfig(example, 'x') as { config: { recovery?: { flushIntervalMs: number } } }).config.recovery
        ?.flushIntervalMs,
    );
    expect(settingChanges(parse(taking.text), parse(wanted)).map(({ path }) => path)).toEqual([
      'recovery.flush-interval',
    ]);
    expect(settingChanges(parse(example), parse(taking.text)).map(({ path }) => path)).toEqual(['logging.level']);
  });

  it('is nothing of what is wrong', () => {
    const taking = takingOf(example, edited(example, 'logging.level', 'loud'), 'candidate');
    expect(taking).toMatchObject({ ok: false, problems: [{ file: 'candidate', path: 'logging.level' }] });
  });
});

describe('paths that are completed', () => {
  it.each([
    ['logging', ['logging']],
    ['logging.', ['logging.level']],
    ['twan-profiles.', ['twan-profiles.wlc', 'twan-profiles.residential']],
    ['twan-profiles.residential.ac', ['twan-profiles.residential.access-type']],
    ['samog-service.hand', ['samog-service.handover']],
    ['lawful', []],
    ['nowhere.x', []],
    ['logging.level.x', []],
  ])('of %j', (partial, expected) => {
    const found = pathCandidates(example, partial).map(({ text }) => text);
    expect(partial === 'twan-profiles.' ? found.slice(0, 2) : found).toEqual(expected);
  });
});
