import { beforeEach, describe, expect, it } from 'vitest';
import { hostDigests } from '../../host/digests.ts';
import { ipv4Of, macOf } from '../../kernel/address.ts';
import type { LiveSession, Session } from '../../services/samog/session/state.ts';
import type { SamogCounter } from '../../services/samog/statistics.ts';
import type { AccessBindingUpdate, Trigger } from '../../services/samog/trigger.ts';
import type { ManagerReader as Manager } from '../../sessmgr/manager-reader.ts';
import type { SessionPlace } from '../../sessmgr/session-registry.ts';
import { encodeEthernet, etherType } from '../../wire/ethernet/ethernet.ts';
import { greLength, greProtocol, writeGre } from '../../wire/gre/gre.ts';
import { runOptions } from '../options.ts';
import { encodeProbe } from '../probe.ts';
import { place as at } from '../virtual-config.ts';
import { World } from '../world.ts';
import { boundsChecker } from './bounds.ts';
import type { Checker, Observed } from './checker.ts';
import { countersChecker } from './counters.ts';
import { CrashesChecker } from './crashes.ts';
import { DeadlinesChecker, disconnectingMsMax } from './deadlines.ts';
import { forwardingChecker } from './forwarding.ts';
import { IdentityChecker } from './identity.ts';
import { PlacesChecker } from './places.ts';
import { registryChecker } from './registry.ts';
import { TrafficWatch } from './traffic.ts';
import { VisitsChecker } from './visits.ts';

/** A calm world with two UEs at an RG and two at a WLC, all of them served. */
function peopledWorld(): World {
  const options = runOptions(1, 100, 'none');
  const calm = { lmas: 1, wlcs: 2, ues: 4, poolLength: 26, rejected: 0 };
  const config = { ...options.config, sessionsMax: 8, dhcpProfile: true, outstandingMax: 8, setupTimeoutMs: 10_000 };
  const lasting = { s2aLifetimeSeconds: 240, bindingLifetimeSeconds: 240, leaseTimeSeconds: 240 };
  const world = new World({ ...options, ...calm, config: { ...config, ...lasting } }, hostDigests());
  world.subscribers.forEach((subscriber, index) => {
    subscriber.come(index < 2 ? world.rgs[0]! : world.wlcs[0]!, 'dhcp-discover', 0, 0);
  });
  while (world.step(5000));
  return world;
}

let world: World;
let places: SessionPlace[];
let first: SessionPlace;

beforeEach(() => {
  world = peopledWorld();
  places = [...world.managers[0]!.registry.sessions()];
  first = places[0]!;
});

function live(place: SessionPlace): LiveSession {
  if (place.session.kind !== 'Live') throw new Error('the session is not up');
  return place.session;
}

function durably(place: SessionPlace, change: Partial<LiveSession['durable']>): Session {
  const session = live(place);
  return { ...session, durable: { ...session.durable, ...change } };
}

/** What a checker says of the world after something was planted in it; before, it must have been content. */
function after(checker: Checker, plant: () => Partial<Observed> | undefined): readonly string[] {
  expect(checker.check(world.observed())).toEqual([]);
  const changed = plant();
  return checker.check({ ...world.observed(), ...changed });
}

