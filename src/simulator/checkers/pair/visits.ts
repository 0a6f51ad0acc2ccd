import { goingOn, type StoppedVisits, visitOf } from '../visits.ts';
import type { ChassisObserved, PairChecker, PairObserved } from './pair-checker.ts';

/**
 * What holds of one chassis holds of a pair: on the one that serves no session goes on with a visit whose STOP its access point was answered.
 * A chassis knows of a STOP because it has answered it, or because it was told while it followed. So a STOP may be forgotten, for good,
 *
 * - with whoever answered it, if the role goes to a chassis that was not READY, or is READY and had not acknowledged all that there was since the answer;
 * - while both serve, each whom the network leads to it: only one of them goes on.
 *
 * An answer may be on its way when that happens: a STOP that was said by then may have been answered.
 */
export class PairVisitsChecker implements PairChecker {
  readonly name = 'visits';
  readonly #accessPoints: readonly StoppedVisits[];
  /** The life that serves, or served last. */
  #server: string | undefined;
  /** Visits of which both chassis knew that they are stopped. */
  #known: ReadonlySet<string> = new Set();
  readonly #forgotten = new Set<string>();
  /** At the look before. */
  #bothServed = false;
  readonly #wasReady = new Map<string, boolean>();

  constructor(accessPoints: readonly StoppedVisits[]) {
    this.#accessPoints = accessPoints;
  }

  check({ chassis: [a, b] }: PairObserved): readonly string[] {
    if (this.#accessPoints.length === 0) return [];
    for (const each of [a, b]) if (!each.isAlive || !holdsRole(each)) this.#wasReady.set(lifeOf(each), each.isReady);
    if (a.serves && b.serves) {
      this.#bothServed = true;
      return [];
    }
    const [server, other] = a.serves ? [a, b] : [b, a];
    if (!server.serves) return [];
    if (this.#bothServed) {
      this.#bothServed = false;
      this.#forget(new Set());
    }
    const life = lifeOf(server);
    const knew = this.#wasReady.get(life) === true ? this.#known : new Set<string>();
    if (this.#server !== undefined && life !== this.#server) this.#forget(knew);
    this.#server = life;
    this.#learn(server, other);
    return goingOn(server.manager.registry, this.#accessPoints)
      .filter(({ visit }) => !this.#forgotten.has(visit))
      .map(({ text }) => `on ${server.name} ${text}`);
  }

  /** What is stopped, or may turn out to be, but for what is known still. */
  #forget(known: ReadonlySet<string>): void {
    for (const visit of this.#visits('said')) if (!known.has(visit)) this.#forgotten.add(visit);
  }

  #learn(server: ChassisObserved, other: ChassisObserved): void {
    if (!other.isReady) {
      this.#known = new Set();
      return;
    }
    const sender = server.sender();
    if (sender?.state === 'ready' && sender.lagRecords === 0 && sender.unprotectedSessions === 0)
      this.#known = new Set(this.#visits('stopped'));
  }

  *#visits(whose: 'said' | 'stopped'): Generator<string> {
    for (const accessPoint of this.#accessPoints)
      for (const acctSessionId of accessPoint[whose]) yield visitOf(accessPoint, acctSessionId);
  }
}

function holdsRole({ machine: { state } }: ChassisObserved): boolean {
  return state.kind === 'ACTIVE' || state.kind === 'PENDING_ACTIVE';
}

function lifeOf({ name, life }: ChassisObserved): string {
  return `${name}${life}`;
}
