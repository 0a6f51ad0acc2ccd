import { describe, expect, it } from 'vitest';
import { checkpointCatalogue } from '../../src/icsr/catalogue/catalogue.ts';
import { EventLog } from '../../src/operations/event-log.ts';
import type { RedundancyReader } from '../../src/operations/views/redundancy-reader.ts';
import { viewOf, views } from '../../src/operations/views/registry.ts';
import type { InstanceRow } from '../../src/operations/views/srp/instances.ts';
import type { SessmgrData } from '../../src/operations/views/srp/sessmgr-debug-info.ts';
import type { Moment, ViewArguments, ViewSource } from '../../src/operations/views/view.ts';
import { redundancyCounters } from '../../src/sessmgr/pair/pair-counters.ts';
import { SubscriberPages } from '../../src/sessmgr/subscriber-pages.ts';
import { type PairNode, PairWorld } from '../pair/pair-world.ts';
import { expectGolden } from './golden.ts';
import { pairReader, pairSource } from './pair-source.ts';
import { busySource, emptySource, exampleConfig, moment } from './view-source.ts';

const aboutPairs = views.filter(({ words }) => words[0] === 'srp');

// biome-ignore lint/suspicious/noExplicitAny: the data of any view
function dataOf(path: string, source: ViewSource, args: ViewArguments = {}, at: Moment = moment): any {
  const outcome = viewOf(path)!.build(source, at, args);
  if (!outcome.ok) throw new Error(outcome.refusal.what);
  return outcome.data;
}

function textOf(path: string, source: ViewSource, args: ViewArguments = {}, at: Moment = moment): string {
  return `${viewOf(path)!
    .render(dataOf(path, source, args, at))
    .join('\n')}\n`;
}

describe('views of a pair', () => {
  it.each(aboutPairs)('$words is refused in plain words on a chassis that is alone', (view) => {
    expect(view.build(emptySource(), moment, {})).toMatchObject({
      ok: false,
      refusal: { code: 'refused', what: expect.stringContaining('service-redundancy-protocol is not configured') },
    });
  });

  it.each(['standby', 'init'] as const)('say what they know on a chassis that is %s', (role) => {
    const info = textOf('srp/info', pairSource(role));
    // The list of checkpoints is the same on every chassis.
    expectGolden(`show-srp-info-${role}.txt`, info.slice(0, info.indexOf('\nCheckpoints:')));
    expectGolden(
      `show-srp-checkpoint-statistics-${role}.txt`,
      textOf('srp/checkpoint/statistics', pairSource(role), { standby: '', verbose: '' }),
    );
    for (const { words } of aboutPairs) expect(textOf(words.join('/'), pairSource(role))).not.toContain('undefined');
  });

  it('have their alarms among those of the chassis', () => {
    expectGolden('show-alarms-active.txt', textOf('alarms', pairSource('active')));
  });

  it('have the labels that operators search for', () => {
    const info = textOf('srp/info', pairSource('active'));
    for (const label of ['Chassis State:', 'Chassis Mode:', 'Peer State:', 'Peer Mode:']) expect(info).toContain(label);
    const statistics = textOf('srp/checkpoint/statistics', pairSource('active'));
    expect(statistics).toContain('Number of Sessmgrs:');
    const allocated = (text: string) => text.split('\n').filter((line) => line.includes('allocated'));
    const standby = textOf('srp/checkpoint/statistics', pairSource('standby'));
    expect(allocated(statistics)).toHaveLength(2);
    expect(allocated(statistics)).toEqual(allocated(standby));
    const verbose = textOf('srp/checkpoint/statistics', pairSource('active'), { verbose: '' });
    expect(verbose).toMatch(/^smgr inst {2}state +peer conn.*\n +1 {2}Active-Connected {2}Ready/m);
  });

  it.each(['srp/info', 'srp/checkpoint/info'])('%s lists every checkpoint there is', (path) => {
    const { checkpoints } = dataOf(path, pairSource('active'));
    expect(checkpoints.map(({ name }: { name: string }) => name)).toEqual(checkpointCatalogue.map(({ name }) => name));
    const text = textOf(path, pairSource('active'));
    for (const { name } of checkpointCatalogue) expect(text).toContain(name);
  });

  it('tell what is sent here, what needs something else, and what is of another service', () => {
    const rows: { name: string; producer: string; onThisChassis: boolean; trigger: string | null; nack: string }[] =
      dataOf('srp/checkpoint/info', pairSource('active')).checkpoints;
    const row = (name: string) => rows.find((candidate) => candidate.name === name);
    expect(row('SESS_UCHKPT_CMD_SAMOG_MIPV6_TIMER_INFO')).toMatchObject({ onThisChassis: true, nack: 'disabled' });
    expect(row('SESS_UCHKPT_CMD_SAMOG_GTPV1_UPDATE_PDN_INFO')).toMatchObject({ onThisChassis: true, trigger: null });
    expect(row('SESS_UCHKPT_CMD_DCCA_SESS_INFO')).toMatchObject({ onThisChassis: false, missing: null });
    const text = textOf('srp/checkpoint/info', pairSource('active'));
    expect(text).toMatch(/SESS_UCHKPT_CMD_DCCA_SESS_INFO .*\(not on this chassis\)/);
    expect(text).toMatch(/SESS_UCHKPT_CMD_SAMOG_GTPV1_UPDATE_PDN_INFO .*samog \(needs GTPv1 at Gn\)/);
  });

  it('tell whether the store is written, whoever the sessions came from', () => {
    const stateOf = (source: ViewSource) => dataOf('session/recovery/status', source).state;
    const init = pairSource('init');
    expect(stateOf(init)).toBe('Waiting for the role');
    expect(stateOf(pairSource('standby'))).toBe('Writing');
    expect(stateOf(pairSource('active'))).toBe('Failing');
    const status = init.recovery()!;
    const written = { ...status, store: { ...status.store, batchesWritten: 1 } };
    expect(stateOf({ ...init, recovery: () => written })).toBe('Writing');
  });

  it('show every counter of a pair', () => {
    const reader = pairReader('active');
    const hidden = redundancyCounters.filter((name) => {
      const counts = { ...reader.pair.counts(), [name]: 987_654 };
      const pair: RedundancyReader['pair'] = { ...reader.pair, counts: () => counts };
      return !textOf('srp/statistics', { ...busySource(), redundancy: { ...reader, pair } }).includes('987654');
    });
    expect(hidden).toEqual([]);
  });

  it('refuse an instance that is not there', () => {
    const view = viewOf('session/subsystem/facility/sessmgr')!;
    expect(view.build(emptySource(), moment, { instance: '2' })).toMatchObject({ refusal: { code: 'not-found' } });
    expect(textOf('session/subsystem/facility/sessmgr', emptySource(), { 'debug-info': '' })).toContain(
      'not configured',
    );
  });
});

