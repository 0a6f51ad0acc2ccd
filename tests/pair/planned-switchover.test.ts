import { describe, expect, it } from 'vitest';
import { initiateSwitchover } from '../../src/host/redundancy-commands.ts';
import { macOf } from '../../src/kernel/address.ts';
import type { Datagram } from '../../src/peers/actor.ts';
import { Ue } from '../../src/peers/ue.ts';
import type { SamogConfig } from '../../src/services/samog/config.ts';
import { address, configOf, radiusConfigOf } from '../scenarios/memory-world.ts';
import { managedPair } from '../support/managed-pair.ts';
import { PairWorld } from './pair-world.ts';

const aaaDelayMs = 40;
const uesOfLoad = 100;

/** With an account of each session. */
const accounting = (config: SamogConfig): SamogConfig => {
  const own = { ...config.mrmeService.accounting, own: true };
  return { ...config, mrmeService: { ...config.mrmeService, accounting: own } };
};

/** A pair, and UEs that come one after the other to an AAA server which takes its time. */
function underLoad(point: 'wlc1' | 'rg1', samog: SamogConfig): { pair: PairWorld; ues: readonly Ue[] } {
  const pair = new PairWorld({}, undefined, samog);
  const { world } = pair;
  world.run(1000);
  world.aaa.delayMs = aaaDelayMs;
  const ues = Array.from({ length: uesOfLoad }, (_, index) => {
    const own = { name: `ue${index}`, mac: macOf(0x02005e200001 + index), dhcp: { initialTimeoutMs: 1500 } };
    return new Ue({ ...own, correspondent: address.host }, world.random);
  });
  const begunAt = world.now;
  const comesAt = (index: number) => (index < ues.length ? begunAt + index * 3 : Number.POSITIVE_INFINITY);
  let come = 0;
  const comes = {
    advance: (now: number) => {
      for (; comesAt(come) <= now; come += 1) ues[come]!.moveTo(world[point], 'dhcp-discover', now);
    },
    nextDeadline: () => comesAt(come),
  };
  world.timed.push(...ues, comes);
  return { pair, ues };
}

/** Has how often each message that begins something was said to the gateway counted, whoever repeats it. */
function countsRequests(pair: PairWorld): Map<string, number> {
  const counts = new Map<string, number>();
  pair.drops = (datagram) => {
    const request = requestOf(datagram);
    if (request !== undefined) counts.set(request, (counts.get(request) ?? 0) + 1);
    return false;
  };
  return counts;
}

/** What a message to the gateway asks for, and for whom; a repetition has the same. Undefined for what asks for nothing. */
function requestOf({ source, destination, destinationPort, protocol, bytes }: Datagram): string | undefined {
  if (destination !== address.access) return undefined;
  const hex = Buffer.from(bytes).toString('hex');
  const isFromWlc = source === address.wlc1;
  if (isFromWlc && destinationPort === 1812) return `Access-Request ${hex}`;
  const naiOfPbu = Buffer.from('02:00:5e:20:00:').toString('hex');
  const isPbu = isFromWlc && destinationPort === 5436 && bytes[2] === 5;
  const [nai] = (isPbu && new RegExp(`${naiOfPbu}.{4}`).exec(hex)) || [];
  if (nai !== undefined) return `PBU ${nai}`;
  const [, mac] = /(02005e2000..)0000/.exec(hex) ?? [];
  const [, type] = /638253633501(..)/.exec(hex) ?? [];
  return protocol === 'gre' && type !== undefined ? `DHCP ${type} ${mac}` : undefined;
}

function asked({ world }: PairWorld) {
  const { requests, duplicates } = world.aaa.counters.snapshot();
  return { requests, duplicates };
}

