import type { BenchOptions } from './bench.ts';
import { forkScript, messageOf } from './gateway-process.ts';
import type { BenchRow } from './report.ts';

export interface MemoryRequest {
  readonly sessions: number;
}

export interface MemoryAnswer {
  readonly sessions: number;
  readonly attached: number;
  /** What the sessions added to heap and external memory. */
  readonly octets: number;
  /** Per session, with everybody around the gateway in the same process. */
  readonly cpuMicroseconds: number;
  readonly residentOctets: number;
}

const script = new URL('./memory-child.ts', import.meta.url);
const sessionsDefault = 1_000_000;
/** Room for what a million sessions leave behind while they are set up. */
const heapMiB = 8192;

/** Memory of a session: registry, flow table and heaps included, in a process of its own without sockets. */
export async function memoryRow(options: BenchOptions): Promise<BenchRow> {
  const sessions = options.memorySessions ?? sessionsDefault;
  const child = forkScript(script, ['--expose-gc', `--max-old-space-size=${heapMiB}`]);
  child.send({ sessions } satisfies MemoryRequest);
  const answer = (await messageOf(child)) as MemoryAnswer;
  return {
    name: 'memory',
    rate: answer.octets / answer.sessions,
    unit: 'octet/session',
    cpuMicroseconds: answer.cpuMicroseconds,
    sessions: answer.sessions,
    failures: sessions - answer.attached,
    residentMiB: answer.residentOctets / 2 ** 20,
  };
}
