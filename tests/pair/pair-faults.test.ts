import { describe, expect, it } from 'vitest';
import { macOf } from '../../src/kernel/address.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { Ue } from '../../src/peers/ue.ts';
import { type PairNode, PairWorld } from './pair-world.ts';

/** A pair under seeded faults while UEs come and move, and what docs/redundancy.md says "holds, whatever happens". */
class FaultyPair {
  readonly pair = new PairWorld();
  readonly ues: readonly Ue[];
  readonly #random: SeededRandom;
  /** Who has served under each term. */
  readonly #holders = new Map<number, string>();
  readonly seen = { kills: 0, cuts: 0, switchovers: 0, resets: 0, moves: 0 };

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    const { world } = this.pair;
    this.ues = [1, 2, 3, 4].map(
      (number) => new Ue({ name: `ue${number}`, mac: macOf(0x02005e200000 + number) }, world.random),
    );
    world.timed.push(...this.ues);
    world.run(1000);
    for (const ue of this.ues) ue.moveTo(this.#accessPoint(), 'dhcp-discover', world.now);
    this.#run(1000);
    for (const ue of this.ues) expect(ue.dhcpState).toBe('Bound');
  }

  run(faults: number): void {
    for (let index = 0; index < faults; index += 1) {
      this.#fault();
      this.#run(this.#random.below(600));
      if (this.#random.chance(0.5)) this.#move();
      this.#run(this.#random.below(100));
      if (this.#random.chance(0.6)) this.#mend();
      this.#run(this.#random.below(1500));
    }
    this.#mend();
    this.#run(8000);
  }

  /** One serves, the other could: shown by a switchover after which every UE is served as before. */
  checkConverged(): void {
    const { pair } = this;
    const standby = pair.active === pair.a ? pair.b : pair.a;
    expect([pair.active.state, standby.isReady]).toEqual(['ACTIVE', true]);
    expect(standby.chassis.records).toBe(pair.active.chassis.sessions!.registry.size);
    const { sender } = pair.active.chassis.replication(pair.active.clock(pair.world.now));
    expect(sender).toMatchObject({ bucketsDiffered: 0, dirty: false });
    expect(sender?.audits).toBeGreaterThan(0);
    for (const ue of this.ues) {
      expect(ue.addressHistory).toHaveLength(1);
      expect(pair.pathOf(ue)?.addresses[0]?.address).toBe(ue.address);
    }
    expect(pair.world.aaa.counters.get('requests')).toBe(this.ues.length);
    const paths = this.ues.map((ue) => pair.pathOf(ue));
    pair.switchOver();
    this.#run(100);
    expect(pair.active).toBe(standby);
    expect(this.ues.map((ue) => pair.pathOf(ue))).toEqual(paths);
  }

  #mend(): void {
    const { pair } = this;
    pair.delayMs.A = 0;
    pair.delayMs.B = 0;
    if (pair.isCut) pair.heal();
    for (const node of [pair.a, pair.b]) if (!node.isAlive) pair.restart(node);
  }

  #accessPoint() {
    const { wlc1, wlc2, rg1, rg2 } = this.pair.world;
    return this.#random.pick([wlc1, wlc2, rg1, rg2]);
  }

  #move(): void {
    const ue = this.#random.pick(this.ues);
    ue.moveTo(this.#accessPoint(), this.#random.pick(['dhcp-discover', 'dhcp-request']), this.pair.world.now, 20);
    this.seen.moves += 1;
  }

  #fault(): void {
    const { pair } = this;
    const node: PairNode = this.#random.pick([pair.a, pair.b]);
    switch (this.#random.below(7)) {
      case 0:
      case 1:
        return this.#kill(node);
      case 2:
        this.seen.cuts += 1;
        return pair.isCut ? pair.heal() : pair.cut();
      case 3:
        this.seen.resets += 1;
        return pair.reset();
      case 4:
        pair.garblesNext = true;
        return;
      case 5:
        pair.delayMs[node.name] = this.#random.pick([0, 0, 5, 40, 80]);
        return;
      default:
        if (!this.#isWhole()) return;
        this.seen.switchovers += 1;
        pair.switchOver();
    }
  }

  /**
   * Two failures at a time are not survived: an active dies only where a READY standby is left, and nobody starts behind a
   * cut, where it would serve with nothing under a higher term.
   */
  #kill(node: PairNode): void {
    const { pair } = this;
    if (!node.isAlive) return pair.isCut ? undefined : pair.restart(node);
    const other = node === pair.a ? pair.b : pair.a;
    const isLast = !(other.isAlive && (other.chassis.serves || other.isReady));
    if (isLast || pair.isCut || (!this.#isWhole() && node.chassis.serves)) return;
    this.seen.kills += 1;
    pair.kill(node);
  }

  #isWhole(): boolean {
    const { a, b } = this.pair;
    const [active, standby] = a.state === 'ACTIVE' ? [a, b] : [b, a];
    const sender = active.isAlive ? active.chassis.replication(active.clock(this.pair.world.now)).sender : undefined;
    return (
      !this.pair.isCut &&
      active.state === 'ACTIVE' &&
      standby.isReady &&
      sender?.state === 'ready' &&
      sender.lagRecords === 0 &&
      sender.synchronised
    );
  }

  #run(forMs: number): void {
    const end = this.pair.world.now + forMs;
    while (this.pair.world.now < end) {
      this.pair.world.runUntil(Math.min(end, this.pair.world.now + 5));
      for (const node of [this.pair.a, this.pair.b]) this.#check(node);
    }
  }

  #check(node: PairNode): void {
    if (!node.isAlive || !node.chassis.serves) return;
    const { own } = node.chassis.chassis.term;
    const holder = this.#holders.get(own) ?? node.name;
    expect(holder, `who serves under term ${own}`).toBe(node.name);
    this.#holders.set(own, node.name);
  }
}

describe('a pair under faults', () => {
  const seen: Record<string, number> = {};

  it.each(Array.from({ length: 12 }, (_, index) => index + 1))('keeps what it has promised (seed %i)', (seed) => {
    const run = new FaultyPair(seed);
    run.run(15);
    run.checkConverged();
    expect(run.pair.unduly).toEqual([]);
    for (const [what, count] of Object.entries(run.seen)) seen[what] = (seen[what] ?? 0) + count;
    for (const { chassis } of [run.pair.a, run.pair.b]) expect(chassis.sessions?.crashes ?? []).toEqual([]);
  });

  it('was tried by each of them', () => {
    expect(Object.entries(seen).filter(([, count]) => count < 5)).toEqual([]);
  });
});
