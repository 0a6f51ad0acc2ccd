import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds. @throws Error if it does not in twenty seconds */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 20_000; !(await holds()); ) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await sleep(5);
  }
}