const planted: readonly (readonly [string, () => Checker, () => Partial<Observed> | undefined, RegExp])[] = [
  [
    'a gauge that is not a recount',
    () => registryChecker,
    () => {
      world.managers[0]!.registry.inState.Established += 1;
      return undefined;
    },
    /gauge Established is 5, a recount gives 4/,
  ],
  [
    'a session that cannot be found by its keys',
    () => registryChecker,
    () => {
      first.session = durably(first, { id: 77, mac: macOf(9) });
      return undefined;
    },
    /not found by its identifier/,
  ],
  [
    'a session that is up and has no forwarding entry',
    () => forwardingChecker,
    () => {
      world.managers[0]!.flows.remove(live(first).durable.id);
      return undefined;
    },
    /has no forwarding entry/,
  ],
  [
    'a forwarding entry that is not its session’s',
    () => forwardingChecker,
    () => {
      first.session = durably(first, { access: { kind: 'eogre', peer: at.rg(1), key: undefined, vlan: undefined } });
      return undefined;
    },
    /is not that of its session/,
  ],
  [
    'a forwarding entry without a session',
    () => forwardingChecker,
    () => {
      const entry = world.managers[0]!.flows.readBack(live(first).durable.id)!;
      world.managers[0]!.flows.program({
        ...entry,
        sessionId: 77,
        mac: macOf(9),
        s2a: { ...entry.s2a, downlinkKey: 77 },
      });
      return undefined;
    },
    /5 forwarding entries for 4 sessions/,
  ],
  [
    'a handover that was received and came to nothing',
    () => countersChecker,
    () => {
      world.managers[0]!.counters.add('handoff.pmip-to-eogre.received');
      return undefined;
    },
    /handoff.pmip-to-eogre.*1 is not 0/,
  ],
  [
    'a session that was never attempted',
    () => countersChecker,
    () => {
      world.managers[0]!.counters.add('session.setup');
      return undefined;
    },
    /session: attempted/,
  ],
  [
    'too many revocations of one session',
    () => boundsChecker,
    () => {
      const { durable } = live(first);
      const cleanup = {
        mag: at.wlc(0),
        magPort: 5436,
        nai: durable.nai,
        trigger: 2,
        sequence: 1,
        attempt: 0,
        nextAt: 0,
      };
      first.session = durably(first, { cleanups: new Array(5).fill(cleanup) });
      return undefined;
    },
    /revocations of .*: 5, at most 4/,
  ],
  [
    'a session that sleeps past its deadline',
    () => new DeadlinesChecker(),
    () => ({ now: world.now + 3_600_000 }),
    /ms past its deadline/,
  ],
  [
    'a session that is set up for ever',
    () => new DeadlinesChecker(),
    () => {
      const { id, mac } = live(first).durable;
      const trigger = { kind: 'pbu' } as never;
      const common = { id, mac, bornSecond: 0, trigger, queued: undefined, anchor: undefined };
      first.session = { kind: 'Authenticating', ...common, startedAt: world.now - 20_000, giveUpAt: world.now + 1 };
      return undefined;
    },
    /has been set up for 20000 ms/,
  ],
  [
    'an address that changes in a session’s life',
    () => new IdentityChecker(),
    () => {
      const [address] = live(first).durable.addresses;
      first.session = durably(first, { addresses: [{ ...address!, address: ipv4Of(0x0a000099) }] });
      return undefined;
    },
    /the address of .* changed/,
  ],
  [
    'two sessions with one address',
    () => new IdentityChecker(),
    () => {
      const faithful = world.observed().lmas.map((lma) => ({ ...lma, mayHaveForgotten: false }));
      first.session = durably(first, { id: 77, addresses: live(places[1]!).durable.addresses });
      return { lmas: faithful };
    },
    /both have/,
  ],
  [
    'an address leased twice',
    () => new IdentityChecker(),
    () => {
      const lease = { address: ipv4Of(0x0a000002), mac: undefined };
      const leases = () => [
        { ...lease, nai: 'a' },
        { ...lease, nai: 'b' },
      ];
      return { lmas: [{ address: at.lma(0), mayHaveForgotten: true, leases }] };
    },
    /leased to a and to b/,
  ],
  [
    'a session that goes where its UE is not',
    () => new PlacesChecker(),
    () => {
      first.session = durably(first, { access: { kind: 'eogre', peer: at.rg(1), key: undefined, vlan: undefined } });
      return undefined;
    },
    /went to 192.0.2.33, where its UE is not/,
  ],
  [
    'a crashed session',
    () => new CrashesChecker(),
    () => {
      world.managers[0]!.counters.add('session.crashed');
      world.managers[0]!.crashes.push({ at: 0, mac: macOf(9), event: 'pbuReceived', message: 'impossible' });
      return undefined;
    },
    /crashed on pbuReceived: impossible/,
  ],
];

