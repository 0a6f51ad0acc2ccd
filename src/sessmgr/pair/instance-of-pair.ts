import type { Accelerator } from '../../forwarding/accelerator.ts';
import { type ForwardingCounters, newForwardingCounters } from '../../forwarding/counters.ts';
import type { IdentifierMaps } from '../../icsr/instance/identifier-maps.ts';
import type { PeerInstance } from '../../icsr/instance/instance-records.ts';
import type { ReceiverMessage, ReceiverStatus, SenderMessage } from '../../icsr/replication/replication-receiver.ts';
import type { SenderStatus } from '../../icsr/replication/sender-config.ts';
import type { SessionCheckpoints } from '../../icsr/replication/statistics.ts';
import type { Counters } from '../../kernel/counters.ts';
import { type Instant, never } from '../../kernel/instant.ts';
import type { SessionRecord } from '../../services/samog/checkpoints/saved-session.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import { type SamogCounter, samogCounters } from '../../services/samog/statistics.ts';
import type { StreamPosition } from '../../wire/srp/messages.ts';
import type { InstancePart } from '../instances/instance-part.ts';
import type { Intercepts } from '../intercepts.ts';
import type { SessionManager } from '../session-manager.ts';
import { ActiveSessions } from './active-sessions.ts';
import type { ChassisOfPairDependencies, ChassisOfPairOptions } from './options.ts';
import type { PairCounter } from './pair-counters.ts';
import { StandbySessions } from './standby-sessions.ts';
import type { StreamLedger } from './stream-ledger.ts';

/** The chassis as its session manager instance sees it. */
export interface ChassisOfInstance {
  now(): Instant;
  /** What the instance sends may leave. */
  serves(): boolean;
  /** There is an authenticated connection to the peer. */
  isLinked(): boolean;
  highestTerm(): number;
  send(message: SenderMessage | ReceiverMessage): void;
  /** As a standby: whether it holds all that its equal has, and as much of it is sessions as could be served at once. */
  synchronisedChanged(is: boolean): void;
  /** As a standby: the stream has come to the end that it was told of. */
  barrierReached(): void;
  /** As the active, told to settle: AAA has answered all that it was asked. */
  settled(): void;
  /** As the active: whether its equal holds all there is. */
  peerReadyChanged(is: boolean): void;
  /** As the active, begun anew: it serves so many sessions again, and has lost others for which there was no place. */
  refilled(sessions: number, refused: number): void;
  count(counter: PairCounter, by?: number): void;
}

/** Records of sessions, by their identifiers. */
type Kept = Iterable<readonly [number, SessionRecord]>;

/** With what is an instance's own: its part of the chassis, its sockets, and its place, from 0. */
type InstanceDependencies = Pick<
  ChassisOfPairDependencies,
  'output' | 'digests' | 'random' | 'seal' | 'wallClock' | 'recover' | 'observer' | 'report'
> & {
  /** To count in; without them it has its own. */
  readonly counters?: Counters<SamogCounter>;
  readonly forwardingCounters?: ForwardingCounters;
  readonly accelerator?: Accelerator | undefined;
  readonly intercepts?: Intercepts | undefined;
  readonly part?: InstancePart;
  readonly index: number;
};

/**
 * A session manager instance of a chassis of a pair, in whatever role that is: its sessions while it serves, its peer's
 * records and the sessions that follow them while it does not, and its stream to its equal.
 */
export class InstanceOfPair {
  #options: ChassisOfPairOptions;
  readonly #dependencies: InstanceDependencies;
  readonly #chassis: ChassisOfInstance;
  readonly #ledger: StreamLedger;
  /** What counts goes on, whoever serves. */
  readonly #samogCounters: Counters<SamogCounter>;
  readonly #forwardingCounters: ForwardingCounters;
  /** What serves, or will when it is this chassis's turn. */
  #next: ActiveSessions;
  /** The same, from the promotion on. */
  #active: ActiveSessions | undefined;
  #standby: StandbySessions | undefined;
  #beginsAnew = false;
  /** As the chassis machine was told last. */
  #told = { synchronised: false, peerReady: false };
  /** Where the peer's stream ends, until it has come so far. */
  #barrier: readonly StreamPosition[] | undefined;
  /** It is to say when it has settled. */
  #isSettling = false;
  /** The epoch that its equal follows, while this instance of a chassis that serves is sent its sessions by it. */
  #refilledAfter: number | undefined;

