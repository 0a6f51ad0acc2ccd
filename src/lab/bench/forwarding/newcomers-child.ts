/**
 * UEs that become attached, and everybody around the gateway that they need, in a process of their own: asked by its parent,
 * `Newcomers`.
 */
import { now, wallClock } from '../../../host/clock.ts';
import { openDriver } from '../../../host/sockets/open-driver.ts';
import { LoadSockets } from '../load-sockets.ts';
import { type LoadEvents, LoadPeers } from '../peers-load.ts';
import { WorkLoop } from '../work-loop.ts';
import { bed, furtherRg } from './load-frames.ts';
import type { AttachOutcome, NewcomersRequest } from './newcomers.ts';

const tickMs = 5;
/** After how long a UE that has no address begins anew: sooner than most (RFC 2131 section 4.1 has 4 s), to be measured sooner. */
const repeatMs = 1000;
const network = { ...bed, rgs: [furtherRg], wlcs: [] };
const events: LoadEvents = {};
const sockets = new LoadSockets(network, (await openDriver('auto')).driver, 'gre-over-ip');
const peers = new LoadPeers(network, Number(process.argv[2]), sockets.output, wallClock, events);
await sockets.open(peers);

async function attached({
  first,
  count,
  ratePerSecond,
}: NewcomersRequest & { kind: 'attach' }): Promise<AttachOutcome> {
  /** When each that is not attached yet sent its last DISCOVER. */
  const waiting = new Map<number, number>();
  let repeats = 0;
  const loop = new WorkLoop({
    count,
    pace: { ratePerSecond, tickMs },
    begin: (piece) => {
      waiting.set(piece, now());
      peers.discover(first + piece);
    },
    flush: () => sockets.flush(),
  });
  const repeating = setInterval(() => {
    for (const [piece, at] of waiting) {
      if (now() - at < repeatMs) continue;
      waiting.set(piece, now());
      peers.discover(first + piece);
      repeats += 1;
    }
  }, tickMs);
  events.attached = (ue) => {
    waiting.delete(ue - first);
    loop.completed(ue - first);
  };
  const { rate, failures, latencies } = await loop.run();
  clearInterval(repeating);
  return { rate, failures, repeats, p50Ms: latencies.percentile(0.5), p99Ms: latencies.percentile(0.99) };
}

process.on('message', async (request: NewcomersRequest) => {
  if (request.kind === 'attach') {
    process.send!(await attached(request));
  } else {
    await sockets.close();
    process.disconnect();
  }
});
process.send!('ready');
