import { readdirSync, readFileSync } from 'node:fs';

/**
 * What a thread is for. `helper`: V8's own, which compile and collect. `other`: the rest of Node.js's, and any without a
 * name of ours.
 */
export type ThreadSort = 'main' | 'link' | 'store' | 'helper' | 'other';

/** By sort of thread, in microseconds since the start of the process. */
export type ThreadTimes = Readonly<Record<ThreadSort, number>>;

/** The time that threads have had a processor, and the time that they could have used one and had none. */
export interface ThreadAccount {
  readonly ran: ThreadTimes;
  readonly waited: ThreadTimes;
}

const sortOfName: ReadonlyMap<string, ThreadSort> = new Map([
  ['MainThread', 'main'],
  ['node', 'main'],
  ['samog-link', 'link'],
  ['samog-store', 'store'],
  ['V8Worker', 'helper'],
]);

const tasks = '/proc/self/task';
const none: ThreadTimes = { main: 0, link: 0, store: 0, helper: 0, other: 0 };

/** Of the threads that this process has now, by the kernel's own account (Documentation/scheduler/sched-stats). */
export function threadTimes(): ThreadAccount {
  const ran: Record<ThreadSort, number> = { ...none };
  const waited: Record<ThreadSort, number> = { ...none };
  for (const task of readdirSync(tasks)) {
    try {
      const name = readFileSync(`${tasks}/${task}/comm`, 'utf8').trim();
      const sort = sortOfName.get(name) ?? 'other';
      const [ranNanoseconds, waitedNanoseconds] = readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ');
      ran[sort] += Number(ranNanoseconds) / 1000;
      waited[sort] += Number(waitedNanoseconds) / 1000;
    } catch {
      // The thread has ended meanwhile.
    }
  }
  return { ran, waited };
}

/** What each sort of thread has used between two moments for each piece of some work. */
export function timesEach(before: ThreadTimes, after: ThreadTimes, pieces: number): ThreadTimes {
  const each = (sort: ThreadSort): number => (after[sort] - before[sort]) / pieces;
  return {
    main: each('main'),
    link: each('link'),
    store: each('store'),
    helper: each('helper'),
    other: each('other'),
  };
}
