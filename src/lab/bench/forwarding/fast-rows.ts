import { FastPathTable } from '../../../forwarding/fast-path/fast-path-table.ts';
import { FastPathProgram } from '../../../host/xdp/fast-path-program.ts';
import { LoadProgram, type LoadSpec } from '../../../host/xdp/load-program.ts';
import type { BenchRow } from '../report.ts';
import type { ForwardingOptions } from './forwarding-bench.ts';
import { bed, bedMac, loadSession, loadSpec } from './load-frames.ts';
import { type Offer, type Outcome, offer, send, settled } from './offer.ts';
import { type Rows, rowOf } from './rows.ts';
import type { Testbed } from './testbed.ts';

/** Sessions written by one batch. */
const batchSessions = 4096;
export const packetOctets = [64, 512, 1400] as const;
export const directions = ['uplink', 'downlink'] as const;
/** Packets a second of the rows that are about loss. */
const pacedRate = 1_000_000;
/** How long packets are sent for a row at most, on a machine that does something else besides. */
const secondsMost = 3;

/** A program that only redirects, and the fast path with one, many and the most sessions. */
export function fastRows(bench: Testbed, options: ForwardingOptions, rows: Rows): void {
  bench.serve('first');
  for (const octets of packetOctets) bareRows(bench, octets, options, rows);
  measureFast(bench, 1, [64], options, rows);
  measureFast(bench, options.sessions, packetOctets, options, rows);
  measureFast(bench, options.sessionsMost, [64], options, rows);
  bench.serve('alike');
}

/** A row's name, and, of small packets, that of the same at a pace. */
function alsoPaced(name: string, octets: number): string[] {
  return octets === packetOctets[0] ? [name, `${name}-paced`] : [name];
}

/** The limit: a program that redirects and does nothing else. Of a million small packets a second it loses what nobody can help losing. */
function bareRows(bench: Testbed, octets: number, options: ForwardingOptions, rows: Rows): void {
  const name = `bare-redirect-${octets}`;
  if (!rows.wants(...alsoPaced(name, octets))) return;
  const load = new LoadProgram(loadSpec('uplink', octets, options.sessions));
  load.setPort(1, bench.index('out0'));
  bench.measure(load.bareRedirectProgram);
  try {
    rows.measure(name, () => rowOf(name, measured(bench, load, options)));
    const [, paced] = alsoPaced(name, octets);
    if (paced !== undefined) rows.measure(paced, () => pacedRow(paced, bench, load, options));
  } finally {
    load.close();
  }
}

/** The fast path with so many sessions, both ways. */
function measureFast(
  bench: Testbed,
  sessions: number,
  lengths: readonly number[],
  options: ForwardingOptions,
  rows: Rows,
): void {
  const measurements = lengths.flatMap((octets) =>
    directions.map((direction) => ({ octets, direction, name: `fast-${direction}-${octets}-${sessions}` })),
  );
  const writing = `program-${sessions}`;
  if (!rows.wants(writing, ...measurements.flatMap(({ name, octets }) => alsoPaced(name, octets)))) return;
  const program = new FastPathProgram({
    accessAddress: bed.access,
    s2aAddress: bed.s2a,
    vmac: bedMac.gateway,
    sessionsMax: sessions,
    puntsPerSecond: 0,
  });
  bench.measure(program.forwardProgram);
  try {
    const written = programmed(program, sessions, writing);
    rows.measure(writing, () => written);
    program.addPort(bench.index('out0'));
    program.forwardUntil(Number.POSITIVE_INFINITY);
    for (const { octets, direction, name } of measurements) {
      const spec = loadSpec(direction, octets, sessions);
      directionRows(bench, program, spec, alsoPaced(name, octets), options, rows);
    }
  } finally {
    program.close();
  }
}

/** All that can be sent, and, for small packets, what is lost of a million a second. */
function directionRows(
  bench: Testbed,
  program: FastPathProgram,
  spec: LoadSpec,
  [name, paced]: readonly string[],
  options: ForwardingOptions,
  rows: Rows,
): void {
  const load = new LoadProgram(spec);
  try {
    if (name !== undefined) rows.measure(name, () => rowOf(name, measured(bench, load, options), rows.all));
    if (paced !== undefined) rows.measure(paced, () => pacedRow(paced, bench, load, options, () => metBy(program)));
  } finally {
    load.close();
  }
}

function measured(bench: Testbed, load: LoadProgram, { warmUp, count }: ForwardingOptions): Outcome {
  return bench.loaded(load, () => {
    send(load, { packets: warmUp, secondsMost });
    return offer(bench, load, { packets: count, secondsMost });
  });
}

/** Packets that a program has met. */
interface Met {
  readonly forwarded: number;
  readonly refused: number;
}

/**
 * The load at a pace, for how long the thread that serves it waited for its processor, and where what is missing was lost: in front of the
 * program, where the interface's queue was full meanwhile; by the program, which handed it up or dropped it; and behind it, in the queue of the
 * sink's interface.
 *
 * @param met what the program has met so far, of one that counts
 */
function pacedRow(
  name: string,
  bench: Testbed,
  load: LoadProgram,
  { warmUp, count }: ForwardingOptions,
  met?: () => Met,
): BenchRow {
  const asked: Offer = { packets: count, secondsMost, ratePerSecond: pacedRate };
  const { result, waitedMs } = bench.undisturbed(() =>
    bench.loaded(load, () => {
      send(load, { ...asked, packets: warmUp });
      settled();
      const before = met?.();
      return { before, outcome: offer(bench, load, asked), after: met?.() };
    }),
  );
  const { before, outcome, after } = result;
  const row = { ...rowOf(name, outcome), waitedMs };
  if (before === undefined || after === undefined) return row;
  const forwarded = after.forwarded - before.forwarded;
  const refused = after.refused - before.refused;
  return {
    ...row,
    lostBefore: outcome.sent - forwarded - refused,
    lostByProgram: refused,
    lostBehind: forwarded - outcome.came,
  };
}

/** What a program has met of either direction. */
function metBy(program: FastPathProgram): Met {
  const { uplinkPackets, downlinkPackets, uplinkPunts, downlinkPunts, uplinkDrops, downlinkDrops } = program.counters();
  const refusals = [uplinkPunts, downlinkPunts, uplinkDrops, downlinkDrops].flatMap((each) => Object.values(each));
  return { forwarded: uplinkPackets + downlinkPackets, refused: refusals.reduce((sum, each) => sum + each, 0) };
}

/** Writes the sessions into the kernel's maps, and compares all of them afterwards. */
function programmed(program: FastPathProgram, sessions: number, name: string): BenchRow {
  const side = { mtu: 1500, greTransport: 'raw' } as const;
  const table = new FastPathTable(sessions, {
    access: side,
    s2a: side,
    mssClamp: true,
    listNumberOf: () => undefined,
    isEogreClient: () => true,
    kernelTimeOf: (instant) => instant,
  });
  const begin = performance.now();
  const cpuBefore = process.cpuUsage();
  for (let index = 0; index < sessions; index += 1) {
    table.program(loadSession(index), 0);
    if (index % batchSessions === batchSessions - 1) program.apply(table);
  }
  program.apply(table);
  const written = performance.now();
  const { user, system } = process.cpuUsage(cpuBefore);
  const { sessions: wrong, ids, macs } = program.audit(table);
  const auditMs = performance.now() - written;
  return {
    name,
    rate: (sessions / (written - begin)) * 1000,
    unit: 'sessions/s',
    cpuMicroseconds: (user + system) / sessions,
    auditMs,
    failures: wrong + ids + macs,
  };
}
