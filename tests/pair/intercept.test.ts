import { describe, expect, it } from 'vitest';
import { interceptIntervalMs } from '../../src/sessmgr/pair/intercept-stream.ts';
import { address } from '../scenarios/memory-world.ts';
import { type Delivered, DeliveryDesk, targetOf, wallClockStart } from '../support/delivery-desk.ts';
import { type PairNode, PairWorld } from './pair-world.ts';

/** A pair whose chassis deliver each to a desk of its own; a restarted chassis begins with an empty one. */
function interceptedPair(attachFirst = true) {
  let clock = () => 0;
  const desks: Record<'A' | 'B', DeliveryDesk[]> = { A: [], B: [] };
  const intercepts = (name: 'A' | 'B') => {
    const desk = new DeliveryDesk(() => wallClockStart + clock());
    desks[name].push(desk);
    return [desk];
  };
  const pair = attachFirst
    ? PairWorld.attached('wlc1', undefined, intercepts)
    : new PairWorld({}, undefined, undefined, intercepts);
  clock = () => pair.world.now;
  if (!attachFirst) pair.world.run(1000);
  const desk = (node: PairNode) => desks[node.name].at(-1)!;
  return {
    pair,
    desk,
    put: (change = {}) => provisioned(desk(pair.active)).put(targetOf(change), pair.active.clock(pair.world.now))!,
    ping: (count = 1) => {
      for (let sequence = 0; sequence < count; sequence += 1)
        pair.world.ue.ping(address.host, sequence, pair.world.now);
      pair.world.run(50);
    },
  };
}

/** What whoever provisions has to do with. */
function provisioned(desk: DeliveryDesk): DeliveryDesk['intercepts'] | DeliveryDesk['remote'] {
  return PairWorld.placement === 'apart' ? desk.remote : desk.intercepts;
}

/** Until the standby has what was said of targets. */
function untilFollowed({ pair, desk }: ReturnType<typeof interceptedPair>, revision: number): void {
  for (let waited = 0; provisioned(desk(pair.active)).followedTo !== revision; waited += 1) {
    if (waited > 4 * interceptIntervalMs) throw new Error('the standby has not heard of it');
    pair.world.run(1);
  }
}

function sequences(delivered: readonly Delivered[], kind: Delivered['kind']): number[] {
  return delivered.flatMap((each) => (each.kind === kind ? [each.sequence] : []));
}

describe.each(['killed', 'switched over'] as const)('with the active %s', (how) => {
  const end = (pair: PairWorld) => {
    if (how === 'killed') pair.kill(pair.a);
    else pair.switchOver();
    pair.world.run(6000);
    expect(pair.active).toBe(pair.b);
  };

  it('a target provisioned right before is intercepted by the other, with numbers that go on', () => {
    const world = interceptedPair();
    const { pair, desk, put, ping } = world;
    untilFollowed(world, put().revision);
    ping(3);
    const before = desk(pair.a).take();
    expect(sequences(before, 'content')).toEqual([0, 1, 2, 3, 4, 5]);
    end(pair);
    ping(2);
    const after = desk(pair.b).take();
    expect(after[0]!.payload).toMatchObject({ event: 'interception-continued', mode: 'active' });
    expect(after[0]!.correlation).toBe(before[0]!.correlation);
    expect(after).toHaveLength(5);
    for (const kind of ['event', 'content'] as const) {
      const [first] = sequences(after, kind);
      const last = sequences(before, kind).at(-1)!;
      if (how === 'switched over') expect(first).toBe(last + 1);
      else expect(first).toBeGreaterThan(last);
    }
    expect(after[0]!.payload['isExact']).toBe(how === 'switched over');
  });

  it('a session that has just attached is intercepted by the other', () => {
    const world = interceptedPair(false);
    const { pair, desk, put, ping } = world;
    untilFollowed(world, put().revision);
    pair.world.ue.moveTo(pair.world.wlc1, 'dhcp-discover', pair.world.now);
    while (pair.world.ue.dhcpState !== 'Bound') pair.world.run(1);
    expect(desk(pair.a).events()).toEqual(['session-begin']);
    end(pair);
    ping(1);
    expect(desk(pair.b).events()[0]).toBe('interception-continued');
    const last = sequences(desk(pair.a).take(), 'event').at(-1)!;
    expect(sequences(desk(pair.b).take(), 'event')[0]).toBeGreaterThan(last);
    expect(sequences(desk(pair.b).take(), 'content')).toHaveLength(2);
  });

  it('a target withdrawn right before is not', () => {
    const world = interceptedPair();
    const { pair, desk, put, ping } = world;
    put();
    pair.world.run(500);
    const { revision } = provisioned(desk(pair.a)).withdraw(targetOf().xid, pair.a.clock(pair.world.now))!;
    untilFollowed(world, revision);
    end(pair);
    ping(1);
    expect(desk(pair.b).take()).toEqual([]);
  });

  it('a handover on the other chassis is told in the same interception', () => {
    const world = interceptedPair();
    const { pair, desk, put } = world;
    untilFollowed(world, put().revision);
    end(pair);
    pair.world.ue.moveTo(pair.world.rg1, 'dhcp-discover', pair.world.now);
    pair.world.run(1000);
    expect(desk(pair.b).events()).toEqual(['interception-continued', 'handover']);
  });
});