describe('show subscribers samog-only on a chassis of a pair', () => {
  const full = { full: '', mac: '02:00:5e:11:22:33' };

  it('has the redundancy status of a session in the shape that operators know', () => {
    const text = textOf('subscribers/samog-only', pairSource('active'), full);
    expectGolden('show-subscribers-samog-only-full-active.txt', text);
    expect(text).toContain(`   Redundancy Status: Recovered Session
      Checkpoints        Attempts        Success        Last-Attempt       Last-Success
          Full:                69             68             29800ms            29810ms
          Micro:              207            206             20100ms            20110ms
`);
  });

  it.each([
    ['a session of its own', 'active', 'Original Session', [{ begunAt: moment.now - 252_001 }]],
    ['one it has taken over', 'active', 'Recovered Session', [{ begunAt: 0 }, { begunAt: moment.now - 251_999 }]],
    ['one that the peer serves', 'standby', 'Standby Record', []],
  ] as const)('tells %s', (_, role, status, promotions) => {
    const source = pairSource(role);
    const { journal } = source.redundancy!.pair;
    journal.promotions.splice(0, Number.POSITIVE_INFINITY, ...(promotions as unknown as typeof journal.promotions));
    expect(dataOf('subscribers/samog-only', source, full).subscribers[0].redundancy.status).toBe(status);
  });

  it('says of a standby that these are records', () => {
    expect(textOf('subscribers/samog-only', pairSource('standby'))).toContain(
      'this chassis is a standby'.replace('t', 'T'),
    );
    expect(textOf('subscribers/samog-only', pairSource('active'))).not.toContain('standby');
  });
});

