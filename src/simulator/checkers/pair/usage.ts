import type { SessionUsage } from '../../../forwarding/accelerator.ts';
import { type Session, sessionId } from '../../../services/samog/session/state.ts';
import type { ManagerReader } from '../../../sessmgr/manager-reader.ts';
import type { ChassisObserved, PairChecker, PairObserved } from './pair-checker.ts';

const fields = ['uplinkPackets', 'uplinkOctets', 'downlinkPackets', 'downlinkOctets'] as const;
type Counted = Record<(typeof fields)[number], number>;

/**
 * What a UE has used is never counted down and never counted twice: a chassis that takes over goes on from what the other
 * has told it, which is at most what the other has counted.
 */
export class UsageChecker implements PairChecker {
  readonly name = 'usage';
  /** The most that whoever served has counted of each session. */
  readonly #most = new Map<number, Counted>();
  /** Those that served when they were looked at last. */
  readonly #served = new WeakSet<ManagerReader>();
  /** What each chassis had of each session when it was looked at last. */
  readonly #before = new WeakMap<ManagerReader, Map<number, Counted>>();

  check({ chassis }: PairObserved): readonly string[] {
    const wrong: string[] = [];
    // First whoever has served until now: the other's count is compared with it.
    const known = chassis.map((each) => (this.#before.has(each.manager) ? this.#look(each) : []));
    const fresh = chassis.map((each) => (this.#before.has(each.manager) ? [] : this.#look(each)));
    wrong.push(...known.flat(), ...fresh.flat());
    return wrong;
  }

  #look(each: ChassisObserved): string[] {
    if (!each.isAlive) return [];
    const wrong: string[] = [];
    const { name, manager } = each;
    // An active that is held for a while after a stall has served, though it was not looked at yet.
    const isActive = each.serves || each.machine.state.kind === 'ACTIVE';
    // One that serves no more may have served since it was looked at.
    const serves = isActive || this.#served.has(manager);
    if (isActive) this.#served.add(manager);
    else this.#served.delete(manager);
    const before = this.#before.get(manager) ?? new Map<number, Counted>();
    const now = new Map<number, Counted>();
    for (const { session } of manager.registry.sessions()) {
      const usage = usageOf(manager, session);
      if (usage === undefined) continue;
      const id = sessionId(session);
      const was = before.get(id);
      const most = this.#most.get(id);
      for (const field of fields) {
        const text = `${field} of session ${id}`;
        if (was !== undefined && usage[field] < was[field]) {
          wrong.push(`${text} went down on ${name}, from ${was[field]} to ${usage[field]}`);
        }
        if (!serves && usage[field] > (most?.[field] ?? 0)) {
          wrong.push(`${text} is ${usage[field]} on ${name}, and nobody has counted more than ${most?.[field] ?? 0}`);
        }
      }
      now.set(id, usage);
      if (serves) this.#most.set(id, larger(usage, most));
    }
    this.#before.set(manager, now);
    return wrong;
  }
}

function usageOf(manager: ManagerReader, session: Session): SessionUsage | undefined {
  return session.kind === 'Live' ? manager.flows.usage(session.durable.id) : undefined;
}

function larger(left: Counted, right: Counted | undefined): Counted {
  if (right === undefined) return left;
  const most = { ...left };
  for (const field of fields) most[field] = Math.max(left[field], right[field]);
  return most;
}
