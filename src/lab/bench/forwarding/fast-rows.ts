import { FastPathTable } from '../../../forwarding/fast-path/fast-path-table.ts';
import { FastPathProgram } from '../../../host/xdp/fast-path-program.ts';
import { LoadProgram, type LoadSpec } from '../../../host/xdp/load-program.ts';
import type { BenchRow } from '../report.ts';
import type { ForwardingOptions } from './forwarding-bench.ts';
import { bed, bedMac, loadSession, loadSpec } from './load-frames.ts';
import { type Offer, offer, send } from './offer.ts';
import { rowOf } from './rows.ts';
import type { Testbed } from './testbed.ts';

/** Sessions written by one batch. */
const batchSessions = 4096;
export const packetOctets = [64, 512, 1400] as const;
/** Packets a second of the rows that are about loss. */
const pacedRate = 1_000_000;

/** A program that only redirects, and the fast path with one, many and the most sessions. */
export function fastRows(bench: Testbed, options: ForwardingOptions): BenchRow[] {
  bench.serveFirst(true);
  const rows = packetOctets.map((octets) => bareRow(bench, octets, options));
  measureFast(bench, 1, [64], options, rows);
  measureFast(bench, options.sessions, packetOctets, options, rows);
  measureFast(bench, options.sessionsMost, [64], options, rows);
  bench.serveFirst(false);
  return rows;
}

/** The limit: a program that redirects and does nothing else. */
function bareRow(bench: Testbed, octets: number, options: ForwardingOptions): BenchRow {
  const load = new LoadProgram(loadSpec('uplink', octets, options.sessions));
  load.setPort(1, bench.index('out0'));
  bench.measure(load.bareRedirectProgram);
  try {
    return rowOf(`bare-redirect-${octets}`, measured(bench, load, options));
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
  rows: BenchRow[],
): void {
  const program = new FastPathProgram({
    accessAddress: bed.access,
    s2aAddress: bed.s2a,
    vmac: bedMac.gateway,
    sessionsMax: sessions,
    puntsPerSecond: 0,
  });
  bench.measure(program.forwardProgram);
  try {
    rows.push(programmed(program, sessions));
    program.addPort(bench.index('out0'));
    program.forwardUntil(Number.POSITIVE_INFINITY);
    for (const octets of lengths) {
      for (const direction of ['uplink', 'downlink'] as const) {
        rows.push(...directionRows(bench, direction, octets, sessions, options, rows));
      }
    }
  } finally {
    program.close();
  }
}

/** All that can be sent, and, for small packets, what is lost of a million a second. */
function directionRows(
  bench: Testbed,
  direction: LoadSpec['direction'],
  octets: number,
  sessions: number,
  options: ForwardingOptions,
  rows: readonly BenchRow[],
): BenchRow[] {
  const load = new LoadProgram(loadSpec(direction, octets, sessions));
  const name = `fast-${direction}-${octets}-${sessions}`;
  try {
    const row = rowOf(name, measured(bench, load, options), rows);
    if (octets !== packetOctets[0]) return [row];
    const paced = measured(bench, load, options, { packets: options.count, ratePerSecond: pacedRate });
    return [row, rowOf(`${name}-paced`, paced)];
  } finally {
    load.close();
  }
}

function measured(
  bench: Testbed,
  load: LoadProgram,
  { warmUp, count }: ForwardingOptions,
  asked: Offer = { packets: count },
) {
  return bench.loaded(load, () => {
    send(load, { ...asked, packets: warmUp });
    return offer(bench, load, asked);
  });
}

/** Writes the sessions into the kernel's maps, and compares all of them afterwards. */
function programmed(program: FastPathProgram, sessions: number): BenchRow {
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
    name: `program-${sessions}`,
    rate: (sessions / (written - begin)) * 1000,
    unit: 'sessions/s',
    cpuMicroseconds: (user + system) / sessions,
    auditMs,
    failures: wrong + ids + macs,
  };
}
