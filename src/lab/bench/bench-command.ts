import { aaaBench } from './aaa/aaa-bench.ts';
import { floodBench } from './aaa/flood-bench.ts';
import { attachBench } from './attach-bench.ts';
import type { Bench, BenchOptions } from './bench.ts';
import { dataBench } from './data-bench.ts';
import { forwardingBench } from './forwarding/forwarding-bench.ts';
import { handoverBench } from './handover-bench.ts';
import { icsrBench } from './icsr/icsr-bench.ts';
import { instancesBench } from './instances-bench.ts';
import { operatorBench } from './operator-bench.ts';
import { benchReport, formatReport } from './report.ts';

const benches: Readonly<Record<string, { readonly run: Bench; readonly what: string }>> = {
  attach: { run: attachBench, what: 'full attaches by DHCP and by PMIPv6, with RADIUS and S2a' },
  handover: {
    run: handoverBench,
    what: 'handovers between PMIPv6 and EoGRE with 100,000 sessions up; memory of a session',
  },
  data: { run: dataBench, what: 'the slow path, beside a forwarder without any protocol' },
  aaa: { run: aaaBench, what: 'EAP conversations and accounting through the gateway, beside radsecproxy' },
  flood: { run: floodBench, what: 'attaches by EAP while 100,000 hostile RADIUS packets come each second' },
  forwarding: { run: forwardingBench, what: 'the fast path in the kernel, beside a bare redirect: XDP on veth' },
  icsr: { run: icsrBench, what: 'a pair: interruption by a switchover, resynchronisation, cost of checkpoints' },
  instances: { run: instancesBench, what: 'attaches with session managers in one thread, and in threads of their own' },
  operator: { run: operatorBench, what: 'how long the event loop is away for each request of an operator' },
};

export interface BenchCommand extends BenchOptions {
  /** Which benchmark. */
  readonly name?: string;
  /** One after the other. */
  readonly all?: boolean;
  readonly list?: boolean;
  /** For programs instead of people: one JSON value for each benchmark, a line each. */
  readonly json?: boolean;
}

/**
 * `samog bench`; without a name it lists the benchmarks. Returns the exit status: 0; 1 if work failed, because then the
 * figures mean nothing; 2 for misuse.
 */
export async function benchCommand(
  command: BenchCommand,
  write: (text: string) => void = (text) => void process.stdout.write(text),
  complain: (text: string) => void = (text) => void process.stderr.write(text),
): Promise<number> {
  const { name, all, list, json } = command;
  const names = all === true ? Object.keys(benches) : name === undefined ? [] : [name];
  const unknown = names.find((wanted) => benches[wanted] === undefined);
  if (list === true || names.length === 0 || unknown !== undefined) {
    const tell = unknown === undefined ? write : complain;
    if (unknown !== undefined) tell(`samog bench: there is no benchmark ${unknown}; there are:\n`);
    for (const [known, { what }] of Object.entries(benches)) tell(`${known.padEnd(10)} ${what}\n`);
    return unknown === undefined ? 0 : 2;
  }
  let failures = 0;
  for (const wanted of names) {
    const { driver, rows } = await benches[wanted]!.run(command);
    if (rows.length === 0) {
      write(`no row of ${wanted} is called like that\n`);
      return 2;
    }
    const report = benchReport(wanted, driver, rows);
    write(json === true ? `${JSON.stringify(report)}\n` : `${formatReport(report)}\n`);
    for (const row of rows) failures += Number(row['failures'] ?? 0);
  }
  return failures === 0 ? 0 : 1;
}
