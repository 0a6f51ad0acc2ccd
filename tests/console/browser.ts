import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { password, urlOf } from './console-world.ts';

export const chromiumPath = '/usr/bin/chromium';
/** A busy machine needs its time. */
const patienceMs = 15_000;
/** Where pictures are put for whoever wants to see them; no test reads them. */
export const pictures = join(import.meta.dirname, '../../artifacts/console');

export function openBrowser(): Promise<Browser> {
  mkdirSync(pictures, { recursive: true });
  return chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
}

/** A browser's window that notes what it must not do. */
export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Requests to other origins, refusals of the content policy, errors of scripts. */
  readonly misdeeds: string[];
}

export async function openPage(browser: Browser, origins: readonly string[]): Promise<Watched> {
  // Colours on their way from one theme to the other are none that axe should judge.
  const reducedMotion = 'reduce';
  const viewport = { width: 1280, height: 900 };
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport, reducedMotion });
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  const misdeeds: string[] = [];
  page.on('request', (request) => {
    if (!origins.includes(new URL(request.url()).origin)) misdeeds.push(`asked ${request.url()}`);
  });
  page.on('pageerror', (error) => misdeeds.push(`threw ${error.message}`));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) misdeeds.push(message.text());
  });
  return { page, context, misdeeds };
}

export async function logIn(
  page: Page,
  listener: Parameters<typeof urlOf>[0],
  name = 'alice',
  place = '',
): Promise<void> {
  await page.goto(`${urlOf(listener)}/console/${place}`);
  await logInHere(page, name);
}

export async function logInHere(page: Page, name = 'alice'): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

/** What axe finds wrong, in a line each. */
export async function violationsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

/** Whether the page can be scrolled to the side. */
export function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
}

export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}
