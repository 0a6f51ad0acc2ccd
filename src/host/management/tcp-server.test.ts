import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { connect as connectPlain, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { millionSource } from '../../../tests/console/million-source.ts';
import { busySource } from '../../../tests/operations/view-source.ts';
import { requireTool } from '../../../tests/support/require-tool.ts';
import { makeCertificates } from '../../lab/certificates.ts';
import type { ApiCounter } from '../../operations/access/api-counters.ts';
import type { Role } from '../../operations/access/role.ts';
import { type User, usersText } from '../../operations/access/users-file.ts';
import { newToken, passwordHash, tokenHash } from '../access/credentials.ts';
import { consolePaths, consolePolicy } from '../console/console-files.ts';
import { StartError } from '../start-error.ts';
import { ManagementAccess } from './access.ts';
import { answersOf } from './answers.ts';
import { serverLimits } from './server-guard.ts';
import { type ManagementListener, startManagementListener } from './tcp-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
const usersFile = join(folder, 'users.json');
const config = {
  address: '127.0.0.1',
  port: 0,
  certificate: join(folder, 'gateway.pem'),
  key: join(folder, 'gateway.key'),
};
const limits = { ...serverLimits, connectionsMax: 200, connectionsPerAddressMax: 40 };
/** For whoever is slow on purpose; on a busy machine others are, too. */
const impatient = { ...limits, headersMs: 300, requestMs: 500 };
const managed = { source: busySource(), clear: () => true, clearAll: () => 4 };
const tokens = { alice: newToken(), bob: newToken() };
const password = 'correct horse battery staple';
let stored = '';
let access: ManagementAccess;
let listener: ManagementListener;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of the loopback network: whom the gateway takes the client for. */
  readonly from?: string;
}