describe('a checker finds', () => {
  it.each(planted)('%s', (_what, checker, plant, message) => {
    expect(after(checker(), plant).join('\n')).toMatch(message);
  });

  it('a session that never finishes ending', () => {
    const checker = new DeadlinesChecker();
    const { id, mac, nai, s2a } = live(first).durable;
    const ending = {
      id,
      mac,
      nai,
      s2a,
      reason: 'operator',
      request: undefined,
      cleanups: [],
      nas: undefined,
      isTellingNas: false,
      queued: undefined,
      bornSecond: 0,
      account: undefined,
    } as const;
    first.session = { kind: 'Disconnecting', ...ending };
    const { manager } = world;
    const others = { lmas: [], manager, managers: world.managers, lastSeenAt: () => undefined };
    expect(checker.check({ ...others, now: world.now })).toEqual([]);
    const later = world.now + disconnectingMsMax(manager.config) + 1;
    // Of other sessions deadlines have passed by then.
    expect(checker.check({ ...others, now: later, resumedAt: world.now + 2 }).join()).not.toMatch(/has been ending/);
    expect(checker.check({ ...others, now: later, resumedAt: world.now }).join()).toMatch(/has been ending for/);
    expect(checker.check({ ...others, now: later }).join()).toMatch(/has been ending for/);
  });
});

describe('the checker of visits', () => {
  it('finds a session that goes on with a visit whose STOP was answered, and none that waits for another START', () => {
    const accessPoint = { name: 'ap1', address: at.ap(0), said: new Set<string>(), stopped: new Set<string>() };
    const checker = new VisitsChecker([
      { name: 'ap2', address: at.ap(1), said: new Set(['ap-1']), stopped: new Set(['ap-1']) },
      accessPoint,
    ]);
    const access = { kind: 'ip', peer: at.ap(0), address: ipv4Of(0xc0a80117) } as const;
    const request = { client: at.ap(0), port: 1646, identifier: 1, authenticator: new Uint8Array(16) };
    const identity = {
      ...{ acctSessionId: 'ap-1', userName: undefined, apn: undefined, nasIpAddress: undefined },
      ...{ framedIpAddress: access.address, msisdn: undefined },
    };
    const counted = { uplinkOctets: 0, downlinkOctets: 0, uplinkPackets: 0, downlinkPackets: 0 };
    const wlc = { nas: at.ap(0), identity, multiSessionId: undefined, counted, sessionSeconds: 0, answered: request };
    first.session = durably(first, { access, wlc });
    expect(checker.check(world.observed())).toEqual([]);
    accessPoint.stopped.add('ap-1');
    expect(checker.check(world.observed()).join()).toMatch(/has a session by ap-1, which is stopped/);
    first.session = durably(first, { handoff: { until: world.now + 1, cause: 1 } });
    expect(checker.check(world.observed())).toEqual([]);
  });
});

describe('the checker of counters', () => {
  /** A session in setup by DHCP, behind which a PBU waits: to move it, or to begin a session of its own. */
  function waiting(handoff: 'eogre-to-pmip' | undefined): Observed {
    const update = { mag: at.wlc(0) } as AccessBindingUpdate;
    const queued = { trigger: { kind: 'pbu', update }, handoff } as const;
    const trigger = { kind: 'dhcp' } as Extract<Trigger, { kind: 'dhcp' }>;
    const place = { session: { kind: 'Binding', trigger, queued } } as SessionPlace;
    const { manager } = world;
    const { inState, handoffsInProgress } = manager.registry;
    const registry = {
      inState: { ...inState, Binding: inState.Binding + 1 },
      handoffsInProgress: { ...handoffsInProgress, ...(handoff === undefined ? {} : { [handoff]: 1 }) },
      sessions: () => [...places, place][Symbol.iterator](),
    };
    return { ...world.observed(), manager: { ...manager, counters: manager.counters, registry } as unknown as Manager };
  }

  const count = (...names: readonly SamogCounter[]) => {
    for (const name of names) world.managers[0]!.counters.add(name);
  };

  it('finds a PBU that was lost, though another one waits to begin a session of its own', () => {
    count('session.attempted');
    expect(countersChecker.check(waiting(undefined))).toEqual([]);
    count('pbu.handoff.received');
    expect(countersChecker.check(waiting(undefined)).join()).toMatch(/^pbu.handoff: received .* 1 is not 0/);
  });

  it('finds a handover that is counted twice while it waits', () => {
    count('session.attempted', 'handoff.eogre-to-pmip.received', 'pbu.handoff.received');
    expect(countersChecker.check(waiting('eogre-to-pmip'))).toEqual([]);
    count('pbu.handoff.received');
    expect(countersChecker.check(waiting('eogre-to-pmip')).join()).toMatch(/^pbu.handoff: received .* 2 is not 1/);
  });
});

