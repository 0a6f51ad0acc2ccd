import { describe, expect, it } from 'vitest';
import { ipv4Of, macOf } from '../../src/kernel/address.ts';
import type { Datagram } from '../../src/peers/actor.ts';
import { MeasuredTraffic } from '../../src/peers/measured-traffic.ts';
import type { ArrivalManner } from '../../src/peers/ue.ts';
import { fullCheckpoint } from '../../src/services/samog/checkpoints/diff.ts';
import { decodeFull } from '../../src/services/samog/checkpoints/full-checkpoint.ts';
import { resumeAll } from '../../src/services/samog/checkpoints/resume.ts';
import type { SessionRecord } from '../../src/services/samog/checkpoints/saved-session.ts';
import { nextDeadline } from '../../src/services/samog/session/deadline.ts';
import { forwardingEntryOf } from '../../src/services/samog/session/forwarding-entry.ts';
import {
  type DisconnectingSession,
  type LiveSession,
  sessionId,
  sessionMac,
} from '../../src/services/samog/session/state.ts';
import type { SessionObserver } from '../../src/sessmgr/session-observer.ts';
import { decodeMobility } from '../../src/wire/pmipv6/message.ts';
import { testDigests } from '../support/digests.ts';
import {
  deregistered,
  disconnecting,
  established,
  establishedByDhcp,
  released,
  start,
} from '../support/session-samples.ts';
import { Standby } from '../support/standby-record.ts';
import { address, configOf, MemoryWorld } from './memory-world.ts';

/** Another gateway takes over, with what checkpoints alone have told it. */
class Pair {
  readonly standby = new Standby(configOf().cgwService.access.vmac);
  readonly world = new MemoryWorld(configOf(), testDigests, this.standby);
  /** Everything a gateway has sent but GRE, and the BRIs of it. */
  readonly signalling: Datagram[] = [];
  dropped: (datagram: Datagram) => boolean = () => false;

  constructor() {
    this.world.drops = (datagram) => {
      const own = [address.access, address.s2a, address.aaaSide] as readonly number[];
      if (datagram.protocol === 'udp' && own.includes(datagram.source as number)) this.signalling.push(datagram);
      return this.dropped(datagram);
    };
  }

  static attached(by: 'wlc1' | 'rg1'): Pair {
    const pair = new Pair();
    pair.world.ue.moveTo(pair.world[by], 'dhcp-discover', 0);
    pair.world.run(200);
    expect(pair.world.ue.dhcpState).toBe('Bound');
    return pair;
  }

  traffic(): MeasuredTraffic {
    const traffic = new MeasuredTraffic(this.world.ue, this.world.host, { intervalMs: 1 });
    this.world.timed.push(traffic);
    traffic.start(this.world.now);
    return traffic;
  }

  /** The gateway is gone; the next one has its sessions. */
  takeOver(): void {
    const { world, standby } = this;
    const next = world.newGateway();
    const { refused } = next.adopt(resumeAll(standby.records.values(), world.now));
    expect(refused).toEqual([]);
    world.takeOver(next);
    this.signalling.length = 0;
  }

  get session() {
    return this.world.gateway.registry.ofMac(this.world.ue.mac)?.session;
  }

  sentMessages(): string[] {
    return this.signalling.flatMap(({ bytes }) => {
      const message = decodeMobility(bytes);
      return message.ok ? [message.value.kind] : ['other'];
    });
  }
}

describe('traffic and session go on under the next gateway', () => {
  it.each([
    ['wlc1', undefined, undefined],
    ['rg1', undefined, undefined],
    ['wlc1', 'rg1', 'data'],
    ['wlc1', 'rg2', 'dhcp-discover'],
    ['rg1', 'rg2', 'data'],
    ['rg1', 'rg2', 'dhcp-discover'],
    ['rg1', 'rg2', 'dhcp-request'],
    ['rg1', 'wlc1', 'silent'],
  ] as const)('attached through %s, moved just before to %s by %s', (by, to, how) => {
    const pair = Pair.attached(by);
    const { world } = pair;
    const traffic = pair.traffic();
    world.run(100);
    const from = world.now;
    if (to !== undefined) world.ue.moveTo(world[to], how as ArrivalManner, world.now, 20);
    // The move itself takes some milliseconds, the revocation of the old path goes on after it.
    world.run(8);
    const before = pair.session;
    pair.standby.flush(world.gateway, world.now);
    const used = world.gateway.flows.usage(sessionId(before!));
    const entry = forwardingEntryOf(before, new Map());
    pair.takeOver();
    expect(forwardingEntryOf(pair.session, new Map())).toEqual(entry);
    expect(world.gateway.flows.usage(sessionId(before!))).toEqual(used);
    world.run(1000);
    const end = world.now;
    world.run(50);
    traffic.stop();
    world.run(50);
    expect(traffic.loss(from, end)).toMatchObject({ uplinkLost: 0, downlinkLost: 0 });
    expect(world.ue.addressHistory).toHaveLength(1);
    expect(world.gateway.crashes).toEqual([]);
    expect(world.counted()['session.attempted']).toBeUndefined();
    expect(world.gateway.flows.usage(sessionId(before!))!.uplinkPackets).toBeGreaterThan(used!.uplinkPackets + 900);
    const told = new Set(pair.sentMessages());
    // What the UE itself asks for, and what the old path is owed.
    for (const allowed of ['bindingRevocationIndication', 'proxyBindingAcknowledgement']) told.delete(allowed);
    expect([...told]).toEqual([]);
  });

  it('without a word to anybody', () => {
    const pair = Pair.attached('rg1');
    pair.takeOver();
    pair.world.run(60_000);
    expect(pair.sentMessages()).toEqual([]);
    expect(pair.world.ue.dhcpState).toBe('Bound');
  });
});

