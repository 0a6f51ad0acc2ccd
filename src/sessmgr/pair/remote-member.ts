import type { SessionCheckpoints } from '../../icsr/replication/statistics.ts';
import { type Instant, never } from '../../kernel/instant.ts';
import { LatencyCounts, LatencyHistogram } from '../../kernel/latency-histogram.ts';
import { unreachable } from '../../kernel/unreachable.ts';
import type { StreamPosition } from '../../wire/srp/messages.ts';
import type { InstanceMemory } from '../instances/instance-memory.ts';
import type { Answers } from '../instances/instance-messages.ts';
import type { RemoteGroup } from '../instances/remote-group.ts';
import type { ChassisOfInstance } from './instance-of-pair.ts';
import type { FromMember, MemberLook, ToMember } from './member-messages.ts';
import type { Filled, MemberOfPair, MemberThread } from './member-of-pair.ts';
import type { LedgerReader, StreamStatus } from './merged-streams.ts';

const noCounts = new LatencyHistogram().counts().values();

const nothingTold = { isLinked: false, highestTerm: -1, reads: false };

type ReplicationCounts = ReturnType<LedgerReader['counts']>;

/** What a chassis has kept itself, for the case that nobody has sent records. */
export interface MemberRecovery {
  /** Of the service, if so. */
  restartCounter(): number;
  recovered(adoption: Answers['adopt']): void;
}

/**
 * A session manager instance of a chassis of a pair that is in a thread of its own, as its chassis sees it. What it shows
 * is as it was at the last look, but for what lies in shared memory.
 */
export class RemoteMember implements MemberOfPair, MemberThread {
  readonly ledger: LedgerReader;
  readonly #index: number;
  readonly #group: RemoteGroup;
  readonly #memory: InstanceMemory;
  readonly #recovery: MemberRecovery;
  readonly #chassis: ChassisOfInstance;
  readonly #disabledNacks = new Set<number>();
  #role: 'none' | 'standby' | 'active' = 'none';
  #beginsAnew = false;
  #peerReady = false;
  #told = nothingTold;
  /** Of the thread that has ended last, for the one after it. */
  #lost = { restartCounter: 0, epoch: 0 };
  /** Of one that waits for its sessions. */
  #filled: Filled | undefined;
  /** What threads that have ended had counted, and what was seen of the last of them. */
  #formerCounts: Readonly<Partial<ReplicationCounts>> = {};
  #formerLook: MemberLook | undefined;

  constructor(
    index: number,
    group: RemoteGroup,
    memory: InstanceMemory,
    recovery: MemberRecovery,
    chassis: ChassisOfInstance,
  ) {
    this.#recovery = recovery;
    this.#index = index;
    this.#group = group;
    this.#memory = memory;
    this.#chassis = chassis;
    this.ledger = this.#ledger();
  }

  get isActive(): boolean {
    return this.#role === 'active';
  }

  get beginsAnew(): boolean {
    return this.#beginsAnew;
  }

  get records(): number {
    return this.#memory.factsOf(this.#index).records;
  }

  get unprotected(): number {
    return this.#memory.factsOf(this.#index).unprotected;
  }

  /** Of the sessions that were looked for. */
  holds(callId: number): boolean {
    return this.#group.readers[this.#index]!.registry.hasId(callId);
  }

  replication(): StreamStatus {
    return this.#look?.stream ?? {};
  }

  checkpointsOf(callId: number): SessionCheckpoints | undefined {
    return this.#look?.checkpoints.find(([id]) => id === callId)?.[1];
  }

  identifiers(): MemberLook['identifiers'] {
    return this.#look?.identifiers ?? { own: { apns: [], services: [], vpns: [] }, peer: undefined };
  }

