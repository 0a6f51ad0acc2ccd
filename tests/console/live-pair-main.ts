/**
 * Played in a network namespace of its own: two chassis as processes of their own with sessions, a browser at the active one,
 * which is killed while its page is watched. Prints what was seen as JSON. Argument: a folder with certificate and users.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../../src/host/clock.ts';
import { formatMac } from '../../src/kernel/address.ts';
import { assertOwnNamespace } from '../../src/lab/pair/own-namespace.ts';
import { managementUrl } from '../../src/lab/pair/pair-config.ts';
import { PairLab } from '../../src/lab/pair/pair-lab.ts';
import type { ChassisLetter } from '../../src/lab/pair/pair-network.ts';
import type { SrpInfoData } from '../../src/operations/views/srp/srp-info.ts';
import { logInHere, openBrowser, openPage, picture } from './browser.ts';
import type { FollowedFailover } from './live-pair-result.ts';

const patienceMs = 60_000;
const ueCount = 10;

const infoOf = (lab: PairLab, letter: ChassisLetter) => lab.chassis[letter].show<SrpInfoData>('srp/info');

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = now() + patienceMs;
  while (!(await condition())) {
    if (now() > end) throw new Error(`waited in vain for ${what}`);
    await sleep(20);
  }
}

/** Starts both; returns who serves, when the other one has all sessions. */
async function startPair(lab: PairLab): Promise<readonly [active: ChassisLetter, standby: ChassisLetter]> {
  await Promise.all([lab.chassis.a.start(), lab.chassis.b.start()]);
  let pair: readonly [ChassisLetter, ChassisLetter] = ['a', 'b'];
  await until('an active chassis and a ready standby', async () => {
    const [a, b] = [(await infoOf(lab, 'a')).local, (await infoOf(lab, 'b')).local];
    pair = a.serves ? ['a', 'b'] : ['b', 'a'];
    return (a.serves && b.ready) || (b.serves && a.ready);
  });
  for (let index = 0; index < ueCount; index += 1) {
    lab.move(lab.newUe(), index % 2 === 0 ? lab.wlc : lab.rg, 'dhcp-discover');
  }
  await until('an address for every UE', () => lab.ues.every(({ dhcpState }) => dhcpState === 'Bound'));
  await until('the standby to have them', async () => (await infoOf(lab, pair[1])).local.records === ueCount);
  return pair;
}

async function play(folder: string): Promise<FollowedFailover> {
  const files = { certificate: join(folder, 'gateway.pem'), key: join(folder, 'gateway.key') };
  const lab = await PairLab.make({ ...files, users: join(folder, 'users.json') });
  const browser = await openBrowser();
  try {
    const [active, standby] = await startPair(lab);
    const [from, to] = [managementUrl(active), managementUrl(standby)];
    const { page, misdeeds } = await openPage(browser, [from, to]);
    const mac = formatMac(lab.ues[0]!.mac);
    const ticket = page.waitForResponse(`${from}/v1/session/ticket`);
    await page.goto(`${from}/console/#/subscriber?mac=${mac}`);
    await logInHere(page);
    await page.getByText('It has a session').waitFor();
    await page.getByText(lab.chassis[active].name, { exact: true }).waitFor();
    await ticket;
    const killedAt = now();
    lab.chassis[active].kill();
    const servingMs = until('the other chassis to serve', async () => (await infoOf(lab, standby)).local.serves).then(
      () => now() - killedAt,
    );
    await page.getByText('No answer from this chassis').waitFor();
    const toldMs = now() - killedAt;
    await page.waitForURL(`${to}/console/#/subscriber?mac=*`);
    await page.getByText('It has a session').waitFor();
    const followedMs = now() - killedAt;
    await page.locator('.bar .role', { hasText: 'Active' }).waitFor();
    await picture(page, 'live-failover');
    const whoThere = await page.evaluate("fetch('/v1/principal').then((answer) => answer.json())");
    return { servingMs: await servingMs, toldMs, followedMs, page: page.url(), mac, whoThere, misdeeds };
  } finally {
    await browser.close();
    await lab.stop();
  }
}

assertOwnNamespace();
// Whoever started this process has ended, and with it everybody who would read the result.
process.stdin.resume().once('close', () => process.exit(1));
const result = await play(process.argv[2]!);
process.stdout.write(JSON.stringify(result), () => process.exit(0));
