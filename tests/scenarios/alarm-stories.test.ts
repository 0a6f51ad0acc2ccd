import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AuditLog } from '../../src/host/audit/audit-log.ts';
import { ConfigurationDesk } from '../../src/host/configuration/configuration-desk.ts';
import type { Alarm as PairAlarm } from '../../src/icsr/chassis/alarm.ts';
import { type AlarmName, alarmNames } from '../../src/operations/alarms/alarm-catalogue.ts';
import { AlarmKeeper } from '../../src/operations/alarms/alarm-keeper.ts';
import { standingAlarms } from '../../src/operations/alarms/standing-alarms.ts';
import { Thresholds } from '../../src/operations/alarms/thresholds.ts';
import { readSelector } from '../../src/operations/metrics/selector.ts';
import type { ViewSource } from '../../src/operations/views/view.ts';
import { acctSessionIdOf } from '../../src/services/samog/account-id.ts';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import { tlv } from '../../src/wire/bytes/tlv.ts';
import { radiusAttribute } from '../../src/wire/radius/attributes.ts';
import { pairSource } from '../operations/pair-source.ts';
import { emptySource } from '../operations/view-source.ts';
import {
  active,
  activeEarly,
  type ChassisAt,
  filling,
  having,
  hears,
  promoting,
  sampleOptions,
  startedOlder,
  waits,
} from '../support/chassis-samples.ts';
import { address, configOf, MemoryWorld } from './memory-world.ts';

const wallClock = 1_700_000_000_000;
const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [sessionsAbove] = ['samog_sessions'].map((text) => {
  const read = readSelector(text);
  if (!read.ok) throw new Error(read.message);
  const config = {
    name: 'sessions',
    direction: 'above',
    limit: 0,
    clearAt: 0,
    forMs: 2000,
    severity: 'warning',
  } as const;
  return { ...config, selector: read.selector };
});

/** What a gateway tells of its alarms, looked at every second. */
class Watch {
  readonly told: string[] = [];
  readonly #keeper = new AlarmKeeper();
  readonly #thresholds = new Thresholds([sessionsAbove!]);

