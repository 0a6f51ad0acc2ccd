import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManagementListener } from '../../src/host/management/tcp-server.ts';
import { requireTool } from '../support/require-tool.ts';
import { chromiumPath, logIn, openBrowser, openPage, pictures } from './browser.ts';
import { ConsoleWorld, urlOf } from './console-world.ts';
import { macOfMillion, millionSource } from './million-source.ts';

const canRun = requireTool('chromium', existsSync(chromiumPath)) && requireTool('openssl');
const rounds = 3;

/** Pages by what is there when they can be worked with. */
const pages = {
  overview: (page) => page.getByText('room for 1,500,000'),
  subscribers: (page) => page.getByRole('link', { name: macOfMillion(0) }),
  subscriber: (page) => page.getByText('It has a session'),
} as const satisfies Record<string, (page: import('playwright-core').Page) => import('playwright-core').Locator>;

describe.skipIf(!canRun)('the console of a gateway with a million sessions', () => {
  let world: ConsoleWorld;
  let browser: Browser;
  let million: ManagementListener;
  /** Milliseconds from the beginning of a visit until the page can be worked with: the median, the least, the most. */
  const figures: Record<string, readonly number[]> = {};

  beforeAll(async () => {
    world = await ConsoleWorld.make({ alice: ['operate'] });
    browser = await openBrowser();
    million = await world.serve({ source: millionSource(), clear: () => true, clearAll: () => 0 });
  });

  afterAll(async () => {
    writeFileSync(join(pictures, 'interactive.json'), `${JSON.stringify(figures, undefined, 2)}\n`);
    await browser?.close();
    await world?.end();
  });

  it.each([0, 200])(
    'can be worked with at once, with %i ms of round trip',
    async (roundTripMs) => {
      const { page, context, misdeeds } = await openPage(browser, [urlOf(million)]);
      await logIn(page, million);
      for (const [name, shown] of Object.entries(pages)) {
        const took: number[] = [];
        for (let round = 0; round < rounds; round += 1) {
          const visit = await context.newPage();
          const devTools = await context.newCDPSession(visit);
          await devTools.send('Network.enable');
          // Nothing is kept from the visit before.
          await devTools.send('Network.setCacheDisabled', { cacheDisabled: true });
          const throughput = { downloadThroughput: -1, uploadThroughput: -1 };
          await devTools.send('Network.emulateNetworkConditions', {
            offline: false,
            latency: roundTripMs,
            ...throughput,
          });
          const begun = performance.now();
          await visit.goto(`${urlOf(million)}/console/#/${name}?mac=${macOfMillion(4711)}`, { waitUntil: 'commit' });
          await shown(visit).first().waitFor();
          took.push(Math.round(performance.now() - begun));
          await visit.close();
        }
        took.sort((one, other) => one - other);
        figures[`${name}, round trip ${roundTripMs} ms`] = [took[Math.floor(rounds / 2)]!, took[0]!, took.at(-1)!];
      }
      expect(misdeeds).toEqual([]);
      await context.close();
    },
    120_000,
  );
});