describe('a standby', () => {
  it('that comes later learns of every target, and of one whose numbers are used up fast', () => {
    const world = interceptedPair();
    const { pair, desk, put, ping } = world;
    pair.kill(pair.b);
    for (let index = 0; index < 60; index += 1) {
      put({
        xid: `00000000-0000-0000-0000-0000000000${index + 10}`,
        identity: { kind: 'imsi', value: `00101${index}` },
      });
    }
    put();
    ping(5000);
    pair.world.run(20_000);
    pair.restart(pair.b);
    pair.world.run(6000);
    expect(provisioned(desk(pair.b)).targets.size).toBe(61);
    const before = desk(pair.a).take();
    expect(sequences(before, 'content').length).toBeGreaterThan(4096);
    pair.kill(pair.a);
    pair.world.run(6000);
    ping(1);
    // A ping is two packets: what found no room has used its number too.
    expect(sequences(desk(pair.b).take(), 'content')[0]).toBeGreaterThanOrEqual(10_000);
  });

  it('that has made no session of its records yet goes on when there is a packet', () => {
    const world = interceptedPair();
    const { pair, desk, put, ping } = world;
    pair.kill(pair.b);
    put();
    pair.world.run(50);
    const before = desk(pair.a).take();
    pair.replication = { waking: { slice: 0, gapMs: 1000, atOnceMax: 0 } };
    pair.restart(pair.b);
    pair.world.run(5000);
    pair.kill(pair.a);
    pair.world.run(6000);
    expect(desk(pair.b).take()).toEqual([]);
    ping(2);
    const after = desk(pair.b).take();
    expect(after.map(({ kind }) => kind)).toEqual(['event', ...new Array(4).fill('content')]);
    expect(after[0]!.payload).toMatchObject({ event: 'interception-continued', mode: 'active' });
    expect(after[0]!.correlation).toBe(before[0]!.correlation);
    expect(sequences(after, 'event')[0]).toBeGreaterThan(sequences(before, 'event').at(-1)!);
  });

  it('sends nothing to a delivery function', () => {
    const world = interceptedPair();
    const { pair, desk, put, ping } = world;
    untilFollowed(world, put().revision);
    ping(3);
    pair.world.run(5000);
    expect(desk(pair.b).take()).toEqual([]);
    expect(provisioned(desk(pair.b)).interceptions.length).toBe(1);
  });
});

describe('the records between the chassis', () => {
  it('are the same in number and size, and counted nowhere, whether there is a target or not', () => {
    const observed = [false, true].map((isIntercepted) => {
      const { pair, put, ping } = interceptedPair();
      const seen: unknown[] = [];
      pair.says.A = (message) => {
        if (message.kind === 'streamBatch') {
          seen.push(message.records.map(({ callId, cmdId, payload }) => [callId, cmdId, payload.length]));
        }
        return message;
      };
      if (isIntercepted) put();
      ping(20);
      pair.world.run(3000);
      pair.switchOver();
      pair.world.run(3000);
      const { chassis } = pair.b;
      return { seen, counts: chassis.counts(), statistics: chassis.ledger.checkpoints.view() };
    });
    expect(observed[1]).toEqual(observed[0]);
    const rows = observed[0]!.statistics.filter(({ cmdId }) => cmdId === 189 || cmdId === 264);
    expect(rows.map(({ received, applied }) => [received, applied])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(JSON.stringify(observed[0]!.seen)).toContain('[0,189,');
  });
});
