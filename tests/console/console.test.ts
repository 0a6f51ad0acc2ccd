import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noTunnelFigures } from '../../src/forwarding/tunnel-figures.ts';
import { AlarmWatch } from '../../src/host/alarms/alarm-watch.ts';
import { now, wallClock } from '../../src/host/clock.ts';
import { ConfigurationDesk } from '../../src/host/configuration/configuration-desk.ts';
import type { ManagementListener } from '../../src/host/management/tcp-server.ts';
import { formatMac, ipv4Of } from '../../src/kernel/address.ts';
import { Lab } from '../../src/lab/lab.ts';
import { playScenario } from '../../src/lab/scenario.ts';
import { aaaReject } from '../../src/lab/scenarios/refusals.ts';
import { pmipToEogreDhcp } from '../../src/lab/scenarios/seed-handovers.ts';
import { failureAdvice } from '../../src/operations/explain/sentences.ts';
import { GatewayHistory, sampleIntervalMs } from '../../src/operations/history/history.ts';
import { sampleOf } from '../../src/operations/history/series.ts';
import type { ViewSource } from '../../src/operations/views/view.ts';
import { consoleFiles } from '../../tools/build-console.ts';
import { pairSource } from '../operations/pair-source.ts';
import { busySource } from '../operations/view-source.ts';
import { PairWorld } from '../pair/pair-world.ts';
import { managedPair } from '../support/managed-pair.ts';
import { requireTool } from '../support/require-tool.ts';
import {
  chromiumPath,
  logIn,
  logInHere,
  openBrowser,
  openPage,
  picture,
  scrollsSideways,
  violationsOf,
  type Watched,
} from './browser.ts';
import { ConsoleWorld, urlOf } from './console-world.ts';
import { addressOfMillion, macOfMillion, millionSource } from './million-source.ts';

const scriptOctetsMax = 60_000;
const pages = ['overview', 'subscribers', 'subscriber', 'access', 'redundancy', 'configuration', 'events'];
const themes = ['light', 'dark'] as const;
const subscriber = '02:00:5e:11:22:33';

describe('the console as it is built', () => {
  it('is what its sources make, and has no more script than its budget', () => {
    const built = consoleFiles();
    for (const [name, text] of built) {
      const committed = readFileSync(new URL(`../../dist/console/${name}`, import.meta.url), 'utf8');
      expect(committed === text, `dist/console/${name} is out of date: run "npm run build:console"`).toBe(true);
    }
    const octets = gzipSync(built.get('console.js')!, { level: 9 }).length;
    expect(octets).toBeLessThan(scriptOctetsMax);
  });
});

/** For what Vitest waits for; a busy machine needs its time. */
const patience = { timeout: 15_000 };
const hourMs = 3_600_000;

/** An hour of a gateway's life: attaches that come and go like waves, some of them refused, and packets. */
function rememberHour({ manager }: ReturnType<typeof busySource>, source: ViewSource, history: GatewayHistory): void {
  const { counters, forwardingCounters } = manager;
  for (let ago = hourMs; ago > 0; ago -= sampleIntervalMs) {
    const wave = 1 + Math.sin(ago / 300_000);
    counters.add('session.setup', Math.round(40 * wave));
    counters.add('session.failed.aaa-reject', ago % 7 === 0 ? 3 : 1);
    counters.add('handoff.pmip-to-eogre.accepted', Math.round(90 * wave));
    counters.add('radius.access-accept.received', Math.round(40 * wave));
    forwardingCounters.add('uplink.packets', Math.round(40_000 * wave));
    forwardingCounters.add('downlink.packets', Math.round(90_000 * wave));
    history.add(sampleOf(source, { now: now() - ago, wallClock: wallClock() - ago }));
  }
}

/** What operates the configuration of a gateway, and changes nothing that runs. */
function configurationDesk(folder: string): Promise<ConfigurationDesk> {
  const text = readFileSync(new URL('../../config/samog.example.yaml', import.meta.url), 'utf8');
  const file = join(folder, 'samog.yaml');
  writeFileSync(file, text);
  const nothing = { apply: async () => {}, sessions: () => 4, happened: () => {} };
  return ConfigurationDesk.open({ file, text, folder: `${file}.d`, wallClock, ...nothing });
}

