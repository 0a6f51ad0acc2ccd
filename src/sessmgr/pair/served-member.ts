import type { Instant } from '../../kernel/instant.ts';
import { never } from '../../kernel/instant.ts';
import type { PacketInput } from '../../kernel/port.ts';
import { unreachable } from '../../kernel/unreachable.ts';
import type { SessionRecord } from '../../services/samog/checkpoints/saved-session.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import type { InstanceCore } from '../instances/instance-core.ts';
import type { InstanceMemory } from '../instances/instance-memory.ts';
import type { Answers } from '../instances/instance-messages.ts';
import type { SessionManager } from '../session-manager.ts';
import { InstanceOfPair } from './instance-of-pair.ts';
import type { FromMember, MemberLook, ToMember } from './member-messages.ts';
import type { ChassisOfPairOptions } from './options.ts';
import type { PairCounter } from './pair-counters.ts';
import { StreamLedger } from './stream-ledger.ts';

type Recovered = Answers['adopt'];

export interface ServedMemberDependencies {
  readonly memory: InstanceMemory;
  readonly now: () => Instant;
  /** Gives a session manager what this chassis has kept itself, if it keeps anything. */
  recover(manager: SessionManager, now: Instant): Recovered | undefined;
  /** What this chassis has kept of the sessions that are this instance's. */
  stored(now: Instant): Iterable<readonly [number, SessionRecord]>;
  /** To the chassis, in this order. */
  post(said: readonly FromMember[]): void;
}

/** A session manager instance of a chassis of a pair, where it runs: the other end of `RemoteMember`. */
export class ServedMember implements InstanceCore {
  readonly #index: number;
  readonly #dependencies: ServedMemberDependencies;
  readonly #ledger = new StreamLedger();
  readonly #instance: InstanceOfPair;
  #said: FromMember[] = [];
  readonly #counted = new Map<PairCounter, number>();
  #chassis = { isLinked: false, highestTerm: 0, reads: false };
  #isSynchronised = false;
  /** For sessions of this chassis's own disk. */
  #recoveryCounter = 0;
  #recovered: Recovered | undefined;
  /** Of the call that is being made. */
  #now: Instant;

