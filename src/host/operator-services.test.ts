import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as requestPlain } from 'node:http';
import { request } from 'node:https';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { busySource } from '../../tests/operations/view-source.ts';
import { requireTool } from '../../tests/support/require-tool.ts';
import { makeCertificates } from '../lab/certificates.ts';
import { usersText } from '../operations/access/users-file.ts';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import { parseConfig } from '../operations/config/parse.ts';
import { newToken, tokenHash } from './access/credentials.ts';
import { ConfigurationDesk } from './configuration/configuration-desk.ts';
import { ManagementAccess } from './management/access.ts';
import { OperatorServices } from './operator-services.ts';

const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
const users = join(folder, 'users.json');
const token = newToken();
const example = readFileSync(new URL('../../config/samog.example.yaml', import.meta.url), 'utf8')
  .replace(/^metrics:[\s\S]*?\n\n/m, '')
  .replace(/^bulkstats:[\s\S]*/m, '')
  .replace('  # users: /var/lib/samog/users.json', `  users: ${users}`);
const exposition = async () => ({ text: async () => 'samog_up 1\n' });
const log = pino({ level: 'silent' });

function configOf(text: string): GatewayConfig {
  const parsed = parseConfig(text, 'samog.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

const withMetrics = (port: number) => `${example}\nmetrics: { address: 127.0.0.1, port: ${port} }\n`;

/** The status of an answer; undefined if nobody answers. */
function ask(port: number, path: string, isTls: boolean): Promise<number | undefined> {
  return new Promise((resolve) => {
    const how = { host: '127.0.0.1', port, path, agent: false, headers: { authorization: `Bearer ${token}` } };
    const asked = isTls ? request({ ...how, rejectUnauthorized: false }) : requestPlain(how);
    asked.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
}

const portOf = (local: string | undefined): number => Number(local?.split(':').at(-1));

function occupied(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
  });
}

function until(condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (condition()) resolve();
      else setTimeout(look, 10);
    };
    look();
  });
}

beforeAll(() => {
  requireTool('openssl');
  makeCertificates(folder, '127.0.0.1', ['gateway']);
  const alice = { name: 'alice', roles: ['configure'], token: tokenHash(token) } as const;
  writeFileSync(users, usersText([alice]), { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function started(text: string) {
  const config = configOf(text);
  const access = new ManagementAccess(undefined, config.management.usersFile);
  const managed = { source: busySource(), clear: () => false, clearAll: () => 0 };
  const services = await OperatorServices.start(config, managed, { access, exposition, log });
  return { services, access };
}

describe('what operators have beside the socket', () => {
  it('is there, elsewhere and gone as a configuration has it', async () => {
    const { services } = await started(example);
    expect(services.metrics).toBeUndefined();
    await services.reconfigure(configOf(withMetrics(0)));
    const first = portOf(services.metrics?.local);
    expect(await ask(first, '/metrics', false)).toBe(200);
    await services.reconfigure(
      configOf(`${withMetrics(0)}logging: { level: debug }\n`.replace('logging:\n  # level: info\n', '')),
    );
    expect(portOf(services.metrics?.local)).toBe(first);
    await services.reconfigure(configOf(example));
    expect(services.metrics).toBeUndefined();
    expect(await ask(first, '/metrics', false)).toBeUndefined();
    await services.stop();
  });

  it('stays as it is where a port cannot be had, or the users cannot', async () => {
    const taken = await occupied();
    const { port } = taken.address() as { port: number };
    const { services, access } = await started(withMetrics(0));
    const before = portOf(services.metrics?.local);
    await expect(services.reconfigure(configOf(withMetrics(port)))).rejects.toThrow(/EADDRINUSE/);
    const nobody = withMetrics(0).replace(`users: ${users}`, `users: ${folder}/nobody.json`);
    await expect(services.reconfigure(configOf(nobody))).rejects.toThrow(/cannot read/);
    expect(access.userList?.path).toBe(users);
    expect(await ask(before, '/metrics', false)).toBe(200);
    await services.stop();
    taken.close();
  });
});

describe('a commit with the listener changed by which it came', () => {
  it('is answered, and goes back when nobody confirms it', async () => {
    const first = await occupied();
    const second = await occupied();
    const [port, other] = [first, second].map((server) => (server.address() as { port: number }).port);
    await Promise.all([first, second].map((server) => new Promise((resolve) => server.close(resolve))));
    const tcp = (at: number) =>
      `  tcp: { address: 127.0.0.1, port: ${at}, certificate: ${folder}/gateway.pem, key: ${folder}/gateway.key }`;
    const text = example.replace(/^ {2}# tcp: .*$/m, tcp(port!));
    const file = join(folder, 'samog.yaml');
    writeFileSync(file, text);
    const { services } = await started(text);
    const told: string[] = [];
    const desk = await ConfigurationDesk.open({
      ...{ file, text, folder: join(folder, 'kept'), wallClock: Date.now, sessions: () => 0 },
      apply: (config) => services.reconfigure(config),
      happened: ({ name }) => told.push(name),
    });
    await desk.edit('alice', { set: { path: 'management.tcp.port', value: String(other) } });
    expect(await desk.commit('alice', { confirmWithinMs: 1500 })).toMatchObject({
      data: { outcome: 'awaits-confirmation' },
    });
    expect(await ask(other!, '/v1/principal', true)).toBe(200);
    await until(() => desk.status().rolledBack !== null);
    expect(told).toEqual(['configuration-unconfirmed', 'configuration-rolled-back']);
    expect(await ask(port!, '/v1/principal', true)).toBe(200);
    expect(services.network?.port).toBe(port);
    await desk.stop();
    await services.stop();
  });
});
