import { readdirSync, readFileSync } from 'node:fs';

/** The processor time that a process has had, all its threads, in microseconds: Linux's schedstat, whose unit is 1 ns. */
export function processMicroseconds(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  return nanoseconds / 1000;
}
