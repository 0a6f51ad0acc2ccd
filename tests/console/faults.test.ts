import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Managed } from '../../src/host/management/answers.ts';
import { formatMac } from '../../src/kernel/address.ts';
import { failureAdvice } from '../../src/operations/explain/sentences.ts';
import { MemoryWorld } from '../scenarios/memory-world.ts';
import { attempted, BlackHole, managedOf, rejected, unknownRg } from '../support/faults.ts';
import { isOnPath, requireTool } from '../support/require-tool.ts';
import { chromiumPath, logIn, openBrowser, openPage, picture, violationsOf } from './browser.ts';
import { ConsoleWorld, urlOf } from './console-world.ts';

/** What somebody does in the console who is told that one phone does not work: its MAC address into the search, and to read. */

const canRun =
  requireTool('chromium', existsSync(chromiumPath)) &&
  requireTool('openssl') &&
  requireTool('namespaces and ping', isOnPath('ping') && isOnPath('ip') && process.getuid?.() === 0);

/** Pings that get lost are waited for, on a busy machine at that. */
const patienceMs = 180_000;

describe.skipIf(!canRun)('one phone does not work, says the console', { timeout: patienceMs }, () => {
  const blackHole = new BlackHole();
  let world: ConsoleWorld;
  let browser: Browser;

  beforeAll(async () => {
    expect(blackHole.make()).toBe(true);
    world = await ConsoleWorld.make({ alice: ['operate'], victor: ['view'] });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.end();
    blackHole.remove();
  });

  /** The page that the search for a phone leads to. */
  async function searched(phone: MemoryWorld, changes: Partial<Managed> = {}, user = 'alice'): Promise<Page> {
    const listener = await world.serve({ ...(await managedOf(phone)), ...changes });
    const { page } = await openPage(browser, [urlOf(listener)]);
    await logIn(page, listener, user);
    await page.keyboard.press('/');
    await page.getByLabel('Search').fill(formatMac(phone.ue.mac));
    await page.keyboard.press('Enter');
    return page;
  }

  it('because nobody knows its RG, and which profile would have it', async () => {
    const page = await searched(unknownRg());
    await page.getByText('access nodes that are in no TWAN profile').waitFor();
    await page.getByText('See show twan-profile').waitFor();
    await page.getByRole('link', { name: 'Access', exact: true }).click();
    await page.getByLabel('Which profile does an access node match?').fill('198.51.100.1');
    await page.keyboard.press('Enter');
    await page.getByText('no profile has 198.51.100.1: its packets are dropped').waitFor();
    await page.close();
  });

  it('because AAA rejects it, and what to look at there', async () => {
    const page = await searched(rejected());
    await page.getByText(failureAdvice['aaa-reject'].meaning).first().waitFor();
    await page.locator('svg.ladder .rung.refusal .label', { hasText: 'aaa-reject' }).waitFor();
    await page.getByText('mrme-service.user-name').first().waitFor();
    await page.close();
  });

  it('because the way to its RG swallows long packets, and what to set', async () => {
    const page = await searched(attempted(new MemoryWorld(), 200), { pathProbe: blackHole.probe('198.51.100.1') });
    await page.getByRole('button', { name: 'Check the path to 198.51.100.1' }).click();
    await page.getByText(/only 140[0-4] octets pass/).waitFor({ timeout: patienceMs });
    await page.getByText(/set cgw-service\.access\.mtu to 140[0-4]/).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await picture(page, 'black-hole');
    await page.close();
  });

  it('and saves what it has seen for whoever asks next; who may only look is offered neither', async () => {
    const phone = attempted(new MemoryWorld(), 200);
    const page = await searched(phone);
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Capture' }).click();
    expect((await saving).suggestedFilename()).toBe(`${formatMac(phone.ue.mac).replaceAll(':', '-')}.pcapng`);
    await page.getByText(/packets, \d+ other events as comments/).waitFor();
    await page.close();
    const looking = await searched(phone, {}, 'victor');
    await looking.getByText('Do long packets get through?').waitFor();
    expect(await looking.getByRole('button', { name: /^Capture|^Check the path/ }).count()).toBe(0);
    await looking.close();
  });
});