  audit(): boolean {
    if (!this.#peerReady) return false;
    this.#tell({ kind: 'audit' });
    return true;
  }

  commit(answer: (refused: number) => void): void {
    this.#role = 'active';
    this.#peerReady = false;
    this.#sync();
    this.#group.ask(this.#index)('commit', this.#recovery.restartCounter(), (committed) => {
      this.#beginsAnew = committed?.beginsAnew === true;
      if (committed?.recovered !== undefined) this.#recovery.recovered(committed.recovered);
      answer(committed?.refused ?? 0);
    });
  }

  readBack(answer: (differing: number) => void): void {
    this.#group.ask(this.#index)('readBack', undefined, (differing) => answer(differing ?? 0));
  }

  settle(): void {
    this.#tell({ kind: 'settle' });
  }

  goOn(): void {
    this.#tell({ kind: 'goOn' });
  }

  keepPromises(): void {
    this.#tell({ kind: 'keepPromises' });
  }

  finish(answer: (position: StreamPosition | undefined) => void): void {
    this.#group.ask(this.#index)('finish', undefined, (position) => answer(position ?? undefined));
  }

  beginStandby(): void {
    this.#role = 'standby';
    this.#beginsAnew = false;
    this.#peerReady = false;
    this.#tell({ kind: 'beginStandby' });
    this.#isFilled();
  }

  connected(): void {
    this.#peerReady = false;
    this.#tell({ kind: 'connected' });
  }

  disconnected(): void {
    this.#peerReady = false;
    this.#tell({ kind: 'disconnected' });
  }

  answerCame(message: Parameters<MemberOfPair['answerCame']>[0]): void {
    this.#tell({ kind: 'answerCame', message });
  }

  recordsCame(...[term, message, reads]: Parameters<MemberOfPair['recordsCame']>): void {
    this.#tell({ kind: 'recordsCame', term, message, reads });
  }

  endsAt(positions: readonly StreamPosition[]): void {
    this.#tell({ kind: 'endsAt', positions });
  }

  /** Whether its equal has everything that was promised, or has promised it itself. */
  get isProtected(): boolean {
    return this.#chassis.isLinked() && (this.#peerReady || this.#role === 'standby');
  }

  ended(): boolean {
    const { restartCounter, epoch } = this.#memory.factsOf(this.#index);
    this.#lost = { restartCounter, epoch };
    this.#memory.setFacts(this.#index, { records: 0, unprotected: 0, restartCounter, epoch });
    this.#formerCounts = this.#counts();
    this.#formerLook = this.#look;
    this.#filled = undefined;
    if (this.#role === 'standby') this.#chassis.synchronisedChanged(false);
    const { isProtected } = this;
    if (this.#peerReady) this.#chassis.peerReadyChanged(false);
    this.#peerReady = false;
    return isProtected;
  }

  begun(asks: boolean, filled: Filled): void {
    const { restartCounter, epoch } = this.#lost;
    // What was said while there was no thread nobody has heard.
    this.#told = nothingTold;
    for (const cmdId of this.#disabledNacks) this.#tell({ kind: 'nack', cmdId, enabled: false });
    if (this.#role === 'standby') this.#tell({ kind: 'standbyAgain' });
    if (this.#role !== 'active') return filled();
    this.#filled = filled;
    this.#tell({ kind: 'refill', asks, after: epoch, restartCounter });
  }

  endRefill(): void {
    this.#tell({ kind: 'endRefill' });
  }

  /** It has a clock of its own: what it does not know is whether records are taken. */
  advance(reads: boolean): void {
    this.#sync(reads);
  }

  nextDeadline(): Instant {
    return never;
  }

  /** What the instance has said. */
  heard(said: FromMember): void {
    switch (said.kind) {
      case 'synchronised':
        return this.#chassis.synchronisedChanged(said.is);
      case 'peerReady':
        this.#peerReady = said.is;
        return this.#chassis.peerReadyChanged(said.is);
      case 'barrierReached':
        return this.#chassis.barrierReached();
      case 'settled':
        return this.#chassis.settled();
      case 'refilled':
        this.#isFilled(said.sessions, said.refused);
        return this.#chassis.refilled(said.sessions, said.refused);
      case 'send':
        return this.#chassis.send(said.message);
      case 'count':
        return this.#chassis.count(said.counter, said.by);
      default:
        return unreachable(said);
    }
  }

  get #look(): MemberLook | undefined {
    return this.#group.looks[this.#index]!.member;
  }

  #isFilled(...sessions: Parameters<Filled>): void {
    const filled = this.#filled;
    this.#filled = undefined;
    filled?.(...sessions);
  }

  #counts(): ReplicationCounts {
    const look = this.#look;
    const present: Partial<ReplicationCounts> = look === this.#formerLook ? {} : (look?.counts ?? {});
    const names = Object.keys({ ...this.#formerCounts, ...present }) as (keyof ReplicationCounts)[];
    const sums = names.map((name) => [name, (this.#formerCounts[name] ?? 0) + (present[name] ?? 0)]);
    return Object.fromEntries(sums) as ReplicationCounts;
  }

  #tell(message: ToMember): void {
    this.#sync();
    this.#group.send(this.#index, { kind: 'member', message });
  }

  #sync(reads = this.#told.reads): void {
    const isLinked = this.#chassis.isLinked();
    const highestTerm = this.#chassis.highestTerm();
    const { isLinked: wasLinked, highestTerm: before, reads: read } = this.#told;
    if (isLinked === wasLinked && highestTerm === before && reads === read) return;
    this.#told = { isLinked, highestTerm, reads };
    this.#group.send(this.#index, { kind: 'member', message: { kind: 'chassis', ...this.#told } });
  }

  #ledger(): LedgerReader {
    const look = () => this.#look;
    return {
      counts: () => this.#counts(),
      setNackEnabled: (cmdId, enabled) => {
        if (enabled) this.#disabledNacks.delete(cmdId);
        else this.#disabledNacks.add(cmdId);
        this.#tell({ kind: 'nack', cmdId, enabled });
      },
      disabledNackCmdIds: () => [...this.#disabledNacks].sort((a, b) => a - b),
      checkpoints: {
        view: () => [...(look()?.kinds ?? [])],
        acknowledgementTimes: { counts: () => new LatencyCounts(look()?.acknowledgements ?? noCounts) },
      },
    };
  }
}
