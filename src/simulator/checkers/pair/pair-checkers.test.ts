import { beforeEach, describe, expect, it } from 'vitest';
import { hostDigests } from '../../../host/digests.ts';
import { chassisDefaults } from '../../../icsr/chassis/options.ts';
import type { StoreStanding } from '../../../icsr/chassis/store-standing.ts';
import { ipv4Of, macOf, parseIpv4 } from '../../../kernel/address.ts';
import { acctSessionIdOf } from '../../../services/samog/account-id.ts';
import { type LiveSession, sessionId } from '../../../services/samog/session/state.ts';
import type { ManagerReader } from '../../../sessmgr/manager-reader.ts';
import type { SessionPlace } from '../../../sessmgr/session-registry.ts';
import { tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { signAccountingRequest } from '../../../wire/radius/authenticator.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import { pairRunOptions } from '../../pair/options.ts';
import { PairChecks } from '../../pair/pair-checks.ts';
import { type PairGateway, pairGateway } from '../../pair/pair-gateway.ts';
import { sessionTold } from '../../pair/replies.ts';
import { World } from '../../world.ts';
import { unknownRecord } from './known-records.ts';
import type { ChassisObserved, PairChecker, PairObserved } from './pair-checker.ts';
import { PromisesChecker } from './promises.ts';
import { RivalsChecker } from './rivals.ts';
import { undulySent } from './silence.ts';
import { StoresChecker } from './stores.ts';
import { StuckChecker } from './stuck.ts';
import { tablesChecker } from './tables.ts';
import { TermsChecker } from './terms.ts';
import { UsageChecker } from './usage.ts';
import { PairVisitsChecker } from './visits.ts';

/** A calm pair with two UEs that are served: A is ACTIVE, and B a READY standby. */
class CalmPair {
  readonly world: World;
  readonly said: string[] = [];
  readonly checks: PairChecks;

  constructor() {
    const options = pairRunOptions(2, 3000, 'none');
    const calm = { ues: 2, lmas: 1, wlcs: 2, poolLength: 26, rejected: 0 };
    const lasting = { s2aLifetimeSeconds: 240, bindingLifetimeSeconds: 240, leaseTimeSeconds: 240, dhcpProfile: true };
    const config = { ...options.config, ...lasting, outstandingMax: 8, setupTimeoutMs: 10_000 };
    this.world = new World({ ...options, ...calm, config }, hostDigests(), pairGateway(options.pair));
    const gateway = this.world.gateway as PairGateway;
    this.checks = new PairChecks(this.world, gateway, options.pair, (checker, messages) => {
      this.said.push(...messages.map((message) => `${checker}: ${message}`));
    });
    gateway.watch = this.checks;
    for (const node of gateway.nodes) node.start(0);
    this.run(3000);
    for (const subscriber of this.world.subscribers) {
      subscriber.come(this.world.wlcs[0]!, 'dhcp-discover', this.world.now, 0);
    }
    this.run(3000);
    for (const subscriber of this.world.subscribers) subscriber.talk(this.world.now);
    this.run(1000);
  }

  run(forMs: number): void {
    const until = this.world.now + forMs;
    while (this.world.step(until)) this.checks.check();
  }

  get observed(): PairObserved {
    return this.checks.observed()!;
  }
}

let pair: CalmPair;
let active: ChassisObserved;
let standby: ChassisObserved;
let session: LiveSession;

beforeEach(() => {
  pair = new CalmPair();
  expect(pair.said).toEqual([]);
  [active, standby] = pair.observed.chassis;
  expect([active.machine.state.kind, standby.isReady]).toEqual(['ACTIVE', true]);
  session = [...active.manager.registry.sessions()][0]!.session as LiveSession;
});

/** What a checker says of the pair with one thing planted; before, it must have been content. */
function planted(checker: PairChecker, plant: () => Partial<PairObserved> | undefined): string {
  expect(checker.check(pair.observed)).toEqual([]);
  const changed = plant();
  return checker.check({ ...pair.observed, ...changed }).join('\n');
}

const rivals = (): Pick<PairObserved, 'chassis'> => ({ chassis: [active, { ...standby, serves: true }] });

describe('the checker of accounts', () => {
  const request = (acctSessionId: string) =>
    signAccountingRequest(
      {
        code: radiusCode.accountingRequest,
        identifier: 1,
        authenticator: new Uint8Array(16),
        attributes: [tlv(radiusAttribute.acctSessionId, acctSessionId)],
      },
      new Uint8Array(1),
      hostDigests(),
    );

  it('finds a record of a session that the standby does not have', () => {
    const told = request(acctSessionIdOf(session.durable));
    expect(unknownRecord(active, standby, 'aaa', told)).toBeUndefined();
    expect(unknownRecord(active, standby, 'aaa', request(acctSessionIdOf({ id: 5, bornSecond: 0 })))).toMatch(
      /before .* had it/,
    );
    expect(unknownRecord(active, { ...standby, isReady: false }, 'aaa', request('0000000500000000'))).toBeUndefined();
  });

  it.each([
    [0, ''],
    [1, 'ends with 3, not 2'],
  ])('follows who stood still from packet to packet, where %i are counted too many', (tooMany, finding) => {
    const [node] = (pair.world.gateway as PairGateway).nodes;
    const { id, mac } = session.durable;
    node.pause(pair.world.now);
    for (const subscriber of pair.world.subscribers) subscriber.talk(pair.world.now);
    pair.run(200);
    node.tell(({ managers, instances }, now) => {
      const usage = managers[0]!.flows.usage(id)!;
      managers[0]!.flows.restoreUsage(id, { ...usage, uplinkPackets: usage.uplinkPackets + tooMany });
      instances.clear(mac, now);
    });
    node.resume(pair.world.now);
    pair.checks.check();
    expect(pair.said.filter((text) => text.startsWith('accounts')).join()).toContain(finding);
    expect(pair.said.length > 0).toBe(tooMany > 0);
  });
});

describe('the checker of terms finds', () => {
  it('two chassis under one term', () => {
    const { term } = active.machine;
    const machine = { ...standby.machine, term, state: active.machine.state };
    const chassis = [active, { ...standby, serves: true, machine, storedTerm: term.own }] as const;
    expect(planted(new TermsChecker(), () => ({ chassis }))).toMatch(/held by B in its life 1 and was by A/);
  });

  it('a process that serves again under the term of its former life', () => {
    expect(planted(new TermsChecker(), () => ({ chassis: [{ ...active, life: 2 }, standby] }))).toMatch(/and was by A/);
  });

  it('a term that was not stored, that is not the highest, and that goes down', () => {
    expect(planted(new TermsChecker(), () => ({ chassis: [{ ...active, storedTerm: 0 }, standby] }))).toMatch(
      /its disk/,
    );
    const term = { own: 1, highest: 4 };
    const behind = { ...active, machine: { ...active.machine, term } };
    expect(planted(new TermsChecker(), () => ({ chassis: [behind, standby] }))).toMatch(/and knows of 4/);
    const older = { ...standby, machine: { ...standby.machine, term: { own: 0, highest: 0 } } };
    expect(planted(new TermsChecker(), () => ({ chassis: [active, older] }))).toMatch(/B knew of term 1 and says 0/);
  });

  it('open ports of a standby', () => {
    expect(planted(new TermsChecker(), rivals)).toMatch(/ports of B are open in STANDBY/);
  });
});

describe('the checker of rivals', () => {
  it('finds two that serve though they hear each other, and allows it behind a cut', () => {
    const checker = new RivalsChecker(chassisDefaults);
    expect(planted(checker, rivals)).toBe('');
    const later = { now: pair.world.now + 5000, ...rivals() };
    expect(checker.check({ ...pair.observed, ...later }).join()).toMatch(/have heard each other for 5000 ms/);
    expect(checker.check({ ...pair.observed, ...later, linkIsWhole: false })).toEqual([]);
  });
});

describe('the checker of stores', () => {
  const ofInit = (observed: typeof active, store: StoreStanding) => {
    const state = { kind: 'INIT', since: observed.clock(pair.world.now), reason: 'started' } as const;
    return { ...observed, life: 2, machine: { ...observed.machine, state, store } };
  };
  const older: StoreStanding = { term: 3, as: 'active' };
  const newer: StoreStanding = { term: 4, as: 'active' };
  const takes = (reason: 'no-peer' | 'arbitration-won', afterMs: number, isToldAlone = false) => {
    const checker = new StoresChecker(chassisDefaults);
    const [own, peer] = [{ ...ofInit(active, older), isToldAlone }, ofInit(standby, newer)];
    checker.check({ ...pair.observed, chassis: [own, peer] });
    const since = own.clock(pair.world.now) + afterMs;
    const state = { kind: 'PENDING_ACTIVE', reason, stage: 'fence', since, deadline: since } as const;
    const now = pair.world.now + afterMs;
    return checker.check({ ...pair.observed, now, chassis: [{ ...own, machine: { ...own.machine, state } }, peer] });
  };

  it('finds the older one served too soon, and allows it in the end', () => {
    const { delayIntervalMs, deadIntervalMs, olderStoreLimitMs } = chassisDefaults;
    const whole = delayIntervalMs + deadIntervalMs + olderStoreLimitMs;
    expect(takes('no-peer', whole - 100).join()).toMatch(/A serves from the older store/);
    expect(takes('no-peer', whole)).toEqual([]);
  });

  it('allows it by an operator’s word, and not before the peer is taken for dead', () => {
    const deadMs = chassisDefaults.delayIntervalMs + chassisDefaults.deadIntervalMs;
    expect(takes('no-peer', deadMs, true)).toEqual([]);
    expect(takes('no-peer', deadMs - 100, true).join()).toMatch(/A serves from the older store/);
  });

  it('finds the older one preferred', () => {
    expect(takes('arbitration-won', 100).join()).toMatch(/wins with the store of term 3; its peer's is of 4/);
  });
});

describe('the checker of visits', () => {
  const accessPoint = () => ({
    name: 'ap',
    address: parseIpv4('192.0.2.9')!,
    said: new Set(['ap-1']),
    stopped: new Set(['ap-1']),
  });
  /** A chassis on which a session goes on with the visit. */
  const withVisit = (of: ChassisObserved): ChassisObserved => {
    const { address } = accessPoint();
    const durable = { ...session.durable, access: { kind: 'ip', peer: address }, wlc: { nas: address, identity } };
    const place = { session: { ...session, durable } } as unknown as SessionPlace;
    return { ...of, manager: { registry: { sessions: () => [place] } } as unknown as ManagerReader };
  };
  const identity = { acctSessionId: 'ap-1' };
  const serving = (of: ChassisObserved, state: 'ACTIVE' | 'PENDING_ACTIVE'): ChassisObserved => ({
    ...of,
    serves: state === 'ACTIVE',
    isReady: false,
    machine: { ...of.machine, state: { ...of.machine.state, kind: state } as ChassisObserved['machine']['state'] },
  });
  const ended = () => ({ ...active, serves: false, isAlive: false });
  /** What is found at the chassis that takes over from one that has ended, `lagging` behind its STOP or not READY. */
  const takenOver = (how: { readonly lagRecords?: number; readonly isReady?: boolean }): string => {
    const checker = new PairVisitsChecker([accessPoint()]);
    const { lagRecords = 0, isReady = true } = how;
    const heir = { ...standby, isReady };
    const sender = () => ({ ...active.sender()!, lagRecords });
    checker.check({ ...pair.observed, chassis: [{ ...active, sender }, heir] });
    checker.check({ ...pair.observed, chassis: [ended(), heir] });
    checker.check({ ...pair.observed, chassis: [ended(), serving(heir, 'PENDING_ACTIVE')] });
    return checker.check({ ...pair.observed, chassis: [ended(), withVisit(serving(heir, 'ACTIVE'))] }).join();
  };

  it('finds a session that goes on with a stopped visit, on the chassis that answered and on the one that was told', () => {
    const checker = new PairVisitsChecker([accessPoint()]);
    expect(planted(checker, () => ({ chassis: [withVisit(active), standby] }))).toMatch(/on A .* by ap-1, which is/);
    expect(takenOver({})).toMatch(/on B .* by ap-1, which is stopped/);
  });

  it('allows it where nobody can know: who took over was not told, or both served', () => {
    expect(takenOver({ lagRecords: 1 })).toBe('');
    expect(takenOver({ isReady: false })).toBe('');
    const checker = new PairVisitsChecker([accessPoint()]);
    expect(checker.check({ ...pair.observed, ...rivals() })).toEqual([]);
    expect(checker.check({ ...pair.observed, chassis: [withVisit(active), standby] })).toEqual([]);
  });

  it('allows it where the answer of the one that does not go on was on its way when that ended', () => {
    const { stopped, ...where } = accessPoint();
    const late = { ...where, stopped: new Set<string>() };
    const checker = new PairVisitsChecker([late]);
    checker.check({ ...pair.observed, ...rivals() });
    const alone = { ...pair.observed, chassis: [withVisit(active), { ...standby, isAlive: false }] } as const;
    expect(checker.check(alone)).toEqual([]);
    for (const each of stopped) late.stopped.add(each);
    expect(checker.check(alone)).toEqual([]);
  });
});

describe('the checker of stuck chassis', () => {
  it('finds a promotion that does not end', () => {
    const since = standby.clock(pair.world.now);
    const state = { kind: 'PENDING_ACTIVE', reason: 'manual', stage: 'commit', since, deadline: since } as const;
    const late = { ...standby, machine: { ...standby.machine, state } };
    const checker = new StuckChecker(chassisDefaults);
    expect(planted(checker, () => ({ chassis: [active, late] }))).toBe('');
    const now = pair.world.now + chassisDefaults.promotionLimitMs + 100;
    expect(checker.check({ ...pair.observed, now, chassis: [active, late] }).join()).toMatch(
      /B is stuck in PENDING_ACTIVE/,
    );
    const resumed = { ...late, resumedAt: now };
    expect(checker.check({ ...pair.observed, now, chassis: [active, resumed] })).toEqual([]);
  });
});

describe('silence', () => {
  it('is broken by a standby, and by an active that is held', () => {
    expect(undulySent(active, 'access-gre')).toBeUndefined();
    expect(undulySent({ ...standby, serves: true }, 's2a-gre')).toMatch(/B sent a packet at s2a-gre in STANDBY/);
    expect(undulySent({ ...active, serves: false }, 'aaa')).toMatch(/A sent a packet at aaa in ACTIVE/);
  });
});

describe('the checker of tables finds', () => {
  it('a session that the standby has otherwise, and one that the active has not', () => {
    const place = standby.manager.registry.ofId(session.durable.id)!;
    const found = planted(tablesChecker, () => {
      place.session = { ...session, durable: { ...session.durable, eogreFlow: !session.durable.eogreFlow } };
      return undefined;
    });
    expect(found).toMatch(/as .*"eogreFlow".*, and not as/);
    active.managers[0]!.registry.remove(active.manager.registry.ofId(session.durable.id)!);
    expect(tablesChecker.check(pair.observed).join()).toMatch(/which A has not/);
  });

  it('a session that the standby has not', () => {
    const lacking = { ...standby, holds: () => false };
    standby.managers[0]!.release(session.durable.id);
    expect(tablesChecker.check({ ...pair.observed, chassis: [active, lacking] }).join()).toMatch(
      /B has not the session/,
    );
  });

  it('a session without its Access-Accept, unless it is about to be forgotten', () => {
    const now = active.clock(pair.world.now);
    const withReply = (until: number): LiveSession => {
      const reply = {
        client: ipv4Of(1),
        port: 1812,
        identifier: 1,
        authenticator: new Uint8Array(16),
        sealed: new Uint8Array(3),
        until,
      };
      return { ...session, durable: { ...session.durable, reply } };
    };
    const place = active.managers[0]!.registry.ofId(session.durable.id)!;
    place.session = withReply(now + 1000);
    expect(tablesChecker.check(pair.observed).join()).toMatch(/without its Access-Accept/);
    place.session = withReply(now + 10);
    expect(tablesChecker.check(pair.observed)).toEqual([]);
  });
});

describe('the checker of accounting finds', () => {
  const counted = (by: number) => {
    const usage = active.manager.flows.usage(session.durable.id)!;
    return { ...usage, uplinkPackets: usage.uplinkPackets + by, uplinkOctets: usage.uplinkOctets + by };
  };

  it('a count that goes down', () => {
    const found = planted(new UsageChecker(), () => {
      active.managers[0]!.flows.restoreUsage(session.durable.id, counted(-1));
      return undefined;
    });
    expect(found).toMatch(/uplinkPackets of session .* went down on A/);
  });

  it('what a standby has counted twice', () => {
    const found = planted(new UsageChecker(), () => {
      standby.managers[0]!.flows.restoreUsage(session.durable.id, counted(10));
      return undefined;
    });
    expect(found).toMatch(/on B, and nobody has counted more/);
  });

  it('nothing in an active that is held after a stall when it is looked at first', () => {
    const held = { ...active, serves: false };
    const silent = { ...standby, machine: { ...standby.machine } };
    expect(new UsageChecker().check({ ...pair.observed, chassis: [held, silent] })).toEqual([]);
    const follows = { ...held, machine: { ...active.machine, state: standby.machine.state } };
    expect(new UsageChecker().check({ ...pair.observed, chassis: [follows, silent] }).join()).toMatch(
      /on A, and nobody has counted more than 0/,
    );
  });
});

describe('the checker of promises finds', () => {
  function promised(): PromisesChecker {
    const checker = new PromisesChecker();
    checker.check(pair.observed);
    checker.told(active, standby, session);
    expect(checker.check(pair.observed)).toEqual([]);
    expect(checker.promises).toBe(1);
    return checker;
  }

  const noSession = { holds: () => false };
  /** A chassis without that one session. */
  const without = (chassis: ChassisObserved): ChassisObserved => {
    chassis.managers[0]!.release(session.durable.id);
    return { ...chassis, ...noSession };
  };

  it('a UE that was told before the standby had its session', () => {
    const checker = new PromisesChecker();
    checker.told(active, { ...standby, ...noSession }, session);
    expect(checker.check(pair.observed).join()).toMatch(/was told of its session before B/);
  });

  it('a READY standby that lacks a session when the active dies', () => {
    const checker = promised();
    checker.ended({ ...active, isAlive: false }, without(standby));
    expect(checker.check({ ...pair.observed, chassis: [{ ...active, isAlive: false }, standby] }).join()).toMatch(
      /A died, and B is READY without the session of/,
    );
  });

  it('a session that a standby which takes over has lost on the way', () => {
    const checker = promised();
    const dead = { ...active, isAlive: false, serves: false };
    checker.ended(dead, standby);
    const server = { ...without(standby), serves: true, isReady: false };
    expect(checker.check({ ...pair.observed, chassis: [dead, server] }).join()).toMatch(/neither has the session of/);
  });

  it('a session that is taken over at another place, or with another address', () => {
    for (const [change, message] of [
      [{ access: { kind: 'eogre', peer: ipv4Of(7), key: undefined, vlan: undefined } }, /where it no longer is/],
      [{ addresses: [{ ...session.durable.addresses[0]!, address: ipv4Of(9) }] }, /has the session of .* otherwise/],
    ] as const) {
      const checker = promised();
      const place = standby.manager.registry.ofId(session.durable.id)!;
      place.session = { ...session, durable: { ...session.durable, ...change } };
      const server = { ...standby, serves: true };
      expect(checker.check({ ...pair.observed, chassis: [{ ...active, serves: false }, server] }).join()).toMatch(
        message,
      );
    }
  });

  it.each([
    ['whose answer promised it', true, 0, /as it was before a change/],
    ['that was acknowledged', false, 0, /as it was before a change/],
    ['of which only other replies have told, nothing', false, 1, /^$/],
  ])('a session that is taken over as before a change: one %s', (_, isChange, lagRecords, message) => {
    const reauthorization: LiveSession['durable']['reauthorization'] = { revision: 1, answered: undefined };
    const changed = { ...session, durable: { ...session.durable, reauthorization } };
    const checker = promised();
    const sender = { ...active.sender()!, lagRecords };
    checker.told({ ...active, sender: () => sender }, standby, changed, isChange);
    const server = { ...standby, serves: true };
    expect(checker.check({ ...pair.observed, chassis: [{ ...active, serves: false }, server] }).join()).toMatch(
      message,
    );
  });

  it('a switchover that asks the AAA server again', () => {
    const checker = promised();
    const chassis = [
      { ...active, serves: false },
      { ...standby, serves: true },
    ] as const;
    checker.check({ ...pair.observed, chassis });
    checker.asked(chassis[1], macOf(77));
    expect(checker.check({ ...pair.observed, chassis })).toEqual([]);
    checker.asked(chassis[1], session.durable.mac);
    expect(checker.check({ ...pair.observed, chassis }).join()).toMatch(/B asks the AAA server about/);
  });

  it('in the end a session that is not served', () => {
    const checker = promised();
    expect(checker.checkServed(active)).toEqual([]);
    expect(checker.checkServed(without(active)).join()).toMatch(/A does not serve the session of/);
  });

  it('nothing where who serves has ended the session, or a second failure met a standby that was not READY', () => {
    const ended = promised();
    active.managers[0]!.release(session.durable.id);
    expect([ended.check(pair.observed), ended.promises]).toEqual([[], 0]);
    pair = new CalmPair();
    [active, standby] = pair.observed.chassis;
    session = [...active.manager.registry.sessions()][0]!.session as LiveSession;
    const twice = promised();
    const filling = { ...without(standby), isReady: false };
    twice.ended({ ...active, isAlive: false }, filling);
    expect(twice.check({ ...pair.observed, chassis: [{ ...active, isAlive: false }, filling] })).toEqual([]);
  });
});

describe('a DHCPACK', () => {
  it('tells of a session whom it is for, and nobody that has begun anew since', () => {
    const acks: Uint8Array[] = [];
    const { sends } = pair.checks;
    pair.checks.sends = function (...said) {
      const [, port, , bytes] = said;
      if (port === 'access-gre') acks.push(bytes.slice());
      sends.apply(this, said);
    };
    const [subscriber] = pair.world.subscribers;
    subscriber!.come(pair.world.rgs[0]!, 'dhcp-discover', pair.world.now, 0);
    pair.run(3000);
    const transaction = subscriber!.ue.dhcpTransaction;
    const told = (of: number) =>
      acks
        .map((bytes) => sessionTold(active.manager, 'access-gre', parseIpv4('192.0.2.32')!, bytes, () => of))
        .filter((one) => one !== undefined);
    expect(told(transaction).map(({ durable }) => durable.mac)).toEqual([subscriber!.ue.mac]);
    expect(told(transaction + 1)).toEqual([]);
  });
});

describe('a pair that is looked at all the while', () => {
  it('promises both sessions, and keeps them through the death of the active', () => {
    const [a, b] = (pair.world.gateway as PairGateway).nodes;
    const ids = [...a.chassis!.manager.registry.sessions()].map(({ session: each }) => sessionId(each));
    expect([pair.checks.promises.promises, ids.length]).toEqual([2, 2]);
    a.end();
    pair.run(3000);
    expect([b.serves, pair.said, pair.checks.promises.takenOver]).toEqual([true, [], 2]);
    expect(pair.checks.promises.checkServed(pair.checks.view(b))).toEqual([]);
  });
});
