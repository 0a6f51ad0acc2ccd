import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { now } from '../../src/host/clock.ts';
import { MeasuredTraffic } from '../../src/peers/measured-traffic.ts';
import type { Ue } from '../../src/peers/ue.ts';
import { GatewayWorld, until } from './gateway-world.ts';

/** `./samog run` on real sockets, killed and started again. */

const limitMs = 60_000;
/** More than the flush interval of the tests and a write to disk take, and than two accounting intervals. */
const flushMs = 400;
const accountingMs = 2500;

let world: GatewayWorld;

beforeEach(async () => {
  world = await GatewayWorld.start();
  await world.startGateway();
});

afterEach(() => world.stop());

/** Packets both ways until so many have arrived at both ends. */
async function exchange(ue: Ue, packets: number): Promise<void> {
  const traffic = new MeasuredTraffic(ue, world.host, { intervalMs: 2 });
  world.network.runs(traffic);
  traffic.start(now());
  world.network.poke();
  const arrived = () => Math.min(traffic.uplink.arrived, traffic.downlink.arrived);
  await until(() => arrived() >= packets, `${packets} packets of ${ue.name} arrive each way`);
  traffic.stop();
  await sleep(50);
}

/** A view without what time alone changes. */
function timeless(view: unknown): unknown {
  const changing = /seconds$|^created$/i;
  return JSON.parse(JSON.stringify(view, (key, value) => (changing.test(key) ? undefined : value)));
}

const subscribers = () => timeless(world.show('subscribers', 'samog-only', 'full'));
const statistics = () => world.show<{ mrme: { session: unknown } }>('samog-service', 'statistics');
/** What has been asked of the AAA server and of the LMA. */
const asked = () => ({ aaa: world.aaa.counters.get('requests'), lma: world.lma.counters.get('pbu') });
const restartCounter = () =>
  (JSON.parse(world.file('chassis-state.json')) as { restartCounter: number }).restartCounter;

describe('a gateway that is killed', () => {
  it(
    'comes back with its sessions, and nobody is asked for anything',
    async () => {
      const byRg = world.newUe(1);
      const byWlc = world.newUe(2);
      await world.attach(byRg, world.rg);
      await world.attach(byWlc, world.wlc);
      await exchange(byRg, 50);
      await exchange(byWlc, 20);
      await until(() => world.restartCounters.size > 0, 'the LMA has heard the Restart Counter');
      await sleep(accountingMs);
      const before = {
        asked: asked(),
        subscribers: subscribers(),
        statistics: statistics(),
        bindings: world.lma.bindings(),
      };
      await world.kill('SIGKILL');

      await world.startGateway();
      expect(world.logged('sessions-recovered')).toEqual([
        expect.stringMatching(/^2 sessions recovered .* after a crash$/),
      ]);
      expect(subscribers()).toEqual(before.subscribers);
      expect(statistics().mrme).toEqual(before.statistics.mrme);
      await exchange(byRg, 50);
      await exchange(byWlc, 20);
      expect(asked()).toEqual(before.asked);
      expect(world.lma.bindings()).toEqual(before.bindings);
      for (const ue of [byRg, byWlc]) expect(ue.addressHistory).toHaveLength(1);
      await until(() => world.lma.counters.get('heartbeat.sent') > 20, 'the LMA has asked again');
      expect([...world.restartCounters]).toEqual([restartCounter()]);

      const another = world.newUe(3);
      await world.attach(another, world.rg);
      await exchange(another, 5);
      expect(statistics().mrme.session).toMatchObject({ attempted: 3, current: 3, crashed: 0 });
    },
    limitMs,
  );

  it(
    'comes back with the path that a UE had moved to, and without those that had left',
    async () => {
      const moved = world.newUe(1);
      const left = world.newUe(2);
      await world.attach(moved, world.rg);
      await world.attach(left, world.rg);
      moved.moveTo(world.wlc, 'silent', now(), 20);
      world.show('subscribers', 'samog-only', 'full');
      left.release(now());
      world.network.poke();
      await sleep(flushMs);
      const before = { asked: asked(), subscribers: subscribers() };
      await world.kill('SIGKILL');

      await world.startGateway();
      expect(subscribers()).toEqual(before.subscribers);
      expect(before.subscribers).toMatchObject({
        subscribers: [
          { accessType: 'PMIPv6', state: 'Established' },
          { accessType: 'EoGRE', state: 'Released' },
        ],
      });
      await exchange(moved, 20);
      expect(asked()).toEqual(before.asked);
    },
    limitMs,
  );

  it(
    'that was stopped in good order comes back likewise, again and again',
    async () => {
      const ue = world.newUe(1);
      await world.attach(ue, world.wlc);
      for (const signal of ['SIGTERM', 'SIGKILL', 'SIGTERM'] as const) {
        await exchange(ue, 5);
        await world.kill(signal);
        await world.startGateway();
      }
      await exchange(ue, 5);
      expect(asked()).toEqual({ aaa: 1, lma: 1 });
      expect(world.logged('sessions-recovered').map((text) => text.replace(/.* after/, 'after'))).toEqual([
        'after a stop in good order',
        'after a crash',
        'after a stop in good order',
      ]);
      expect([...world.restartCounters]).toEqual([restartCounter()]);
    },
    limitMs,
  );
});

describe('a gateway whose store is', () => {
  it.each([
    ['gone', () => rmSync(join(world.directory, 'calls.sqlite')), []],
    [
      'not one',
      () => writeFileSync(join(world.directory, 'calls.sqlite'), 'no such format '.repeat(1000)),
      ['calls.sqlite.corrupt-1'],
    ],
  ] as const)(
    '%s starts without sessions, and says by its Restart Counter that they are lost',
    async (_how, harm, kept) => {
      const ue = world.newUe(1);
      await world.attach(ue, world.rg);
      await until(() => world.restartCounters.size > 0, 'the LMA has heard the Restart Counter');
      const before = restartCounter();
      await world.kill('SIGKILL');
      for (const file of ['calls.sqlite-wal', 'calls.sqlite-shm']) rmSync(join(world.directory, file), { force: true });
      harm();
      await world.startGateway();
      expect(restartCounter()).toBeGreaterThan(before);
      expect(statistics().mrme.session).toMatchObject({ attempted: 0, current: 0 });
      expect(readdirSync(world.directory).filter((file) => file.includes('corrupt'))).toEqual(kept);
      expect(world.logged('recovery-store-set-aside')).toHaveLength(kept.length);
      await until(() => world.restartCounters.has(restartCounter()), 'the LMA has heard the new Restart Counter');
    },
    limitMs,
  );
});

describe('a directory', () => {
  it(
    "is one gateway's at a time",
    async () => {
      const { said, exitCode } = world.startAnother();
      expect(exitCode).not.toBe(0);
      expect(said).toMatch(/recovery\.directory: the call recovery store .* cannot be opened: database is locked/);
      const ue = world.newUe(1);
      await world.attach(ue, world.rg);
    },
    limitMs,
  );

  it(
    'with a state that is damaged is not started with',
    async () => {
      await world.kill('SIGTERM');
      writeFileSync(join(world.directory, 'chassis-state.json'), '{"version":1,"te');
      await expect(world.startGateway()).rejects.toThrow(/chassis-state\.json is damaged: the term in it is lost/);
    },
    limitMs,
  );
});
