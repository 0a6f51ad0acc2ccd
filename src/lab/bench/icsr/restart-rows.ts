import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../../../host/clock.ts';
import type { BenchRow } from '../report.ts';
import type { ChassisProcess } from './chassis-process.ts';
import type { PairRig } from './pair-rig.ts';
import { UplinkProbe } from './uplink-probe.ts';

/** As many as a thread is refilled with, and one that is too many: then the peer takes the role. */
const sizes = [20_000, 100_000] as const;
const busyUes = 1000;
const packetsPerSecond = 1000;
const windowMs = 1000;
/** The newest packets may be on their way. */
const inFlightMs = 50;
const limitMs = 20_000;

/**
 * How long UEs' packets are interrupted when the one session manager of the active, in a thread of its own, is begun anew with its
 * sessions as the standby has recorded them; and how long it takes until it serves.
 *
 * @param most no more sessions than so many
 */
export async function restartRows(rig: PairRig, most: number): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const sessions of sizesUpTo(most)) rows.push(await restartRow(rig, sessions));
  return rows;
}

/** The names of the rows that `restartRows` gives, for the list of what a benchmark has. */
export function restartNames(most: number): string[] {
  return sizesUpTo(most).map(nameOf);
}

function sizesUpTo(most: number): number[] {
  return [...new Set(sizes.map((size) => Math.min(size, most)))];
}

function nameOf(sessions: number): string {
  return `restart-thread-${sessions}`;
}

async function restartRow(rig: PairRig, sessions: number): Promise<BenchRow> {
  const first = await rig.startChassis('a', { sessions, dead: 'patient' });
  await first.until(({ serves, unwritten }) => serves && unwritten === 0, 'the first chassis to serve');
  const active = await rig.startChassis('b', { dead: 'patient', placement: 'threads' });
  await rig.settled(active, sessions);
  await first.until(({ ready }) => ready, 'the first chassis to know its standby');
  await first.switchOver();
  await active.until(({ serves }) => serves, 'the one with a thread to serve');
  await rig.settled(first, sessions);
  await active.until(({ ready }) => ready, 'it to know its standby');
  const busy = Math.min(busyUes, Math.floor(sessions / 2));
  // Those with a session by DHCP: a packet of the others would move them.
  const probe = new UplinkProbe(rig, packetsPerSecond, (packet) => 1 + 2 * (packet % busy));
  probe.start();
  await sleep(windowMs);
  const from = now();
  const outcome = await active.restartInstance(1);
  const tookMs = now() - from;
  const serving = await whoServes([active, first]);
  await sleep(windowMs);
  const { interruptionMs, senderPauseMs, sent, lost } = probe.since(from, inFlightMs);
  probe.stop();
  const { sessions: present } = await serving.sample();
  await rig.end(first, active);
  return {
    name: nameOf(sessions),
    rate: interruptionMs,
    unit: 'ms',
    tookMs,
    servedBy: serving === active ? 'the same' : 'the peer',
    ...(outcome.ok ? { sessionsLost: outcome.lost } : { answer: outcome.refusal.what }),
    senderPauseMs,
    packetsLost: lost,
    packetsSent: sent,
    sessions,
    failures: sessions - present,
  };
}

async function whoServes(chassis: readonly ChassisProcess[]): Promise<ChassisProcess> {
  for (const giveUpAt = now() + limitMs; now() < giveUpAt; ) {
    for (const each of chassis) if ((await each.sample()).serves) return each;
    await sleep(inFlightMs);
  }
  throw new Error('nobody serves after a session manager was begun anew');
}
