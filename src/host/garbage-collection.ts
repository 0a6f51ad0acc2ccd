import { setFlagsFromString } from 'node:v8';

/**
 * The option of Node.js that bounds the half of the young generation that is in use, in MiB. By default it is 64, and what survives of
 * so much is copied in one go, in which time nothing is answered or acknowledged. Half of it halves the pauses and costs nothing that can
 * be measured; less has the active of a pair copy what waits for its standby and its disk (docs/benchmarks.md). It has to be
 * there when a heap is made: the launcher gives it to the process.
 */
export const youngGenerationOption = '--max-semi-space-size=32';

/**
 * Bounds the young generation of threads that are started from now on, as the launcher has done for the process.
 *
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
  setFlagsFromString(youngGenerationOption);
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  setFlagsFromString('--no-allocation-site-pretenuring');
}
