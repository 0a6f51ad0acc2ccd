import { readFileSync } from 'node:fs';
import type { Chassis } from '../../src/icsr/chassis/state.ts';
import type { SenderStatus } from '../../src/icsr/replication/sender-config.ts';
import { parseConfig } from '../../src/operations/config/parse.ts';
import type { RedundancyConfig } from '../../src/operations/config/redundancy-config.ts';
import type { RedundancyReader } from '../../src/operations/views/redundancy-reader.ts';
import type { ViewSource } from '../../src/operations/views/view.ts';
import { type RedundancyCounter, redundancyCounters } from '../../src/sessmgr/pair/pair-counters.ts';
import { PairJournal } from '../../src/sessmgr/pair/pair-journal.ts';
import { StreamLedger } from '../../src/sessmgr/pair/stream-ledger.ts';
import type { RecoveryStatus } from '../../src/sessmgr/recovery/recovery-status.ts';
import { busySource, macOfText, moment } from './view-source.ts';

export function exampleRedundancy(): RedundancyConfig {
  const text = readFileSync(new URL('../../config/samog-pair-a.example.yaml', import.meta.url), 'utf8');
  const parsed = parseConfig(text, 'samog-pair-a.example.yaml');
  if (!parsed.ok || parsed.config.redundancy === undefined) throw new Error('the example has no pair');
  return parsed.config.redundancy;
}

const ago = (ms: number) => moment.now - ms;

/** The active of a pair at work: a monitor has failed, one alarm stands, the configurations differ. */
const activeChassis: Chassis = {
  state: {
    kind: 'ACTIVE',
    since: ago(120_000),
    reason: 'manual',
    unfinished: undefined,
    heldUntil: undefined,
    causesSeenAt: ago(100),
  },
  term: { own: 7, highest: 7 },
  lineage: { id: 0x5eed1234, bornAt: ago(3_500_000) },
  remnant: undefined,
  store: { term: 7, as: 'active' },
  routeModifier: 3,
  peer: {
    link: { kind: 'up', since: ago(600_000), authenticated: true, version: 1 },
    hello: {
      term: 7,
      state: 'STANDBY',
      mode: 'backup',
      priority: 2,
      routeModifier: 4,
      tiebreaker: macOfText('02:00:5e:10:00:02'),
      ready: true,
      handingOver: undefined,
      wallClock: moment.wallClock + 12,
      configurationDigest: Uint8Array.of(1),
      sessions: 4,
      monitorsHealthy: true,
      lineage: undefined,
      instances: 1,
      saidAt: undefined,
      heardSaidAt: undefined,
      store: undefined,
    },
    heardAt: ago(80),
    silentFrom: ago(80),
    silent: false,
    clockSkewMs: 12.4,
  },
  synchronisation: { ready: false, peerInstancesReady: 1, instances: 1 },
  monitors: [
    { name: 'access-router', kind: 'peer-reachability', healthy: true, since: ago(600_000) },
    { name: 'authentication-probe', kind: 'aaa-probe', healthy: false, since: ago(4000) },
  ],
  aaaLatched: true,
  lastSwitchoverAt: ago(20_000),
  helloDueAt: moment.now + 20,
  configuration: {
    equal: false,
    differences: ['mrme-service.radius.timeout: 3s here, 5s there'],
    at: ago(60_000),
  },
  alarms: ['configuration-differs'],
  history: [
    {
      from: 'INIT',
      to: 'PENDING_STANDBY',
      reason: 'peer-active',
      term: 6,
      wallClock: moment.wallClock - 600_000,
    },
    {
      from: 'PENDING_STANDBY',
      to: 'STANDBY',
      reason: 'synchronised',
      term: 6,
      wallClock: moment.wallClock - 590_000,
    },
    { from: 'STANDBY', to: 'PENDING_ACTIVE', reason: 'manual', term: 7, wallClock: moment.wallClock - 120_100 },
    { from: 'PENDING_ACTIVE', to: 'ACTIVE', reason: 'manual', term: 7, wallClock: moment.wallClock - 120_000 },
  ],
};

const standbyChassis: Chassis = {
  ...activeChassis,
  state: {
    kind: 'STANDBY',
    since: ago(1000),
    reason: 'handed-over',
    takingOver: undefined,
    barrierAt: undefined,
  },
  store: { term: 7, as: 'standby' },
  peer: { ...activeChassis.peer, hello: { ...activeChassis.peer.hello!, state: 'ACTIVE', ready: false } },
  synchronisation: { ready: true, peerInstancesReady: 0, instances: 1 },
  configuration: { equal: true, differences: [], at: ago(60_000) },
  alarms: [],
};

