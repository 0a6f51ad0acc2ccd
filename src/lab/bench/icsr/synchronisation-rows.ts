import { wallClock } from '../../../host/clock.ts';
import type { BenchRow } from '../report.ts';
import { judgedRow } from './judged-row.ts';
import type { PairRig } from './pair-rig.ts';

export const synchronisationNames = ['synchronisation-tenth', 'synchronisation'] as const;

/** How long a standby that has just connected takes to be READY; for a tenth of the sessions, to compare, and for all. */
export async function synchronisationRows(rig: PairRig, sessions: number): Promise<BenchRow[]> {
  const tenth = await synchronisationRow(rig, 'synchronisation-tenth', Math.ceil(sessions / 10));
  const whole = await synchronisationRow(rig, 'synchronisation', sessions);
  return [tenth, { ...whole, ...judgedRow('synchronisation', [whole.rate]) }];
}

async function synchronisationRow(rig: PairRig, name: string, sessions: number): Promise<BenchRow> {
  const filledFrom = wallClock();
  const active = await rig.startChassis('a', { sessions, dead: 'patient', disk: 'fast' });
  const before = await active.until(({ serves, unwritten }) => serves && unwritten === 0, 'the active to serve');
  await active.sample(true);
  const startedAt = wallClock();
  const standby = await rig.startChassis('b', { dead: 'patient', disk: 'fast' });
  const ready = await standby.until((sample) => sample.ready, 'the standby to be ready');
  const after = await active.sample();
  const awake = await standby.until((sample) => sample.sessions === sessions, 'the standby to make its sessions');
  await rig.end(standby, active);
  const { linkUpAt = Number.NaN, enteredAt = Number.NaN } = ready;
  return {
    name,
    rate: enteredAt - linkUpAt,
    unit: 'ms',
    cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / sessions,
    standbyCpuMicroseconds: ready.cpuMicroseconds / sessions,
    awakeCpuMicroseconds: awake.cpuMicroseconds / sessions,
    fromProcessStartMs: enteredAt - startedAt,
    octetsPerSession: (after.linkOctetsSent - before.linkOctetsSent) / sessions,
    sessions,
    activeMiB: after.residentOctets / 2 ** 20,
    standbyMiB: ready.residentOctets / 2 ** 20,
    activeStallMs: after.worstTurnMs,
    standbyStallMs: ready.worstTurnMs,
    filledInMs: startedAt - filledFrom,
    failures: sessions - ready.records,
  };
}
