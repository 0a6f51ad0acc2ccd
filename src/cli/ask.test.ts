import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { apiOperations } from '../operations/api/operations.ts';
import { showCommands } from '../operations/commands/show-commands.ts';
import { ask } from './ask.ts';
import { carryOut } from './carry-out.ts';
import { CommandError, exitCode } from './exit-code.ts';

it('a gateway that takes a question and never answers is told from one that refuses it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
  const socket = join(folder, 'management.sock');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.on('connection', (connection) =>
    connection
      .on('error', () => {})
      .on('close', resolve)
      .resume(),
  );
  await expect(ask({ socket }, apiOperations.health, undefined, 20)).rejects.toMatchObject({
    exitCode: exitCode.timedOut,
    message: expect.stringContaining('did not answer within 0.02 s'),
  });
  await closed;
  server.close();
  rmSync(folder, { recursive: true });
});

it.each([
  [
    { code: 'unknown-view', what: 'there is no view "softgre/peers"', hint: 'GET /v1/show lists all views' },
    'another release',
  ],
  [{ code: 'not-found', what: 'there is nothing here', hint: 'GET /v1/show lists all views' }, 'another release'],
  [{ code: 'not-found', what: 'no subscriber has this MAC address', hint: 'look for it' }, 'look for it'],
])('a refusal of %j hints at %s', async (refusal, hint) => {
  await withGateway(404, refusal, async (socket) => {
    const refused = ask({ socket }, apiOperations.health);
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining(refusal.what) });
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining(hint) });
  });
});

it('an answer of another release, which lacks what this one shows, is told as such, and can be had as data', async () => {
  const overview = showCommands.find(({ words }) => words.join(' ') === 'show overview')!;
  await withGateway(200, { name: 'samog-a' }, async (socket) => {
    const carried = await carryOut(overview, {}, { socket });
    expect(carried.data).toEqual({ name: 'samog-a' });
    expect(() => carried.lines()).toThrow(CommandError);
    expect(() => carried.lines()).toThrow('another release');
  });
});

/** A gateway that has one answer. */
async function withGateway(status: number, answer: object, act: (socket: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
  const socket = join(folder, 'management.sock');
  const server = createHttpServer((_, response) => response.writeHead(status).end(JSON.stringify(answer)));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  await act(socket);
  server.close();
  rmSync(folder, { recursive: true });
}
