import { sameEntry } from '../../forwarding/flow-table.ts';
import { checkpoints } from '../../icsr/catalogue/catalogue.ts';
import type { IdentifierMaps } from '../../icsr/instance/identifier-maps.ts';
import { instanceRecordsOf } from '../../icsr/instance/instance-records.ts';
import type { ReceiverMessage, SenderMessage } from '../../icsr/replication/replication-receiver.ts';
import { ReplicationSender } from '../../icsr/replication/replication-sender.ts';
import type { CheckpointSource, InstanceRecord } from '../../icsr/replication/sender-config.ts';
import type { CheckpointStatistics } from '../../icsr/replication/statistics.ts';
import type { MacAddress } from '../../kernel/address.ts';
import { type Instant, never } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';
import { encodeStoppedAccounts } from '../../services/samog/accounting/checkpoint.ts';
import type { StoppedAccount } from '../../services/samog/accounting/stopped-accounts.ts';
import { command } from '../../services/samog/checkpoints/commands.ts';
import {
  type Checkpoint,
  type CheckpointContext,
  carriesMedia,
  diff,
  fullCheckpoint,
  idleCheckpoint,
  mediaStatisticsCheckpoint,
  statisticsCheckpoint,
} from '../../services/samog/checkpoints/diff.ts';
import { identifierMapsOf } from '../../services/samog/checkpoints/identifiers.ts';
import { encodeRestartCounters } from '../../services/samog/checkpoints/restart-counters.ts';
import { resume } from '../../services/samog/checkpoints/resume.ts';
import { isSaved, type SessionRecord, savedId, savedOf } from '../../services/samog/checkpoints/saved-session.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import type { EventSink } from '../../services/samog/events.ts';
import type { SessionEvent } from '../../services/samog/session/event.ts';
import { forwardingEntryOf } from '../../services/samog/session/forwarding-entry.ts';
import { type LiveSession, type Session, sessionId, sessionMac } from '../../services/samog/session/state.ts';
import type { SrpMessageOf, StreamPosition } from '../../wire/srp/messages.ts';
import type { OutputCommit } from '../effect-interpreter.ts';
import { salvage } from '../recovery/salvage.ts';
import { SessionManager } from '../session-manager.ts';
import type { SessionManagerDependencies } from '../session-manager-parts.ts';
import type { SessionObserver } from '../session-observer.ts';
import { BoundAlone } from './bound-alone.ts';
import { CheckpointTrail } from './checkpoint-trail.ts';
import type { DormantSessions } from './dormant-sessions.ts';
import { InterceptStream } from './intercept-stream.ts';
import type { ReplicationOptions } from './options.ts';
import { revisionOf } from './record-revision.ts';
import { type ToldRow, ToldSessions } from './told-sessions.ts';
import { WakingSessions } from './waking-sessions.ts';

/** What a UE uses is told a hundredth of the sessions at a time. */
const usageTicks = 100;
/** Idle-Timeout is told at most so often: what resumes a session counts with a report of this age. */
const idleIntervalMs = 10_000;
/** What a session that carries media has used is told as such so often: the operator's catalogue gives GR 18 s. */
const mediaIntervalMs = 18_000;
/** A standby that is connected and has not acknowledged for so long counts as none. */
const knownLimitMs = 60_000;
/** Checkpoints of a move of the data path. */
const movesPath: ReadonlySet<number> = new Set([command.accessSwitch.cmdId, command.eogreTunnel.cmdId]);

/** Stopped accounts that a standby is told of when it begins to follow, the latest; and how many a record has, of some 50 octets each. */
const stoppedToldMax = 4096;
const stoppedPerRecord = 64;

/**
 * The sessions of the chassis that serves: follows each change with checkpoints, and keeps replies back until the standby
 * has what they promise.
 */