describe('deadlines are where they were', () => {
  it('of a deregistration: the session ends when it would have', () => {
    const pair = Pair.attached('wlc1');
    const { world } = pair;
    world.wlc1.deregistration = 'immediate';
    world.ue.leave(world.now);
    world.run(4000);
    expect(pair.session).toMatchObject({ durable: { phase: { kind: 'Deregistered' } } });
    const until = nextDeadline(pair.session!);
    pair.takeOver();
    expect(nextDeadline(pair.session!)).toBe(until);
    world.runUntil(until - 1);
    expect(pair.session?.kind).toBe('Live');
    world.run(100);
    expect(pair.session).toBeUndefined();
    expect(pair.sentMessages()).toEqual(['proxyBindingUpdate']);
    expect(world.lma.bindings()).toEqual([]);
  });

  it('of a release: the address is kept for the rest of the grace time', () => {
    const pair = Pair.attached('rg1');
    const { world } = pair;
    world.ue.release(world.now);
    world.run(20_000);
    const until = nextDeadline(pair.session!);
    pair.takeOver();
    expect(pair.session).toMatchObject({ durable: { phase: { kind: 'Released', until } } });
    world.runUntil(until + 100);
    expect(pair.session).toBeUndefined();
  });

  it('of a revocation: it is repeated when it would have been, with the sequence number it had', () => {
    const pair = Pair.attached('wlc1');
    const { world } = pair;
    world.wlc1.silentOnRevocation = true;
    const traffic = pair.traffic();
    world.run(20);
    pair.signalling.length = 0;
    world.ue.moveTo(world.rg1, 'data', world.now, 20);
    while (!pair.sentMessages().includes('bindingRevocationIndication')) world.run(10);
    traffic.stop();
    const first = pair.signalling.at(-1)!.bytes;
    const sentAt = world.now;
    world.run(300);
    pair.takeOver();
    world.runUntil(sentAt + 900);
    expect(pair.sentMessages()).toEqual([]);
    world.run(200);
    expect(pair.sentMessages()).toEqual(['bindingRevocationIndication']);
    expect(pair.signalling[0]!.bytes).toEqual(first);
    world.run(10_000);
    expect(pair.sentMessages()).toHaveLength(1);
    expect(pair.session).toMatchObject({ durable: { cleanups: [] } });
  });

  it('of a deregistration at a silent LMA: it is repeated until the LMA answers', () => {
    const pair = Pair.attached('wlc1');
    const { world } = pair;
    pair.dropped = ({ destination }) => destination === address.lma;
    world.gateway.clear(world.ue.mac, 'operator', world.now);
    world.run(500);
    expect(pair.session?.kind).toBe('Disconnecting');
    pair.takeOver();
    expect(pair.session?.kind).toBe('Disconnecting');
    expect(world.gateway.flows.size).toBe(0);
    pair.dropped = () => false;
    world.run(1000);
    expect(pair.session).toBeUndefined();
    expect(world.lma.bindings()).toEqual([]);
    expect(pair.standby.records.size).toBe(0);
  });

  it('of a refresh on its way: the LMA is asked again, and its answer is understood', () => {
    const pair = Pair.attached('rg1');
    const { world } = pair;
    const { refreshAt, sequence } = (pair.session as LiveSession).durable.s2a;
    world.runUntil(refreshAt - 10);
    pair.dropped = ({ destination }) => destination === address.lma;
    world.run(100);
    pair.takeOver();
    pair.dropped = () => false;
    world.run(2000);
    expect(pair.sentMessages()).toEqual(['proxyBindingUpdate']);
    expect((pair.session as LiveSession).durable.s2a.sequence).toBe(sequence + 2);
    expect(world.counted()['s2a.pba.accepted']).toBe(1);
  });
});

