import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { apiOperations } from '../operations/api/operations.ts';
import { ask } from './ask.ts';
import { exitCode } from './exit-code.ts';

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
