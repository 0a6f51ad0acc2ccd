/** The thread of one session manager instance: its sockets, its timers and its session manager. */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../kernel/unreachable.ts';
import { isOfPair, type PairConfig, pairOptionsOf } from '../../operations/config/pair-options.ts';
import { InstanceMemory } from '../../sessmgr/instances/instance-memory.ts';
import { ServedInstance, type ServedInstanceDependencies } from '../../sessmgr/instances/served-instance.ts';
import { ServedMember } from '../../sessmgr/pair/served-member.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';
import { followClock, now, wallClock } from '../clock.ts';
import { hostDigests, hostSrpDigests } from '../digests.ts';
import { isUrgent } from '../event-logger.ts';
import { faultDetails } from '../fault-details.ts';
import { FaultWindow } from '../fault-window.ts';
import { servedIntercepts } from '../intercept/intercept-share.ts';
import { linksOfCore } from '../radsec/links-of-core.ts';
import { hostRandom } from '../random.ts';
import { type FaultSource, type RunningCore, Runtime } from '../runtime.ts';
import { hostSeal } from '../seal.ts';
import { BatchedDriver } from '../sockets/batched-driver.ts';
import type { FastPathShare } from '../xdp/fast-path-instance.ts';
import type { InstanceForwarding } from './instance-forwarding.ts';
import type { FromInstanceThread, InstanceThreadData, ToInstanceThread } from './thread-messages.ts';

/** A thread that shows no sign of life for many of these has come to a stop. */
const beatMs = 100;

const data = workerData as InstanceThreadData;
invariant(parentPort !== null, 'the thread of an instance is started by InstanceThread');
const port = parentPort;
followClock(data.clockOriginMs);

const { config, options } = data;
/** What is said follows what is forwarded. */
const post = (message: FromInstanceThread): void => {
  forwarding?.settle();
  port.postMessage(message);
};
const memory = InstanceMemory.of(data.buffers);
const faults = new FaultWindow();
const driver = new BatchedDriver();
const forwarding = data.fastPath && (await openForwarding(data.fastPath));
const runtime = new Runtime(driver, data.bindings, contain, forwarding && (() => forwarding.settle()));
const digests = hostDigests();
const random = hostRandom();
const { links, output } = linksOfCore(config.mrmeService, {
  ...{ digests, random, runtime },
  report: (event) => instance.report(event),
  core: () => ({
    receive: (...packet) => instance.receive(...packet),
    linkChanged: (_channel, ...changed) => instance.manager.aaa.linkChanged(...changed),
  }),
});
const instance = new ServedInstance(
  { ...options, config },
  {
    ...{ memory, output, digests, random, now, wallClock, isUrgent, post, ...forwarding?.ofInstance },
    intercepts: data.intercepts && servedIntercepts(data.intercepts, options.index),
    ...(isOfPair(config) ? ofPair(config) : {}),
  },
);

const beating = setInterval(() => {
  memory.beat(options.index);
  // Whether this chassis serves is told by memory alone: what is due from then on is seen here at the latest.
  runtime.poke();
}, beatMs);
// What may take long, or for ever, is never done in the phase of the event loop in which sockets are told to be readable.
const inbox: ToInstanceThread[] = [];
port.on('message', (message: ToInstanceThread) => {
  inbox.push(message);
  if (inbox.length === 1) setImmediate(readInbox);
});
process.on('uncaughtException', (error) => {
  post(faultOf(error, { kind: 'link' }));
  end();
});

const core: RunningCore = {
  receive: (...packet) => instance.receive(...packet),
  advance: (at) => instance.advance(at),
  nextDeadline: () => instance.nextDeadline(),
  turnEnds: () => instance.flush(),
};
// What comes to its sockets waits in the kernel until it can be served; records come before that.
if (isOfPair(config)) runtime.run(core);
post({ kind: 'ready' });

function readInbox(): void {
  for (const message of inbox.splice(0)) take(message);
  runtime.poke();
}

function take(message: ToInstanceThread): void {
  if (message.kind === 'stop') return void stop();
  if (message.kind === 'end') return end();
  if (message.kind === 'binding') return void runtime.add(message.binding);
  if (message.kind === 'audit') return void forwarding?.audit();
  if (message.kind === 'reconfigure') forwarding?.reconfigure(message.config);
  const wish = message.kind === 'wish' ? message.wish.name : undefined;
  if (wish === 'look') post({ kind: 'host', statistics: runtime.statistics() });
  try {
    instance.take(message);
  } catch (error) {
    runtime.fault(error);
  }
  if (wish === 'adopt') void open();
}

/** Nothing is served before the sessions of before are here. */
async function open(): Promise<void> {
  try {
    await runtime.start(core);
    post({ kind: 'open' });
  } catch (error) {
    post({ kind: 'notOpen', problem: error instanceof Error ? error.message : String(error) });
  }
}

/** Too many faults at once, and the thread is at its end: the next one has its sessions. */
function contain(error: unknown, source: FaultSource): void {
  post(faultOf(error, source));
  if (!faults.add(now())) return;
  try {
    instance.finish();
    instance.flush();
  } finally {
    end();
  }
}

function faultOf(error: unknown, source: FaultSource): FromInstanceThread {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: 'fault', text, details: faultDetails(source) };
}

/** Sockets that are still waited for when a thread ends abort the process: they are closed before. */
function end(): void {
  void runtime.stop();
  process.exit(1);
}

async function stop(): Promise<void> {
  clearInterval(beating);
  forwarding?.stop();
  links.close();
  await runtime.stop();
  instance.finish();
  instance.flush();
  post({ kind: 'stopped' });
  await driver.close();
  port.close();
}

/** Native libraries are loaded where they are needed alone, and what follows the kernel's clock when this one has been set. */
async function openForwarding(share: FastPathShare): Promise<InstanceForwarding> {
  const { InstanceForwarding } = await import('./instance-forwarding.ts');
  return new InstanceForwarding(share, config, options.index, {
    manager: () => instance.manager,
    report: (event) => instance.report(event),
    audited: (audit) => post({ kind: 'audited', audit }),
  });
}

/** On a chassis of a pair, what runs in place of a session manager alone. */
function ofPair(pair: PairConfig): Pick<ServedInstanceDependencies, 'seal' | 'core'> {
  const { index, restartCounter } = options;
  const pairOptions = { ...pairOptionsOf(pair, hostSrpDigests()), restartCounter, storedTerm: 0 };
  return {
    seal: hostSeal(utf8Encode(pair.redundancy.sharedKey), 'answers'),
    core: (own, chassis) => new ServedMember(pairOptions, { ...own, index }, { memory, now, ...chassis }),
  };
}