describe('the observer', () => {
  it('is told of a change before anything of it is sent, and not where nothing changed', () => {
    const seen: string[] = [];
    const changed: SessionObserver['changed'] = (before, after, _now, event) => {
      seen.push(`${before?.kind} ${event?.kind} ${after?.kind}`);
    };
    const world = new MemoryWorld(configOf(), testDigests, { changed });
    world.drops = ({ source, protocol, destination }) => {
      if (source === address.access && protocol === 'gre' && destination === address.rg1) seen.push('sent');
      return false;
    };
    world.ue.moveTo(world.rg1, 'dhcp-discover', 0);
    world.run(200);
    expect(seen).toEqual([
      'undefined undefined Authenticating',
      'Authenticating authenticationEnded Binding',
      'Binding s2aAcknowledged Live',
      'sent',
      'Live dhcpReceived Live',
      'sent',
    ]);
    seen.length = 0;
    world.run(1000);
    expect(seen).toEqual([]);
  });

  it('is told that a session given up by a fault is no more', () => {
    const ended: unknown[] = [];
    let failing = false;
    const changed: SessionObserver['changed'] = (_before, after, _now, event) => {
      if (after === undefined) ended.push(event);
      else if (failing) throw new Error('a fault');
    };
    const world = new MemoryWorld(configOf(), testDigests, { changed });
    world.ue.moveTo(world.rg1, 'dhcp-discover', 0);
    world.run(200);
    failing = true;
    world.ue.renew(world.now);
    world.run(50);
    expect(ended).toEqual([undefined]);
    expect(world.gateway.crashes).toHaveLength(1);
    expect(world.gateway.registry.size).toBe(0);
  });
});

describe('many sessions', () => {
  const samples = [established, establishedByDhcp, released, deregistered, disconnecting];

  /** Sessions of all states, each with its own identity. */
  function sessions(count: number): (LiveSession | DisconnectingSession)[] {
    return Array.from({ length: count }, (_, index) => {
      const session = samples[index % samples.length]!() as LiveSession | DisconnectingSession;
      const own = { id: 1000 + index, mac: macOf(0x02005e000000 + index), nai: `ue${index}@example` };
      if (session.kind === 'Disconnecting') return { ...session, ...own };
      const { durable } = session;
      const addresses = [{ ...durable.addresses[0]!, address: ipv4Of(0x0a000000 + index) }];
      const s2a = { ...durable.s2a, downlinkKey: own.id };
      return { ...session, durable: { ...durable, ...own, addresses, s2a } };
    });
  }

  const usageOf = (id: number) => ({
    uplinkPackets: id,
    uplinkOctets: 2 * id,
    downlinkPackets: 3,
    downlinkOctets: 4,
    lastActivity: start,
  });

  function recordsOf(all: readonly (LiveSession | DisconnectingSession)[]): SessionRecord[] {
    return all.map((session) => {
      const context = { now: start, revision: 1, baseRevision: 1, vmac: macOf(1), usageOf };
      const read = decodeFull(fullCheckpoint(session, context).payload, start);
      if (!read.ok) throw new Error(read.reason);
      return read.value;
    });
  }

  it('are found, forwarded, gauged and due as they were', () => {
    const all = sessions(500);
    const gateway = new MemoryWorld().newGateway();
    expect(gateway.adopt(resumeAll(recordsOf(all), start))).toEqual({ adopted: 500, refused: [] });
    for (const session of all) {
      const place = gateway.registry.ofMac(sessionMac(session))!;
      if (session.kind === 'Live') {
        const transient = { ...session.transient, idlePackets: sessionId(session) + 3 };
        expect(place.session).toEqual({ ...session, transient });
      } else expect(place.session).toEqual(session);
      expect(gateway.registry.ofId(sessionId(session))).toBe(place);
      expect(gateway.registry.ofNai(session.kind === 'Live' ? session.durable.nai : session.nai)).toBe(place);
      expect(nextDeadline(place.session)).toBe(nextDeadline(session));
      expect(gateway.flows.readBack(sessionId(session))).toEqual(forwardingEntryOf(session, new Map()));
      if (session.kind === 'Live') expect(gateway.flows.usage(sessionId(session))).toEqual(usageOf(sessionId(session)));
    }
    expect(gateway.registry.size).toBe(500);
    expect(gateway.flows.size).toBe(400);
    expect(gateway.registry.inState).toMatchObject({
      Established: 200,
      Released: 100,
      Deregistered: 100,
      Disconnecting: 100,
    });
    expect(gateway.registry.ofType).toEqual({ pmipv6: 200, dhcp: 200, accounting: 0 });
    expect(gateway.registry.nextDeadline()).toBe(Math.min(...all.map(nextDeadline)));
    expect(Object.values(gateway.counters.snapshot()).every((value) => value === 0)).toBe(true);
  });

  it('that collide with others or find no room are refused', () => {
    const [first, second] = sessions(2) as [LiveSession, LiveSession];
    const sameMac = { ...second, durable: { ...second.durable, mac: first.durable.mac } };
    const gateway = new MemoryWorld().newGateway();
    const { adopted, refused } = gateway.adopt(resumeAll(recordsOf([first, first, sameMac, second]), start));
    expect([adopted, refused.map(sessionId)]).toEqual([2, [1000, 1001]]);
    const many = gateway.adopt(resumeAll(recordsOf(sessions(1100).slice(2)), start));
    expect([many.adopted, many.refused.length]).toEqual([998, 100]);
  });
});
