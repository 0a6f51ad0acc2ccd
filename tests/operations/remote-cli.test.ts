import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditLog, brokenLine } from '../../src/host/audit/audit-log.ts';
import { ManagementAccess } from '../../src/host/management/access.ts';
import { type ManagementServer, startManagementServer } from '../../src/host/management/server.ts';
import { type ManagementListener, startManagementListener } from '../../src/host/management/tcp-server.ts';
import { type Certificates, makeCertificates } from '../../src/lab/certificates.ts';
import { requireTool } from '../support/require-tool.ts';
import { loopbackGateway } from './gateway-yaml.ts';
import { busySource } from './view-source.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
const usersFile = join(folder, 'users.json');
const socket = join(folder, 'management.sock');
const audit = { changes: AuditLog.inMemory(), intercept: AuditLog.inMemory() };
const access = new ManagementAccess(audit, usersFile);
const managed = { source: { ...busySource(), audit, management: access }, clear: () => true, clearAll: () => 4 };
let certificates: Certificates;
let listener: ManagementListener;
let server: ManagementServer;

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line, without blocking the gateway that answers it. */
function samog(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  input = '',
): Promise<Result> {
  return new Promise((resolve) => {
    const env = { ...process.env, SAMOG_SOCKET: '', ...environment };
    const child = execFile(process.execPath, [main, ...args], { encoding: 'utf8', env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
    child.stdin!.end(input);
  });
}

/** Makes a user, and a file with the token that was printed. */
async function addUser(name: string, ...roles: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await samog([
    'user',
    'add',
    ...roles.flatMap((role) => ['--role', role]),
    name,
    '--users',
    usersFile,
  ]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^samog_[\w-]{43}\n$/)]);
  expect(stderr).toContain('shown this once');
  const file = join(folder, `${name}.token`);
  writeFileSync(file, stdout, { mode: 0o600 });
  return file;
}

const remotely = (tokenFile: string) => [
  ...['--remote', `https://127.0.0.1:${listener.port}`],
  ...['--ca', certificates.ca, '--token-file', tokenFile],
];

