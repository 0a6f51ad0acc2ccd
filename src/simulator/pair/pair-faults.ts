import { type Instant, never } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';
import type { SeededRandom } from '../../kernel/random.ts';
import { Agenda } from '../../peers/agenda.ts';
import type { World } from '../world.ts';
import type { ChassisFaultWeights, EndingInstances, PairOptions } from './options.ts';
import type { PairGateway } from './pair-gateway.ts';
import type { PairNode } from './pair-node.ts';

const skewMsMax = 40_000;

/** What happens to the two chassis and to the link between them, until everything has to come right again. */
export class PairFaults implements Timed {
  readonly happened: Partial<Record<keyof ChassisFaultWeights, number>> = {};
  readonly #world: World;
  readonly #gateway: PairGateway;
  readonly #options: PairOptions;
  readonly #random: SeededRandom;
  #agenda = new Agenda();
  readonly #wheel: readonly (keyof ChassisFaultWeights)[];
  #nextAt: Instant;
  /** Nobody starts it before. */
  readonly #downUntil = new Map<PairNode, Instant>();
  /** Those of which one is between two threads. */
  readonly #ended = new Map<EndingInstances, () => void>();
  /** Upon which a switchover was forced though it was not READY. */
  #forcedUpon: PairNode | undefined;

  constructor(world: World, gateway: PairGateway, options: PairOptions, random: SeededRandom) {
    this.#world = world;
    this.#gateway = gateway;
    this.#options = options;
    this.#random = random;
    const { weights } = options;
    this.#wheel = (Object.keys(weights) as (keyof ChassisFaultWeights)[]).flatMap((fault) =>
      new Array<keyof ChassisFaultWeights>(weights[fault]).fill(fault),
    );
    this.#nextAt = this.#wheel.length === 0 ? never : Math.max(options.chassis.delayIntervalMs, options.startsLaterMs);
    const first = random.pick(gateway.nodes);
    first.start(world.now);
    this.#agenda.at(world.now + options.startsLaterMs, (now) => gateway.otherThan(first).start(now));
  }

  advance(now: Instant): void {
    this.#agenda.advance(now);
    if (now < this.#nextAt) return;
    this.#nextAt = now + 1 + this.#random.below(2 * this.#options.paceMs);
    const fault = this.#random.pick(this.#wheel);
    this.happened[fault] = (this.happened[fault] ?? 0) + 1;
    this.#faults[fault](this.#random.pick(this.#gateway.nodes), now);
  }

  nextDeadline(): Instant {
    return Math.min(this.#nextAt, this.#agenda.nextDeadline());
  }

  /** Nothing more happens, and what was made to fail works again. */
  stop(): void {
    this.#nextAt = never;
    this.#agenda = new Agenda();
    for (const node of this.#gateway.nodes) this.#monitors(node, true);
    for (const begin of [...this.#ended.values()]) begin();
  }

  /**
   * The chassis that has taken over by force without being READY, told once: what it lacks is lost by the operator's word.
   * Undefined if there is none.
   */
  tookOverByForce(): PairNode | undefined {
    const node = this.#forcedUpon;
    if (node === undefined) return undefined;
    // Otherwise it was refused, or has come to nothing.
    if (node.serves || this.#gateway.otherThan(node).serves) this.#forcedUpon = undefined;
    return node.serves ? node : undefined;
  }

  /** Somebody starts a process that has ended. */
  ended(node: PairNode): void {
    const { deadIntervalMs } = this.#options.chassis;
    const after = this.#random.pick([20, deadIntervalMs / 2, 2 * deadIntervalMs, 10 * deadIntervalMs]);
    const at = Math.max(this.#world.now + after, this.#downUntil.get(node) ?? 0);
    this.#agenda.at(at, (now) => node.start(now));
  }

  readonly #faults: Readonly<Record<keyof ChassisFaultWeights, (node: PairNode, now: Instant) => void>> = {
    crash: (node) => node.end(),
    crashBoth: (node, now) => this.#crashBoth(node, now),
    crashInside: (node) => {
      if (node.isAlive) node.endsAfter = this.#random.below(20);
    },
    crashInPromotion: (node) => {
      node.endsInPromotionAfter = this.#random.below(8);
      // Otherwise it would seldom come to one.
      if (this.#gateway.server !== node && this.#random.chance(0.7)) this.#gateway.server.end();
    },
    crashAtHandover: (_node, now) => this.#crashAtHandover(now),
    pause: (node, now) => {
      node.pause(now);
      this.#later(now, (then) => node.resume(then));
    },
    cut: (_node, now) => {
      this.#gateway.stream.cut('A');
      this.#gateway.stream.cut('B');
      this.#giveUpLater(now);
      this.#later(now, () => this.#gateway.stream.heal());
    },
    cutOneWay: (node, now) => {
      this.#gateway.stream.cut(node.name);
      this.#giveUpLater(now);
      this.#later(now, () => this.#gateway.stream.heal());
    },
    reset: () => this.#gateway.stream.reset(),
    giveUp: (node) => this.#gateway.stream.giveUp(node.name, 'timed out'),
    garble: (node) => this.#gateway.stream.garble(node.name),
    slow: (node, now) => {
      this.#gateway.stream.delay(node.name, this.#random.pick([5, 40, 150, 600]));
      this.#later(now, () => this.#gateway.stream.delay(node.name, 0));
    },
    clockStep: ({ clocks }) => {
      const most = this.#options.clockStepMsMax;
      const to = clocks.skewMs + this.#random.below(2 * most) - most;
      clocks.skewMs = Math.max(-skewMsMax, Math.min(skewMsMax, to));
    },
    switchover: (_node) => this.#switchOver(false),
    forcedSwitchover: (_node) => this.#switchOver(true),
    restart: (node, now) => this.#restart(node, now),
    monitor: (node, now) => {
      this.#monitors(node, false);
      this.#later(now, () => this.#monitors(node, true));
    },
  };

  #switchOver(force: boolean): void {
    const { server } = this.#gateway;
    const other = this.#gateway.otherThan(server);
    server.tell((chassis, now) => {
      if (force && server.serves && !other.isReady) this.#forcedUpon = other;
      chassis.command({ kind: 'switchoverRequested', cause: 'manual', force }, now);
    });
  }

  /** Only while it is certain whose the sessions are, where an operator does it. */
  #restart(node: PairNode, now: Instant): void {
    const { instances, life } = node;
    const index = this.#random.below(this.#world.options.instances);
    if (instances === undefined) {
      return node.tell((chassis, at) => {
        const { state } = chassis.chassis;
        const isSettled = state.kind === 'ACTIVE' || (state.kind === 'STANDBY' && state.takingOver === undefined);
        if (isSettled) chassis.restartInstance(index, at);
      });
    }
    if (this.#ended.has(instances)) return;
    const isAgain = this.#random.chance(0.2);
    node.tell((chassis, at) => {
      if (node.life !== life) return;
      const sessions = instances.end(index);
      this.#gateway.watch?.instanceEnded(node);
      chassis.threadEnded(index, { why: 'it is to', sessions, isAgain }, at);
    });
    this.#ended.set(instances, () => {
      this.#ended.delete(instances);
      node.tell((chassis, at) => {
        if (node.life !== life) return;
        instances.begin(index);
        chassis.threadBegun(index, () => {}, at);
      });
    });
    this.#agenda.at(now + this.#random.pick([50, 300, 4000]), () => this.#ended.get(instances)?.());
  }

  #crashBoth(first: PairNode, now: Instant): void {
    const { deadIntervalMs } = this.#options.chassis;
    const other = this.#gateway.otherThan(first);
    const otherEndsAt = now + deadIntervalMs * this.#random.pick([0.2, 1.5, 6]);
    const againAt = otherEndsAt + deadIntervalMs;
    this.#downUntil.set(first, againAt);
    this.#downUntil.set(other, againAt + deadIntervalMs * this.#random.pick([0.5, 3, 10]));
    first.end();
    this.#agenda.at(otherEndsAt, () => other.end());
    if (this.#random.chance(0.7)) return;
    const { delayIntervalMs } = this.#options.chassis;
    this.#agenda.at(againAt + delayIntervalMs + deadIntervalMs * this.#random.pick([0.5, 1.5, 3]), () =>
      first.serveAlone(),
    );
  }

  #crashAtHandover(now: Instant): void {
    const served = this.#world.subscribers.filter(({ wantsService, ue }) => wantsService && ue.address !== undefined);
    if (served.length > 0) {
      const how = this.#random.pick(['dhcp-discover', 'dhcp-request', 'data'] as const);
      this.#random.pick(served).come(this.#random.pick(this.#world.accessPoints), how, now, 0);
    }
    this.#agenda.at(now + this.#random.below(60_000) / 1000, () => this.#gateway.server.end());
  }

  #monitors(node: PairNode, healthy: boolean): void {
    if (healthy) {
      node.tell((chassis, now) => {
        for (const { name, kind: monitor } of chassis.chassis.monitors) {
          chassis.command({ kind: 'monitorChanged', name, monitor, healthy }, now);
        }
      });
      return;
    }
    const monitor = this.#random.pick(['aaa-probe', 'peer-reachability', 'bgp'] as const);
    node.tell((chassis, now) => chassis.command({ kind: 'monitorChanged', name: monitor, monitor, healthy }, now));
  }

  /** Whoever waits in vain for an acknowledgement may close the connection before the way is free again. */
  #giveUpLater(now: Instant): void {
    if (this.#random.chance(0.5)) return;
    const { name } = this.#random.pick(this.#gateway.nodes);
    this.#later(now, () => this.#gateway.stream.giveUp(name, 'timed out'));
  }

  #later(now: Instant, run: (now: Instant) => void): void {
    const { deadIntervalMs } = this.#options.chassis;
    this.#agenda.at(now + deadIntervalMs * this.#random.pick([0.2, 0.8, 1.5, 4, 15]), run);
  }
}