export class ActiveSessions implements SessionObserver, OutputCommit, CheckpointSource, Timed {
  readonly manager: SessionManager;
  readonly sender: ReplicationSender;
  /** What this chassis calls by numbers. */
  readonly identifiers: IdentifierMaps;
  readonly #options: ReplicationOptions;
  readonly #intercepts: InterceptStream | undefined;
  /** Follows the sessions as well, also those that are held for nobody yet. */
  readonly #observer: SessionObserver | undefined;
  /** Where what happens is told; undefined for nowhere. */
  readonly report: EventSink | undefined;
  readonly #trail: CheckpointTrail;
  /** Sessions that the sender will ask for whole, because of what was not sent or was refused. */
  readonly #awaited = new Set<number>();
  readonly #told = new ToldSessions();
  /** What the peer is not known to have. */
  readonly boundAlone = new BoundAlone();
  readonly #vmac: CheckpointContext['vmac'];
  readonly #clock: () => Instant;
  readonly #usageOf: CheckpointContext['usageOf'] = (id) => this.manager.flows.usage(id);
  #isConnected = false;
  /** The epoch that the standby follows, if it will not open the stream. */
  #after: number | undefined;
  #usageAt: Instant = never;
  /** Where in the flow table the walk over what UEs have used has come to. */
  #usageFrom = 0;
  /** When a session that carries media was last told of as such. */
  readonly #mediaToldAt = new Map<number, Instant>();
  /** Sessions that were found to be forwarded otherwise than they are when they were held. */
  readonly #misdirected = new Set<number>();
  /** Sessions taken over that are still to be made. */
  #dormant: DormantSessions | undefined;
  #waking: WakingSessions | undefined;

  constructor(
    options: ReplicationOptions,
    config: SamogConfig,
    { observer, ...dependencies }: Omit<SessionManagerDependencies, 'commit'>,
    clock: () => Instant,
    send: (message: SenderMessage) => void,
    statistics?: CheckpointStatistics,
  ) {
    this.#options = options;
    this.#observer = observer;
    this.report = dependencies.report;
    this.#trail = new CheckpointTrail(dependencies.report, 'standby');
    this.#clock = clock;
    this.#vmac = config.cgwService.access.vmac;
    this.identifiers = identifierMapsOf(config);
    this.sender = new ReplicationSender(options, { source: this, send, statistics });
    const { intercepts } = dependencies;
    this.#intercepts = intercepts && new InterceptStream(intercepts, this.sender);
    this.manager = new SessionManager(config, { ...dependencies, observer: this, commit: this });
  }

  /**
   * Holds a session as a record has it, so that it can be served from one moment to the next. Nobody is told, and it costs
   * no more than that one session: a standby calls it for each record that has changed. Deadlines are in the clock that
   * shows `now`. False if it finds no place.
   */
  hold(id: number, record: SessionRecord, now: Instant): boolean {
    const { registry } = this.manager;
    const before = registry.ofId(id)?.session;
    if (!this.manager.hold(resume(record, now))) return false;
    this.#observer?.changed(before, registry.ofId(id)?.session, now, undefined);
    const { saved } = record;
    const told = this.#told.obtain(id);
    this.#told.set(told, 'revision', revisionOf(record));
    this.#told.set(told, 'baseRevision', record.baseRevision);
    this.sender.present(id, saved.kind === 'Live' ? saved.durable.createdAt : now);
    this.#readBack(id);
    return true;
  }

  /**
   * Takes over sessions that are made one by one: who is looked for at once, and the others by and by. Until all of them are, no
   * standby is told of any: it would take those made so far for all there are.
   */
  holdDormant(dormant: DormantSessions): void {
    if (dormant.size === 0) return;
    this.#dormant = dormant;
    const wake = (id: number, record: SessionRecord, now: Instant) => void this.hold(id, record, now);
    this.#waking = new WakingSessions(this.#options.waking, dormant, wake, this.#clock);
    this.#lookedForIn(this.#waking);
  }