  look(source: ViewSource, now: number): void {
    const at = { now, wallClock: wallClock + now };
    const standing = [...standingAlarms(source, at), ...this.#thresholds.look(source, at)];
    for (const { kind, record } of this.#keeper.look(standing, now)) this.told.push(`${kind} ${record.alarm}`);
  }
}

/** A commit that goes back by itself, and one that waits for the next start. */
async function configurationWaits(
  awaited: 'configuration-unconfirmed' | 'configuration-awaits-restart',
): Promise<string[]> {
  const watch = new Watch();
  const own = mkdtempSync(join(folder, 'desk-'));
  const file = join(own, 'samog.yaml');
  const text = readFileSync(new URL('../../config/samog.example.yaml', import.meta.url), 'utf8');
  writeFileSync(file, text);
  const common = { file, folder: join(own, 'kept'), wallClock: () => wallClock, sessions: () => 0, happened: () => {} };
  const open = async () => {
    return ConfigurationDesk.open({ ...common, text: readFileSync(file, 'utf8'), apply: async () => {} });
  };
  const look = (configuration: ConfigurationDesk, from: number) => {
    for (let second = 0; second < 7; second += 1)
      watch.look({ ...emptySource(), configuration }, (from + second) * 1000);
  };
  const desk = await open();
  look(desk, 0);
  const needsRestart = awaited === 'configuration-awaits-restart';
  const edit = needsRestart
    ? { path: 'recovery.flush-interval', value: '2s' }
    : { path: 'logging.level', value: 'debug' };
  await desk.edit('alice', { set: edit });
  await desk.commit('alice', needsRestart ? { atRestart: true } : { confirmWithinMs: 60_000 });
  look(desk, 7);
  if (!needsRestart) await desk.cancel('alice');
  look(needsRestart ? await open() : desk, 14);
  return watch.told;
}

/** A gateway with all parties around it in memory, looked at every second of its time. */
function watched(world: MemoryWorld, watch: Watch, seconds: number): void {
  for (let second = 0; second < seconds; second += 1) {
    world.run(1000);
    watch.look({ ...emptySource(), manager: world.gateway }, world.now);
  }
}

/** Trouble, and its end, around a gateway in memory. */
function aroundGateway(
  begin: (world: MemoryWorld) => void,
  end: (world: MemoryWorld) => void,
  [beforeSeconds, afterSeconds]: readonly [number, number],
  world = new MemoryWorld(),
): string[] {
  const watch = new Watch();
  watched(world, watch, 1);
  begin(world);
  watched(world, watch, beforeSeconds);
  end(world);
  watched(world, watch, afterSeconds);
  return watch.told;
}

/** What the state machine of a chassis goes through, seen by the gateway that it belongs to. */
function ofChassis(alarm: PairAlarm, states: readonly ChassisAt[]): string[] {
  const watch = new Watch();
  for (const [index, { chassis }] of states.entries()) {
    const source = pairSource('active');
    const redundancy = source.redundancy!;
    const pair = { ...redundancy.pair, chassis };
    const seen = { ...source, redundancy: { ...redundancy, pair }, recovery: () => undefined };
    for (let second = 0; second < 7; second += 1) watch.look(seen, (index * 7 + second) * 1000);
  }
  return watch.told.filter((text) => text.endsWith(` ${alarm}`));
}

function filledTooSlowly(): ChassisAt {
  const limit = sampleOptions.resynchronisationLimitMs;
  const still = hears(filling(), { state: 'ACTIVE', term: 2 }, limit - 1);
  return having(still, { kind: 'deadlineReached' }, limit);
}

function stageFailed(): ChassisAt {
  return having(promoting(), { kind: 'promotionStageFailed', stage: 'fence', reason: 'planted' });
}

function compared(before: ChassisAt, equal: boolean): ChassisAt {
  return having(before, { kind: 'configurationCompared', equal, differences: equal ? [] : ['a line'] });
}

async function auditFails(): Promise<string[]> {
  const file = join(folder, 'audit', 'audit.jsonl');
  const log = await AuditLog.open({ path: file, octetsMax: 1_000_000, filesMax: 2 });
  const watch = new Watch();
  const entry = { kind: 'noted', of: null, who: null, via: null, from: null, request: 'x', subject: null } as const;
  const write = () => log.append({ ...entry, result: null, what: null }).catch(() => {});
  const look = (from: number): void => {
    const source = { ...emptySource(), audit: { changes: log } };
    for (let second = from; second < from + 7; second += 1) watch.look(source, second * 1000);
  };
  await write();
  look(0);
  rmSync(join(folder, 'audit'), { recursive: true });
  writeFileSync(join(folder, 'audit'), 'in the way');
  await write();
  look(10);
  rmSync(join(folder, 'audit'));
  mkdirSync(join(folder, 'audit'));
  await write();
  look(20);
  await log.close();
  return watch.told;
}

/** As the fast path says it; that it does is for its own test. */
function interfaceVanishes(): string[] {
  const watch = new Watch();
  const missing = [new Map(), new Map([['eth1', 'there is none of this name']]), new Map()];
  for (const [index, names] of missing.entries()) {
    const { forwarding, ...source } = emptySource();
    const status = { ...forwarding.status(), missing: names };
    const seen = { ...source, forwarding: { ...forwarding, status: () => status } };
    for (let second = 0; second < 7; second += 1) watch.look(seen, (index * 7 + second) * 1000);
  }
  return watch.told;
}

/** As `CallStore` says it; that it does is for the test of the store. */
function recoveryFails(): string[] {
  const watch = new Watch();
  for (const [index, failing] of [undefined, { text: 'ENOSPC' }, undefined].entries()) {
    const recovery = () => ({ store: { failing } }) as unknown as ReturnType<ViewSource['recovery']>;
    for (let second = 0; second < 7; second += 1) {
      watch.look({ ...emptySource(), recovery }, (index * 7 + second) * 1000);
    }
  }
  return watch.told;
}

/** As the threads of a chassis say it; that they do is for their test. */
function instanceEnds(): string[] {
  const watch = new Watch();
  for (const [index, down] of [[], [2], []].entries()) {
    for (let second = 0; second < 7; second += 1) {
      watch.look({ ...emptySource(), instancesDown: () => down }, (index * 7 + second) * 1000);
    }
  }
  return watch.told;
}

/** As `SinkQueue` says it. */
function receiverFails(): string[] {
  const watch = new Watch();
  const told = { name: 'nms', kind: 'webhook', at: '', sent: 1, failed: 0, dropped: 0, waiting: 0 } as const;
  for (let second = 0; second < 120; second += 1) {
    const isFailing = second > 10 && second < 60;
    const since = isFailing
      ? { failing: 'ECONNREFUSED', failingMs: (second - 10) * 1000 }
      : { failing: null, failingMs: null };
    watch.look(
      { ...emptySource(), notifications: { sinks: () => [{ ...told, ...since }], suppressed: 0 } },
      second * 1000,
    );
  }
  return watch.told;
}

/** As a chassis of a pair says it of its sockets; that it does is for their test. */
function portIsTaken(): string[] {
  const watch = new Watch();
  for (const [index, missing] of [[], ['EADDRINUSE'], []].entries()) {
    for (let second = 0; second < 7; second += 1) {
      watch.look({ ...emptySource(), portsMissing: () => missing }, (index * 7 + second) * 1000);
    }
  }
  return watch.told;
}

const twoServers = configOf((config) => {
  const { radius } = config.mrmeService;
  const [server] = radius.servers;
  const servers = [server!, { ...server!, name: 'aaa-2', address: address.authorization, priority: 200 }];
  return { ...config, mrmeService: { ...config.mrmeService, radius: { ...radius, servers } } };
});
const accounted = configOf(({ mrmeService, ...config }) => ({
  ...config,
  mrmeService: { ...mrmeService, accounting: { ...mrmeService.accounting, own: true } },
}));
const oneSession = configOf((config) => ({
  ...config,
  samogService: { ...config.samogService, sessionsMax: 1 },
}));

const attach = (world: MemoryWorld): void => world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
const leave = (world: MemoryWorld): void => {
  world.gateway.clear(world.ue.mac, 'operator', world.now);
};
const silent = (of: number) => (world: MemoryWorld) => {
  world.drops = ({ destination, source }) => destination === of || source === of;
};
const heard = (world: MemoryWorld): void => {
  world.drops = () => false;
};

const stories: Readonly<Record<AlarmName, () => string[] | Promise<string[]>>> = {
  'no-aaa-server': () =>
    aroundGateway(
      (world) => {
        silent(address.aaa)(world);
        attach(world);
      },
      heard,
      [30, 40],
    ),
  'aaa-server-dead': () =>
    aroundGateway(
      (world) => {
        silent(address.aaa)(world);
        attach(world);
      },
      heard,
      [10, 40],
      new MemoryWorld(twoServers),
    ).filter((text) => !text.endsWith('no-aaa-server')),
  'accounting-server-dead': () =>
    aroundGateway(
      (world) => {
        world.drops = ({ sourcePort, destinationPort }) => sourcePort === 1813 || destinationPort === 1813;
        attach(world);
      },
      heard,
      [30, 40],
      new MemoryWorld(accounted),
    ),
  'lma-down': () => aroundGateway(silent(address.lma), heard, [260, 70]),
  'sessions-near-limit': () =>
    aroundGateway(attach, leave, [3, 40], new MemoryWorld(oneSession)).filter((text) => text.endsWith('near-limit')),
  'threshold-crossed': () => aroundGateway(attach, leave, [6, 40]),
  'access-list-missing': () => {
    const { accessLists, ...rest } = configOf();
    const world = new MemoryWorld({ ...rest, accessLists });
    const having = (lists: typeof accessLists) => () =>
      world.gateway.reconfigure({ ...rest, accessLists: lists }, world.now);
    attach(world);
    world.run(1000);
    const session = world.gateway.registry.ofMac(world.ue.mac)!.session as LiveSession;
    world.authorization.change(
      [tlv(radiusAttribute.acctSessionId, acctSessionIdOf(session.durable)), tlv(radiusAttribute.filterId, 'nothing')],
      world.now,
    );
    return aroundGateway(having([]), having(accessLists), [7, 7], world).filter((text) => text.endsWith('-missing'));
  },
  'service-ports-missing': portIsTaken,
  'session-manager-down': instanceEnds,
  'notifications-failing': receiverFails,
  'fast-path-interface-missing': interfaceVanishes,
  'audit-not-written': auditFails,
  'recovery-failing': recoveryFails,
  'configuration-unconfirmed': () => configurationWaits('configuration-unconfirmed'),
  'configuration-awaits-restart': () => configurationWaits('configuration-awaits-restart'),
  'peer-silent': () => ofChassis('peer-silent', [active(), waits(active(), 300), hears(waits(active(), 300))]),
  'clock-skew': () =>
    ofChassis('clock-skew', [active(), hears(active(), { wallClock: active().now + 40_000 }), hears(active())]),
  'configuration-differs': () =>
    ofChassis('configuration-differs', [
      active(),
      compared(active(), false),
      compared(compared(active(), false), true),
    ]),
  'same-mode': () => ofChassis('same-mode', [active(), hears(active(), { mode: 'primary' }), hears(active())]),
  'promotion-slow': () => {
    let state = activeEarly();
    for (const stage of ['fence', 'commit', 'program', 'readBack'] as const) {
      state = having(state, { kind: 'promotionStageDone', stage });
    }
    return ofChassis('promotion-slow', [active(), activeEarly(), state]);
  },
  'promotion-failed': () => ofChassis('promotion-failed', [promoting(), stageFailed(), promoting()]),
  'standby-not-ready': () =>
    ofChassis('standby-not-ready', [filling(), filledTooSlowly(), having(filledTooSlowly(), { kind: 'synchronised' })]),
  'older-store': () =>
    ofChassis('older-store', [startedOlder(), waits(startedOlder(), 3000), waits(startedOlder(), 33_000)]),
};

describe('every alarm', () => {
  it.each(alarmNames)('%s is raised by what it is about, and cleared when that is over', async (alarm) => {
    const told = await stories[alarm]();
    const own = told.filter((text) => text.endsWith(` ${alarm}`));
    expect(own.at(0)).toBe(`raised ${alarm}`);
    expect(own.at(-1)).toBe(`cleared ${alarm}`);
    expect(own.filter((text) => text.startsWith('raised')).length).toBe(
      own.filter((text) => text.startsWith('cleared')).length,
    );
  });
});
