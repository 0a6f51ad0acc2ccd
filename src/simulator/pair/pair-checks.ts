import type { ManagerReader } from '../../sessmgr/manager-reader.ts';
import type { Notice } from '../../sessmgr/pair/options.ts';
import { boundsChecker } from '../checkers/bounds.ts';
import { changesChecker } from '../checkers/changes.ts';
import type { Checker } from '../checkers/checker.ts';
import { CrashesChecker } from '../checkers/crashes.ts';
import { DeadlinesChecker } from '../checkers/deadlines.ts';
import { forwardingChecker } from '../checkers/forwarding.ts';
import { IdentityChecker } from '../checkers/identity.ts';
import { PairAccountsChecker } from '../checkers/pair/accounts.ts';
import { unknownRecord } from '../checkers/pair/known-records.ts';
import type { ChassisObserved, PairChecker, PairObserved } from '../checkers/pair/pair-checker.ts';
import { PromisesChecker } from '../checkers/pair/promises.ts';
import { RivalsChecker } from '../checkers/pair/rivals.ts';
import { undulySent } from '../checkers/pair/silence.ts';
import { StoresChecker } from '../checkers/pair/stores.ts';
import { StuckChecker } from '../checkers/pair/stuck.ts';
import { tablesChecker } from '../checkers/pair/tables.ts';
import { TermsChecker } from '../checkers/pair/terms.ts';
import { UsageChecker } from '../checkers/pair/usage.ts';
import { PairVisitsChecker } from '../checkers/pair/visits.ts';
import { PlacesChecker } from '../checkers/places.ts';
import { registryChecker } from '../checkers/registry.ts';
import type { World } from '../world.ts';
import type { PairOptions } from './options.ts';
import type { PairGateway, PairWatch } from './pair-gateway.ts';
import type { PairNode } from './pair-node.ts';
import { askedAbout, sessionTold } from './replies.ts';

/** What is looked at with one chassis, too, is looked at in every so manieth turn. */
const sessionTurns = 5;

type Say = (checker: string, messages: readonly string[]) => void;

/** All the checkers of a world with two chassis: of the pair, of each chassis, and of the one gateway that they are. */
export class PairChecks implements PairWatch {
  readonly promises = new PromisesChecker();
  readonly accounts = new PairAccountsChecker();
  /** How often a chassis became ACTIVE. */
  promotions = 0;
  readonly #world: World;
  readonly #gateway: PairGateway;
  readonly #say: Say;
  readonly #checkers: readonly PairChecker[];
  /** Of the sessions, whichever chassis serves them. */
  readonly #shared: readonly Checker[] = [new IdentityChecker(), new PlacesChecker()];
  /** Of those of a chassis alone. */
  readonly #own = new WeakMap<ManagerReader, readonly Checker[]>();
  readonly #turnsSeen = new Map<PairNode, number>();

