/** The thread that has the store: reads it once, then writes batches in the order in which they come. */
import { parentPort, workerData } from 'node:worker_threads';
import { CallDatabase, failureOf } from './call-database.ts';
import type { FromStoreThread, StoreThreadData, ToStoreThread } from './store-messages.ts';

const { path, chassisName } = workerData as StoreThreadData;
const port = parentPort!;
const answer = (message: FromStoreThread): void => port.postMessage(message);

/** Whatever is thrown is answered: the other side knows what to do about it. */
function attempt(act: () => void): void {
  try {
    act();
  } catch (error) {
    answer({ kind: 'failed', failure: failureOf(error) });
  }
}

attempt(() => {
  const { database, content } = CallDatabase.open(path, chassisName, (rows) => answer({ kind: 'rows', rows }));
  answer({ kind: 'opened', content });
  port.on('message', (message: ToStoreThread) => {
    attempt(() => {
      if (message.kind !== 'finish') {
        if (message.kind === 'write') database.write(message.batch);
        else database.read(message.of, (rows) => answer({ kind: 'rows', rows }));
        answer({ kind: 'written' });
        return;
      }
      database.finish();
      answer({ kind: 'finished' });
      port.close();
    });
  });
});
