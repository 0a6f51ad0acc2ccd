import { describe, expect, it } from 'vitest';
import { promotionStages } from '../../src/icsr/chassis/state.ts';
import { PairWorld } from './pair-world.ts';

const inOrder = promotionStages.map((stage) => ({ stage, tookMs: 0, failure: undefined }));

describe('what a chassis writes down of its role', () => {
  it('the first promotion, and none by the standby', () => {
    const { a, b } = PairWorld.attached('wlc1');
    const { promotions, departures } = a.chassis.journal;
    expect(promotions).toMatchObject([
      { reason: 'arbitration-won', records: 0, sessions: 0, refused: 0, stages: inOrder, end: 'serving' },
    ]);
    expect([...departures, ...b.chassis.journal.promotions]).toEqual([]);
  });

  it('a planned switchover, on both sides', () => {
    const pair = PairWorld.attached('wlc1');
    pair.switchOver();
    pair.world.run(1000);
    expect(pair.a.chassis.journal.departures).toMatchObject([
      { reason: 'manual', sessions: 1, unprotected: 0, end: 'gave the role away' },
    ]);
    const promotion = { reason: 'manual', peerSessions: 1, records: 1, wasReady: true, sessions: 1, refused: 0 };
    expect(pair.b.chassis.journal.promotions).toMatchObject([{ ...promotion, stages: inOrder, end: 'serving' }]);
  });

  it('a promotion because the peer is dead', () => {
    const pair = PairWorld.attached('wlc1');
    pair.kill(pair.a);
    pair.world.run(1000);
    expect(pair.b.chassis.journal.promotions).toMatchObject([
      { reason: 'dead-interval', peerSessions: 1, records: 1, wasReady: true, sessions: 1, end: 'serving' },
    ]);
  });

  it('that a role given away came back', () => {
    const pair = PairWorld.attached('wlc1');
    pair.isCut = true;
    pair.switchOver();
    pair.world.run(1000);
    expect(pair.a.chassis.journal.departures).toMatchObject([{ reason: 'manual', end: 'took it back' }]);
    expect(pair.a.chassis.journal.promotions).toHaveLength(1);
  });

  it('and keeps a bounded number of entries', () => {
    const pair = PairWorld.attached('wlc1');
    for (let round = 0; round < 70; round += 1) {
      pair.switchOver();
      pair.world.run(300);
    }
    for (const { journal } of [pair.a.chassis, pair.b.chassis]) {
      expect(journal.promotions).toHaveLength(32);
      expect(journal.departures).toHaveLength(32);
    }
  });
});

describe('what an operator may ask of a chassis', () => {
  it('an audit, of the one that serves and has a standby', () => {
    const pair = PairWorld.attached('wlc1');
    const { a, b, world } = pair;
    expect(b.chassis.initiateAudit(b.clock(world.now))).toBe(false);
    const before = a.chassis.counts()['audit.answered'];
    expect(a.chassis.initiateAudit(a.clock(world.now))).toBe(true);
    world.run(10);
    expect(a.chassis.counts()['audit.answered']).toBe(before + 1);
    pair.kill(b);
    expect(a.chassis.initiateAudit(a.clock(world.now))).toBe(false);
  });

  it('the checkpoints of a session, on either chassis, and what stands in the way of a switchover', () => {
    const { a, b, world, session } = PairWorld.attached('wlc1');
    const id = session?.kind === 'Live' ? session.durable.id : 0;
    for (const node of [a, b]) {
      const checkpoints = node.chassis.checkpointsOf(id, node.clock(world.now));
      expect(checkpoints?.full).toMatchObject({ attempts: 1, successes: 1 });
      expect(node.chassis.checkpointsOf(id + 1, 0)).toBeUndefined();
    }
    expect(a.chassis.obstacles(false, a.clock(world.now))).toEqual([]);
    expect(b.chassis.obstacles(true, b.clock(world.now))).toMatchObject([{ condition: 'this-chassis-active' }]);
    b.chassis.validateSwitchover(7);
    expect(b.chassis.journal.lastValidation).toMatchObject({ at: 7, failed: expect.arrayContaining(['peer-standby']) });
    expect(a.chassis.validateConfiguration()).toEqual({ status: 'equal', differences: [] });
  });
});