  constructor(
    options: ChassisOfPairOptions,
    instanceDependencies: Omit<ConstructorParameters<typeof InstanceOfPair>[1], 'recover'>,
    dependencies: ServedMemberDependencies,
  ) {
    const { index } = instanceDependencies;
    this.#index = index;
    this.#dependencies = dependencies;
    this.#now = dependencies.now();
    const { replication } = options;
    this.#instance = new InstanceOfPair(
      { ...options, replication: { ...replication, instance: replication.instance + index } },
      {
        ...instanceDependencies,
        recover: (manager, now) => {
          this.#recovered = dependencies.recover(manager, now);
          if (this.#recovered === undefined) return;
          manager.restartCounters = { ...manager.restartCounters, own: this.#recoveryCounter };
        },
      },
      {
        now: () => this.#now,
        serves: () => this.#serves,
        isLinked: () => this.#chassis.isLinked,
        highestTerm: () => this.#chassis.highestTerm,
        send: (message) => this.#say({ kind: 'send', message }),
        synchronisedChanged: (is) => {
          this.#isSynchronised = is;
          this.#say({ kind: 'synchronised', is });
        },
        barrierReached: () => this.#say({ kind: 'barrierReached' }),
        settled: () => this.#say({ kind: 'settled' }),
        peerReadyChanged: (is) => this.#say({ kind: 'peerReady', is }),
        refilled: (sessions, refused) => this.#say({ kind: 'refilled', sessions, refused }),
        count: (counter, by = 1) => this.#count(counter, by),
      },
      this.#ledger,
    );
  }

  get manager(): SessionManager {
    return this.#instance.manager;
  }

  /** It has all there is to have, be it that it serves it or that its equal has sent it. */
  get isKept(): boolean {
    return this.#instance.isActive || this.#isSynchronised;
  }

  receive(...[port, channel, peer, peerPort, bytes, now]: Parameters<PacketInput['receive']>): void {
    this.#now = now;
    if (this.#serves && this.#instance.isActive) this.manager.receive(port, channel, peer, peerPort, bytes, now);
    else this.#count('packets.not-served', 1);
  }

  advance(now: Instant): void {
    this.#now = now;
    this.#instance.advance(this.#chassis.reads);
  }

  nextDeadline(): Instant {
    return this.#instance.nextDeadline(this.#chassis.reads) ?? never;
  }

  take(message: ToMember): void {
    this.#now = this.#dependencies.now();
    const instance = this.#instance;
    switch (message.kind) {
      case 'chassis':
        this.#chassis = message;
        return;
      case 'beginStandby':
        this.#isSynchronised = false;
        return instance.beginStandby();
      case 'standbyAgain':
        return instance.beginStandby(this.#dependencies.stored(this.#now));
      case 'refill': {
        const { asks, after, restartCounter } = message;
        this.manager.restartCounters = { ...this.manager.restartCounters, own: restartCounter };
        return instance.refill(this.#dependencies.stored(this.#now), asks, after);
      }
      case 'endRefill':
        return instance.endRefill();
      case 'connected':
        return instance.connected();
      case 'disconnected':
        return instance.disconnected();
      case 'settle':
        return instance.settle();
      case 'goOn':
        return instance.goOn();
      case 'keepPromises':
        return instance.keepPromises();
      case 'audit':
        instance.audit(this.#now);
        return;
      case 'answerCame':
        return instance.answerCame(message.message);
      case 'recordsCame':
        return instance.recordsCame(message.term, message.message, message.reads);
      case 'endsAt':
        return instance.endsAt(message.positions);
      case 'nack':
        return this.#ledger.setNackEnabled(message.cmdId, message.enabled);
      default:
        return unreachable(message);
    }
  }

  reconfigure(config: SamogConfig): void {
    this.#instance.reconfigure(config);
  }

  commit(restartCounter: number): Answers['commit'] {
    this.#recoveryCounter = restartCounter;
    this.#recovered = undefined;
    this.#now = this.#dependencies.now();
    let refused = 0;
    this.#instance.commit((found) => {
      refused = found;
    });
    return { refused, beginsAnew: this.#instance.beginsAnew, recovered: this.#recovered };
  }

  readBack(): number {
    let differing = 0;
    this.#instance.readBack((found) => {
      differing = found;
    });
    return differing;
  }

  finish(): ReturnType<InstanceCore['finish']> {
    this.#now = this.#dependencies.now();
    let position: ReturnType<InstanceCore['finish']>;
    this.#instance.finish((end) => {
      position = end;
    });
    return position;
  }

  /** As of `InstanceOfPair`. */
  holds(callId: number): boolean {
    return this.#instance.holds(callId);
  }

  look(ids: readonly number[]): MemberLook {
    const now = this.#dependencies.now();
    return {
      stream: this.#instance.replication(now),
      counts: this.#ledger.counts(),
      kinds: this.#ledger.checkpoints.view(),
      acknowledgements: this.#ledger.checkpoints.acknowledgementTimes.counts().values(),
      identifiers: this.#instance.identifiers(),
      checkpoints: ids.flatMap((id) => {
        const checkpoints = this.#instance.checkpointsOf(id, now);
        return checkpoints === undefined ? [] : [[id, checkpoints] as const];
      }),
    };
  }

  flush(): void {
    const { records, unprotected, epoch, manager } = this.#instance;
    const { ownRestartCounter: restartCounter } = manager;
    this.#dependencies.memory.setFacts(this.#index, { records, unprotected, restartCounter, epoch });
    for (const [counter, by] of this.#counted) this.#said.push({ kind: 'count', counter, by });
    this.#counted.clear();
    if (this.#said.length === 0) return;
    const said = this.#said;
    this.#said = [];
    this.#dependencies.post(said);
  }

  get #serves(): boolean {
    const { memory, now } = this.#dependencies;
    return now() < memory.servesUntil;
  }

  #say(said: FromMember): void {
    this.#said.push(said);
  }

  #count(counter: PairCounter, by: number): void {
    this.#counted.set(counter, (this.#counted.get(counter) ?? 0) + by);
  }
}