describe('the traffic watch', () => {
  const router = macOf(0x02005e00fffe);

  function eogre(owner: number, destination: number, direction: 'up' | 'down' = 'down'): Uint8Array {
    const probe = encodeProbe({ owner: at.ue(owner), direction, number: 1 }, at.host, ipv4Of(0x0a000002));
    const header = { destination: at.ue(destination), source: router, vlan: undefined, etherType: etherType.ipv4 };
    return gre(greProtocol.transparentEthernet, undefined, encodeEthernet(header, probe));
  }

  function gre(protocol: number, key: number | undefined, payload: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(greLength(key) + payload.length);
    bytes.set(payload, writeGre(bytes, 0, protocol, key));
    return bytes;
  }

  function uplink(owner: number, tunnelOf: number): { readonly key: number; readonly bytes: Uint8Array } {
    const tunnel = live(
      places.find(({ session }) => session.kind === 'Live' && session.durable.mac === at.ue(tunnelOf))!,
    );
    const { addresses, s2a } = tunnel.durable;
    const source = ipv4Of(addresses[0]!.address as number);
    const probe = encodeProbe({ owner: at.ue(owner), direction: 'up', number: 1 }, source, at.host);
    return { key: s2a.uplinkKey, bytes: gre(greProtocol.ipv4, s2a.uplinkKey, probe) };
  }

  it('is content while every packet goes where its owner is', () => {
    const watch = new TrafficWatch(() => false);
    watch.sent(world.manager, 'access-gre', at.rg(0), eogre(0, 0));
    watch.sent(world.manager, 's2a-gre', at.lma(0), uplink(0, 0).bytes);
    expect(watch.take()).toEqual([]);
    expect(watch.forwarded).toBe(2);
  });

  it.each([
    ['another UE', at.rg(0), eogre(0, 1), /went to another place/],
    ['another RG', at.rg(1), eogre(0, 0), /went to another place/],
    ['a UE on PMIPv6 through an RG', at.rg(0), eogre(3, 3), /went to another place/],
    ['a UE without a session', at.rg(0), eogre(9, 9), /no session up/],
    ['a UE, straight from another', at.rg(0), eogre(0, 0, 'up'), /no session up/],
  ])('finds a packet to %s', (_what, peer, bytes, message) => {
    const watch = new TrafficWatch(() => false);
    watch.sent(world.manager, 'access-gre', peer, bytes);
    expect(watch.take().join()).toMatch(message);
    expect(watch.take()).toEqual([]);
  });

  it('finds a packet in another UE’s tunnel', () => {
    const watch = new TrafficWatch(() => false);
    watch.sent(world.manager, 's2a-gre', at.lma(0), uplink(0, 1).bytes);
    expect(watch.take().join()).toMatch(/into another UE's tunnel/);
  });

  it('finds a packet at the wrong UE, and one from another’s address at the host', () => {
    const watch = new TrafficWatch(() => false);
    const probe = encodeProbe({ owner: at.ue(0), direction: 'down', number: 1 }, at.host, ipv4Of(1));
    watch.arrivedAtUe(at.ue(1), probe);
    expect(watch.take().join()).toMatch(/was given a packet of/);
    const up = encodeProbe({ owner: at.ue(0), direction: 'up', number: 1 }, ipv4Of(1), at.host);
    watch.arrivedAtHost(at.ue(1), up);
    expect(watch.take().join()).toMatch(/which is another UE's/);
    watch.arrivedAtHost(at.ue(0), up);
    watch.arrivedAtUe(at.ue(0), probe);
    expect(watch.take()).toEqual([]);
  });
});
