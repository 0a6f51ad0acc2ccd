import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { requireTool } from '../../tests/support/require-tool.ts';
import { ServiceManager } from './service-manager.ts';

const listener = fileURLToPath(new URL('../../tests/support/listen-datagrams.py', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
let listening: ChildProcess | undefined;

afterEach(() => {
  listening?.kill();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What comes to a socket, from when it is there. */
async function messagesAt(path: string): Promise<AsyncIterator<string>> {
  listening = spawn('python3', [listener, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: listening.stdout! })[Symbol.asyncIterator]();
  await lines.next();
  return lines;
}

describe.skipIf(!requireTool('python3'))('a service manager', () => {
  it.each([
    ['at a path', join(folder, 'notify')],
    ['at an abstract name', `@samog-test-${process.pid}`],
  ])('%s hears that the service is up, lives, and stops', async (_name, path) => {
    const messages = await messagesAt(path);
    const manager = new ServiceManager({ NOTIFY_SOCKET: path, WATCHDOG_USEC: '20000', WATCHDOG_PID: '7' }, 7);
    manager.ready();
    const heard = [];
    for (let count = 0; count < 4; count += 1) heard.push((await messages.next()).value);
    expect(heard).toEqual(['READY=1', 'WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1']);
    manager.stopping();
    let last: string | undefined;
    do last = (await messages.next()).value as string;
    while (last === 'WATCHDOG=1');
    expect(last).toBe('STOPPING=1');
  });

  it('hears no signs of life that are another process’s, or that it did not ask for', async () => {
    const path = join(folder, 'quiet');
    const messages = await messagesAt(path);
    for (const watchdog of [{ WATCHDOG_USEC: '1000', WATCHDOG_PID: '8' }, { WATCHDOG_USEC: 'x' }, {}]) {
      const manager = new ServiceManager({ NOTIFY_SOCKET: path, ...watchdog }, 7);
      manager.ready();
      manager.stopping();
    }
    const heard = [];
    for (let count = 0; count < 6; count += 1) heard.push((await messages.next()).value);
    expect(heard).toEqual(['READY=1', 'STOPPING=1', 'READY=1', 'STOPPING=1', 'READY=1', 'STOPPING=1']);
  });
});

describe('without a service manager', () => {
  it.each([undefined, '', 'relative', '/nonexistent/socket', `/${'x'.repeat(200)}`])('nothing happens: %s', (path) => {
    const manager = new ServiceManager(path === undefined ? {} : { NOTIFY_SOCKET: path }, 7);
    expect(() => {
      manager.ready();
      manager.stopping();
    }).not.toThrow();
  });
});
