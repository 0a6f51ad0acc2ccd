/** The script that measures the fast path in a network namespace of its own, and prints the result of the benchmark as JSON. */
import { FastPathTable } from '../../../forwarding/fast-path/fast-path-table.ts';
import { FastPathProgram } from '../../../host/xdp/fast-path-program.ts';
import { LoadProgram, type LoadSpec } from '../../../host/xdp/load-program.ts';
import { assertOwnNamespace } from '../../pair/own-namespace.ts';
import type { BenchResult } from '../bench.ts';
import type { BenchRow } from '../report.ts';
import type { ForwardingOptions } from './forwarding-bench.ts';
import { bed, loadSession, loadSpec } from './load-frames.ts';
import { Testbed } from './testbed.ts';

assertOwnNamespace();
const options: ForwardingOptions = JSON.parse(process.argv[2]!);

/** Sessions written by one batch. */
const batchSessions = 4096;
/** Packets sent by one system call. */
const chunkPackets = 50_000;
const packetOctets = [64, 512, 1400] as const;
/** How often it is looked whether packets that are under way still arrive, and how long they are waited for at most. */
const drainStepMs = 20;
const drainMostMs = 3000;

const first = new LoadProgram(loadSpec('uplink', 64, 1));
const bench = new Testbed(first.sinkProgram);
const rows: BenchRow[] = [];

for (const octets of packetOctets) {
  rows.push(measureBare(octets));
}
measureFast(1, [64]);
measureFast(options.sessions, packetOctets);
measureFast(options.sessionsMost, [64]);
process.stdout.write(JSON.stringify({ driver: 'xdp', rows } satisfies BenchResult));

/** The limit: a program that redirects and does nothing else. */
function measureBare(octets: number): BenchRow {
  const load = new LoadProgram(loadSpec('uplink', octets, options.sessions));
  load.setPort(1, bench.index('out0'));
  bench.measure(load.bareRedirectProgram);
  try {
    return measured(`bare-redirect-${octets}`, load);
  } finally {
    load.close();
  }
}

/** The fast path with so many sessions, both ways. */
function measureFast(sessions: number, lengths: readonly number[]): void {
  const program = new FastPathProgram({
    accessAddress: bed.access,
    s2aAddress: bed.s2a,
    vmac: bed.vmac,
    sessionsMax: sessions,
    puntsPerSecond: 0,
  });
  bench.measure(program.forwardProgram);
  try {
    rows.push(programmed(program, sessions));
    program.addPort(bench.index('out0'));
    program.forwardUntil(Number.POSITIVE_INFINITY);
    for (const octets of lengths) {
      const bare = rows.find(({ name }) => name === `bare-redirect-${octets}`)!;
      for (const direction of ['uplink', 'downlink'] as const) rows.push(fastRow(direction, octets, sessions, bare));
    }
  } finally {
    program.close();
  }
}

function fastRow(direction: LoadSpec['direction'], octets: number, sessions: number, bare: BenchRow): BenchRow {
  const load = new LoadProgram(loadSpec(direction, octets, sessions));
  try {
    const row = measured(`fast-${direction}-${octets}-${sessions}`, load);
    return { ...row, ofBare: row.rate / bare.rate, ofBareByCpu: bare.cpuMicroseconds! / row.cpuMicroseconds! };
  } finally {
    load.close();
  }
}

/** Writes the sessions into the kernel's maps, and compares all of them afterwards. */
function programmed(program: FastPathProgram, sessions: number): BenchRow {
  const side = { mtu: 1500, greTransport: 'raw' } as const;
  const table = new FastPathTable(sessions, {
    access: side,
    s2a: side,
    mssClamp: true,
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

/** Sends for a while as fast as the generator can. */
function measured(name: string, load: LoadProgram): BenchRow {
  load.setPort(0, bench.index('gen0'));
  const sink = bench.receive(load.sinkProgram);
  try {
    offered(load, options.warmUp);
    const cpuBefore = bench.cpuMicroseconds();
    const { packets, arrived, seconds } = offered(load, options.count);
    const cpu = bench.cpuMicroseconds() - cpuBefore;
    return {
      name,
      rate: arrived / seconds,
      unit: 'packets/s',
      cpuMicroseconds: cpu / arrived,
      perCore: (arrived / cpu) * 1e6,
      offered: packets / seconds,
    };
  } finally {
    sink.detach();
  }
}

function offered(load: LoadProgram, packets: number): { packets: number; arrived: number; seconds: number } {
  const before = load.sunk().packets;
  const begin = performance.now();
  let sent = 0;
  for (; sent < packets; sent += chunkPackets) load.send(Math.min(chunkPackets, packets));
  const seconds = (performance.now() - begin) / 1000;
  let arrived = 0;
  for (let waited = 0; waited < drainMostMs; waited += drainStepMs) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, drainStepMs);
    const more = load.sunk().packets - before;
    if (more > 0 && more === arrived) break;
    arrived = more;
  }
  return { packets: sent, arrived, seconds };
}
