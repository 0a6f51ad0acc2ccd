import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { namespaceWay, spawnInNamespace } from '../../src/lab/pair/own-namespace.ts';
import { requireTool } from '../support/require-tool.ts';
import { chromiumPath, pictures } from './browser.ts';
import { ConsoleWorld } from './console-world.ts';
import type { FollowedFailover } from './live-pair-result.ts';

const way = namespaceWay();
const canRun =
  requireTool('chromium', existsSync(chromiumPath)) &&
  requireTool('openssl') &&
  requireTool('network namespaces', way.ok);

async function followedFailover(folder: string): Promise<FollowedFailover> {
  if (!way.ok) throw new Error(way.what);
  const child = spawnInNamespace(way.command, new URL('./live-pair-main.ts', import.meta.url), [folder]);
  let printed = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const [exitCode] = await once(child, 'close');
  expect(exitCode).toBe(0);
  return JSON.parse(printed) as FollowedFailover;
}

describe.skipIf(!canRun)('the console at a pair of live chassis', () => {
  it('goes to the other chassis by itself when the active one is killed, and shows the same subscriber there to whoever was logged in', async () => {
    const world = await ConsoleWorld.make({ alice: ['operate'] });
    try {
      const followed = await followedFailover(world.folder);
      expect(followed.misdeeds).toEqual([]);
      expect(new URL(followed.page).hash).toBe(`#/subscriber?mac=${followed.mac}`);
      expect(followed.whoThere).toMatchObject({ name: 'alice', roles: ['view', 'operate'], via: 'session' });
      // How long it took is for whoever wants to know; no test judges it.
      writeFileSync(join(pictures, 'live-failover.json'), `${JSON.stringify(followed, undefined, 2)}\n`);
    } finally {
      await world.end();
    }
  }, 180_000);
});
