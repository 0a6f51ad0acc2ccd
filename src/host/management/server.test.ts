import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { emptySource } from '../../../tests/operations/view-source.ts';
import { apiOperations } from '../../operations/api/operations.ts';
import { ManagementAccess } from './access.ts';
import { ManagementClient } from './client.ts';
import { type ManagementServer, rehearse, startManagementServer } from './server.ts';
import { serverLimits } from './server-guard.ts';

const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
const socketPath = join(folder, 'deeper', 'management.sock');
const managed = { source: emptySource(), clear: () => false, clearAll: () => 0 };
let server: ManagementServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Sends bytes to the socket and returns what comes back until it closes. */
function exchange(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(socketPath, () => socket.write(bytes));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    // A server that has heard enough may close before everything is sent: that is an answer too.
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

describe('the management server', () => {
  it('answers at a socket of its owner alone, makes its folder, and removes the socket', async () => {
    server = await startManagementServer(socketPath, managed);
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    const client = new ManagementClient(socketPath);
    expect(await client.health()).toMatchObject({ kind: 'data', data: { status: 'ok' } });
    expect(await client.show('everything', {})).toMatchObject({ kind: 'refused', refusal: { code: 'unknown-view' } });
    expect(await client.ask(apiOperations.clearSubscribers, { body: { mac: '020000000000' } })).toMatchObject({
      kind: 'refused',
      refusal: { code: 'not-found' },
    });
    expect(await client.ask(apiOperations.clearSubscribers, { body: { all: true } })).toEqual({
      kind: 'data',
      data: { cleared: 0 },
    });
    await server.stop();
    expect(existsSync(socketPath)).toBe(false);
    expect(await client.health()).toMatchObject({ kind: 'unreachable', reason: 'ENOENT' });
  });

  it('is rehearsed: whatever the first operator will need is loaded by then, metrics too, and a server that is gone is none', async () => {
    let scraped = 0;
    const text = async () => `scraped ${++scraped}`;
    const access = new ManagementAccess(undefined);
    server = await startManagementServer(socketPath, managed, { access, exposition: async () => ({ text }) });
    await rehearse(server);
    expect({ scraped, asked: access.counters.get('api.requests') }).toEqual({ scraped: 1, asked: 2 });
    await server.stop();
    await rehearse(server);
    expect(scraped).toBe(1);
  });

  it('does not take the place of one that answers, nor of a file', async () => {
    server = await startManagementServer(socketPath, managed);
    await expect(startManagementServer(socketPath, managed)).rejects.toThrow('another gateway answers');
    expect(await new ManagementClient(socketPath).health()).toMatchObject({ kind: 'data' });
    const file = join(folder, 'file');
    writeFileSync(file, 'mine');
    await expect(startManagementServer(file, managed)).rejects.toThrow('is no socket');
    await expect(startManagementServer(join(file, 'socket'), managed)).rejects.toMatchObject({
      problems: [{ path: 'management.socket' }],
    });
  });

  it('keeps no place for a client that was turned away and does not close its side', async () => {
    const access = new ManagementAccess(undefined);
    server = await startManagementServer(socketPath, managed, { access, limits: { ...serverLimits, headersMs: 100 } });
    const socket = connect({ path: socketPath, allowHalfOpen: true });
    const ended = new Promise((resolve) => socket.resume().once('end', resolve));
    await expect.poll(() => access.doors()[0]!.connections).toBe(1);
    await ended;
    expect(access.counters.get('api.refused.slow')).toBe(1);
    await expect.poll(() => access.doors()[0]!.connections).toBe(0);
    socket.destroy();
  });

  it('survives what is no HTTP, and what is too long', async () => {
    server = await startManagementServer(socketPath, managed);
    expect(await exchange('\0\xff nonsense\r\n\r\n')).toMatch(/^(HTTP\/1\.1 400|$)/);
    expect(await exchange(`GET /v1/show/events?limit=${'1'.repeat(100_000)} HTTP/1.1\r\n\r\n`)).toMatch(
      /^(HTTP\/1\.1 431|$)/,
    );
    const long = `{"mac": "${'0'.repeat(1_000_000)}"}`;
    const head = `POST /v1/clear/subscribers HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${long.length}\r\n\r\n`;
    expect(await exchange(head + long)).toMatch(/^(HTTP\/1\.1 400|$)/);
    expect(await new ManagementClient(socketPath).health()).toMatchObject({ kind: 'data' });
  });

  it('is told from one that never answers', async () => {
    const silent = createServer(() => {});
    const path = join(folder, 'silent.sock');
    await new Promise<void>((resolve) => silent.listen(path, resolve));
    expect(await new ManagementClient(path, 100).health()).toEqual({ kind: 'timeout', afterMs: 100 });
    silent.close();
  });
});