  constructor(world: World, gateway: PairGateway, { chassis }: PairOptions, say: Say) {
    this.#world = world;
    this.#gateway = gateway;
    this.#say = say;
    this.#checkers = [
      new TermsChecker(),
      new RivalsChecker(chassis),
      new StuckChecker(chassis),
      new StoresChecker(chassis),
      new UsageChecker(),
      this.accounts,
      tablesChecker,
      new PairVisitsChecker(world.aps),
      this.promises,
    ];
  }

  /** Looks at everything that may have changed since it was called last. */
  check(): void {
    const { nodes } = this.#gateway;
    const changed = nodes.filter((node) => node.turns !== this.#turnsSeen.get(node));
    if (changed.length === 0) return;
    for (const node of changed) this.#turnsSeen.set(node, node.turns);
    const observed = this.observed();
    if (observed === undefined) return;
    for (const checker of this.#checkers) this.#say(checker.name, checker.check(observed));
    for (const node of changed) this.#checkSessions(node);
  }

  /** Undefined before both chassis have been started. */
  observed(): PairObserved | undefined {
    const [a, b] = this.#gateway.nodes;
    if (a.chassis === undefined || b.chassis === undefined) return undefined;
    return {
      now: this.#world.now,
      chassis: [this.view(a), this.view(b)],
      linkIsWhole: this.#gateway.stream.isWhole,
    };
  }

  view(node: PairNode): ChassisObserved {
    const chassis = node.chassis!;
    const { name, life, isAlive, isRunning, resumedAt, serves, isReady, storedTerm, isToldAlone } = node;
    return {
      ...{ name, life, isAlive, isRunning, resumedAt, serves, isReady, storedTerm, isToldAlone },
      machine: chassis.chassis,
      manager: chassis.manager,
      managers: chassis.managers,
      // Asked for seldom, and not for nothing.
      sender: () => chassis.replication(node.clock(this.#world.now)).sender,
      holds: (sessionId) => chassis.holds(sessionId),
      clock: (now) => node.clock(now),
    };
  }

  sends(...[node, port, peer, bytes]: Parameters<PairWatch['sends']>): void {
    const view = this.view(node);
    const unduly = undulySent(view, port);
    if (unduly !== undefined) this.#say('silence', [unduly]);
    const other = this.#gateway.otherThan(node);
    if (port === 'aaa') this.accounts.tells(view, other.chassis && this.view(other), bytes);
    if (other.chassis === undefined) return;
    const unknown = unknownRecord(view, this.view(other), port, bytes);
    if (unknown !== undefined) this.#say('accounts', [unknown]);
    const mac = askedAbout(port, bytes);
    if (mac !== undefined) this.promises.asked(view, mac);
    const isChange = port === 'dynamic-authorization';
    const session = isChange
      ? this.#world.traffic.answers.acknowledges(view.manager, bytes)
      : sessionTold(view.manager, port, peer, bytes, (ue) => this.#world.subscriberOf(ue)?.ue.dhcpTransaction);
    if (session !== undefined) this.promises.told(view, this.view(other), session, isChange);
  }

  stores(node: PairNode, term: number): void {
    if (term < node.storedTerm) this.#say('terms', [`${node.name} stores term ${term} over ${node.storedTerm}`]);
  }

  notes(_node: PairNode, notice: Notice): void {
    if (notice.kind !== 'report' || notice.report.name !== 'transition') return;
    if (notice.report.to === 'ACTIVE') this.promotions += 1;
  }

  /** Accounts and promises are looked at in between: a session may move, and then its instance be begun anew. */
  caughtUp(): void {
    const observed = this.observed();
    if (observed === undefined) return;
    for (const checker of [this.accounts, this.promises]) this.#say(checker.name, checker.check(observed));
  }

  ended(node: PairNode): void {
    const other = this.#gateway.otherThan(node);
    if (other.chassis === undefined) return;
    // Until now it has served, and may have done more since it was looked at last.
    this.promises.ended({ ...this.view(node), serves: node.chassis!.serves }, this.view(other));
  }

  instanceEnded(node: PairNode): void {
    const other = this.#gateway.otherThan(node);
    if (other.chassis !== undefined) this.promises.instanceEnded(this.view(node), this.view(other));
  }

  #checkSessions(node: PairNode): void {
    const { manager, managers } = node.chassis!;
    if (!node.isRunning || (node.turns % sessionTurns !== 0 && this.#own.has(manager))) return;
    const { lmas, lastSeenAt } = this.#world.observed();
    let own = this.#own.get(manager);
    if (own === undefined) {
      own = [
        registryChecker,
        forwardingChecker,
        boundsChecker,
        new CrashesChecker(),
        new DeadlinesChecker(),
        changesChecker,
      ];
      this.#own.set(manager, own);
    }
    const now = node.clock(this.#world.now);
    for (const checker of own) {
      // Whoever does not serve takes no turns with its sessions, and whoever stood still has yet to take its own.
      if (checker instanceof DeadlinesChecker && (!node.serves || node.nextDeadline() <= this.#world.now)) continue;
      const resumedAt = node.clock(node.resumedAt);
      this.#say(checker.name, checker.check({ now, manager, managers, lmas, lastSeenAt, resumedAt }));
    }
    if (node !== this.#gateway.server || !node.serves) return;
    const observed = { now: this.#world.now, manager, managers, lmas, lastSeenAt };
    for (const checker of this.#shared) this.#say(checker.name, checker.check(observed));
  }
}
