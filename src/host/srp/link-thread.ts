/** The link thread: has the socket to the peer and says the hello, whatever the main thread is busy with. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Instant } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/unreachable.ts';
import { Endpoint } from './endpoint.ts';
import { SharedMemory } from './shared-memory.ts';
import type { FromLinkThread, LinkThreadData, ToLinkThread } from './thread-messages.ts';

const data = workerData as LinkThreadData;
invariant(parentPort !== null, 'the link thread is started by SrpLink');
const port = parentPort;

/** The main thread's clock: the same counter of the system, from the same origin. */
const clock = (): Instant => Number(process.hrtime.bigint()) / 1e6 - data.clockOriginMs;
const post = (message: FromLinkThread, transfer: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

const endpoint = new Endpoint(data, new SharedMemory(data.memory), post, clock);
let timer: NodeJS.Timeout | undefined;

function tick(): void {
  const dueAt = endpoint.tick();
  timer = setTimeout(tick, Math.max(1, dueAt - clock()));
}

port.on('message', (message: ToLinkThread) => {
  switch (message.kind) {
    case 'batch':
      return endpoint.send(message.connection, message.buffer);
    case 'close':
      return endpoint.close(message.connection, message.reason);
    default:
      // The thread ends when its sockets have.
      endpoint.stop();
      clearTimeout(timer);
      port.close();
  }
});
tick();
endpoint.start();
