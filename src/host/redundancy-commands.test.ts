import { describe, expect, it } from 'vitest';
import { PairWorld } from '../../tests/pair/pair-world.ts';
import { managedPair } from '../../tests/support/managed-pair.ts';
import {
  initiateAudit,
  initiateSwitchover,
  resetAuthProbeFail,
  serveAlone,
  setNack,
  validateConfiguration,
  validateSwitchover,
} from './redundancy-commands.ts';

const planned = { force: false, waitMs: 0 };

describe('srp validate-configuration', () => {
  const of = (value: string) => ({ digest: Uint8Array.of(value.length), lines: [`mrme-service.name = ${value}`] });

  it('asks the peer now', async () => {
    const pair = PairWorld.attached('wlc1');
    expect(await validateConfiguration(managedPair(pair, pair.a))).toEqual({
      status: 'equal',
      differences: [],
      fresh: true,
    });
  });

  it('names what differs', async () => {
    const pair = new PairWorld({ A: of('mrme'), B: of('other') });
    pair.world.run(1000);
    const { status, differences, fresh } = await validateConfiguration(managedPair(pair, pair.b));
    expect([status, fresh]).toEqual(['different', true]);
    expect(differences.join()).toMatch(/mrme-service\.name.*other.*mrme/);
  });

  it('tells what was known where the peer does not answer', async () => {
    const pair = PairWorld.attached('wlc1');
    pair.cut();
    expect(await validateConfiguration(managedPair(pair, pair.a), 0)).toMatchObject({ status: 'equal', fresh: false });
  });
});

describe('srp validate-switchover', () => {
  it('has a line for each condition, and a hint for each that fails', () => {
    const pair = PairWorld.attached('wlc1');
    const active = validateSwitchover(managedPair(pair, pair.a));
    expect(active.passed).toBe(true);
    expect(active.conditions.every(({ passed, hint }) => passed && hint === null)).toBe(true);
    const standby = validateSwitchover(managedPair(pair, pair.b));
    expect(standby.passed).toBe(false);
    expect(standby.conditions[0]).toMatchObject({
      condition: 'this-chassis-active',
      passed: false,
      hint: expect.stringContaining('active chassis'),
    });
    expect(pair.b.chassis.journal.lastValidation?.failed).toContain('this-chassis-active');
  });
});

describe('srp initiate-switchover', () => {
  it('waits until the peer has the role', async () => {
    const pair = PairWorld.attached('wlc1');
    const answer = await initiateSwitchover(managedPair(pair, pair.a), planned);
    expect(answer).toMatchObject({ outcome: 'completed', forced: false, failed: [] });
    expect(answer.transitions).toMatchObject([
      { from: 'ACTIVE', to: 'PENDING_STANDBY', reason: 'manual' },
      { from: 'PENDING_STANDBY', to: 'STANDBY', reason: 'handed-over' },
    ]);
    expect(pair.active).toBe(pair.b);
  });

  it('tells why it is refused', async () => {
    const pair = PairWorld.attached('wlc1');
    for (const force of [false, true]) {
      const answer = await initiateSwitchover(managedPair(pair, pair.b), { force, waitMs: 0 });
      expect(answer).toMatchObject({ outcome: 'refused', forced: force, transitions: [] });
      expect(answer.failed[0]).toMatchObject({ condition: 'this-chassis-active', passed: false });
    }
    expect(pair.b.chassis.counters.get('switchover.refused')).toBe(2);
    expect(pair.active).toBe(pair.a);
  });

  it('tells that the peer did not take over', async () => {
    const pair = PairWorld.attached('wlc1');
    pair.isCut = true;
    expect(await initiateSwitchover(managedPair(pair, pair.a, 1000), planned)).toMatchObject({
      outcome: 'came-back',
      transitions: [{ reason: 'manual' }, { to: 'ACTIVE', reason: 'peer-did-not-take-over' }],
    });
  });

  it('tells that it is not decided yet', async () => {
    const pair = PairWorld.attached('wlc1');
    expect(await initiateSwitchover(managedPair(pair, pair.a, 0), planned)).toMatchObject({
      outcome: 'under-way',
      transitions: [{ to: 'PENDING_STANDBY' }],
    });
  });
});