describe('a real pair', () => {
  function sourceOf({ chassis }: PairNode): ViewSource {
    const { config, link, serviceAddresses, monitors } = pairReader('init');
    return {
      ...emptySource(exampleConfig()),
      manager: chassis.manager,
      managers: chassis.managers,
      startedAt: 0,
      events: new EventLog(),
      subscriberPages: new SubscriberPages(),
      redundancy: { config, pair: chassis, link, serviceAddresses, monitors },
    };
  }

  const show = (pair: PairWorld, node: PairNode, path: string, args: ViewArguments = {}) =>
    dataOf(path, sourceOf(node), args, {
      now: node.clock(pair.world.now),
      wallClock: 1_700_000_000_000 + pair.world.now,
    });

  it('shows the same calls on both, and whose they are', () => {
    const pair = PairWorld.attached('wlc1');
    const [a, b] = [pair.a, pair.b].map((node) => show(pair, node, 'srp/checkpoint/statistics', { verbose: '' }));
    expect(a).toMatchObject({ allocatedCalls: 1, activeConnected: 1, standbyConnected: 0, records: 0 });
    expect(b).toMatchObject({ allocatedCalls: 1, activeConnected: 0, standbyConnected: 1, records: 1 });
    expect([a.instances[0].peerConnection, b.instances[0].peerConnection]).toEqual(['Ready', 'Ready']);
    expect(a.active.full).toMatchObject({ sent: 1, acknowledged: 1 });
    expect(b.standby.full).toMatchObject({ received: 1, applied: 1, failed: 0 });
    expect(show(pair, pair.a, 'srp/info')).toMatchObject({
      local: { state: 'ACTIVE' },
      peer: { state: 'STANDBY', ready: true },
    });
    const standby = show(pair, pair.b, 'subscribers/samog-only', { full: '' });
    expect(standby).toMatchObject({ standbyRecords: true, total: 1 });
    expect(standby.subscribers[0].redundancy).toMatchObject({ status: 'Standby Record', full: { successes: 1 } });
  });

  it('of several instances has a row for each, and their sum', () => {
    const pair = new PairWorld({}, { A: 2, B: 2 });
    pair.world.run(1000);
    pair.world.ue.moveTo(pair.world.rg1, 'dhcp-discover', pair.world.now);
    pair.world.run(500);
    const owner = (pair.world.ue.mac % 2) + 1;
    const statistics = show(pair, pair.a, 'srp/checkpoint/statistics', { verbose: '' });
    expect(statistics).toMatchObject({ sessmgrs: 2, activeConnected: 2, allocatedCalls: 1 });
    expect(statistics.instances.map(({ instance, calls }: InstanceRow) => [instance, calls])).toEqual([
      [1, owner === 1 ? 1 : 0],
      [2, owner === 2 ? 1 : 0],
    ]);
    const facility = 'session/subsystem/facility/sessmgr';
    const [its, other] = [owner, 3 - owner].map((instance) =>
      show(pair, pair.b, facility, { instance: String(instance), 'debug-info': '' }),
    );
    const fulls = ({ debugInfo }: SessmgrData) =>
      debugInfo!.checkpoints.reduce((sum, { cmdId, applied }) => sum + (cmdId === 257 ? 0 : applied), 0);
    expect([its.stream.records, other.stream.records]).toEqual([1, 0]);
    expect(fulls(its)).toBeGreaterThan(fulls(other));
    const view = viewOf(facility)!;
    const at = { now: pair.a.clock(pair.world.now), wallClock: 0 };
    expect(view.build(sourceOf(pair.a), at, { instance: '3' })).toMatchObject({
      refusal: { code: 'not-found', hint: 'there are instances 1 to 2' },
    });
  });

  it('goes on counting through a switchover, and tells what became of it', () => {
    const pair = PairWorld.attached('wlc1');
    const before = show(pair, pair.a, 'srp/micro-checkpoint/statistics');
    pair.switchOver();
    pair.world.run(1500);
    expect(show(pair, pair.b, 'subscribers/samog-only', { full: '' }).subscribers[0].redundancy.status).toBe(
      'Recovered Session',
    );
    const after = show(pair, pair.a, 'srp/micro-checkpoint/statistics');
    const sent = (data: typeof before) => data.checkpoints.find(({ cmdId }: { cmdId: number }) => cmdId === 256).sent;
    expect(sent(after)).toBeGreaterThanOrEqual(sent(before));
    expect(show(pair, pair.b, 'srp/call-loss/statistics')).toMatchObject({
      callsLost: 0,
      promotions: [{ reason: 'manual', records: 1, sessions: 1, lost: 0, state: 'serving' }],
    });
    expect(show(pair, pair.a, 'srp/call-loss/statistics').departures).toMatchObject([
      { reason: 'manual', sessions: 1 },
    ]);
    expect(show(pair, pair.a, 'srp/info').lastSwitchover).toMatchObject({ reason: 'manual', atSeconds: 1 });
    const statistics = show(pair, pair.b, 'srp/statistics');
    expect(statistics.counters.switchover).toMatchObject({ manual: 1, deadInterval: 0 });
  });
});
