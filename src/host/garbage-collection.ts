import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 begin a collection of the whole heap by how much the heap and what hangs on it have grown together, in this process.
 *
 * By default it begins one for every 64 MiB of buffers allocated since the last, however large the heap is. A gateway
 * allocates a buffer for each control message and each batch of checkpoints, and its sessions are a heap of gigabytes:
 * some ten thousand attaches would have all of them marked again.
 *
 * And makes every object young. By default V8 makes those old at once whose kind has lived long so far; here that is what is kept
 * of a request for seconds, which refers to the request, its packets and whoever waited. Dead, it keeps all of them through every
 * small collection until the next large one: three quarters of what those had to copy was dead.
 */
export function tuneGarbageCollection(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  setFlagsFromString('--no-allocation-site-pretenuring');
}
