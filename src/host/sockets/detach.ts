import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import * as linux from './linux.ts';

const descriptors = '/proc/self/fd';
const eventPoll = 'anon_inode:[eventpoll]';

/**
 * Has the event loop of another thread hear nothing more of its sockets. To be called before that thread is terminated: a `Readiness`
 * whose thread may run no JavaScript any more aborts the process.
 *
 * @param own sockets that no other event loop waits for, by which the thread's is known
 */
export function detachSockets(own: readonly number[]): void {
  for (const [loop, watched] of eventLoops()) {
    if (!own.some((socket) => watched.has(socket))) continue;
    for (const socket of watched) if (isSocket(socket)) linux.epollCtl(loop, linux.epollDelete, socket, 0);
  }
}

/** What each event loop of this process waits for: proc(5) has it in fdinfo as `tfd:`. */
function eventLoops(): Map<number, Set<number>> {
  const loops = readdirSync(descriptors).filter((name) => linkOf(name) === eventPoll);
  return new Map(
    loops.map((name) => {
      const text = readFileSync(`/proc/self/fdinfo/${name}`, 'utf8');
      return [Number(name), new Set([...text.matchAll(/^tfd:\s*(\d+)/gm)].map(([, fd]) => Number(fd)))];
    }),
  );
}

function isSocket(descriptor: number): boolean {
  return linkOf(String(descriptor)).startsWith('socket:');
}

/** Empty for one that was closed meanwhile. */
function linkOf(name: string): string {
  try {
    return readlinkSync(`${descriptors}/${name}`);
  } catch {
    return '';
  }
}
