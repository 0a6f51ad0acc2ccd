import { describe, expect, it } from 'vitest';
import { sessionId, sessionMac } from '../../src/services/samog/session/state.ts';
import type { LookWish } from '../../src/sessmgr/instances/look.ts';
import type { RemoteGroup } from '../../src/sessmgr/instances/remote-group.ts';
import { runOptions } from '../../src/simulator/options.ts';
import { World } from '../../src/simulator/world.ts';
import { testDigests } from '../support/digests.ts';
import { portedGateway } from '../support/ported-gateway.ts';

/** A calm world of six UEs, served by instances that are joined to their chassis by messages alone. */
function served(
  instances: number,
  accounting = false,
  come = 6,
): { readonly world: World; readonly group: RemoteGroup } {
  const options = runOptions(1, 100, 'none');
  const calm = { lmas: 1, wlcs: 2, ues: 6, poolLength: 26, rejected: 0, instances };
  const lasting = { s2aLifetimeSeconds: 240, bindingLifetimeSeconds: 240, leaseTimeSeconds: 240, heartbeatMs: 5000 };
  const config = { ...options.config, accounting, dhcpProfile: true, outstandingMax: 8, setupTimeoutMs: 10_000 };
  let group: RemoteGroup | undefined;
  const world = new World({ ...options, ...calm, config: { ...config, ...lasting } }, testDigests, (around) => {
    const gateway = portedGateway(around);
    group = gateway.group;
    return gateway;
  });
  world.subscribers.slice(0, come).forEach((subscriber, index) => {
    subscriber.come(index < 3 ? world.rgs[0]! : world.wlcs[0]!, 'dhcp-discover', 0, 0);
  });
  while (world.step(8000));
  return { world, group: group! };
}

/** Lets the instances answer what was asked of them, and nothing else happen. */
const settle = (world: World): void => world.gateway.core.advance(world.now);

/** What `show` returns during a look. */
function seen<Shown>(world: World, group: RemoteGroup, wish: LookWish, show: () => Shown): Shown {
  let shown: { readonly it: Shown } | undefined;
  group.look(wish, () => {
    shown = { it: show() };
  });
  settle(world);
  return shown!.it;
}

describe('a service whose instances are apart from it and that ends', () => {
  it('tells AAA so once for all of them, and no record after it', () => {
    const { world, group } = served(3, true);
    const { accounting } = world;
    const before = accounting.services.length;
    const recordsOf = () => Array.from(accounting.accounts(), ({ records }) => records);
    group.endAccounting(() => {});
    settle(world);
    group.clearAll(() => {});
    const records = recordsOf();
    const until = world.now + 20_000;
    while (world.step(until));
    // Each of the servers, which share their books.
    expect(accounting.services.slice(before)).toEqual(
      world.manager.aaa.status(world.now).accounting.servers.map(() => 'off'),
    );
    expect(recordsOf()).toEqual(records);
  });

  it('knows whether it has anything of a session, and does not if an instance does not answer', () => {
    const isEmpty = ({ world, group }: ReturnType<typeof served>) => {
      const told: boolean[] = [];
      group.isEmpty((is) => told.push(is));
      settle(world);
      return told;
    };
    expect(isEmpty(served(3))).toEqual([false]);
    expect(isEmpty(served(3, false, 1))).toEqual([false]);
    const none = served(3, false, 0);
    expect(isEmpty(none)).toEqual([true]);
    none.group.end(1);
    expect(isEmpty(none)).toEqual([false]);
  });
});

