/** A thread that waits for its socket and has come to a stop, which this process then ends; what it is told by its argument. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { BatchedDriver, openSocket } from '../../src/host/sockets/batched-driver.ts';
import { detachSockets } from '../../src/host/sockets/detach.ts';
import type { SocketSpec } from '../../src/host/sockets/socket-driver.ts';
import { ipv4Of } from '../../src/kernel/address.ts';

const loopback = ipv4Of(0x7f00_0001);
const spec: SocketSpec = { transport: 'udp', address: loopback, port: 0 };

if (isMainThread) {
  const opened = openSocket(spec);
  const driver = new BatchedDriver();
  const own = await driver.open({ ...spec, opened, sendsOnly: true }, () => {});
  const sender = await driver.open(spec, () => {});
  const worker = new Worker(new URL(import.meta.url), { workerData: { ...spec, opened } });
  const stopped = new Promise((resolve) => worker.once('message', resolve));
  setInterval(() => {
    sender.send(loopback, own.localPort, Uint8Array.of(1));
    driver.flush();
  }, 1);
  await stopped;
  await new Promise((resolve) => setTimeout(resolve, 50));
  if (process.argv[2] === 'detached') detachSockets([opened]);
  await worker.terminate();
  console.log('ended');
  process.exit(0);
} else {
  await new BatchedDriver().open(workerData as SocketSpec, () => {
    parentPort!.postMessage('stopped');
    for (;;);
  });
}