describe.skipIf(!requireTool('openssl'))('a gateway on the network', () => {
  let alice = '';
  let bob = '';
  let carol = '';

  beforeAll(async () => {
    certificates = makeCertificates(folder, '127.0.0.1', ['gateway']);
    alice = await addUser('alice', 'operate');
    bob = await addUser('bob', 'view');
    carol = await addUser('carol', 'intercept');
    const config = { address: '127.0.0.1', port: 0, ...{ certificate: certificates.certificate('gateway') } };
    listener = await startManagementListener({ ...config, key: certificates.key('gateway') }, managed, { access });
    server = await startManagementServer(socket, managed, { access });
  });
  afterAll(async () => {
    await listener.stop();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps of its users what lets nobody in, for their owner alone', async () => {
    const text = readFileSync(usersFile, 'utf8');
    for (const file of [alice, bob, carol]) expect(text).not.toContain(readFileSync(file, 'utf8').trim());
    expect(statSync(usersFile).mode & 0o777).toBe(0o600);
    const { stdout } = await samog(['user', 'list', '--users', usersFile]);
    expect(stdout).toMatch(
      /^alice +operate +\(token\)\nbob +view +\(token\)\ncarol +intercept +\(token\)\nUsers: 3\n$/,
    );
  });

  it('answers every command like its socket, by options or by the environment', async () => {
    const here = await samog(['show', 'twan-profile', '--socket', socket]);
    const there = await samog(['show', 'twan-profile', ...remotely(bob)]);
    expect(there).toEqual(here);
    expect(here.code).toBe(0);
    const [, url, , ca, , token] = remotely(alice);
    const environment = { SAMOG_REMOTE: url!, SAMOG_CA: ca!, SAMOG_TOKEN_FILE: token! };
    const shell = await samog(
      ['cli', '-c', 'show sockets | count', '-c', 'clear subscribers all', '--yes'],
      environment,
    );
    expect(shell).toMatchObject({ code: 0, stderr: '' });
    expect(shell.stdout).toMatch(/^Count: \d+ rows\nNumber of subscribers matching the specified criteria: 4\n$/);
    expect(audit.changes.latest(2, 'alice')).toMatchObject([
      { kind: 'asked', subject: { all: true } },
      { result: 'done' },
    ]);
  });

  it('refuses what a role does not include, and says which it is', async () => {
    const refused = await samog(['clear', 'subscribers', 'all', '--yes', ...remotely(bob)]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('this needs the role operate');
  });

  it('shows interception to its own role alone, by network and by socket', async () => {
    const helpOf = async (token: string) => (await samog(['cli', '-c', 'help', ...remotely(token)])).stdout;
    expect(await helpOf(alice)).not.toContain('intercept');
    expect(await helpOf(carol)).toContain('show intercept audit');
    const asAlice = await samog(['show', 'intercept', 'audit', ...remotely(alice)]);
    expect(asAlice).toMatchObject({ code: 2, stdout: '' });
    const owner = await samog(['show', 'intercept', 'audit', '--socket', socket]);
    expect(owner.stderr).toBe(asAlice.stderr);
    const asCarol = await samog(['show', 'intercept', 'audit', '--socket', socket, '--token-file', carol]);
    expect(asCarol).toMatchObject({ code: 0, stderr: '' });
    expect(asCarol.stdout).toContain('carol: GET /v1/show/intercept/audit');
    expect((await samog(['show', 'sockets', '--socket', socket, '--token-file', carol])).code).toBe(1);
    expect((await samog(['show', '--help'])).stdout).not.toContain('intercept');
  });

  it('is not believed without its CA, and nobody is sent a token that others can read', async () => {
    const url = `https://127.0.0.1:${listener.port}`;
    const unknown = await samog(['show', 'sockets', '--remote', url, '--token-file', alice]);
    expect(unknown).toMatchObject({ code: 3 });
    expect(unknown.stderr).toContain('--ca');
    const plain = await samog(['show', 'sockets', '--remote', url.replace('https', 'http')]);
    expect(plain).toMatchObject({ code: 2 });
    chmodSync(bob, 0o644);
    expect((await samog(['show', 'sockets', ...remotely(bob)])).stderr).toContain('others may read');
    chmodSync(bob, 0o600);
    expect((await samog(['doctor', ...remotely(alice)])).code).toBe(2);
  });

  it('takes note of its users at once: a new token, a password, a user that is gone', async () => {
    const file = ['--users', usersFile];
    const dave = await addUser('dave', 'view');
    expect((await samog(['show', 'sockets', ...remotely(dave)])).code).toBe(0);
    const renewed = await samog(['user', 'token', 'dave', ...file, '--json']);
    expect((await samog(['show', 'sockets', ...remotely(dave)])).stderr).toContain('let nobody in');
    writeFileSync(dave, (JSON.parse(renewed.stdout) as { token: string }).token);
    expect((await samog(['show', 'sockets', ...remotely(dave)])).code).toBe(0);
    expect((await samog(['user', 'password', 'dave', ...file], {}, 'too short\n')).stderr).toContain('at least 12');
    expect((await samog(['user', 'password', 'dave', ...file], {}, 'correct horse battery staple\n')).code).toBe(0);
    expect(await access.logIn('dave', 'correct horse battery staple', '192.0.2.1')).toMatchObject({ ok: true });
    expect((await samog(['user', 'remove', 'dave', ...file])).code).toBe(0);
    expect((await samog(['show', 'sockets', ...remotely(dave)])).code).toBe(1);
    expect((await samog(['user', 'remove', 'dave', ...file])).code).toBe(4);
  });

  it('is what "samog run" starts by its configuration, with its audit', { timeout: 180_000 }, async () => {
    const gateway = loopbackGateway('127.9.46');
    const auditFile = join(folder, 'audit', 'audit.jsonl');
    const yaml = readFileSync(gateway.configFile, 'utf8').replace(
      /^management:\n.*\n/m,
      `management:
  socket: ${gateway.socketPath}
  users: ${usersFile}
  audit: {file: ${auditFile}}
  tcp: {address: 127.0.0.1, port: 0, certificate: ${certificates.certificate('gateway')}, key: ${certificates.key('gateway')}}
`,
    );
    writeFileSync(gateway.configFile, yaml);
    const child = spawn(process.execPath, [main, 'run', '--config', gateway.configFile], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let banner = '';
    for await (const chunk of child.stdout) {
      banner += String(chunk);
      if (banner.includes('ready\n')) break;
    }
    const url = /management +(https:\S+)/.exec(banner)![1]!;
    const remote = ['--remote', url, '--ca', certificates.ca, '--token-file', alice];
    expect(await samog(['clear', 'subscribers', 'all', '--yes', ...remote])).toMatchObject({ code: 0 });
    const shown = await samog(['show', 'audit', '--socket', gateway.socketPath]);
    expect(shown.stdout).toContain('alice from 127.0.0.1: POST /v1/clear/subscribers {"all":true}');
    const { stdout } = await samog(['show', 'management', ...remote]);
    expect(stdout).toMatch(/unix-socket +\S+[\s\S]*tcp +127\.0\.0\.1:\d+/);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    const lines = readFileSync(auditFile, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual(['asked', 'answered']);
    expect(brokenLine(lines)).toBeUndefined();
    gateway.remove();
  });

  it.each([
    ['a name', ['user', 'add', '../eve', '--role', 'view'], 1, 'is no name'],
    ['a role', ['user', 'add', 'eve', '--role', 'root'], 2, 'is no role'],
    ['a role at all', ['user', 'add', 'eve'], 2, 'a role is missing'],
    ['a name that is free', ['user', 'add', 'alice', '--role', 'view'], 1, 'already'],
  ])('wants of a new user %s', async (_what, args, code, text) => {
    const result = await samog([...args, '--users', usersFile]);
    expect(result.stderr).toContain(text);
    expect(result.code).toBe(code);
  });
});
