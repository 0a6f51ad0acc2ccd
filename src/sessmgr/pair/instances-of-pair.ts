import type { ChassisEvent } from '../../icsr/chassis/event.ts';
import type { ReceiverMessage, SenderMessage } from '../../icsr/replication/replication-receiver.ts';
import type { SessionCheckpoints } from '../../icsr/replication/statistics.ts';
import type { MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { PacketInput } from '../../kernel/port.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import type { StreamPosition } from '../../wire/srp/messages.ts';
import { InstanceGroup } from '../instances/instance-group.ts';
import type { ManagerReader } from '../manager-reader.ts';
import type { SessionManager } from '../session-manager.ts';
import { InstanceOfPair } from './instance-of-pair.ts';
import { type EndOfThread, InstanceRefills } from './instance-refills.ts';
import type { DependenciesWithMembers, Filled, MemberOfPair, MembersApart, MemberThread } from './member-of-pair.ts';
import {
  type InstanceStatus,
  type LedgerReader,
  mergedLedger,
  mergedStreams,
  type StreamStatus,
} from './merged-streams.ts';
import type { ChassisOfPairOptions } from './options.ts';
import type { PairCounter } from './pair-counters.ts';
import { StreamLedger } from './stream-ledger.ts';

/** The chassis as its session manager instances see it. */
export interface ChassisOfInstances {
  now(): Instant;
  /** What the instances send may leave. */
  serves(): boolean;
  /** There is an authenticated connection to the peer. */
  isLinked(): boolean;
  /** The peer has not taken over, and cannot at once. */
  peerIsSurelyStandby(): boolean;
  highestTerm(): number;
  send(message: SenderMessage | ReceiverMessage): void;
  /** As asked by `settle`. */
  settled(): void;
  happened(event: ChassisEvent): void;
  /** Has a peer that could at once take the role; false if there is none. */
  handOver(): boolean;
  count(counter: PairCounter, by?: number): void;
}

/**
 * All session manager instances of a chassis of a pair, each with its stream to its equal: what the chassis asks of them it
 * asks of all, and has its answer when every one has given its own; what each of them tells becomes what holds of all.
 */
export class InstancesOfPair {
  readonly count: number;
  /** Undefined where the instances are in other threads. */
  readonly group: InstanceGroup | undefined;
  readonly ledger: LedgerReader;
  readonly #apart: MembersApart | undefined;
  readonly #chassis: ChassisOfInstances;
  /** The number of the first one in the streams; the others follow. */
  readonly #first: number;
  readonly #all: readonly MemberOfPair[];
  readonly #here: readonly InstanceOfPair[] = [];
  readonly #threads: readonly MemberThread[] = [];
  readonly #refills: InstanceRefills;
  #managers: readonly SessionManager[] = [];
  /** Which of them hold all that their equals have, and whether the chassis was told that all do. */
  readonly #synchronised: boolean[];
  #wasSynchronised = false;
  /** Whose equals hold all there is. */
  readonly #peerReady: boolean[];
  /** Those whose stream has not come to its end yet, once there is one. */
  #unfinished: Set<number> | undefined;
  /** Those that have been asked to settle, and have not said that they have. */
  readonly #settling = new Set<number>();
  /** Accounting-On is sent while no other chassis can have served what this one has: later on it would end that at AAA. */
  #accountingOn: 'not-served-yet' | 'held' | 'over' = 'not-served-yet';

  constructor(options: ChassisOfPairOptions, dependencies: DependenciesWithMembers, chassis: ChassisOfInstances) {
    const { samog, replication, instances = 1 } = options;
    this.count = instances;
    this.#chassis = chassis;
    this.#first = replication.instance;
    this.#synchronised = new Array<boolean>(instances).fill(false);
    this.#peerReady = new Array<boolean>(instances).fill(false);
    this.#apart = dependencies.apart;
    this.#refills = new InstanceRefills({
      now: () => chassis.now(),
      handOver: () => chassis.handOver(),
      refilled: (index) => this.#watches(index),
    });
    const indices = Array.from({ length: instances }, (_, index) => index);
    if (this.#apart !== undefined) {
      this.group = undefined;
      const members = indices.map((index) => this.#apart!.member(index, this.#chassisOf(index)));
      this.#threads = members;
      this.#all = members;
    } else {
      const group = new InstanceGroup(instances, samog, () => this.#managers);
      this.group = group;
      const members = indices.map((index) => {
        const ledger = new StreamLedger();
        const own = { ...options, replication: { ...replication, instance: this.#first + index } };
        const place = { ...group.dependenciesOf(index, dependencies), index };
        return new InstanceOfPair(own, { ...dependencies, ...place }, this.#chassisOf(index), ledger);
      });
      this.#here = members;
      this.#all = members;
    }
    this.ledger = mergedLedger(this.#all.map(({ ledger }) => ledger));
    this.#renewed();
  }

  /** The session managers, whether they serve or follow the peer's, as one; another object once they have begun anew. */
  get reader(): ManagerReader {
    return this.#apart?.reader ?? this.group!.reader;
  }

  /** As far as they are in this thread. */
  get managers(): readonly SessionManager[] {
    return this.#apart?.managers ?? this.#managers;
  }

  /** Ends a session by the operator's word, if there is one. */
  clear(mac: MacAddress, now: Instant): void {
    if (this.#apart !== undefined) this.#apart.clear(mac);
    else this.group!.clear(mac, 'operator', now);
  }

  /** Goes on with another configuration, and so does whatever serves later. */
  reconfigure(samog: SamogConfig, now: Instant): void {
    if (this.#apart !== undefined) return this.#apart.reconfigure(samog);
    for (const instance of this.#here) instance.reconfigure(samog);
    this.group!.reconfigure(samog, now);
  }

  receive(...packet: Parameters<PacketInput['receive']>): void {
    if (this.#apart !== undefined) this.#apart.receive(...packet);
    else this.group!.receive(...packet);
  }

  /** Whether what they send may leave has changed. */
  serve(serves: boolean): void {
    this.#apart?.serve(serves);
  }

  /** They serve, are about to, or have just ceased to. */
  get isActive(): boolean {
    return this.#all[0]!.isActive;
  }

  get records(): number {
    return this.#sum((instance) => instance.records);
  }

  get unprotected(): number {
    return this.#sum((instance) => instance.unprotected);
  }

  holds(callId: number): boolean {
    return this.#all.some((instance) => instance.holds(callId));
  }

  /** Each of them with its stream. */
  each(now: Instant): readonly InstanceStatus[] {
    return this.#all.map((instance, index) => ({
      instance: this.#first + index,
      stream: instance.replication(now),
      records: instance.records,
      ledger: instance.ledger,
    }));
  }

  /** All streams as one. */
  replication(now: Instant): StreamStatus {
    return mergedStreams(this.#all.map((instance) => instance.replication(now)));
  }

  checkpointsOf(callId: number, now: Instant): SessionCheckpoints | undefined {
    for (const instance of this.#all) {
      const checkpoints = instance.checkpointsOf(callId, now);
      if (checkpoints !== undefined) return checkpoints;
    }
    return undefined;
  }

  /** Of the first instance: all call the same things by the same numbers. */
  identifiers(): ReturnType<InstanceOfPair['identifiers']> {
    return this.#all[0]!.identifiers();
  }

  /** Compares with the standby now; false if there is one that has none which holds all there is. */
  audit(now: Instant): boolean {
    const begun = this.#all.map((instance) => instance.audit(now));
    return begun.every((began) => began);
  }

  /** Brings every session up; `done` is told how many found no place, which are counted. */
  commit(done: (refused: number) => void): void {
    this.#unfinished = undefined;
    this.#peerReady.fill(false);
    this.#ask<number>(
      (instance, answer) => instance.commit(answer),
      (counts) => {
        const refused = counts.reduce((sum, each) => sum + each, 0);
        this.#chassis.count('records.refused', refused);
        done(refused);
      },
    );
  }

  /** `done` is told how many sessions have packets that would not be forwarded as the session has it. */
  readBack(done: (differing: number) => void): void {
    this.#ask<number>(
      (instance, answer) => instance.readBack(answer),
      (differing) => done(differing.reduce((sum, each) => sum + each, 0)),
    );
  }

  /** Tells the last of every session; `done` is told where each stream ends with it. Nothing is on instances that have none. */
  finish(done: (positions: readonly StreamPosition[]) => void): void {
    this.#ask<StreamPosition | undefined>(
      (instance, answer) => instance.finish(answer),
      (positions) => done(positions.flatMap((position) => position ?? [])),
    );
  }

  /** The ports are open. */
  startServing(): void {
    if (!this.isActive) return;
    const now = this.#chassis.now();
    const group = this.#apart ?? this.group!;
    group.start(now);
    // Who takes back the role that it gave away began long ago, and the peer may have served meanwhile.
    const begins = this.#accountingOn === 'not-served-yet' && this.#all.every((member) => member.beginsAnew);
    if (!begins) return this.#keepFromAccountingOn();
    this.#accountingOn = 'held';
    group.holdAccounting(now);
    this.#announceAccounting();
  }

  /** Has nothing new asked of AAA; `ChassisOfInstances.settled` says when all that was asked has been answered. */
  settle(): void {
    for (const index of this.#all.keys()) this.#settling.add(index);
    for (const instance of this.#all) instance.settle();
  }

  /** AAA is asked again. */
  goOn(): void {
    this.#settling.clear();
    for (const instance of this.#all) instance.goOn();
  }

  keepPromises(): void {
    for (const instance of this.#all) instance.keepPromises();
  }

  beginStandby(): void {
    this.#refills.clear();
    this.#unfinished = undefined;
    this.#synchronised.fill(false);
    this.#wasSynchronised = false;
    for (const instance of this.#all) instance.beginStandby();
    this.#renewed();
  }

  connected(): void {
    this.#peerReady.fill(false);
    for (const instance of this.#all) instance.connected();
  }

  disconnected(): void {
    this.#unfinished = undefined;
    this.#peerReady.fill(false);
    // It may take over with what it has been sent, and this chassis not hear of it.
    if (this.#accountingOn === 'held') this.#keepFromAccountingOn();
    for (const instance of this.#all) instance.disconnected();
  }

  /** The chassis knows more of its peer. */
  helloHeard(): void {
    this.#announceAccounting();
  }

  answerCame(message: ReceiverMessage): void {
    this.#ofStream(message)?.answerCame(message);
  }

  recordsCame(term: number, message: SenderMessage, reads: boolean): void {
    this.#ofStream(message)?.recordsCame(term, message, reads);
  }

  /** Nothing comes on the streams behind these positions. */
  endsAt(positions: readonly StreamPosition[]): void {
    this.#unfinished = new Set(this.#all.keys());
    for (const [index, instance] of this.#all.entries()) {
      instance.endsAt(positions.filter((position) => position.instance === this.#first + index));
    }
  }

  /** The thread of an instance has ended. */
  threadEnded(index: number, how: EndOfThread): void {
    const asks = this.#threads[index]!.ended();
    if (!this.isActive) return;
    // What has been told of its sessions nobody knows any more.
    this.#keepFromAccountingOn();
    this.#refills.ended(index, how, asks);
  }

  /** Another thread takes its role; `filled` as of `MemberThread`. */
  threadBegun(index: number, filled: Filled): void {
    this.#refills.begun(index, this.#threads[index]!, filled);
  }

  /** Begins an instance of this thread anew, with its sessions; returns how many of them are lost. */
  restart(index: number): number {
    if (!this.isActive && this.#synchronised[index]) this.#synchronisedChanged(index, false);
    // It does not know what waits for Accounting-On.
    if (this.isActive) this.#keepFromAccountingOn();
    const lost = this.#here[index]!.restart();
    this.#renewed();
    if (this.isActive) this.#peerReadyChanged(index, false);
    this.#watches(index);
    return lost;
  }

  advance(reads: boolean): void {
    for (const instance of this.#all) instance.advance(reads);
    this.#refills.advance(this.#threads);
  }

  nextDeadline(reads: boolean): Instant {
    let earliest = this.#refills.nextDeadline();
    for (const instance of this.#all) earliest = Math.min(earliest, instance.nextDeadline(reads));
    return earliest;
  }

  /** The first instance watches the peers. */
  #watches(index: number): void {
    if (index === 0 && this.isActive && this.#chassis.serves()) (this.#apart ?? this.group!).start(this.#chassis.now());
  }

  #ofStream({ instance }: { readonly instance: number }): MemberOfPair | undefined {
    const found = this.#all[instance - this.#first];
    if (found === undefined) this.#chassis.count('stream.unknown-instance');
    return found;
  }

  /** Session managers that were made anew take the place of the others. */
  #renewed(): void {
    this.#managers = this.#here.map(({ manager }) => manager);
  }

  #sum(of: (instance: MemberOfPair) => number): number {
    return this.#all.reduce((total, instance) => total + of(instance), 0);
  }

  /** Asks every instance, in their order, and goes on when the last has answered. */
  #ask<Answer>(
    ask: (instance: MemberOfPair, answer: (answer: Answer) => void) => void,
    done: (answers: readonly Answer[]) => void,
  ): void {
    const answers = new Map<number, Answer>();
    for (const [index, instance] of this.#all.entries()) {
      ask(instance, (answer) => {
        answers.set(index, answer);
        if (answers.size === this.count) done([...this.#all.keys()].map((each) => answers.get(each)!));
      });
    }
  }

  #chassisOf(index: number): ConstructorParameters<typeof InstanceOfPair>[2] {
    const { happened: _, handOver: __, peerIsSurelyStandby: ___, settled: ____, ...shared } = this.#chassis;
    return {
      ...shared,
      synchronisedChanged: (is) => this.#synchronisedChanged(index, is),
      barrierReached: () => this.#barrierReached(index),
      settled: () => {
        if (this.#settling.delete(index) && this.#settling.size === 0) this.#chassis.settled();
      },
      peerReadyChanged: (is) => this.#peerReadyChanged(index, is),
      refilled: () => this.#refills.refilled(index),
    };
  }

  #synchronisedChanged(index: number, is: boolean): void {
    this.#synchronised[index] = is;
    const all = this.#synchronised.every((each) => each);
    if (all === this.#wasSynchronised) return;
    this.#wasSynchronised = all;
    this.#chassis.happened({ kind: all ? 'synchronised' : 'resynchronisationBegan' });
  }

  #barrierReached(index: number): void {
    if (this.#unfinished?.delete(index) !== true || this.#unfinished.size > 0) return;
    this.#unfinished = undefined;
    this.#chassis.happened({ kind: 'switchoverBarrierReached' });
  }

  #peerReadyChanged(index: number, is: boolean): void {
    this.#peerReady[index] = is;
    const instancesReady = this.#peerReady.filter((each) => each).length;
    this.#announceAccounting();
    this.#chassis.happened({ kind: 'peerReadyChanged', instancesReady, instances: this.count });
  }

  /**
   * Once the peer is READY it has no sessions of its own any more, that Accounting-On would end; but it may have taken over
   * since it said so, and serve them.
   */
  #announceAccounting(): void {
    if (this.#accountingOn !== 'held' || !this.#peerReady.every((each) => each)) return;
    if (!this.#chassis.peerIsSurelyStandby()) return;
    this.#accountingOn = 'over';
    (this.#apart ?? this.group!).announceAccounting(this.#chassis.now(), true);
  }

  /** No Accounting-On will be sent; records do not wait for it. */
  #keepFromAccountingOn(): void {
    if (this.#accountingOn === 'held') (this.#apart ?? this.group!).releaseAccounting(this.#chassis.now());
    this.#accountingOn = 'over';
  }
}
