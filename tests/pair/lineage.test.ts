import { describe, expect, it } from 'vitest';
import { lineageToleranceMs } from '../../src/icsr/chassis/lineage.ts';
import { type PairNode, PairWorld } from './pair-world.ts';

/** A pair with a session, and how that is served: a line so old that none which begins now is of like age; then a cut. */
function cutAfterLong() {
  const pair = PairWorld.attached('wlc1');
  pair.world.run(lineageToleranceMs);
  pair.signalling.length = 0;
  const { path } = pair;
  pair.cut();
  pair.world.run(1000);
  return { pair, path };
}

/** Its process starts again; it hears nobody, and serves: without a session, under a term above every one it has stored. */
function restartUnheard(pair: PairWorld, node: PairNode): void {
  pair.kill(node);
  pair.restart(node);
  pair.world.run(3_000);
  expect([node.state, node.chassis.chassis.state.reason]).toEqual(['ACTIVE', 'no-peer']);
}

describe('a chassis that restarts behind a cut link', () => {
  it.each([
    ['the former active', 'a', 'b'],
    ['the former standby', 'b', 'a'],
  ] as const)('%s: gives way to the sessions of its peer, whatever its term', (_, restarted, kept) => {
    const { pair, path } = cutAfterLong();
    const { world } = pair;
    const [empty, full] = [pair[restarted], pair[kept]];
    world.owner = full;
    restartUnheard(pair, empty);
    expect(empty.storedTerm).toBeGreaterThan(full.storedTerm);
    pair.announcements.length = 0;
    pair.heal();
    world.run(1000);
    expect([full.state, empty.state, empty.isReady, empty.chassis.records]).toEqual(['ACTIVE', 'STANDBY', true, 1]);
    expect(full.storedTerm).toBe(empty.storedTerm);
    expect([world.owner, pair.announcements.at(-1)]).toEqual([full, full.name]);
    expect(pair.path).toEqual(path);
    expect(empty.chassis.counters.get('other-lineage')).toBe(1);
    expect(full.chassis.counters.get('lineage.upheld')).toBeGreaterThan(0);
    expect(pair.saidAt('radius')).toEqual([]);
    expect(world.ue.addressHistory).toHaveLength(1);
    expect(pair.unduly).toEqual([]);
  });

  it('loses the sessions that it took meanwhile: their number is counted, and the pair serves the older ones', () => {
    const { pair } = cutAfterLong();
    const { world, a, b } = pair;
    restartUnheard(pair, a);
    // The neighbours believe the one that has announced itself last: the UE is unknown there, and attaches anew.
    world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
    world.run(1000);
    expect(a.chassis.sessions?.registry.size).toBe(1);
    pair.heal();
    world.run(1000);
    expect([b.state, a.state, a.isReady]).toEqual(['ACTIVE', 'STANDBY', true]);
    expect(a.chassis.counters.get('lineage.sessions-abandoned')).toBe(1);
    expect(a.chassis.records).toBe(b.chassis.sessions?.registry.size);
    expect(pair.unduly).toEqual([]);
  });

  it('takes over like any standby when it has been filled: the line goes on with it', () => {
    const { pair } = cutAfterLong();
    const { world, a, b } = pair;
    const { id } = b.chassis.chassis.lineage!;
    restartUnheard(pair, a);
    expect(a.chassis.chassis.lineage?.id).not.toBe(id);
    pair.heal();
    world.run(1000);
    pair.switchOver();
    world.run(1000);
    expect([a.state, b.state, b.isReady]).toEqual(['ACTIVE', 'STANDBY', true]);
    expect([a.chassis.chassis.lineage?.id, b.chassis.chassis.lineage?.id]).toEqual([id, id]);
  });
});
