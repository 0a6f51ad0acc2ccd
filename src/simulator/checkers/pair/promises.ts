import { type AccessPath, samePath } from '../../../forwarding/entry.ts';
import { lineageToleranceMs } from '../../../icsr/chassis/lineage.ts';
import { formatIp, formatMac, type IpAddress, type MacAddress } from '../../../kernel/address.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { nextDeadline } from '../../../services/samog/session/deadline.ts';
import type { LiveSession } from '../../../services/samog/session/state.ts';
import type { ManagerReader } from '../../../sessmgr/manager-reader.ts';
import { type ChassisObserved, liveAt, type PairChecker, type PairObserved } from './pair-checker.ts';

/** A session of which its UE has been told while a READY standby had acknowledged it. */
interface Promised {
  readonly id: number;
  readonly mac: MacAddress;
  readonly address: IpAddress | undefined;
  /** Where the UE was then; undefined once it has moved on, or what the standby knows of it was under way. */
  path: AccessPath | undefined;
  /** How often its authorization had been changed. */
  revision: number;
  /** The lives of chassis, in which it was seen served. */
  readonly servedBy: Set<string>;
  /** As each life that does not serve had it last, in its own clock. */
  readonly inReserve: Map<string, LiveSession>;
}

/** How long after two lineages of one age have met what was lost by it may be missed. */
const meetingMs = 30_000;

/**
 * A promise survives: what a UE was told of with a READY standby is lost with neither chassis. It ends when whoever serves
 * ends the session. It may be lost only where a chassis fails while the other is not READY, by the operator's force, and
 * where two lines of sessions of one age meet (`lineageToleranceMs`).
 */
export class PromisesChecker implements PairChecker {
  readonly name = 'promises';
  /** Made so far, and how many a chassis took over. */
  made = 0;
  takenOver = 0;
  readonly #promises = new Map<number, Promised>();
  readonly #wrong: string[] = [];
  /** Who serves, and whether it was READY when it began. */
  readonly #serving = new Map<string, { readonly wasReady: boolean; readonly manager: ManagerReader }>();
  readonly #wasReady = new Map<string, boolean>();
  #alikeUntil: Instant = 0;

  get promises(): number {
    return this.#promises.size;
  }