function ask(path: string, { method = 'GET', headers = {}, body, from = '127.0.0.1' }: Asking = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const where = { host: '127.0.0.1', port: listener.port, localAddress: from, agent: false };
    const asked = request({ ...where, method, path, headers, rejectUnauthorized: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** What comes back for octets as they are, until the other end closes. */
function exchange(text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ host: '127.0.0.1', port: listener.port, rejectUnauthorized: false }, () =>
      socket.write(text),
    );
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

function user(name: string, roles: readonly Role[], more: Partial<User> = {}): User {
  return { name, roles, ...more };
}

function writeUsers(users: readonly User[]): void {
  writeFileSync(usersFile, usersText(users), { mode: 0o600 });
}

const counted = (name: ApiCounter): number => access.counters.get(name);

describe.skipIf(!requireTool('openssl'))('the API on the network', () => {
  beforeAll(async () => {
    makeCertificates(folder, '127.0.0.1', ['gateway', 'other']);
    stored = await passwordHash(password);
  });

  beforeEach(async () => {
    writeUsers([
      user('alice', ['operate'], { token: tokenHash(tokens.alice), password: stored }),
      user('bob', ['view'], { token: tokenHash(tokens.bob) }),
    ]);
    access = new ManagementAccess(undefined, usersFile);
    listener = await startManagementListener(config, managed, { access, limits });
  });

  afterEach(() => listener.stop());
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('tells nothing to whoever shows nothing, whatever they ask for', async () => {
    const paths = [...answersOf(managed).map(({ operation }) => operation.path), '/nothing', '/metrics'];
    for (const path of paths) {
      const { status, body, headers } = await ask(path);
      expect([path, status]).toEqual([path, 401]);
      expect(Object.keys(JSON.parse(body) as object)).toEqual(['code', 'what', 'hint']);
      expect(body).not.toContain('samog-1');
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    }
    expect(counted('api.refused.unauthenticated')).toBe(paths.length);
  });

  it('gives everybody the console, which has nothing of the gateway in it, and nothing beside it', async () => {
    for (const path of ['/', '/console']) {
      expect(await ask(path)).toMatchObject({ status: 302, headers: { location: '/console/' } });
    }
    for (const path of consolePaths) {
      const { status, headers, body } = await ask(path);
      expect([path, status, headers['content-security-policy']]).toEqual([path, 200, consolePolicy(undefined)]);
      expect(body).not.toContain('samog-1');
      const again = await ask(path, { headers: { 'if-none-match': headers.etag! } });
      expect([path, again.status, again.body]).toEqual([path, 304, '']);
    }
    expect((await ask('/console/console.js')).body.length).toBeGreaterThan(10_000);
    const zipped = await ask('/console/console.js', { headers: { 'accept-encoding': 'gzip' } });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    for (const path of ['/console/main.tsx', '/console/../package.json', '/console/..%2fpackage.json', '/console/x']) {
      expect([400, 401]).toContain((await ask(path)).status);
    }
  });

  it('lets a user do what their roles include, and nobody else', async () => {
    const clear = { method: 'POST', body: '{"all": true}' };
    expect((await ask('/v1/show/sockets', { headers: bearer(tokens.bob) })).status).toBe(200);
    expect((await ask('/v1/clear/subscribers', { ...clear, headers: bearer(tokens.bob) })).status).toBe(403);
    const { body } = await ask('/v1/clear/subscribers', { ...clear, headers: bearer(tokens.alice) });
    expect(JSON.parse(body)).toEqual({ cleared: 4 });
    const whoami = await ask('/v1/principal', { headers: bearer(tokens.alice) });
    const alice = { name: 'alice', roles: ['view', 'operate'], via: 'token', from: '127.0.0.1' };
    expect(JSON.parse(whoami.body)).toEqual(alice);
    expect(counted('api.refused.role')).toBe(1);
    const { roles: _, name: who, ...how } = alice;
    expect(access.audit.changes.latest(10)).toMatchObject([
      { who: 'bob', result: 'forbidden' },
      { who, ...how, kind: 'asked' },
      { who, result: 'done' },
    ]);
  });

  it('lets nobody in any more whose token is void, or while others may read the users file', async () => {
    const asAlice = { headers: bearer(tokens.alice) };
    expect((await ask('/v1/health', asAlice)).status).toBe(200);
    writeUsers([user('bob', ['view'], { token: tokenHash(tokens.bob) })]);
    expect((await ask('/v1/health', asAlice)).status).toBe(401);
    const noted = access.audit.changes.latest(10).find(({ kind }) => kind === 'noted');
    expect(noted).toMatchObject({ request: 'users file', subject: { added: [] } });
    expect(JSON.stringify(noted)).toContain('alice (operate; token ');
    writeUsers([
      user('bob', ['view', 'intercept'], { token: tokenHash(tokens.bob) }),
      user('carol', ['intercept'], { password: stored }),
    ]);
    expect(await access.logIn('carol', password, '192.0.2.1')).toMatchObject({ ok: true });
    expect(JSON.stringify(access.audit.changes.latest(100))).not.toMatch(/carol|intercept/);
    chmodSync(usersFile, 0o644);
    expect((await ask('/v1/health', { headers: bearer(tokens.bob) })).status).toBe(401);
    expect(access.users()).toMatchObject({ problem: expect.stringContaining('others') });
    writeFileSync(usersFile, '{"users": [{"name": "bob"}]}');
    chmodSync(usersFile, 0o600);
    expect((await ask('/v1/health', { headers: bearer(tokens.bob) })).status).toBe(401);
  });

  it('looks at no more guesses of an address that has guessed wrong ten times', async () => {
    const guess = () => ask('/v1/health', { headers: bearer(newToken()), from: '127.0.0.9' });
    const statuses: number[] = [];
    for (let count = 0; count < 12; count += 1) statuses.push((await guess()).status);
    expect(statuses).toEqual([...new Array<number>(10).fill(401), 429, 429]);
    expect((await ask('/v1/health', { headers: bearer(tokens.bob), from: '127.0.0.9' })).status).toBe(429);
    expect((await ask('/v1/health', { headers: bearer(tokens.bob), from: '127.0.0.10' })).status).toBe(200);
    expect(counted('api.refused.credentials')).toBe(10);
    expect(counted('api.refused.too-many-failures')).toBe(3);
    const failed = access.audit.changes.latest(20);
    expect(failed).toHaveLength(10);
    expect(failed[0]).toMatchObject({ kind: 'login', who: null, from: '127.0.0.9', result: 'unauthenticated' });
  });

  it('lets a user ask many things at once', async () => {
    const asked = Array.from({ length: 30 }, () => ask('/v1/health', { headers: bearer(tokens.bob) }));
    expect((await Promise.all(asked)).filter(({ status }) => status !== 200)).toEqual([]);
  });

  it('counts passwords that are guessed at once like those that come one after the other', async () => {
    const headers = { 'x-samog-request': '1' };
    const body = '{"name": "alice", "password": "a guess"}';
    const guesses = Array.from({ length: 20 }, () =>
      ask('/v1/session', { method: 'POST', headers, body, from: '127.0.0.11' }),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([...new Array<number>(10).fill(401), ...new Array<number>(10).fill(429)]);
  });

  describe('logging in', () => {
    const page = { 'x-samog-request': '1' };
    const logIn = (name: string, given: string, headers: Readonly<Record<string, string>> = page) =>
      ask('/v1/session', { method: 'POST', headers, body: JSON.stringify({ name, password: given }) });
    const cookieOf = ({ headers }: Answer): string => headers['set-cookie']![0]!.split(';', 1)[0]!;

    it('is by name and password, and lasts until one logs out', async () => {
      const answer = await logIn('alice', password);
      expect(JSON.parse(answer.body)).toMatchObject({ name: 'alice', roles: ['view', 'operate'] });
      expect(answer.headers['set-cookie']).toEqual([
        expect.stringMatching(/^__Host-samog=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/),
      ]);
      const cookie = cookieOf(answer);
      expect((await ask('/v1/show/sockets', { headers: { cookie } })).status).toBe(200);
      expect((await ask('/v1/session', { method: 'DELETE', headers: { cookie, ...page } })).status).toBe(200);
      expect((await ask('/v1/show/sockets', { headers: { cookie } })).status).toBe(401);
      expect(access.audit.changes.latest(1)).toMatchObject([{ kind: 'login', who: 'alice', result: 'done' }]);
    });

    it('ends with the user', async () => {
      const cookie = cookieOf(await logIn('alice', password));
      writeUsers([user('bob', ['view'])]);
      expect((await ask('/v1/show/sockets', { headers: { cookie } })).status).toBe(401);
    });

    it.each([
      ['alice', 'wrong password'],
      ['bob', 'anything at all'],
      ['nobody', password],
      ['__proto__', password],
    ])('is not possible as %s with %s', async (name, given) => {
      const { status, headers, body } = await logIn(name, given);
      expect([status, headers['set-cookie']]).toEqual([401, undefined]);
      expect(body).toBe((await logIn('alice', 'no')).body);
    });

    it('is for pages of this gateway alone', async () => {
      const cookie = cookieOf(await logIn('alice', password));
      const origin = `https://127.0.0.1:${listener.port}`;
      const clear = (headers: Readonly<Record<string, string>>) =>
        ask('/v1/clear/subscribers', { method: 'POST', headers: { cookie, ...headers }, body: '{"all": true}' });
      const foreign = [
        {},
        { origin: 'https://evil.example' },
        { ...page, origin: 'https://evil.example' },
        { ...page, origin: 'null' },
        { ...page, origin, 'sec-fetch-site': 'cross-site' },
        { ...page, 'sec-fetch-site': 'same-site' },
      ];
      for (const headers of foreign) expect((await clear(headers)).status).toBe(403);
      const read = await ask('/v1/show/sockets', { headers: { cookie, 'sec-fetch-site': 'cross-site' } });
      expect(read.status).toBe(403);
      expect((await logIn('alice', password, {})).status).toBe(403);
      expect(counted('api.refused.cross-site')).toBe(foreign.length + 2);
      expect((await clear({ ...page, origin, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    });
  });

  it('takes no longer body than there is a use for', async () => {
    const headers = bearer(tokens.alice);
    const body = `{"mac": "${'0'.repeat(5000)}"}`;
    expect((await ask('/v1/clear/subscribers', { method: 'POST', headers, body })).status).toBe(400);
    const chunked = { ...headers, 'transfer-encoding': 'chunked' };
    expect((await ask('/v1/clear/subscribers', { method: 'POST', headers: chunked, body })).status).toBe(400);
    expect((await ask('/v1/session', { method: 'POST', body })).status).toBe(400);
    expect(counted('api.refused.body')).toBe(3);
  });

  it.each([
    '/v1/show/../../etc/passwd',
    '/v1/show/%2e%2e/%2e%2e/etc/passwd',
    '/v1/show/..%2f..%2fetc%2fpasswd',
    '/v1/show/sockets%00.json',
    '/v1%5cshow%5csockets',
  ])('does not follow %s', async (path) => {
    const answer = await exchange(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${tokens.alice}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(counted('api.refused.path')).toBe(1);
  });

  it.each<[string, string, RegExp, ApiCounter]>([
    ['what is no HTTP', '\0\xff nonsense\r\n\r\n', /^HTTP\/1\.1 400 /, 'api.refused.malformed'],
    [
      'a head that is too long',
      `GET / HTTP/1.1\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 /,
      'api.refused.headers',
    ],
    ['nothing at all', '', /^HTTP\/1\.1 408 /, 'api.refused.slow'],
    ['a head that does not end', 'GET / HTTP/1.1\r\nHost: x\r\n', /^HTTP\/1\.1 408 /, 'api.refused.slow'],
    [
      'a body that does not come',
      'POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{',
      /^HTTP\/1\.1 408 /,
      'api.refused.slow',
    ],
  ])('closes on %s', async (_name, sent, expected, counter) => {
    await listener.stop();
    listener = await startManagementListener(config, managed, { access, limits: impatient });
    expect(await exchange(sent)).toMatch(expected);
    expect(counted(counter)).toBe(1);
    await listener.stop();
    listener = await startManagementListener(config, managed, { access, limits });
    expect((await ask('/v1/health', { headers: bearer(tokens.bob) })).status).toBe(200);
  });

  it('closes on what is no TLS', async () => {
    const closed = new Promise<void>((resolve) => {
      const socket = connectPlain(listener.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\n\r\n'));
      socket.on('error', () => {});
      socket.on('close', () => resolve());
    });
    await closed;
    expect(counted('api.refused.tls')).toBe(1);
  });

  it('serves others while one opens a thousand connections', async () => {
    const sockets: Socket[] = [];
    const open = (from: string) =>
      new Promise<void>((resolve) => {
        const socket = connectPlain({ port: listener.port, host: '127.0.0.1', localAddress: from }, () => resolve());
        socket.on('error', () => resolve());
        sockets.push(socket);
      });
    for (let opened = 0; opened < 1000; opened += 50) {
      await Promise.all(Array.from({ length: 50 }, () => open('127.0.0.20')));
    }
    expect((await ask('/v1/health', { headers: bearer(tokens.bob) })).status).toBe(200);
    expect(counted('api.refused.connections')).toBeGreaterThan(800);
    // Whoever was turned away has not failed at TLS.
    expect(counted('api.refused.tls')).toBe(0);
    expect(access.doors()[0]!.connections).toBeLessThanOrEqual(limits.connectionsPerAddressMax + 1);
    for (const socket of sockets) socket.destroy();
  });

  it('answers no more requests that come together than it has promised, whoever sends them', async () => {
    const one = `GET /v1/health HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.bob}\r\n\r\n`;
    await exchange(one.repeat(500));
    expect(counted('api.refused.pipelined')).toBe(1);
    expect(counted('api.requests')).toBeLessThanOrEqual(limits.unansweredMax);
    expect((await ask('/v1/health', { headers: bearer(tokens.bob) })).status).toBe(200);
  });

  it('gives up a client that does not read its answer', async () => {
    await listener.stop();
    const unread = { ...impatient, unreadMs: 200 };
    const many = { ...managed, source: { ...managed.source, ...millionSource() } };
    listener = await startManagementListener(config, many, { access, limits: unread });
    const socket = connect({ host: '127.0.0.1', port: listener.port, rejectUnauthorized: false }, () => {
      socket.pause();
      socket.write(`GET /v1/export/subscribers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.bob}\r\n\r\n`);
    });
    socket.on('error', () => {});
    await expect.poll(() => counted('api.refused.unread'), { timeout: 15_000 }).toBe(1);
    await expect.poll(() => access.exports[0]!.state).toBe('gone');
    socket.destroy();
    await listener.stop();
    listener = await startManagementListener(config, managed, { access, limits });
  });

  it('breaks the connection of an export that is cancelled: what came of it does not look whole', async () => {
    await listener.stop();
    const many = { ...managed, source: { ...managed.source, ...millionSource() } };
    listener = await startManagementListener(config, many, { access, limits });
    const request = `GET /v1/export/subscribers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.bob}\r\n\r\n`;
    const text = exchange(request);
    await expect.poll(() => access.exports[0]?.rows ?? 0).toBeGreaterThan(0);
    expect(access.exporter.cancel(access.exports[0]!.number)).toBe(true);
    expect(await text).toMatch(/^HTTP\/1\.1 200 /);
    // The last chunk (RFC 9112 section 7.1).
    expect(await text).not.toMatch(/\r\n0\r\n\r\n$/);
    await listener.stop();
    listener = await startManagementListener(config, managed, { access, limits });
  });

  it('counts a request that names no place that there can be', async () => {
    for (const head of ['GET / HTTP/1.1\r\nHost: a b', 'OPTIONS * HTTP/1.1\r\nHost: x']) {
      expect(await exchange(`${head}\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    }
    expect(counted('api.refused.malformed')).toBe(2);
  });

  it('takes no connection through to somewhere else', async () => {
    expect(await exchange('CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(counted('api.refused.malformed')).toBe(1);
  });

  it('takes a new certificate without a restart, and none that is not one for its key', async () => {
    expect(listener.renewCertificate()).toBeUndefined();
    const renewed = { ...config, certificate: join(folder, 'other.pem'), key: config.key };
    await expect(startManagementListener(renewed, managed, { access, limits })).rejects.toThrow(StartError);
    await expect(
      startManagementListener({ ...config, certificate: join(folder, 'none.pem') }, managed, { access, limits }),
    ).rejects.toThrow('ENOENT');
    chmodSync(config.key, 0o604);
    expect(listener.renewCertificate()).toContain('everybody may read');
    chmodSync(config.key, 0o600);
  });

  it('does not start without users', async () => {
    await expect(startManagementListener(config, managed, { access: new ManagementAccess() })).rejects.toThrow(
      'management.users',
    );
    const lost = new ManagementAccess(undefined, join(folder, 'nobody.json'));
    await expect(startManagementListener(config, managed, { access: lost })).rejects.toThrow('ENOENT');
  });
});
