import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parsePrefix } from '../../kernel/address.ts';
import { parseConfig } from './parse.ts';

const example = readFileSync(new URL('../../../config/samog.example.yaml', import.meta.url), 'utf8');

function parsed(clients: string, more = '') {
  const section = `  dynamic-authorization:\n    clients: [${clients}]\n${more}`;
  const result = parseConfig(example.replace(/^ {2}dynamic-authorization:\n(?: {4}.*\n)+/m, section), 'gateway.yaml');
  return result.ok
    ? result.config.mrmeService.dynamicAuthorization
    : result.problems.map(({ path, code }) => `${path.replace('mrme-service.dynamic-authorization.', '')} ${code}`);
}

it('who may change sessions is told by address or prefix, with a secret each', () => {
  const clients = '{address: 203.0.113.20, key: one}, {address: 203.0.113.0/24, key: other}';
  expect(parsed(clients)).toEqual({
    port: 3799,
    windowMs: 300_000,
    eventTimestamp: 'required',
    clients: [
      { prefix: parsePrefix('203.0.113.20'), secret: 'one' },
      { prefix: parsePrefix('203.0.113.0/24'), secret: 'other' },
    ],
  });
  expect(parsed(clients, '    port: 1700\n    window: 60s\n    event-timestamp: optional\n')).toMatchObject({
    port: 1700,
    windowMs: 60_000,
    eventTimestamp: 'optional',
  });
});

it('a client may be a server of authentication: it has the address and the secret that the server has', () => {
  const [first] = [/^ {8}secret: (.*)$/m.exec(example)![1]];
  expect(parsed('{server: aaa-1}, {address: 203.0.113.0/24, key: other}')).toMatchObject({
    clients: [
      { prefix: parsePrefix('203.0.113.20'), secret: first },
      { prefix: parsePrefix('203.0.113.0/24'), secret: 'other' },
    ],
  });
  expect(parsed('{server: aaa-1, key: own}')).toMatchObject({
    clients: [{ prefix: parsePrefix('203.0.113.20'), secret: 'own' }],
  });
});

it.each([
  ['{key: a}', 'clients.0 missing'],
  ['{server: aaa-1, address: 203.0.113.20, key: a}', 'clients.0 conflict'],
  ['{server: aaa-9}', 'clients.0.server unknown-reference'],
  ['{server: aaa-1}, {address: 203.0.113.20, key: a}', 'clients.1.address conflict'],
  ['', 'clients out-of-range'],
  ['{address: 203.0.113.20}', 'clients.0.key missing'],
  ['{address: 203.0.113.20, key: a}, {address: 203.0.113.20/32, key: b}', 'clients.1.address conflict'],
  ['{address: "2001:db8::1", key: a}', 'clients.0.address conflict'],
])('%s is refused', (clients, problem) => {
  expect(parsed(clients)).toEqual([problem]);
});
