import { FastPathTable } from '../../../forwarding/fast-path/fast-path-table.ts';
import { FastPathProgram } from '../../../host/xdp/fast-path-program.ts';
import { LoadProgram } from '../../../host/xdp/load-program.ts';
import type { BenchRow } from '../report.ts';
import type { ForwardingOptions } from './forwarding-bench.ts';
import { bed, bedMac, loadSession, loadSpec } from './load-frames.ts';
import { type Offer, offer, send, settled } from './offer.ts';
import { limitOf, type Rows, rowOfRounds, type Sample } from './rows.ts';
import type { Testbed } from './testbed.ts';

/** Sessions written by one batch. */
const batchSessions = 4096;
export const packetOctets = [64, 512, 1400] as const;
export const directions = ['uplink', 'downlink'] as const;
/** Packets a second of the rows that are about loss. */
const pacedRate = 1_000_000;
/** How long packets are sent for a row at most, on a machine that does something else besides. */
const secondsMost = 3;

/** Packets that a program forwards, as fast as they can be sent and, small ones, at a pace. */
interface Candidate {
  readonly name: string;
  /** The row that the one of all that can be sent is compared with. */
  readonly limit?: string;
  readonly load: LoadProgram;
  /** What in0 has meanwhile. */
  readonly program: number;
  /** What the program has met so far, if it counts. */
  readonly met?: () => Met;
  readonly paced: boolean;
}

/** Rows that have one set-up in common. */
interface Field {
  readonly candidates: readonly Candidate[];
  /** What making it has shown. */
  readonly made?: BenchRow;
  close(): void;
}

/**
 * A program that only redirects, and the fast path with one, many and the most sessions: each once in every round, so that what
 * else the machine does in a second meets all of them alike.
 */
export function fastRows(bench: Testbed, options: ForwardingOptions, rows: Rows): void {
  const fields = [
    bareField(bench, options, rows),
    fastField(bench, 1, [64], rows),
    fastField(bench, options.sessions, packetOctets, rows),
    fastField(bench, options.sessionsMost, [64], rows),
  ];
  bench.serve('first');
  try {
    const samples = new Map<string, Sample[]>();
    const candidates = fields.flatMap((field) => field.candidates);
    for (let round = 0; round < options.rounds; round += 1)
      for (const candidate of candidates) takeTurn(bench, candidate, options, rows, samples);
    for (const { candidates: own, made } of fields) {
      if (made !== undefined) rows.measure(made.name, () => made);
      for (const { name, limit, paced } of own)
        for (const row of alsoPaced(name, paced)) {
          const beside = row === name && limit !== undefined ? samples.get(limit) : undefined;
          rows.measure(row, () => rowOfRounds(row, samples.get(row)!, beside));
        }
    }
  } finally {
    bench.serve('alike');
    for (const field of fields) field.close();
  }
}

/** A row's name, and that of the same at a pace. */
function alsoPaced(name: string, paced: boolean): string[] {
  return paced ? [name, `${name}-paced`] : [name];
}

function isPaced(octets: number): boolean {
  return octets === packetOctets[0];
}

/** The limit: a program that redirects and does nothing else. Of a million small packets a second it loses what nobody can help losing. */
function bareField(bench: Testbed, options: ForwardingOptions, rows: Rows): Field {
  const wanted = packetOctets.filter((octets) => rows.wants(...alsoPaced(limitOf(octets), isPaced(octets))));
  const candidates = wanted.map((octets): Candidate => {
    const load = new LoadProgram(loadSpec('uplink', octets, options.sessions));
    load.setPort(1, bench.index('out0'));
    const name = limitOf(octets);
    return { name, load, program: load.bareRedirectProgram, paced: isPaced(octets) };
  });
  return { candidates, close: () => closeAll(candidates) };
}

/** The fast path with so many sessions, both ways. */
function fastField(bench: Testbed, sessions: number, lengths: readonly number[], rows: Rows): Field {
  const writing = `program-${sessions}`;
  const wanted = lengths
    .flatMap((octets) => directions.map((direction) => ({ octets, direction, paced: isPaced(octets) })))
    .map((each) => ({ ...each, name: `fast-${each.direction}-${each.octets}-${sessions}` }))
    .filter(({ name, paced }) => rows.wants(...alsoPaced(name, paced)));
  if (wanted.length === 0 && !rows.wants(writing)) return { candidates: [], close: () => {} };
  const program = new FastPathProgram({
    accessAddress: bed.access,
    s2aAddress: bed.s2a,
    vmac: bedMac.gateway,
    sessionsMax: sessions,
    puntsPerSecond: 0,
  });
  const made = programmed(program, sessions, writing);
  program.addPort(bench.index('out0'));
  program.forwardUntil(Number.POSITIVE_INFINITY);
  const candidates = wanted.map(({ octets, direction, name, paced }): Candidate => {
    const load = new LoadProgram(loadSpec(direction, octets, sessions));
    const met = (): Met => metBy(program);
    return { name, limit: limitOf(octets), load, program: program.forwardProgram, met, paced };
  });
  const close = (): void => {
    closeAll(candidates);
    program.close();
  };
  return { candidates, made, close };
}

function closeAll(candidates: readonly Candidate[]): void {
  for (const { load } of candidates) load.close();
}

/** Sends all that can be sent, and what is to come at a pace, as far as such rows are wanted. */
function takeTurn(
  bench: Testbed,
  candidate: Candidate,
  options: ForwardingOptions,
  rows: Rows,
  samples: Map<string, Sample[]>,
): void {
  const [name, paced] = alsoPaced(candidate.name, candidate.paced);
  bench.measure(candidate.program);
  const took = (row: string, sample: Sample): void => {
    samples.set(row, [...(samples.get(row) ?? []), sample]);
    rows.sampled(row);
  };
  if (rows.wants(name!)) took(name!, atOnce(bench, candidate.load, options));
  if (paced !== undefined && rows.wants(paced)) took(paced, atPace(bench, candidate, options));
}

function atOnce(bench: Testbed, load: LoadProgram, { warmUp, count }: ForwardingOptions): Sample {
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
 * The load at a pace, for how long the thread that serves it waited for its processor, and where what is missing was lost: in
 * front of the program, where the interface's queue was full meanwhile; by the program, which handed it up or dropped it; and
 * behind it, in the queue of the sink's interface.
 */
function atPace(bench: Testbed, { load, met }: Candidate, { warmUp, count }: ForwardingOptions): Sample {
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
  if (before === undefined || after === undefined) return { ...outcome, waitedMs };
  const forwarded = after.forwarded - before.forwarded;
  const refused = after.refused - before.refused;
  return {
    ...outcome,
    waitedMs,
    lost: {
      lostBefore: outcome.sent - forwarded - refused,
      lostByProgram: refused,
      lostBehind: forwarded - outcome.came,
    },
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