/** A chassis just started whose peer has never been heard. */
const initChassis: Chassis = {
  ...activeChassis,
  state: { kind: 'INIT', since: ago(500), reason: 'started' },
  term: { own: 0, highest: 0 },
  lineage: undefined,
  store: { term: 0, as: 'alone' },
  routeModifier: 17,
  peer: {
    link: { kind: 'down', since: ago(500), reason: 'not connected yet' },
    hello: undefined,
    heardAt: undefined,
    silentFrom: ago(-1500),
    silent: false,
    clockSkewMs: 0,
  },
  synchronisation: { ready: false, peerInstancesReady: 0, instances: 1 },
  monitors: [],
  aaaLatched: false,
  lastSwitchoverAt: undefined,
  configuration: undefined,
  alarms: [],
  history: [],
};

const senderStatus: SenderStatus = {
  state: 'ready',
  epoch: 3,
  lastSequence: 1010,
  acknowledgedSequence: 1007,
  lagRecords: 3,
  lagMs: 0.8,
  backlogOctets: 4096,
  synchronised: true,
  resynchronising: false,
  dirty: false,
  sessions: 4,
  unprotectedSessions: 1,
  waiting: 2,
  resyncs: { 'first-connection': 1 },
  continued: 1,
  retransmissions: 0,
  audits: 9,
  bucketsDiffered: 1,
  lastAudit: { at: ago(30_000), bucketsDiffered: 1 },
  messagesIgnored: 0,
  disabledNackCmdIds: [190],
};

function journal(): PairJournal {
  const written = new PairJournal();
  const stages = ['fence', 'commit', 'program', 'readBack', 'announce', 'serve'] as const;
  written.promotions.push(
    {
      begunAt: ago(3_000_000),
      wallClock: moment.wallClock - 3_000_000,
      reason: 'no-peer',
      term: 5,
      peerSessions: undefined,
      records: 0,
      wasReady: false,
      sessions: 0,
      refused: 0,
      stages: stages.map((stage) => ({ stage, tookMs: 0, failure: undefined })),
      end: 'serving',
    },
    {
      begunAt: ago(120_100),
      wallClock: moment.wallClock - 120_100,
      reason: 'manual',
      term: 7,
      peerSessions: 5,
      records: 5,
      wasReady: true,
      sessions: 4,
      refused: 1,
      stages: stages.map((stage, index) => ({
        stage,
        tookMs: 3 + index,
        failure: stage === 'commit' ? '1 sessions found no place' : undefined,
      })),
      end: 'serving',
    },
  );
  written.departures.push({
    wallClock: moment.wallClock - 700_000,
    reason: 'aaa-probe',
    term: 5,
    sessions: 6,
    unprotected: 1,
    end: 'gave the role away',
  });
  written.lastValidation = { at: ago(90_000), failed: ['configuration-equal'] };
  return written;
}

function ledger(): StreamLedger {
  const filled = new StreamLedger();
  const { checkpoints } = filled;
  Object.assign(checkpoints.kind(256, 0), { attempts: 21, sent: 20, acknowledged: 19, failed: 1, nacked: 1 });
  Object.assign(checkpoints.kind(257, 0), {
    attempts: 41,
    sent: 41,
    acknowledged: 40,
    received: 6,
    applied: 5,
    stale: 1,
  });
  Object.assign(checkpoints.kind(190, 0), { received: 9, applied: 6, malformed: 3, withheld: 2 });
  Object.assign(checkpoints.kind(0, 3), { attempts: 2, sent: 2, acknowledged: 2, received: 1, applied: 1 });
  Object.assign(checkpoints.kind(300, 1), { received: 1, 'unknown-command': 1 });
  filled.setNackEnabled(190, false);
  return filled;
}

