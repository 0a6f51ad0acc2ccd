import { readdirSync, readFileSync } from 'node:fs';

/**
 * What a thread is for. `helper`: V8's own, which compile and collect. `other`: the rest of Node.js's, and any without a
 * name of ours.
 */
export type ThreadSort = 'main' | 'link' | 'store' | 'helper' | 'other';

/** CPU time by sort of thread, in microseconds since the start of the process. */
export type ThreadTimes = Readonly<Record<ThreadSort, number>>;

const sortOfName: ReadonlyMap<string, ThreadSort> = new Map([
  ['MainThread', 'main'],
  ['node', 'main'],
  ['samog-link', 'link'],
  ['samog-store', 'store'],
  ['V8Worker', 'helper'],
]);

const tasks = '/proc/self/task';

/** Of the threads that this process has now, by the kernel's own account. */
export function threadTimes(): ThreadTimes {
  const times: Record<ThreadSort, number> = { main: 0, link: 0, store: 0, helper: 0, other: 0 };
  for (const task of readdirSync(tasks)) {
    try {
      const name = readFileSync(`${tasks}/${task}/comm`, 'utf8').trim();
      const nanoseconds = Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]);
      times[sortOfName.get(name) ?? 'other'] += nanoseconds / 1000;
    } catch {
      // The thread has ended meanwhile.
    }
  }
  return times;
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