  /**
   * A reply that tells a UE of its session leaves `from`. What it has waited for is its own record: a change of the authorization
   * that came later is promised by its own answer.
   *
   * @param isChange whether it answers such a change
   */
  told(from: ChassisObserved, standby: ChassisObserved, session: LiveSession, isChange = false): void {
    const { id, mac, addresses, access } = session.durable;
    const sender = from.sender();
    if (!standby.isReady || sender?.state !== 'ready' || sender.unprotectedSessions > 0) return;
    const address = addresses[0]?.address;
    if (!standby.holds(id)) {
      this.#wrong.push(`${formatMac(mac)} was told of its session before ${standby.name}, which is READY, had it`);
    }
    for (const other of this.#promises.values()) {
      if (other.mac === mac && other.id !== id) this.#promises.delete(other.id);
    }
    const isAllKnown = sender.lagRecords === 0;
    const path = isAllKnown ? access : undefined;
    const known = this.#promises.get(id);
    const revision = isChange || isAllKnown ? revisionOf(session) : (known?.revision ?? 0);
    if (known === undefined) this.made += 1;
    this.#promises.set(id, {
      id,
      mac,
      address,
      path,
      revision,
      servedBy: known?.servedBy ?? new Set(),
      inReserve: known?.inReserve ?? new Map(),
    });
  }

  /** An AAA server is asked about a UE. */
  asked(by: ChassisObserved, mac: MacAddress): void {
    this.#endings(by);
    if (this.#serving.get(lifeOf(by))?.wasReady !== true) return;
    for (const promise of this.#promises.values()) {
      if (promise.mac !== mac) continue;
      this.#wrong.push(`${by.name} asks the AAA server about ${formatMac(mac)}, whose session was promised`);
    }
  }

  /** The process of one has ended; what only it had is lost with it. */
  ended(chassis: ChassisObserved, other: ChassisObserved): void {
    this.#endings(chassis);
    for (const promise of this.#promises.values()) {
      promise.servedBy.delete(lifeOf(chassis));
      if (other.isAlive && other.holds(promise.id)) continue;
      if (other.isReady)
        this.#wrong.push(`${chassis.name} died, and ${other.name} is READY without ${textOf(promise)}`);
      this.#promises.delete(promise.id);
    }
  }

  /** An instance of one has lost its sessions; what only it had is lost with them. */
  instanceEnded(chassis: ChassisObserved, other: ChassisObserved): void {
    for (const promise of this.#promises.values()) {
      if (chassis.holds(promise.id) || (other.isAlive && other.holds(promise.id))) continue;
      if (other.isReady)
        this.#wrong.push(`an instance of ${chassis.name} ended, and ${other.name} is READY without ${textOf(promise)}`);
      this.#promises.delete(promise.id);
    }
  }

  /** By the operator's force a chassis that was not READY took over: what it has not is lost. */
  forcedUpon(chassis: ChassisObserved): void {
    for (const { id } of this.#promises.values()) if (!chassis.holds(id)) this.#promises.delete(id);
  }

  check(observed: PairObserved): readonly string[] {
    const { now, chassis } = observed;
    if (areAlike(observed)) this.#alikeUntil = now + meetingMs;
    for (const each of chassis) this.#follow(each, now);
    for (const promise of this.#promises.values()) {
      if (chassis.some((each) => each.isAlive && each.holds(promise.id))) continue;
      if (now > this.#alikeUntil) this.#wrong.push(`neither has ${textOf(promise)}`);
      this.#promises.delete(promise.id);
    }
    return this.#wrong.splice(0);
  }

  /** When all is well again, what was promised is served. */
  checkServed(server: ChassisObserved): readonly string[] {
    return [...this.#promises.values()].flatMap((promise) => {
      const session = liveAt(server, promise.id);
      if (session === undefined) return [`${server.name} does not serve ${textOf(promise)}`];
      const address = session.durable.addresses[0]?.address;
      return address === promise.address ? [] : [`${textOf(promise)} has another address now`];
    });
  }

  #follow(each: ChassisObserved, now: Instant): void {
    const life = lifeOf(each);
    const serving = this.#serving.get(life);
    if (each.serves && each.isAlive) {
      if (serving?.manager !== each.manager) {
        this.#serving.set(life, { wasReady: this.#wasReady.get(life) === true, manager: each.manager });
        this.#began(each, each.clock(now));
      }
      return this.#endings(each);
    }
    this.#wasReady.set(life, each.isReady);
    // An active that is held for a while has its sessions still.
    if (serving !== undefined && each.machine.state.kind === 'ACTIVE') return;
    // It may have done more until it gave way than was seen.
    if (serving !== undefined) this.#endings({ ...each, serves: true, manager: serving.manager });
    this.#serving.delete(life);
    for (const promise of this.#promises.values()) {
      promise.servedBy.delete(life);
      const session = liveAt(serving ?? each, promise.id) ?? liveAt(each, promise.id);
      if (session !== undefined) promise.inReserve.set(life, session);
    }
  }

  #began(each: ChassisObserved, now: Instant): void {
    for (const promise of this.#promises.values()) {
      const session = liveAt(each, promise.id);
      if (session === undefined) {
        // Its time had come while nobody served.
        const inReserve = promise.inReserve.get(lifeOf(each));
        if (inReserve !== undefined && nextDeadline(inReserve) <= now) this.#promises.delete(promise.id);
        continue;
      }
      this.takenOver += 1;
      const { access, addresses } = session.durable;
      if (revisionOf(session) < promise.revision)
        this.#wrong.push(`${each.name} has ${textOf(promise)} as it was before a change`);
      if (addresses[0]?.address !== promise.address) this.#wrong.push(`${each.name} has ${textOf(promise)} otherwise`);
      if (promise.path !== undefined && !samePath(promise.path, access)) {
        this.#wrong.push(
          `${each.name} took over ${textOf(promise)} where it no longer is, at ${access === undefined ? 'no place' : formatIp(access.peer)}`,
        );
      }
    }
  }

  /** Whoever serves a session may end it, or let it move. */
  #endings(each: ChassisObserved): void {
    if (!each.serves) return;
    const life = lifeOf(each);
    for (const promise of this.#promises.values()) {
      const session = liveAt(each, promise.id);
      if (session === undefined) {
        if (promise.servedBy.has(life)) this.#promises.delete(promise.id);
        continue;
      }
      promise.servedBy.add(life);
      if (promise.path !== undefined && !samePath(promise.path, session.durable.access)) promise.path = undefined;
    }
  }
}

function revisionOf({ durable }: LiveSession): number {
  return durable.reauthorization?.revision ?? 0;
}

function lifeOf({ name, life }: ChassisObserved): string {
  return `${name}${life}`;
}

function textOf({ mac, address }: Promised): string {
  return `the session of ${formatMac(mac)} with ${address === undefined ? 'no address' : formatIp(address)}`;
}

/** Whether two lines of sessions of one age have met, of which the term decides. */
function areAlike({ now, chassis: [a, b] }: PairObserved): boolean {
  const [left, right] = [a, b].map(({ machine }) => machine.lineage ?? machine.remnant);
  if (left === undefined || right === undefined || left.id === right.id) return false;
  const age = (each: ChassisObserved, bornAt: Instant) => each.clock(now) - bornAt;
  return Math.abs(age(a, left.bornAt) - age(b, right.bornAt)) < lineageToleranceMs + slackMs;
}

/** Two clocks do not run equally fast. */
const slackMs = 200;