/** A pair as its reader shows it, with no counter 0. */
export function pairReader(role: 'active' | 'standby' | 'init'): RedundancyReader {
  const counts = Object.fromEntries(redundancyCounters.map((name, index) => [name, index + 1]));
  const tally = (successes: number, ageMs: number) => ({
    attempts: successes + 1,
    successes,
    lastAttemptAgeMs: ageMs,
    lastSuccessAgeMs: ageMs + 10.4,
  });
  const receiver = {
    connected: true,
    epoch: 3,
    appliedSequence: 1007,
    synchronised: true,
    resynchronising: false,
    sessions: 4,
    octets: 2048,
    tombstones: 5,
    swept: 1,
    audits: 9,
    bucketsDiffered: 0,
    lastAudit: { at: ago(31_000), bucketsDiffered: 0 },
    faults: { gaps: 0, duplicates: 0, otherEpoch: 0, digestsPassedOver: 0 },
    disabledNackCmdIds: [190],
  };
  const stream = role === 'active' ? { sender: senderStatus } : role === 'standby' ? { receiver } : {};
  const records = role === 'standby' ? 4 : 0;
  const counted = ledger();
  return {
    config: exampleRedundancy(),
    pair: {
      chassis: { active: activeChassis, standby: standbyChassis, init: initChassis }[role],
      serves: role === 'active',
      records,
      replication: () => stream,
      perInstance: () => [{ instance: 1, stream, records, ledger: counted }],
      checkpointsOf: (callId) => (callId === 4 ? undefined : { full: tally(68, 29_800), micro: tally(206, 20_100) }),
      counts: () => counts as Record<RedundancyCounter, number>,
      ledger: counted,
      journal: role === 'init' ? new PairJournal() : journal(),
      validateConfiguration: () => {
        if (role === 'init') return { status: 'not compared', differences: [] };
        const { equal, differences } = (role === 'active' ? activeChassis : standbyChassis).configuration!;
        return { status: equal ? 'equal' : 'different', differences };
      },
    },
    link: () => ({
      local: role === 'init' ? undefined : '192.168.77.1:5438',
      remote: role === 'init' ? undefined : '192.168.77.2:40122',
      compression: role === 'init' ? undefined : 'zstd',
      messagesSent: 1001,
      messagesReceived: 1002,
      octetsSent: 123_456,
      octetsReceived: 654_321,
      hellosSent: 6000,
      hellosReceived: 5999,
      refused: { 'bad-tag': 2 },
      goodbyes: { shutdown: 3 },
      lastEnd: role === 'init' ? undefined : { reason: 'reset', at: ago(600_000) },
      counters: {
        'connections.dialled': 4,
        'connections.established': 5,
        'hellos.repeated': 6,
        'hellos.sent': 6000,
        'refused.bad-tag': 2,
        'goodbye.shutdown': 3,
      },
      queuedOctets: 7,
      worstQueuedOctets: 8888,
      worstDeliveryMs: 1.4,
      linkThread: { worstPauseMs: 2.6 },
      stalls: { count: 9, worstMs: 310.2 },
    }),
    monitors: () =>
      role === 'init'
        ? []
        : [
            {
              monitor: 'aaa-probe',
              name: 'aaa-1',
              target: '203.0.113.20:1812',
              healthy: false,
              sent: 40,
              answered: 36,
              missed: 4,
              lastAnswerAt: ago(44_000),
            },
            {
              monitor: 'peer-reachability',
              name: 'access-router',
              target: '192.0.2.253',
              healthy: true,
              sent: 600,
              answered: 600,
              missed: 0,
              lastAnswerAt: ago(300),
            },
          ],
    serviceAddresses: () => ({
      held: role === 'active',
      taken: 2,
      released: 1,
      lost: 3,
      announcementsSent: 12,
      announcementsFailed: 4,
      keeperRestarts: 5,
      problems: { 'add: EPERM': 6 },
      routeChanges: 7,
      routeHookRuns: 8,
      routeHookFailures: 9,
      routeHookLast: { role: 'active', routeModifier: 3, failure: 'exit code 1' },
    }),
  };
}

/** The gateway of `busySource` as one chassis of a pair. */
const activeRecovery: RecoveryStatus = {
  directory: '/var/lib/samog/chassis-a',
  restartCounter: 1_767_261_600,
  term: 4,
  recovered: {
    sessions: 96_412,
    refused: { malformed: 2, 'no-room': 1 },
    tookMs: 1893.4,
    wasClean: false,
  },
  writer: {
    sessions: 100_003,
    waiting: 17,
    batches: 41_022,
    sessionsWritten: 812_345,
    usageWritten: 2_400_011,
    unwritable: 0,
    lastBatchAt: moment.wallClock - 90,
  },
  store: {
    outstanding: 1,
    batchesWritten: 41_020,
    lastWrittenAt: moment.wallClock - 12_400,
    failures: 3,
    failing: { trouble: 'full', text: 'database or disk is full' },
  },
  managerRestarts: 1,
};

const recoveryStatuses = {
  active: activeRecovery,
  standby: { ...activeRecovery, store: { ...activeRecovery.store, failing: undefined }, managerRestarts: 0 },
  init: {
    ...activeRecovery,
    recovered: undefined,
    restartCounter: undefined,
    term: 0,
    store: { outstanding: 0, batchesWritten: 0, lastWrittenAt: undefined, failures: 0, failing: undefined },
  },
} as const satisfies Record<string, RecoveryStatus>;

export function pairSource(role: 'active' | 'standby' | 'init'): ViewSource {
  return { ...busySource(), redundancy: pairReader(role), recovery: () => recoveryStatuses[role] };
}
