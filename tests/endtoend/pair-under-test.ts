import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { ForwardingData } from '../../src/operations/views/forwarding.ts';
import { type Chassis, type ChassisLetter, other, serviceAddresses, until } from './chassis.ts';
import { PairWorld } from './pair-world.ts';
import { type FastPathUnderTest, place, ueMac } from './surroundings.ts';
import { EndlessPing, ping } from './traffic.ts';
import type { Lease, Udhcpc } from './udhcpc.ts';

const ues = ['ue1', 'ue2'] as const;

/** Two gateways and their UEs: who serves, and what must hold whoever does. */
export class PairUnderTest {
  readonly world: PairWorld;
  readonly #fastPath: FastPathUnderTest;
  /** Who ought to serve. */
  active: ChassisLetter = 'a';
  readonly clients = new Map<string, Udhcpc>();
  readonly leases = new Map<string, Lease>();
  /** Who has taken the role, one after the other; the wire is compared with it. */
  readonly owners: ChassisLetter[] = [];
  /** Times by Date.now in which both may speak, as they do not hear each other, and who speaks at the end. */
  readonly split: { from: number; to: number; winner: ChassisLetter }[] = [];
  /** What is told at the end, a line each. */
  readonly measured: string[] = [];
  switchoversUnderStreams = 0;
  streamsEnded = false;

  constructor(fastPath: FastPathUnderTest) {
    this.#fastPath = fastPath;
    this.world = new PairWorld(fastPath);
  }

  get both(): readonly Chassis[] {
    return Object.values(this.world.chassis);
  }

  chassis(letter: ChassisLetter): Chassis {
    return this.world.chassis[letter];
  }

  /** Waits until it serves; says how long that took, ms. */
  isActive(letter: ChassisLetter): Promise<number> {
    return until(`${letter} serves`, () => this.chassis(letter).serves());
  }

  /** Waits until the pair is whole: the one that ought to serve does, and the other is ready to. */
  async isWhole(): Promise<void> {
    await this.isActive(this.active);
    await until(`${other(this.active)} is ready with every session`, async () => {
      const { local } = await this.chassis(other(this.active)).info();
      return local.state === 'STANDBY' && local.ready && local.records === this.leases.size;
    });
  }

  /** Everything that must hold at the end of a scenario. */
  async expectPair(): Promise<void> {
    await this.isWhole();
    const [serving, standby] = [this.chassis(this.active), this.chassis(other(this.active))];
    expect(await serving.info()).toMatchObject({
      local: { state: 'ACTIVE', serves: true, sessions: this.leases.size },
    });
    expect(await standby.info()).toMatchObject({ local: { serves: false }, peer: { state: 'ACTIVE' } });
    expect(serving.heldAddresses()).toEqual(serviceAddresses);
    expect(standby.heldAddresses()).toEqual([]);
    if (this.#fastPath === 'native') {
      const programmed = { mode: 'native', entries: this.leases.size, inKernel: this.leases.size, failures: 0 };
      await until('all is programmed', () => this.#isProgrammed(serving));
      expect(await this.#forwardingOf(serving)).toMatchObject({ ...programmed, forwards: true });
      // Those of a resynchronisation are made sessions afterwards.
      await until('the standby has programmed them', () => this.#isProgrammed(standby));
      expect(await this.#forwardingOf(standby)).toMatchObject({ ...programmed, forwards: false });
    }
    await this.expectSessions();
  }

  /** The kernel has every session. */
  async #isProgrammed(of: Chassis): Promise<boolean> {
    const summary = await this.#forwardingOf(of);
    return summary?.entries === this.leases.size && summary.inKernel === this.leases.size;
  }

  async #forwardingOf(of: Chassis): Promise<ForwardingData['summary']> {
    return (await of.show<ForwardingData>('forwarding')).summary;
  }

  /** Of the one that serves: the same sessions, and UEs that have traffic and can renew. */
  async expectSessions(): Promise<void> {
    const found = (await this.chassis(this.active).subscribers()).map(({ mac, address }) => [mac, address]);
    const expected = [...this.leases].map(([ue, { address }]) => [ueMac[ue as keyof typeof ueMac], address]);
    expect(found.toSorted()).toEqual(expected.toSorted());
    for (const ue of this.leases.keys()) {
      const { received, output } = await ping(this.world.namespaces, this.world.namespaceOf(ue), place.host, {
        count: 5,
      });
      expect(received, output).toBe(5);
      const { address, router } = this.leases.get(ue)!;
      expect(await this.clients.get(ue)!.renew()).toMatchObject({ address, router });
    }
    await this.#expectNobodyAsked();
  }

  /** The AAA server and the LMA have been asked once for each UE, when it attached. */
  async #expectNobodyAsked(): Promise<void> {
    const { aaa, lma, bindings } = await this.world.coreStatus();
    expect(aaa).toMatchObject({ requests: this.leases.size });
    expect(lma).toMatchObject({ pbu: this.leases.size, bri: 0, 'uplink.unknown-key': 0, 'uplink.spoofed': 0 });
    expect(bindings.map(({ address }) => address).toSorted()).toEqual(
      [...this.leases.values()].map(({ address }) => address).toSorted(),
    );
  }

  /** Has both UEs ping a hundred times a second while something happens; says what of it they noticed. */
  async underPing(what: string, action: () => Promise<void>): Promise<void> {
    const pings = ues.map((ue) => new EndlessPing(this.world.namespaces, this.world.namespaceOf(ue), place.host));
    await sleep(500);
    await action();
    await sleep(800);
    const results = await Promise.all(pings.map((each) => each.end()));
    for (const [index, { lost, sent, longestGapMs }] of results.entries()) {
      this.measured.push(
        `${what}: ${ues[index]} lost ${lost} of ${sent}, longest interruption ${longestGapMs.toFixed(0)} ms`,
      );
    }
    for (const { received, output } of results) expect(received, output).toBeGreaterThan(0);
  }

  /** Notes that another has the role. */
  taken(by: ChassisLetter): void {
    this.active = by;
    this.owners.push(by);
    if (!this.streamsEnded) this.switchoversUnderStreams += 1;
  }

  /** As planned. */
  async switchOver(): Promise<void> {
    const { outcome, tookMs, failed } = await this.chassis(this.active).switchover();
    expect({ outcome, failed }).toMatchObject({ outcome: 'completed', failed: [] });
    this.measured.push(`planned, ${this.active} to ${other(this.active)}: handed over in ${tookMs} ms`);
    this.taken(other(this.active));
  }
}