  constructor(
    options: ChassisOfPairOptions,
    dependencies: InstanceDependencies,
    chassis: ChassisOfInstance,
    ledger: StreamLedger,
  ) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#samogCounters = dependencies.counters ?? samogCounters();
    this.#forwardingCounters = dependencies.forwardingCounters ?? newForwardingCounters();
    this.#chassis = chassis;
    this.#ledger = ledger;
    this.#next = this.#newSessions();
  }

  /** It serves, is about to, or has just ceased to. */
  get isActive(): boolean {
    return this.#active !== undefined;
  }

  /** The session manager, whether it serves or follows the peer's. */
  get manager(): SessionManager {
    return this.#next.manager;
  }

  /** It serves sessions that nobody had before: none. */
  get beginsAnew(): boolean {
    return this.#beginsAnew;
  }

  get ledger(): StreamLedger {
    return this.#ledger;
  }

  get records(): number {
    return this.#standby?.size ?? 0;
  }

  get unprotected(): number {
    return this.#active?.sender.status(this.#now).unprotectedSessions ?? 0;
  }

  /** Of the stream to its equal; 0 if it sends none. */
  get epoch(): number {
    return this.#active?.sender.epoch ?? 0;
  }

  holds(callId: number): boolean {
    return this.#active?.manager.registry.hasId(callId) ?? this.#standby?.holds(callId) ?? false;
  }

  replication(now: Instant): { readonly sender?: SenderStatus; readonly receiver?: ReceiverStatus } {
    if (this.#active !== undefined) return { sender: this.#active.sender.status(now) };
    return this.#standby === undefined ? {} : { receiver: this.#standby.receiver.status() };
  }

  checkpointsOf(callId: number, now: Instant): SessionCheckpoints | undefined {
    return this.#active?.sender.checkpointsOf(callId, now) ?? this.#standby?.checkpointsOf(callId, now);
  }

  identifiers(): { readonly own: IdentifierMaps; readonly peer: PeerInstance | undefined } {
    return { own: this.#next.identifiers, peer: this.#standby?.peerInstance };
  }

  /** What serves later is made with another configuration; the session manager that there is, is to be told itself. */
  reconfigure(samog: SamogConfig): void {
    this.#options = { ...this.#options, samog };
  }

  /** Compares with the standby now; false if there is none that holds all there is. */
  audit(now: Instant): boolean {
    return this.#active?.sender.audit(now) === true;
  }

  /**
   * Brings every session up to its last record, or to what this chassis has kept itself if nobody has sent records; answers
   * how many found no place.
   */
  commit(answer: (refused: number) => void): void {
    const isFirst = this.#active === undefined && this.#standby === undefined;
    const refused = this.#serve();
    this.#beginsAnew = isFirst && this.manager.registry.isEmpty;
    answer(refused);
  }

  /**
   * This object is new, and its chassis serves: the one before it has failed. Its equal has recorded what was promised and is
   * asked for it; until it has come nobody is served.
   *
   * @param kept what this chassis has kept itself: it counts where the equal says nothing
   * @param asks false if there is no equal that has recorded anything
   * @param after the epoch that the equal follows
   */
  refill(kept: Kept, asks: boolean, after: number): void {
    this.#standby = this.#newStandby(kept, true);
    this.#refilledAfter = after;
    if (asks && this.#chassis.isLinked()) this.#standby.receiver.connected(this.#now);
    else this.endRefill();
  }

  /** Serves what has come until now. */
  endRefill(): void {
    const { receiver } = this.#standby ?? {};
    const after = this.#refilledAfter;
    if (receiver === undefined || after === undefined) return;
    // Its equal waits for the acknowledgement of the last of it.
    receiver.advance(this.#now);
    const refused = this.#serve(Math.max(after, receiver.status().epoch));
    this.#chassis.refilled(this.manager.registry.size, refused);
  }

  /**
   * Begins anew in the same role, with the sessions that it has: whatever was broken is left behind. Returns how many of them
   * it has lost.
   */
  restart(): number {
    const active = this.#active;
    if (active === undefined) {
      if (this.#standby !== undefined) this.beginStandby();
      else this.#next = this.#newSessions();
      return 0;
    }
    const kept = active.salvaged(this.#now);
    const { restartCounters, crashes } = active.manager;
    const after = active.sender.epoch;
    active.disconnected(this.#now);
    this.#next = this.#newSessions();
    this.manager.restartCounters = restartCounters;
    this.manager.crashes.push(...crashes);
    this.#active = undefined;
    this.#standby = this.#newStandby(kept.records, false);
    return kept.refused + this.#serve(after);
  }

  /** Answers how many sessions have packets that would not be forwarded as the session has it. */
  readBack(answer: (differing: number) => void): void {
    answer(this.#active?.differing().length ?? 0);
  }

  /** Has nothing new asked of AAA, and says once when all that was has been answered, and what waited for it is set up. */
  settle(): void {
    this.#isSettling = this.#active !== undefined;
    this.#active?.manager.aaa.hold(true, this.#now);
    this.#lookWhetherSettled();
  }

  /** What it was to ask of AAA meanwhile is asked now. */
  goOn(): void {
    this.#isSettling = false;
    this.#active?.manager.aaa.hold(false, this.#now);
  }

  /** Sends the replies that wait for the standby: the chassis hands over, and is silent from then on. */
  keepPromises(): void {
    this.#active?.sender.giveUpWaiting(this.#now);
  }

  /** Tells the last of every session, and answers where the stream ends with it; undefined on a chassis that has none. */
  finish(answer: (position: StreamPosition | undefined) => void): void {
    answer(this.#active?.finish(this.#now));
  }

  /**
   * From now on the sessions are the peer's. Ours stay as records, until it has sent its own.
   * @param kept what this chassis has kept of them, if there are none here
   */
  beginStandby(kept: Kept = []): void {
    const former = this.#active?.records() ?? this.#standby?.records() ?? kept;
    this.#active?.disconnected(this.#now);
    this.#standby?.returning.stop(this.#now);
    const { restartCounters } = this.manager;
    this.#next = this.#newSessions();
    this.manager.restartCounters = restartCounters;
    const standby = this.#newStandby(former, false);
    standby.boundAlone.add((this.#active ?? this.#standby)?.boundAlone.take() ?? []);
    this.#ledger.receives(standby.receiver);
    this.#active = undefined;
    this.#isSettling = false;
    this.#beginsAnew = false;
    this.#standby = standby;
    this.#barrier = undefined;
    this.#refilledAfter = undefined;
    this.#told.synchronised = false;
    if (this.#chassis.isLinked()) standby.receiver.connected(this.#now);
  }

  connected(): void {
    this.#told.peerReady = false;
    this.#active?.connected(this.#now);
    this.#standby?.receiver.connected(this.#now);
  }

  disconnected(): void {
    this.#barrier = undefined;
    this.#active?.disconnected(this.#now);
    this.#standby?.receiver.disconnected();
    this.#standby?.returning.stop(this.#now);
    this.#told.peerReady = false;
    // Its equal may be gone for good.
    this.endRefill();
  }

  /** What the standby says of the stream; to a standby it is said by an active that has lost its sessions. */
  answerCame(message: ReceiverMessage): void {
    if (this.#active !== undefined) {
      if (message.kind !== 'streamOpen' || !message.refill) this.#active.receive(message, this.#now);
    } else if (this.#standby !== undefined) {
      if (message.kind === 'streamOpen' && !message.refill && !this.#isRefilling)
        this.#standby.receiver.deserted(this.#now);
      this.#standby.returning.receive(message, this.#now);
    }
    this.#lookAtPeer();
  }

  /** @param reads whether records are taken: from the promotion on they are closed */
  recordsCame(term: number, message: SenderMessage, reads: boolean): void {
    if (this.#standby === undefined || !(reads || this.#isRefilling)) return;
    // Of a chassis that has been replaced and does not know it yet.
    if (term < this.#chassis.highestTerm()) return this.#chassis.count('stream.fenced');
    const standby = this.#standby;
    standby.returning.stop(this.#now);
    standby.receiver.receive(message, this.#now);
    this.#lookAtBarrier();
    // The barrier may have made it the active.
    if (this.#standby === standby) this.#lookAtRecords(standby);
  }

  /** Nothing comes on the streams behind these positions. */
  endsAt(positions: readonly StreamPosition[]): void {
    this.#barrier = positions;
    this.#lookAtBarrier();
  }

  advance(reads: boolean): void {
    const now = this.#now;
    if (this.#standby !== undefined && (reads || this.#isRefilling)) {
      this.#standby.advance(now);
      this.#lookAtRecords(this.#standby);
    }
    if (this.#chassis.serves()) this.#active?.manager.advance(now);
    this.#active?.advance(now);
    this.#lookWhetherSettled();
    this.#lookAtPeer();
  }

  nextDeadline(reads: boolean): Instant {
    if (this.#isSettled) return Number.NEGATIVE_INFINITY;
    return Math.min(
      (reads || this.#isRefilling ? this.#standby?.nextDeadline() : undefined) ?? never,
      (this.#chassis.serves() ? this.#active?.manager.nextDeadline() : undefined) ?? never,
      this.#active?.nextDeadline() ?? never,
    );
  }

  get #now(): Instant {
    return this.#chassis.now();
  }

  get #isSettled(): boolean {
    if (!this.#isSettling) return false;
    const { aaa, registry } = this.manager;
    return registry.inState.Binding === 0 && aaa.isQuiet(this.#now);
  }

  get #isRefilling(): boolean {
    return this.#refilledAfter !== undefined;
  }

  /**
   * The sessions are to be served from now on: those of the records, if there are any. Returns how many found no place.
   * @param after as of `ReplicationSender.connected`
   */
  #serve(after?: number): number {
    const standby = this.#standby;
    // Either it serves already, as a promotion that is begun again, or nobody has recorded anything.
    this.#active ??= this.#next;
    this.#ledger.sends(this.#active.sender);
    this.#standby = undefined;
    this.#barrier = undefined;
    this.#refilledAfter = undefined;
    this.#told.peerReady = false;
    if (standby === undefined) this.#recover(this.#active);
    standby?.returning.stop(this.#now);
    const promoted = standby?.promote(this.#now);
    if (promoted !== undefined) this.#active.holdDormant(promoted.dormant);
    this.#active.manager.flows.forgetFormer();
    if (this.#chassis.isLinked()) this.#active.connected(this.#now, after);
    return promoted?.unplaced.length ?? 0;
  }

  #newStandby(former: Kept, refill: boolean): StandbySessions {
    return new StandbySessions(
      this.#options.replication,
      this.#next,
      former,
      () => this.#now,
      (message) => this.#chassis.send(message),
      this.#ledger.checkpoints,
      refill,
    );
  }

  /** Nobody has sent records: there may be some on disk. */
  #recover(sessions: ActiveSessions): void {
    const { recover, index } = this.#dependencies;
    recover?.(sessions.manager, this.#now, index);
    sessions.adopted(this.#now);
  }

  /** Sessions that nobody is served with yet. */
  #newSessions(): ActiveSessions {
    const { output, digests, random, seal, wallClock, observer, report, part } = this.#dependencies;
    const { accelerator, intercepts } = this.#dependencies;
    const { replication, samog, restartCounter } = this.#options;
    const guarded: typeof output = {
      send: (...packet) => {
        if (this.#chassis.serves()) output.send(...packet);
        else this.#chassis.count('packets.withheld');
      },
    };
    return new ActiveSessions(
      replication,
      samog,
      {
        output: guarded,
        accelerator,
        intercepts,
        digests,
        random,
        wallClock,
        restartCounter,
        counters: this.#samogCounters,
        forwardingCounters: this.#forwardingCounters,
        ...(seal === undefined ? {} : { seal }),
        ...(observer === undefined ? {} : { observer }),
        ...(report === undefined ? {} : { report }),
        ...(part === undefined ? {} : { part }),
      },
      () => this.#now,
      (message) => this.#chassis.send(message),
      this.#ledger.checkpoints,
    );
  }

  /** READY is who has all records, and at first also the sessions made of them. */
  #lookAtRecords({ receiver, isWarm }: StandbySessions): void {
    if (this.#isRefilling) {
      if (receiver.isSynchronised) this.endRefill();
      return;
    }
    const synchronised = receiver.isSynchronised && (isWarm || this.#told.synchronised);
    if (synchronised === this.#told.synchronised) return;
    this.#told.synchronised = synchronised;
    this.#chassis.synchronisedChanged(synchronised);
  }

  #lookWhetherSettled(): void {
    if (!this.#isSettled) return;
    this.#isSettling = false;
    this.#chassis.settled();
  }

  #lookAtBarrier(): void {
    if (this.#barrier === undefined || this.#standby === undefined) return;
    const { epoch, appliedSequence } = this.#standby.receiver.status();
    const reached = this.#barrier.every((end) => end.epoch === epoch && end.sequence <= appliedSequence);
    if (!reached) return;
    this.#barrier = undefined;
    this.#chassis.barrierReached();
  }

  #lookAtPeer(): void {
    const peerReady = this.#active?.isPeerReady === true;
    if (this.#active === undefined || peerReady === this.#told.peerReady) return;
    this.#told.peerReady = peerReady;
    this.#chassis.peerReadyChanged(peerReady);
  }
}
