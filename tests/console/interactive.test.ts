import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, CDPSession, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManagementListener } from '../../src/host/management/tcp-server.ts';
import { requireTool } from '../support/require-tool.ts';
import { chromiumPath, logIn, openBrowser, openPage, pictures } from './browser.ts';
import { ConsoleWorld, urlOf } from './console-world.ts';
import { macOfMillion, millionSource } from './million-source.ts';

const canRun = requireTool('chromium', existsSync(chromiumPath)) && requireTool('openssl');
const rounds = 3;

interface InteractivePage {
  /** What is there when it can be worked with. */
  readonly shown: (page: Page) => Locator;
  /** Paths of what it is made of, and how many round trips there are until all of it is there. */
  readonly needs: readonly string[];
  readonly roundTrips: number;
}

/** The document, then the script with what the document has asked for besides, then what the script asks for. */
const pages: Readonly<Record<string, InteractivePage>> = {
  overview: {
    shown: (page) => page.getByText('room for 1,500,000'),
    needs: ['/v1/show/overview'],
    roundTrips: 2,
  },
  subscribers: {
    shown: (page) => page.getByRole('link', { name: macOfMillion(0) }),
    needs: ['/v1/show/subscribers/samog-only'],
    roundTrips: 3,
  },
  subscriber: {
    shown: (page) => page.getByText('It has a session'),
    needs: ['/v1/show/subscribers/samog-only', '/v1/explain/subscriber'],
    roundTrips: 3,
  },
};

/**
 * Counts, for each path that is asked for, how many answers had to be there before, one after the other, when it was asked for first;
 * and one more for its own.
 */
function roundTripsOf(devTools: CDPSession): ReadonlyMap<string, number> {
  const byPath = new Map<string, number>();
  const byRequest = new Map<string, number>();
  let answered = 0;
  devTools.on('Network.requestWillBeSent', ({ requestId, request }) => {
    const path = new URL(request.url).pathname;
    byRequest.set(requestId, answered + 1);
    if (!byPath.has(path)) byPath.set(path, answered + 1);
  });
  devTools.on('Network.responseReceived', ({ requestId }) => {
    answered = Math.max(answered, byRequest.get(requestId) ?? 0);
  });
  return byPath;
}

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
      for (const [name, { shown, needs, roundTrips }] of Object.entries(pages)) {
        const took: number[] = [];
        for (let round = 0; round < rounds; round += 1) {
          const visit = await context.newPage();
          const devTools = await context.newCDPSession(visit);
          await devTools.send('Network.enable');
          const trips = roundTripsOf(devTools);
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
          // Without a delay an answer may be there before the next question, whichever led to it.
          if (roundTripMs > 0)
            expect([name, Math.max(...needs.map((path) => trips.get(path)!))]).toEqual([name, roundTrips]);
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