describe('srp initiate-audit manual-with-sync', () => {
  it('finds that both hold the same', async () => {
    const pair = PairWorld.attached('wlc1');
    const before = pair.b.chassis.counts()['audit.compared'];
    const answer = await initiateAudit(managedPair(pair, pair.a, 10));
    expect(answer).toMatchObject({ ok: true, data: { outcome: 'equal', bucketsDiffered: 0 } });
    expect(pair.b.chassis.counts()['audit.compared']).toBe(before + 1);
  });

  it.each([
    ['repaired', 2],
    ['repairing', Number.POSITIVE_INFINITY],
  ] as const)('waits for what differs: %s', async (outcome, looksUntilClean) => {
    const pair = PairWorld.attached('wlc1');
    const managed = managedPair(pair, pair.a, 10);
    const sender = pair.a.chassis.replication(pair.a.clock(pair.world.now)).sender!;
    let looks = 0;
    const replication = () => {
      looks += 1;
      const lastAudit = { at: pair.world.now, bucketsDiffered: 3 };
      return { sender: { ...sender, lastAudit, dirty: looks < looksUntilClean + 2 } };
    };
    expect(await initiateAudit({ ...managed, pair: { ...managed.pair, replication } }, 30)).toMatchObject({
      ok: true,
      data: { outcome, bucketsDiffered: 3 },
    });
  });

  it('is refused where it would say nothing', async () => {
    const pair = PairWorld.attached('wlc1');
    expect(await initiateAudit(managedPair(pair, pair.b))).toMatchObject({
      ok: false,
      refusal: { what: expect.stringContaining('not the active') },
    });
    pair.kill(pair.b);
    pair.world.run(10);
    expect(await initiateAudit(managedPair(pair, pair.a))).toMatchObject({
      ok: false,
      refusal: { what: expect.stringContaining('not synchronised') },
    });
  });

  it('tells that the standby does not answer', async () => {
    const pair = PairWorld.attached('wlc1');
    pair.isCut = true;
    expect(await initiateAudit(managedPair(pair, pair.a, 1), 0)).toMatchObject({
      ok: true,
      data: { outcome: 'unanswered', bucketsDiffered: null },
    });
  });
});

describe('srp reset-auth-probe-fail', () => {
  it('resets the flag and tells whether it was set', () => {
    const pair = PairWorld.attached('wlc1');
    const probe = { kind: 'monitorChanged', name: 'aaa', monitor: 'aaa-probe', healthy: false } as const;
    pair.a.chassis.command(probe, pair.a.clock(pair.world.now));
    pair.world.run(500);
    expect(pair.active).toBe(pair.b);
    const managed = managedPair(pair, pair.b);
    expect(resetAuthProbeFail(managed)).toEqual({ wasSet: true });
    expect(resetAuthProbeFail(managed)).toEqual({ wasSet: false });
  });
});

describe('srp serve-alone', () => {
  it('has a chassis serve that waits for its peer, and no other', () => {
    const pair = PairWorld.attached('wlc1');
    const { world, a, b } = pair;
    pair.olderStoreLimitMs = 60_000;
    world.run(1500);
    pair.kill(a);
    pair.kill(b);
    pair.restart(b);
    world.run(100);
    expect(serveAlone(managedPair(pair, b))).toMatchObject({
      ok: false,
      refusal: { what: 'the peer is not taken for dead yet', hint: expect.stringContaining('older-store') },
    });
    world.run(4000);
    expect(b.state).toBe('INIT');
    const { term } = b.chassis.chassis.store;
    expect(serveAlone(managedPair(pair, b))).toEqual({
      ok: true,
      data: { term: b.chassis.chassis.term.own, store: { term, as: 'standby' } },
    });
    expect([b.state, b.chassis.chassis.alarms]).toEqual(['ACTIVE', ['peer-silent']]);
    expect(serveAlone(managedPair(pair, b))).toMatchObject({
      ok: false,
      refusal: { what: 'this chassis waits for nobody: it is ACTIVE' },
    });
  });
});

describe('srp enable|disable nack micro-chkpt-cmd', () => {
  it('switches the NACKs of a CMD-ID', () => {
    const pair = PairWorld.attached('wlc1');
    const managed = managedPair(pair, pair.b);
    expect(setNack(managed, 190, false)).toEqual({
      ok: true,
      data: {
        cmdId: 190,
        names: ['SESS_UCHKPT_CMD_SAMOG_MIPV6_TIMER_INFO'],
        enabled: false,
        disabledNackCmdIds: [190],
      },
    });
    expect(setNack(managed, 110, false)).toMatchObject({ data: { names: { length: 5 } } });
    expect(setNack(managed, 190, true)).toMatchObject({ data: { disabledNackCmdIds: [110] } });
    expect(pair.b.chassis.replication(0).receiver?.disabledNackCmdIds).toEqual([110]);
  });

  it.each([0, 256, 255, 70_000, -1])('knows no micro-checkpoint %d', (cmdId) => {
    const pair = PairWorld.attached('wlc1');
    expect(setNack(managedPair(pair, pair.a), cmdId, false)).toMatchObject({ refusal: { code: 'not-found' } });
  });
});