/** One chassis of a pair at work, with a history. */
function sampleChassis(role: 'active' | 'standby', changes: Partial<ViewSource> = {}) {
  const history = new GatewayHistory();
  const busy = busySource();
  const source: ViewSource = { ...pairSource(role), manager: busy.manager, history, ...changes };
  rememberHour(busy, source, history);
  const pair = PairWorld.attached('wlc1');
  return { source, clear: () => true, clearAll: () => 4, redundancy: managedPair(pair, pair.a) };
}

const canRun = requireTool('chromium', existsSync(chromiumPath)) && requireTool('openssl');

describe.skipIf(!canRun)('the console in a browser', () => {
  let world: ConsoleWorld;
  let browser: Browser;
  let lab: Lab;
  let labListener: ManagementListener;
  let sample: ManagementListener;
  let watched: Watched;
  let alarmDesk: AlarmWatch;

  beforeAll(async () => {
    world = await ConsoleWorld.make({ alice: ['operate'], victor: ['view'], carol: ['configure'] });
    const chassis = sampleChassis('active');
    alarmDesk = new AlarmWatch(undefined);
    const configuration = await configurationDesk(world.folder);
    const source = { ...chassis.source, alarms: alarmDesk.reader, configuration };
    const managed = { ...chassis, source, alarmDesk, configuration };
    alarmDesk.start(managed.source);
    world.remember(managed.source, 200);
    [browser, lab, sample] = await Promise.all([openBrowser(), Lab.start(), world.serve(managed)]);
    labListener = await world.serve(lab.gateway);
    watched = await openPage(browser, [urlOf(sample), urlOf(labListener)]);
    await logIn(watched.page, sample);
  });

  afterAll(async () => {
    alarmDesk?.stop();
    await browser?.close();
    await world?.end();
    await lab?.stop();
  });

  it('shows nothing of the gateway to whoever is not logged in', async () => {
    const { page } = await openPage(browser, [urlOf(sample)]);
    await page.goto(`${urlOf(sample)}/`);
    await page.getByLabel('Name').waitFor();
    expect(page.url()).toContain('/console/');
    for (const place of pages) {
      await page.goto(`${urlOf(sample)}/console/#/${place}?mac=${subscriber}`);
      await page.getByLabel('Name').waitFor();
      const text = await page.textContent('body');
      expect(text).not.toContain('samog-1');
      expect(text).not.toContain('192.0.2');
    }
    await page.getByLabel('Name').fill('alice');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.close();
  });

  it.each(pages)('has a page %s that axe finds nothing wrong with, light, dark and 320 pixels wide', async (name) => {
    const { page, misdeeds } = watched;
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme });
      await page.goto(`${urlOf(sample)}/console/#/${name}?mac=${subscriber}&span=10m`);
      await expect.poll(() => page.getByText('Asking the gateway').count(), patience).toBe(0);
      expect([theme, await violationsOf(page)]).toEqual([theme, []]);
      await picture(page, `${name}-${theme}`);
    }
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await scrollsSideways(page)).toBe(false);
    // What has many columns stands below each other.
    const isCut = '[...document.querySelectorAll(".cards")].some((table) => table.scrollWidth > table.clientWidth)';
    expect(await page.evaluate(isCut)).toBe(false);
    await picture(page, `${name}-narrow`);
    await page.setViewportSize({ width: 1280, height: 900 });
    expect(misdeeds).toEqual([]);
  });

  it('is operated by keys alone, up to a switchover', async () => {
    const { page } = watched;
    await page.goto(`${urlOf(sample)}/console/#/overview`);
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('0200.5e11.2233');
    await page.keyboard.press('Enter');
    await page.getByText('IMSI').first().waitFor();
    expect(page.url()).toContain('subscriber?mac=0200.5e11.2233');
    await page.keyboard.press('g');
    await page.keyboard.press('r');
    await page.getByRole('img', { name: 'State machine: Active is lit' }).waitFor();
    await page.getByRole('button', { name: 'Switch over' }).focus();
    await page.keyboard.press('Enter');
    const confirm = page.getByRole('button', { name: 'Switch over', exact: true });
    await page.getByRole('dialog', { name: 'Planned switchover' }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await picture(page, 'switchover-dialog');
    expect(await confirm.isDisabled()).toBe(true);
    await page.getByLabel('Type samog-1 to confirm').focus();
    await page.keyboard.type('samog-1');
    await page.keyboard.press('Enter');
    await page.getByText('The peer has taken over').waitFor();
    await picture(page, 'switchover-done');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('has an alarm taken by whoever is at it', async () => {
    const { page } = watched;
    await page.goto(`${urlOf(sample)}/console/#/events`);
    await page.getByRole('button', { name: 'Acknowledge' }).first().click();
    await page.getByLabel('A note').fill('ticket 4711');
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByText('ticket 4711').waitFor();
    await page.getByLabel('Filter', { exact: true }).fill('kind=decision');
    await page.keyboard.press('Enter');
    await page.getByText('2 shown').waitFor();
    await page.getByLabel('Filter', { exact: true }).fill('kind=nothing');
    await page.keyboard.press('Enter');
    await page.getByText('column').waitFor();
  });

  it('puts a configuration in force, with its problems beforehand and a time to confirm it', async () => {
    const { page } = await openPage(browser, [urlOf(sample)]);
    await logIn(page, sample, 'carol', '#/configuration');
    await page.getByRole('button', { name: 'Edit' }).click();
    const editor = page.getByLabel('The whole configuration');
    const text = await editor.inputValue();
    expect(text).toContain('(hidden)');
    await editor.fill(text.replace('# level: info', 'level: loud'));
    await page.getByRole('button', { name: 'Check and compare' }).click();
    await page.getByText('logging.level').first().waitFor();
    await page.getByText('column').first().waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await picture(page, 'configuration-problem');
    await editor.fill(text.replace('# level: info', 'level: debug'));
    await page.getByLabel('Comment').fill('a closer look');
    await page.getByRole('button', { name: 'Commit' }).click();
    const confirm = page.getByRole('button', { name: 'Confirm it' });
    await confirm.waitFor();
    await picture(page, 'configuration-unconfirmed');
    await page.goto(`${urlOf(sample)}/console/#/access`);
    const waits = page.getByRole('link', { name: /^Confirm the commit: (10|9) min left$/ });
    await waits.waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await scrollsSideways(page)).toBe(false);
    await picture(page, 'unconfirmed-everywhere');
    await page.setViewportSize({ width: 1280, height: 900 });
    await waits.focus();
    await page.keyboard.press('Enter');
    await confirm.click();
    await confirm.waitFor({ state: 'detached' });
    await waits.waitFor({ state: 'detached' });
    await page.getByRole('cell', { name: 'a closer look' }).waitFor();
    await page.close();
  });

  it('offers nothing to change to whoever may only look', async () => {
    const { page } = await openPage(browser, [urlOf(sample)]);
    await logIn(page, sample, 'victor', '#/redundancy');
    await page.getByText('read-only').waitFor();
    await page.getByRole('button', { name: 'Check now' }).waitFor();
    expect(await page.getByRole('button', { name: 'Switch over' }).count()).toBe(0);
    await page.close();
  });

  it('shows a session when it appears, and draws its handover', async () => {
    const { page } = watched;
    await logIn(page, labListener, 'alice', '#/subscribers');
    await page.getByText('There is no subscriber.').waitFor();
    const played = playScenario(pmipToEogreDhcp, lab);
    const mac = formatMac(0x02005e100001 as never);
    await page.getByRole('link', { name: mac }).click();
    const { result } = await played;
    expect(result.failures).toEqual([]);
    await page.locator('svg.ladder .rung.decision .label', { hasText: 'EoGRE' }).first().waitFor();
    const headings = await page.locator('svg.ladder text.party').allTextContents();
    expect(headings.sort()).toEqual(['AAA', 'LMA', 'RG', 'SaMOG', 'WLC']);
    const rungs = await page.locator('svg.ladder .rung').count();
    expect(rungs).toBeGreaterThan(10);
    // The steps of the requirement's table 1 that a gateway takes part in; data is no event.
    await page.getByText('[1.…] steps of PMIPv6 to EoGRE, triggered by DHCP').waitFor();
    const steps = page.locator('svg.ladder text.step');
    const seen = ['1.01', '1.04', '1.05', '1.05', '1.06', '1.08', '1.09', '1.11', '1.12', '1.13'];
    await expect
      .poll(() => steps.evaluateAll((all) => all.map((one) => one.firstChild?.textContent)), patience)
      .toEqual(seen);
    await picture(page, 'handover');
  });

  it('tells why somebody was refused, and from where nobody is let in', async () => {
    const { page } = await openPage(browser, [urlOf(labListener)]);
    await logIn(page, labListener, 'alice', '#/subscriber');
    await playScenario(aaaReject, lab);
    await page.getByRole('link', { name: '02:00:5e:10:00:02' }).click();
    await page.getByText(failureAdvice['aaa-reject'].meaning).first().waitFor();
    await page.getByText('What to do').waitFor();
    await page.goto(`${urlOf(labListener)}/console/#/access?node=192.0.2.254`);
    await page.getByText('no profile has 192.0.2.254: its packets are dropped').waitFor();
    await picture(page, 'refused');
    await page.close();
  });

  it('pages through a million sessions, and finds one of them', async () => {
    const million = await world.serve({ source: millionSource(), clear: () => true, clearAll: () => 0 });
    const { page, misdeeds } = await openPage(browser, [urlOf(million)]);
    await logIn(page, million, 'alice', '#/subscribers');
    await page.getByText('1,000,000 subscribers').waitFor();
    await page.getByRole('link', { name: macOfMillion(0) }).waitFor();
    const frame = page.getByRole('region', { name: 'Subscribers, to scroll in' });
    await frame.focus();
    await expect
      .poll(async () => {
        await page.keyboard.press('PageDown');
        return page.getByRole('link', { name: macOfMillion(120) }).count();
      }, patience)
      .toBe(1);
    expect(await page.locator('tbody tr').count()).toBeLessThan(80);
    await picture(page, 'million');
    await page.getByRole('link', { name: 'JSON lines' }).click();
    await page.getByText(/^Export 1 of alice: [1-9][\d.]* %/).waitFor();
    await picture(page, 'million-exported');
    await page.getByRole('button', { name: 'Cancel it' }).click();
    await page.getByText('Export 1 of alice: cancelled').waitFor();
    await page.getByLabel('Filter', { exact: true }).fill(`address=${addressOfMillion(9876)}`);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: macOfMillion(9876) }).waitFor();
    await picture(page, 'million-searched');
    await page.keyboard.press('/');
    await page.getByLabel('Search').waitFor();
    await page.keyboard.type(macOfMillion(987_654));
    await page.keyboard.press('Enter');
    await page.getByText('100.79.18.6/10').waitFor();
    expect(misdeeds).toEqual([]);
    await page.close();
  });

  it('saves what is looked at as a file, with the columns that somebody has chosen to see beside it', async () => {
    const { page, misdeeds } = await openPage(browser, [urlOf(sample)]);
    await logIn(page, sample, 'alice', '#/subscribers');
    const heading = page.getByRole('columnheader', { name: 'Call' });
    await page.getByText('Columns').click();
    expect(await heading.count()).toBe(0);
    await page.getByLabel('Call').check();
    await heading.waitFor();
    expect(page.url()).toContain('columns=call');
    expect(await violationsOf(page)).toEqual([]);
    // What a colleague has sent from a shell.
    await page
      .getByLabel('Filter', { exact: true })
      .fill('samog show subscribers samog-only access eogre filter "state=established moves>2"');
    await page.keyboard.press('Enter');
    await page.getByText('1 subscriber', { exact: true }).waitFor();
    expect(page.url()).toContain('access=eogre&filter=state%3Destablished+moves%3E2');
    const saving = page.waitForEvent('download');
    await page.getByRole('link', { name: 'CSV' }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe('samog-1-subscribers.csv');
    const lines = readFileSync(await saved.path(), 'utf8').split('\r\n');
    expect([lines.length, lines[0]!.slice(0, 10), lines[1]!.slice(0, 17)]).toEqual([3, 'mac,callId', subscriber]);
    await page.getByText('Export 1 of alice: done, 1 rows').waitFor();
    expect(misdeeds).toEqual([]);
    await page.close();
  });

  it('pages through residential gateways, the worst first, and finds those that somebody asks for', async () => {
    const source = busySource();
    const tunnels = Array.from({ length: 130 }, (_, index) => ({
      ...noTunnelFigures('access', ipv4Of(0xc6336400 + index)),
      fragmentsReceived: index === 99 ? 1 : 0,
    }));
    const forwarding = { ...source.forwarding, tunnels: () => [tunnels] };
    const listener = await world.serve({ source: { ...source, forwarding }, clear: () => true, clearAll: () => 0 });
    const { page, misdeeds } = await openPage(browser, [urlOf(listener)]);
    await logIn(page, listener, 'alice', '#/access');
    const list = page.getByRole('region', { name: 'Residential gateways, to scroll in' });
    await page.getByText('50 of 130; 130 are known').waitFor();
    const [first, second] = await list.locator('tbody tr').allTextContents();
    expect([first, second]).toEqual([
      expect.stringContaining('198.51.100.7'),
      expect.stringContaining('198.51.100.99'),
    ]);
    const more = page.getByRole('button', { name: 'More gateways' });
    for (const shown of [100, 130]) {
      await more.click();
      await page.getByText(`${shown} of 130; 130 are known`).waitFor();
    }
    expect([await list.locator('tbody tr').count(), await more.count()]).toEqual([130, 0]);
    await page.locator('input[name=rgs]').fill('peer=198.51.100.64/28');
    await page.keyboard.press('Enter');
    await page.getByText('16 of 16; 130 are known').waitFor();
    expect(page.url()).toContain('rgs=');
    await picture(page, 'gateways');
    expect(misdeeds).toEqual([]);
    await page.close();
  });

  it('survives a failover: says who is silent, finds it again, and goes to the other chassis as soon as that answers', async () => {
    const standby = sampleChassis('standby');
    let other = await world.serve(standby);
    const first = sampleChassis('active');
    const { config } = first.source;
    const management = { ...config.management, peerUrl: urlOf(other) };
    const managed = { ...first, source: { ...first.source, config: { ...config, management } } };
    let listener = await world.serve(managed);
    const [here, there] = [listener.port, other.port];
    const { page, misdeeds } = await openPage(browser, [urlOf(listener), urlOf(other)]);
    await logIn(page, listener, 'alice', `#/subscriber?mac=${subscriber}`);
    await page.getByText('IMSI').first().waitFor();
    // Neither answers, as when one's own network has failed.
    await world.stop(other);
    await world.stop(listener);
    const link = page.getByRole('link', { name: 'Go to the other chassis' });
    await link.waitFor();
    await page.getByRole('button', { name: 'Stay here' }).waitFor();
    // What was known stays to be read.
    expect(await page.getByText('IMSI').first().isVisible()).toBe(true);
    await picture(page, 'silent');
    listener = await world.serve(managed, here);
    // A restart has ended all log-ins; the place is kept.
    await page.getByLabel('Name').waitFor();
    expect(await link.count()).toBe(0);
    await logInHere(page);
    await page.getByText('IMSI').first().waitFor();
    other = await world.serve(standby, there);
    await world.stop(listener);
    await page.waitForURL(`${urlOf(other)}/console/#/subscriber?mac=*`);
    await logInHere(page);
    await page.getByText('IMSI').first().waitFor();
    expect(misdeeds).toEqual([]);
    await page.close();
  });
});