describe('instances that are apart from their chassis', () => {
  it('are read as those beside it, and the one session that was wished for', () => {
    const { world, group } = served(3);
    const { manager } = world;
    const { mac } = world.subscribers[4]!.ue;
    const { registry, flows } = group.reader;
    expect([registry.size, registry.ofMac(mac)]).toEqual([6, undefined]);
    expect(group.reader.counters.snapshot()).toEqual(manager.counters.snapshot());
    expect(group.reader.forwardingCounters.snapshot()).toEqual(manager.forwardingCounters.snapshot());
    seen(world, group, { mac }, () => {
      const session = registry.ofMac(mac)!.session;
      expect(session).toEqual(manager.registry.ofMac(mac)!.session);
      const { id } = (session as Extract<typeof session, { kind: 'Live' }>).durable;
      expect(flows.usage(id)).toEqual(manager.flows.usage(id));
      expect([registry.hasId(id), registry.ofId(id)?.session, [...registry.sessions()].length]).toEqual([
        true,
        session,
        1,
      ]);
      expect([registry.inState, registry.ofType, flows.size]).toEqual([
        manager.registry.inState,
        manager.registry.ofType,
        6,
      ]);
      expect(group.reader.aaa.status(0)).toEqual(manager.aaa.status(world.now));
      expect(group.reader.s2a.monitor.status(0)).toEqual(manager.s2a.monitor.status(world.now));
    });
    expect(seen(world, group, {}, () => registry.ofMac(mac))).toBeUndefined();
  });

  it('are shown as they were seen last if one does not answer', () => {
    const { world, group } = served(2);
    const { mac } = world.subscribers[0]!.ue;
    const shown: unknown[] = [];
    seen(world, group, { mac }, () => {});
    const giveUp = group.look({ mac }, () => {
      shown.push([group.reader.registry.inState, [...group.reader.registry.sessions()]]);
    });
    giveUp();
    giveUp();
    settle(world);
    expect(shown).toEqual([[world.manager.registry.inState, []]]);
  });

  it('are paged through, one after the other', () => {
    const { world, group } = served(3);
    const macs: number[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = { cursor, limit: 1, type: undefined };
      const found = seen(world, group, { page }, () => group.pages.next(group.reader.registry, cursor, 1, () => true))!;
      macs.push(...found.sessions.map(sessionMac));
      cursor = found.nextCursor;
      pages += 1;
    } while (cursor !== undefined);
    expect(macs.toSorted()).toEqual(world.subscribers.map(({ ue }) => ue.mac as number).toSorted());
    expect(pages).toBeLessThanOrEqual(9);
    // What fits on a page is on it, whichever instances have it.
    for (const limit of [4, 6, 100]) {
      const wish = { page: { cursor: undefined, limit, type: undefined } };
      const next = () => group.pages.next(group.reader.registry, undefined, limit, () => true);
      const whole = seen(world, group, wish, next)!;
      expect(whole.sessions).toHaveLength(Math.min(limit, 6));
      if (limit > 6) expect(whole.nextCursor).toBeUndefined();
      for (const session of whole.sessions)
        expect(group.reader.registry.ofId(sessionId(session))?.session).toBe(session);
    }
    for (const unknown of ['4.', '0.c1', '1.c99', 'c1', '99999.']) {
      const page = { cursor: unknown, limit: 1, type: undefined };
      const found = seen(world, group, { page }, () => group.pages.next(group.reader.registry, unknown, 1, () => true));
      expect(found, unknown).toBeUndefined();
    }
  });

  it('clear a session, or all of them', () => {
    const { world, group } = served(2);
    const answers: unknown[] = [];
    const { mac } = world.subscribers[0]!.ue;
    for (let round = 0; round < 2; round += 1) {
      group.clear(mac, (found) => answers.push(found));
      settle(world);
      while (world.step(world.now + 3000));
    }
    group.clearAll((sessions) => answers.push(sessions));
    settle(world);
    expect(answers).toEqual([true, false, 5]);
  });

  it('keep nobody waiting who has ended', () => {
    const { world, group } = served(3);
    const [lma] = world.lmas;
    const answers: unknown[] = [];
    // The first watches the LMA.
    const { mac } = world.subscribers.find(({ ue }) => group.ofUe(ue.mac) !== 0)!.ue;
    group.look({}, () => answers.push('look'));
    group.clear(mac, () => answers.push('clear'));
    group.end(group.ofUe(mac));
    settle(world);
    group.clearAll(() => answers.push('all'));
    settle(world);
    expect(answers.toSorted()).toEqual(['all', 'clear', 'look']);
    // What concerns all is settled without it.
    lma!.restart();
    const end = world.now + 12_000;
    while (world.step(end));
    expect(world.managers[0]!.restartCounters.s2a).toEqual([[lma!.address, 2]]);
  });

  it('go on with another configuration, and are shown to', () => {
    const { world, group } = served(3);
    const { config } = group.reader;
    const sessions = group.reader.registry.size;
    const twanProfiles = config.mrmeService.twanProfiles.slice(0, 1);
    group.reconfigure({
      ...config,
      mrmeService: { ...config.mrmeService, twanProfiles },
      samogService: { ...config.samogService, sessionsMax: sessions },
    });
    settle(world);
    expect(group.reader.registry).toMatchObject({ size: sessions, sessionsMax: sessions });
    expect(group.reader.profiles.profiles).toEqual(twanProfiles);
    for (const manager of world.gateway.managers) {
      expect(manager.config.samogService.sessionsMax).toBe(sessions);
      expect(manager.registry.isFull).toBe(true);
      expect(manager.profiles.profiles).toEqual(twanProfiles);
    }
  });
});
