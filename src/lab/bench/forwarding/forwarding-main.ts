/** The script that measures forwarding in a network namespace of its own, and prints the result of the benchmark as JSON. */
import { LoadProgram } from '../../../host/xdp/load-program.ts';
import { assertOwnNamespace } from '../../pair/own-namespace.ts';
import type { BenchResult } from '../bench.ts';
import { fastRows } from './fast-rows.ts';
import type { ForwardingOptions } from './forwarding-bench.ts';
import { loadSpec } from './load-frames.ts';
import { openVswitchRows } from './open-vswitch-rows.ts';
import { Rows } from './rows.ts';
import { slowRows } from './slow-rows.ts';
import { Testbed } from './testbed.ts';

assertOwnNamespace();
const options: ForwardingOptions = JSON.parse(process.argv[2]!);
const first = new LoadProgram(loadSpec('uplink', 64, 1));
const bench = new Testbed(first.sinkProgram);
const rows = new Rows(options.rounds, options.only);
fastRows(bench, options, rows);
await slowRows(bench, options, rows);
openVswitchRows(bench, options, rows);
rows.end();
process.stdout.write(JSON.stringify({ driver: 'xdp', rows: rows.all } satisfies BenchResult));
