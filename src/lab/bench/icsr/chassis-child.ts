/** A chassis of a pair, as `samog run` starts it, in a process of its own: asked by its parent, `ChassisProcess`. */
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { now } from '../../../host/clock.ts';
import { type Gateway, gatewayLog, startGateway } from '../../../host/gateway.ts';
import { initiateSwitchover } from '../../../host/redundancy-commands.ts';
import { openDriver } from '../../../host/sockets/open-driver.ts';
import type { WallClock } from '../../../kernel/instant.ts';
import type { LatencyCounts } from '../../../kernel/latency-histogram.ts';
import type { RedundancyReader } from '../../../operations/views/redundancy-reader.ts';
import { icsrNetwork } from './chassis-config.ts';
import type {
  ChassisAnswer,
  ChassisRequest,
  ChassisSample,
  Collections,
  MeasuredPromotion,
} from './chassis-process.ts';
import { filledSessions } from './filled-sessions.ts';
import { LoadInside } from './load-inside.ts';
import { threadTimes } from './thread-times.ts';

const switchoverLimitMs = 20_000;
const turnResolutionMs = 10;

/** Gives a gateway that does not serve yet its sessions. */
function fill(gateway: Gateway, sessions: number): void {
  const { refused } = gateway.managers[0]!.adopt(filledSessions(icsrNetwork, sessions, now()));
  if (refused.length > 0) throw new Error(`${refused.length} sessions found no room`);
}

function promotionOf({ pair }: RedundancyReader): MeasuredPromotion | undefined {
  const last = pair.journal.promotions.at(-1);
  if (last?.end !== 'serving') return undefined;
  const stagesMs = Object.fromEntries(last.stages.map(({ stage, tookMs }) => [stage, tookMs]));
  return { begunAt: last.wallClock, sessions: last.sessions ?? 0, stagesMs };
}

/** When the chassis became what it is, if it is READY or the active. */
function enteredAt({ pair }: RedundancyReader): WallClock | undefined {
  return pair.chassis.history.findLast(({ to, reason }) => to === 'ACTIVE' || reason === 'synchronised')?.wallClock;
}

type PairFigures = Pick<
  ChassisSample,
  | 'ready'
  | 'records'
  | 'linkUpAt'
  | 'enteredAt'
  | 'promotion'
  | 'acknowledgements'
  | 'commitTimeouts'
  | 'linkOctetsSent'
>;

/** What there is of a pair; of a gateway that is alone nothing. */
function pairFigures(reader: RedundancyReader | undefined, before: LatencyCounts | undefined): PairFigures {
  if (reader === undefined) {
    const nothing = { linkUpAt: undefined, enteredAt: undefined, promotion: undefined };
    const acknowledgements = { count: 0, p50Ms: 0, p99Ms: 0 };
    return { ready: false, records: 0, ...nothing, acknowledgements, commitTimeouts: 0, linkOctetsSent: 0 };
  }
  const { pair } = reader;
  const { state, synchronisation, peer } = pair.chassis;
  const all = pair.ledger.checkpoints.acknowledgementTimes.counts();
  const counts = before === undefined ? all : all.since(before);
  return {
    ready:
      state.kind === 'ACTIVE'
        ? synchronisation.peerInstancesReady === synchronisation.instances
        : state.kind === 'STANDBY' && synchronisation.ready,
    records: pair.records,
    linkUpAt: peer.link.kind === 'up' ? performance.timeOrigin + peer.link.since : undefined,
    enteredAt: enteredAt(reader),
    promotion: promotionOf(reader),
    acknowledgements: { count: counts.total, p50Ms: counts.percentileMs(0.5), p99Ms: counts.percentileMs(0.99) },
    commitTimeouts: pair.counts()['commit.timeout'],
    linkOctetsSent: reader.link().octetsSent,
  };
}

/** Hears of a collection a turn after it was. */
class CollectionWatch {
  #allMs = 0;
  #longestMs = 0;

  constructor() {
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        this.#allMs += duration;
        this.#longestMs = Math.max(this.#longestMs, duration);
      }
    }).observe({ entryTypes: ['gc'] });
  }

  sample(): Collections {
    return { allMs: this.#allMs, longestMs: this.#longestMs };
  }

  clear(): void {
    this.#longestMs = 0;
  }
}

async function main(): Promise<void> {
  const answer = (message: ChassisAnswer): void => void process.send!(message);
  const request = await new Promise<ChassisRequest>((resolve) => process.once('message', resolve as () => void));
  if (request.kind !== 'start') throw new Error('the first request is to start');
  const { config, sessions, uesInside } = request;
  const load = uesInside === undefined ? undefined : await LoadInside.open(uesInside);
  const driver = load?.driver ?? (await openDriver('auto')).driver;
  const gateway = await startGateway(config, { driver, log: gatewayLog(config) });
  if (sessions > 0) fill(gateway, sessions);
  let cleared: LatencyCounts | undefined;
  const turns = monitorEventLoopDelay({ resolution: turnResolutionMs });
  turns.enable();
  const collections = new CollectionWatch();

  const sample = (): ChassisSample => {
    const { manager, runtime, source } = gateway;
    const all = process.cpuUsage();
    const main = process.threadCpuUsage();
    const { faults, sockets } = runtime.statistics();
    return {
      cpuMicroseconds: all.user + all.system,
      mainThreadMicroseconds: main.user + main.system,
      threads: threadTimes(),
      collections: collections.sample(),
      residentOctets: process.memoryUsage().rss,
      sessions: manager.registry.size,
      serves: gateway.serves,
      ...pairFigures(source.redundancy, cleared),
      unwritten: gateway.recovery()?.writer.waiting ?? 0,
      faults: faults + manager.crashes.length,
      packetsLost: sockets.reduce((sum, socket) => sum + (socket.kernelDrops ?? 0) + socket.sendsRefused, 0),
      worstTurnMs: Math.max(turns.max / 1e6 - turnResolutionMs, 0),
    };
  };
  process.on('message', async (message: ChassisRequest) => {
    if (message.kind === 'sample') {
      answer({ kind: 'sample', sample: sample() });
      if (message.clear) turns.reset();
      if (message.clear) collections.clear();
      if (message.clear) cleared = gateway.source.redundancy?.pair.ledger.checkpoints.acknowledgementTimes.counts();
    } else if (message.kind === 'attachInside' && load !== undefined) {
      answer({ kind: 'attachedInside', result: await load.attach(message.first, message.count, message.pace) });
    } else if (message.kind === 'switchOver' && gateway.redundancy !== undefined) {
      const outcome = await initiateSwitchover(gateway.redundancy, { force: false, waitMs: switchoverLimitMs });
      answer({ kind: 'switchedOver', answer: outcome });
    } else if (message.kind === 'restartInstance') {
      answer({ kind: 'restarted', answer: await gateway.restartInstance(message.place) });
    } else if (message.kind === 'stop') {
      await gateway.stop();
      await driver.close();
      process.disconnect();
    }
  });
  answer({ kind: 'ready', driver: driver.name });
}

await main();