describe('a planned switchover while UEs attach', () => {
  it.each([
    ['by PBU', 'wlc1', configOf(), 1],
    ['by DHCP', 'rg1', configOf(), 1],
    ['by DHCP, with accounts', 'rg1', configOf(accounting), 1],
    ['by EAP in four rounds', 'wlc1', radiusConfigOf(), 4],
  ] as const)(
    '%s waits for AAA: nothing is asked twice there, and of nobody more than twice',
    (_, point, samog, rounds) => {
      const { pair, ues } = underLoad(point, samog);
      const { world, a, b } = pair;
      const counts = countsRequests(pair);
      world.run(150);
      const askedAt = world.now;
      pair.switchOver();
      expect(a.chassis.isSwitchoverWaiting).toBe(true);
      while (a.chassis.isSwitchoverWaiting) world.run(0.5);
      expect(world.now - askedAt).toBeLessThan(2 * aaaDelayMs);
      world.run(8000);
      expect(pair.active).toBe(b);
      expect(ues.filter(({ dhcpState }) => dhcpState !== 'Bound')).toEqual([]);
      expect(asked(pair)).toEqual({ requests: rounds * ues.length, duplicates: 0 });
      expect(Math.max(...counts.values())).toBe(2);
      expect(a.chassis.counts()).toMatchObject({ 'handover.settled': 1, 'handover.not-settled': 0 });
      expect([pair.unduly, world.accounting.takeWrong()]).toEqual([[], []]);
    },
  );

  it('stops no packet meanwhile, and interrupts no longer than ever', () => {
    const { pair } = underLoad('rg1', configOf());
    const { world, a } = pair;
    world.ue.moveTo(world.rg2, 'dhcp-discover', world.now);
    world.run(150);
    const traffic = pair.traffic();
    world.run(50);
    const askedAt = world.now;
    pair.switchOver();
    world.run(aaaDelayMs / 2);
    expect(a.chassis.isSwitchoverWaiting).toBe(true);
    expect(traffic.loss(askedAt, world.now - 10)).toMatchObject({ uplinkLost: 0, downlinkLost: 0 });
    world.run(1000);
    expect(traffic.loss(askedAt, world.now - 10).interruptionMs).toBeLessThan(20);
  });

  it('waits no longer than its limit for an AAA server that says nothing', () => {
    const { pair } = underLoad('wlc1', configOf());
    const { world, a, b } = pair;
    world.run(150);
    world.aaa.delayMs = 100_000;
    world.run(50);
    const askedAt = world.now;
    pair.switchOver();
    while (a.chassis.isSwitchoverWaiting) world.run(0.5);
    expect(world.now - askedAt).toBe(500);
    expect(a.chassis.counts()['handover.not-settled']).toBe(1);
    world.run(100);
    expect(pair.active).toBe(b);
  });

  it('that is refused after it has waited asks what it was to ask', () => {
    const { pair, ues } = underLoad('wlc1', configOf());
    const { world, a, b } = pair;
    world.run(150);
    pair.switchOver();
    world.run(5);
    pair.kill(b);
    world.run(8000);
    expect(pair.active).toBe(a);
    expect(a.chassis.counts()['switchover.refused']).toBe(1);
    expect(ues.filter(({ dhcpState }) => dhcpState !== 'Bound')).toEqual([]);
    expect(asked(pair)).toEqual({ requests: ues.length, duplicates: 0 });
  });

  it('is not over for the operator before it has begun', async () => {
    const { pair } = underLoad('wlc1', configOf());
    pair.world.run(150);
    const answer = initiateSwitchover(managedPair(pair, pair.a, 10), { force: false, waitMs: 0 });
    expect((await answer).outcome).toBe('under-way');
    pair.world.run(1000);
    expect(pair.active).toBe(pair.b);
  });

  it('begins at once where nobody is waited for', () => {
    const pair = PairWorld.attached('rg1', configOf(accounting));
    pair.world.run(1000);
    pair.switchOver();
    pair.world.run(2);
    expect(pair.a.chassis.isSwitchoverWaiting).toBe(false);
    expect(pair.a.chassis.counts()['handover.settled']).toBe(1);
  });

  it('that is forced waits for nobody', () => {
    const { pair } = underLoad('wlc1', configOf());
    pair.world.run(150);
    pair.switchOver(true);
    expect(pair.a.chassis.isSwitchoverWaiting).toBe(false);
    expect(pair.a.state).toBe('PENDING_STANDBY');
  });
});