  /** Holds a session no longer. */
  release(id: number, now: Instant): void {
    const before = this.manager.registry.ofId(id)?.session;
    this.manager.release(id);
    if (before !== undefined) this.#observer?.changed(before, undefined, now, undefined);
    this.#told.delete(id);
    this.#misdirected.delete(id);
    this.sender.absent(id);
  }

  /** So many sessions will be held. */
  reserve(sessions: number): void {
    const { registry, flows } = this.manager;
    const expected = Math.min(sessions, registry.sessionsMax);
    registry.reserve(expected);
    flows.reserve(expected);
    this.sender.reserve(expected);
    this.#told.reserve(expected);
  }

  /** What the session manager was given by others than a peer, and a standby is to be sent. */
  adopted(now: Instant): void {
    for (const { session } of this.manager.registry.sessions()) {
      const id = sessionId(session);
      this.#told.obtain(id);
      this.#readBack(id);
      this.sender.present(id, session.kind === 'Live' ? session.durable.createdAt : now);
    }
  }

  /**
   * The identifiers of sessions whose packets would not be forwarded as the session has it. Each was read back when it was
   * held; they are all read back again only if there are more or fewer entries than sessions that have one.
   */
  differing(): readonly number[] {
    const { registry, flows } = this.manager;
    const { Admitted, Established, Released, Deregistered } = registry.inState;
    if (flows.size === Admitted + Established + Released + Deregistered) {
      for (const id of this.#misdirected) this.#readBack(id);
    } else for (const { session } of registry.sessions()) this.#readBack(sessionId(session));
    return [...this.#misdirected];
  }

  /** All sessions as they are, for a standby that begins with them. */
  *records(): Generator<readonly [number, SessionRecord]> {
    for (const { session } of this.manager.registry.sessions()) {
      if (!isSaved(session)) continue;
      const id = sessionId(session);
      const saved = savedOf(session, this.manager.flows.usage(id));
      yield [id, { saved, baseRevision: this.#told.get(this.#told.obtain(id), 'revision'), newer: undefined }];
    }
    if (this.#dormant !== undefined) yield* this.#dormant.records();
  }

  /** All sessions as far as they make sense, and how many do not. Never throws. */
  salvaged(now: Instant): {
    readonly records: readonly (readonly [number, SessionRecord])[];
    readonly refused: number;
  } {
    const { records, refused } = salvage(this.manager, now);
    const known = records.map((record) => {
      const id = savedId(record);
      return [id, { ...record, baseRevision: this.#told.get(this.#told.obtain(id), 'revision') }] as const;
    });
    const lost = Array.from(refused.values()).reduce((sum, count) => sum + count, 0);
    return { records: [...known, ...(this.#dormant?.records() ?? [])], refused: lost };
  }

  /** @param after as of `ReplicationSender` */
  connected(now: Instant, after?: number): void {
    this.#isConnected = true;
    this.#after = after;
    if (this.#waking !== undefined) return;
    this.sender.connected(now, after);
    this.#usageAt = now + this.#options.statisticsIntervalMs / usageTicks;
  }

  disconnected(now: Instant): void {
    this.#isConnected = false;
    this.#usageAt = never;
    this.#intercepts?.disconnected();
    this.sender.disconnected(now);
    this.#trail.broken();
    this.#awaited.clear();
  }

  receive(message: ReceiverMessage, now: Instant): void {
    const { epoch } = this.sender;
    if (message.kind === 'streamNack') {
      if (message.reason === 'bound-alone') return this.#registerAgain(message.callId, now);
      this.#refused(message, now);
    }
    this.sender.receive(message, now);
    if (this.sender.epoch !== epoch) this.boundAlone.beginsAnew();
    if (this.isPeerReady) this.boundAlone.acknowledged(this.sender.acknowledgedSequence, this.sender.lastSequence);
    if (this.sender.epoch !== epoch) this.#trail.broken();
    else if (message.kind === 'streamAck' && message.epoch === epoch) this.#trail.acknowledged(message.sequence, now);
  }

  /** Whether the standby holds all there is. */
  get isPeerReady(): boolean {
    return this.#isConnected && this.sender.state === 'ready' && this.sender.isSynchronised;
  }

  /** Tells the last of every session, and where the stream ends with it. */
  finish(now: Instant): StreamPosition {
    this.#usageFrom = 0;
    this.#mediaToldAt.clear();
    this.#tellUsed(this.manager.flows.slots, now);
    this.#intercepts?.finish(now);
    this.sender.flush(now);
    // The peer takes over with this.
    this.boundAlone.clear();
    const { epoch, lastSequence } = this.sender.status(now);
    return { instance: this.#options.instance, epoch, sequence: lastSequence };
  }

  changed(
    before: Session | undefined,
    after: Session | undefined,
    now: Instant,
    event: SessionEvent | undefined,
  ): void {
    // While it is set up nobody is told of a session, at none of its steps.
    if ((before !== undefined && isSaved(before)) || (after !== undefined && isSaved(after))) {
      this.#follow(before, after, now, event);
    }
    this.boundAlone.changed(before, after);
    this.#observer?.changed(before, after, now, event);
  }

  afterCheckpoint(callId: number, now: Instant, send: () => void): void {
    this.#whenAcknowledged(callId, now, now + this.#options.commitLimitMs, send);
  }

  whenKnown(callId: number, now: Instant, send: (now: Instant) => void): void {
    this.#whenAcknowledged(callId, now, now + knownLimitMs, send);
  }

  #whenAcknowledged(callId: number, now: Instant, deadline: Instant, send: (now: Instant) => void): void {
    const { state, epoch } = this.sender;
    const told = this.#told.find(callId);
    const isOf = told !== undefined && this.#told.get(told, 'epoch') === epoch;
    // What was said in a former epoch may be lost with it.
    if (told !== undefined && state === 'ready' && (!isOf || this.#told.get(told, 'sequence') === 0)) {
      // Replies wait for it: it is told as a change is.
      this.#awaited.add(callId);
      const whole = this.encode(callId);
      if (whole !== undefined) this.#placed(told, this.sender.full(callId, whole.payload, whole.revision, now));
    }
    const sequence = told === undefined ? 0 : this.#told.get(told, 'sequence');
    const onResult = (_: unknown, at: Instant) => send(at);
    const result = this.sender.whenAcknowledged({ callId, sequence, deadline, onResult });
    if (result !== 'waiting') send(now);
  }

  encode(callId: number): { readonly payload: Uint8Array; readonly revision: number } | undefined {
    const session = this.manager.registry.ofId(callId)?.session;
    if (session === undefined || !isSaved(session)) return undefined;
    const told = this.#told.obtain(callId);
    const context = this.#contextOf(told, this.#clock());
    this.#told.set(told, 'revision', context.revision);
    this.#told.set(told, 'baseRevision', context.revision);
    if (this.#awaited.delete(callId)) this.#tellWhole(session, context.now);
    return { payload: fullCheckpoint(session, context).payload, revision: context.revision };
  }

  instanceRecords(occasion: 'ready' | 'periodic'): readonly InstanceRecord[] {
    const records = instanceRecordsOf(this.identifiers, occasion);
    if (occasion === 'ready') this.#intercepts?.begin(this.#clock());
    return occasion === 'ready' ? [...records, this.#restartCounters(), ...this.#stoppedAccounts()] : records;
  }

  accountStopped(account: StoppedAccount, now: Instant): void {
    this.sender.instanceLevel(checkpoints.stoppedAccounts.address, encodeStoppedAccounts([account]), now);
  }

  restartCountersChanged(now: Instant): void {
    const { address, payload } = this.#restartCounters();
    this.sender.instanceLevel(address, payload, now);
  }

  /** What concerns the stream; the session manager is advanced by whoever knows whether it serves. */
  advance(now: Instant): void {
    this.sender.advance(now);
    this.#intercepts?.advance(now);
    this.#wake(now);
    if (now < this.#usageAt) return;
    this.#usageAt = now + this.#options.statisticsIntervalMs / usageTicks;
    this.#tellUsed(Math.ceil(this.manager.flows.slots / usageTicks), now);
  }

  nextDeadline(): Instant {
    const usageAt = this.manager.registry.size === 0 ? never : this.#usageAt;
    return Math.min(this.sender.nextDeadline(), usageAt, this.#wakesAt, this.#intercepts?.nextDeadline() ?? never);
  }

  get #wakesAt(): Instant {
    if (this.#waking === undefined) return never;
    return this.#waking.size === 0 ? Number.NEGATIVE_INFINITY : this.#waking.nextDeadline();
  }

  #lookedForIn(waking: WakingSessions | undefined): void {
    this.manager.registry.dormant = waking;
    this.manager.flows.absent = waking;
  }

  /** A slice of the dormant sessions; with the last of them the standby may begin. */
  #wake(now: Instant): void {
    if (this.#waking === undefined) return;
    this.#waking.advance(now);
    if (this.#waking.size > 0) return;
    this.#waking = undefined;
    this.#dormant = undefined;
    this.#lookedForIn(undefined);
    if (this.#isConnected) this.connected(now, this.#after);
  }

  #restartCounters(): InstanceRecord {
    const payload = encodeRestartCounters(this.manager.restartCounters);
    return { address: checkpoints.restartCounters.address, payload };
  }

  #stoppedAccounts(): InstanceRecord[] {
    const accounts = this.manager.doors.accounting.stopped.latest(stoppedToldMax, this.#clock());
    const records: InstanceRecord[] = [];
    for (let at = 0; at < accounts.length; at += stoppedPerRecord) {
      const payload = encodeStoppedAccounts(accounts.slice(at, at + stoppedPerRecord));
      records.push({ address: checkpoints.stoppedAccounts.address, payload });
    }
    return records;
  }

  #contextOf(told: ToldRow, now: Instant): CheckpointContext {
    return {
      now,
      revision: this.#told.get(told, 'revision') + 1,
      baseRevision: this.#told.get(told, 'baseRevision'),
      vmac: this.#vmac,
      usageOf: this.#usageOf,
    };
  }

  #follow(
    before: Session | undefined,
    after: Session | undefined,
    now: Instant,
    event: SessionEvent | undefined,
  ): void {
    const session = (after ?? before)!;
    const id = sessionId(session);
    const told = this.#told.obtain(id);
    const context = this.#contextOf(told, now);
    for (const checkpoint of diff(before, after, context, event)) {
      this.#told.set(told, 'revision', Math.max(this.#told.get(told, 'revision'), context.revision));
      const baseRevision = this.#told.get(told, 'baseRevision');
      this.#changed(checkpoint, sessionMac(session), told, context.revision, now);
      // The sender has taken the session whole instead: that holds what is left as well.
      if (this.#told.get(told, 'baseRevision') !== baseRevision) break;
    }
    this.sender.told(now);
    if (after !== undefined) return;
    this.#told.delete(id);
    this.#awaited.delete(id);
    this.#mediaToldAt.delete(id);
  }

  #changed(
    { cmdId, callId, payload }: Checkpoint,
    mac: MacAddress,
    told: ToldRow,
    revision: number,
    now: Instant,
  ): void {
    if (cmdId === command.invalidate.cmdId) {
      this.#tellTrail(cmdId, mac, this.sender.remove(callId, payload, now), now);
      return;
    }
    if (cmdId !== command.session.cmdId) {
      const isAwaited = this.#awaited.has(callId);
      this.#awaited.add(callId);
      const sequence = this.sender.micro(callId, { cmdId, nameIndex: 0 }, payload, revision, now);
      // Else the sender has taken the session whole.
      if (this.#awaited.has(callId)) this.#tellTrail(cmdId, mac, sequence, now);
      if (!isAwaited) this.#awaited.delete(callId);
      this.#placed(told, sequence);
      // The path is in use at once: packets on it wait for no acknowledgement, as replies do.
      if (movesPath.has(cmdId)) this.sender.flush(now);
      return;
    }
    this.#told.set(told, 'baseRevision', revision);
    const sequence = this.sender.full(callId, payload, revision, now);
    this.#tellTrail(cmdId, mac, sequence, now);
    // It is too young: it is asked for when it is old enough.
    if (sequence === 0 && this.sender.state === 'ready') this.#awaited.add(callId);
    this.#placed(told, sequence);
  }

  #tellTrail(cmdId: number, mac: MacAddress, sequence: number, now: Instant): void {
    if (sequence > 0 && this.sender.state === 'ready') this.#trail.told({ cmdId, mac, sequence }, now);
  }

  /** The session is on its way whole, with the next sequence. */
  #tellWhole(session: Session, now: Instant): void {
    const { lastSequence } = this.sender.status(now);
    this.#tellTrail(command.session.cmdId, sessionMac(session), lastSequence + 1, now);
  }

  #refused({ callId, cmdId, sequence, reason }: SrpMessageOf<'streamNack'>, now: Instant): void {
    const session = this.manager.registry.ofId(callId)?.session;
    if (session !== undefined) this.#awaited.add(callId);
    this.#trail.refused({ cmdId, mac: session && sessionMac(session), sequence }, reason, now);
  }

  /** The peer has served, too, and has changed the UE's binding at the LMA. */
  #registerAgain(callId: number, now: Instant): void {
    const place = this.manager.registry.ofId(callId);
    if (place !== undefined) this.manager.dispatch(place, { kind: 'lmaRestarted' }, now);
  }

  #placed(told: ToldRow, sequence: number): void {
    this.#told.set(told, 'sequence', sequence);
    this.#told.set(told, 'epoch', this.sender.epoch);
  }

  #readBack(id: number): void {
    const wanted = forwardingEntryOf(this.manager.registry.ofId(id)?.session, this.manager.accessLists);
    const found = this.manager.flows.readBack(id);
    const same = wanted === undefined || found === undefined ? wanted === found : sameEntry(wanted, found);
    if (same) this.#misdirected.delete(id);
    else this.#misdirected.add(id);
  }

  #tellUsed(slots: number, now: Instant): void {
    const { flows } = this.manager;
    this.#usageFrom = flows.visitUsed('standby', this.#usageFrom, slots, (id) => this.#tellUsage(id, now));
  }

  #tellUsage(id: number, now: Instant): void {
    const session = this.manager.registry.ofId(id)?.session;
    const usage = this.manager.flows.usage(id);
    if (session?.kind !== 'Live' || usage === undefined) return;
    const told = this.#told.obtain(id);
    const context = this.#contextOf(told, now);
    if (this.#isMediaDue(session, now)) {
      this.#mediaToldAt.set(id, now);
      this.#tell(told, mediaStatisticsCheckpoint(session, usage, context), now);
    } else this.#tell(told, statisticsCheckpoint(session, usage, context), now);
    if (now < this.#told.get(told, 'idleToldAt') + idleIntervalMs) return;
    const idle = idleCheckpoint(session, this.#contextOf(told, now));
    if (idle === undefined) return;
    this.#told.set(told, 'idleToldAt', now);
    this.#tell(told, idle, now);
  }

  #isMediaDue(session: LiveSession, now: Instant): boolean {
    const toldAt = carriesMedia(session) ? this.#mediaToldAt.get(session.durable.id) : never;
    return toldAt === undefined || now >= toldAt + mediaIntervalMs;
  }

  /** A fact that no reply promises. */
  #tell(told: ToldRow, { cmdId, callId, payload }: Checkpoint, now: Instant): void {
    const revision = this.#told.get(told, 'revision') + 1;
    this.#told.set(told, 'revision', revision);
    this.sender.micro(callId, { cmdId, nameIndex: 0 }, payload, revision, now);
  }
}
