import type { ChassisContext } from '../../icsr/chassis/context.ts';
import { nextDeadline } from '../../icsr/chassis/deadline.ts';
import type { ChassisEffect } from '../../icsr/chassis/effect.ts';
import type { ChassisEvent } from '../../icsr/chassis/event.ts';
import { startChassis, step } from '../../icsr/chassis/machine.ts';
import {
  type Condition,
  type ConfigurationValidation,
  isSurelyStandby,
  obstacles,
  validateConfiguration,
  validateSwitchover,
} from '../../icsr/chassis/readiness.ts';
import { type Chassis, isHandingOver } from '../../icsr/chassis/state.ts';
import { chassisCounters } from '../../icsr/chassis/statistics.ts';
import { ConfigurationExchange, type ConfigurationStatus } from '../../icsr/configuration/exchange.ts';
import type { SessionCheckpoints } from '../../icsr/replication/statistics.ts';
import type { IpAddress } from '../../kernel/address.ts';
import { Counters } from '../../kernel/counters.ts';
import { type Instant, never } from '../../kernel/instant.ts';
import type { PacketInput, PortName, Timed } from '../../kernel/port.ts';
import { unreachable } from '../../kernel/unreachable.ts';
import type { SrpEnvelope, SrpMessage, SrpMessageOf } from '../../wire/srp/messages.ts';
import type { ManagerReader } from '../manager-reader.ts';
import type { SessionManager } from '../session-manager.ts';
import type { EndOfThread } from './instance-refills.ts';
import { InstancesOfPair } from './instances-of-pair.ts';
import type { DependenciesWithMembers, Filled } from './member-of-pair.ts';
import type { InstanceStatus, LedgerReader, StreamStatus } from './merged-streams.ts';
import type { ChassisCommand, ChassisOfPairOptions } from './options.ts';
import { pairCounters, type RedundancyCounter } from './pair-counters.ts';
import { type PairFacts, PairJournal } from './pair-journal.ts';
import { isPlanned, PlannedSwitchover } from './planned-switchover.ts';
import { Promotion } from './promotion.ts';

/**
 * One chassis of a pair with all that it does, but for sockets: the machine that decides who serves, the sessions while it
 * serves, the records of its peer's while it does not, and the link between both.
 *
 * Events are worked off one after the other, and the effects of each in their order before the next: the term is stored
 * before anything is said under it. What the host calls may not call back.
 */
export class ChassisOfPair implements PacketInput, Timed {
  readonly counters = new Counters([...chassisCounters, ...pairCounters]);
  /** What has become of the role. */
  readonly journal = new PairJournal();
  #options: ChassisOfPairOptions;
  readonly #dependencies: DependenciesWithMembers;
  #now: Instant;
  #chassis: Chassis;
  /** All that concerns sessions and their streams. */
  readonly instances: InstancesOfPair;
  /** There is an authenticated connection to the peer. */
  #isLinked = false;
  /** The ports are open. */
  #isOpen = false;
  /** They stay shut for a while, because the peer may have taken over. */
  #isHeld = false;
  readonly #exchange: ConfigurationExchange | undefined;
  readonly #promotion: Promotion;
  readonly #planned: PlannedSwitchover;
  readonly #events: ChassisEvent[] = [];
  #isBusy = false;

  constructor(options: ChassisOfPairOptions, dependencies: DependenciesWithMembers, now: Instant) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#now = now;
    this.instances = new InstancesOfPair(options, dependencies, {
      now: () => this.#now,
      serves: () => this.serves,
      isLinked: () => this.#isLinked,
      peerIsSurelyStandby: () => isSurelyStandby(this.#chassis, this.#context(0)),
      highestTerm: () => this.#chassis.term.highest,
      send: (message) => this.#send(message),
      settled: () => this.#planned.settled(),
      happened: (event) => this.#happened(event),
      handOver: () => this.#handOver(),
      count: (counter, by) => this.counters.add(counter, by),
    });
    this.#planned = new PlannedSwitchover(options.chassis.settleLimitMs, {
      settle: () => this.instances.settle(),
      handOver: (command) => this.#handOverAsPlanned(command),
      count: (counter) => this.counters.add(counter),
    });
    this.#promotion = new Promotion({
      commit: (done) => this.instances.commit(done),
      readBack: (done) => this.instances.readBack(done),
      announce: () => dependencies.announce(),
      open: () => this.#open(),
      ended: (stage, failure) => {
        if (failure === undefined) this.#happened({ kind: 'promotionStageDone', stage });
        else this.#happened({ kind: 'promotionStageFailed', stage, reason: failure });
      },
    });
    const { configuration, configurationDigest: digest } = options;
    if (configuration !== undefined) {
      const { intervalMs, ...comparable } = configuration;
      this.#exchange = new ConfigurationExchange({ digest, ...comparable }, intervalMs, (message) =>
        this.#send(message),
      );
    }
    this.#chassis = startChassis(options.storedTerm, this.instances.count, this.#context(0), options.store);
  }

  get chassis(): Chassis {
    return this.#chassis;
  }

  /** The sessions, if this chassis serves, is about to, or has just ceased to. */
  get sessions(): ManagerReader | undefined {
    return this.instances.isActive ? this.manager : undefined;
  }

  /** The session managers, whether they serve or follow the peer's, as one: what `show` commands read. */
  get manager(): ManagerReader {
    return this.instances.reader;
  }

  get managers(): readonly SessionManager[] {
    return this.instances.managers;
  }

  /** What the streams have counted, and the switches for NACKs. */
  get ledger(): LedgerReader {
    return this.instances.ledger;
  }

  get serves(): boolean {
    return this.#isOpen && !this.#isHeld;
  }

  /** Of the peer's sessions. */
  get records(): number {
    return this.instances.records;
  }

  /** Whether it serves a session, whatever phase that is in, or has a record of it. */
  holds(callId: number): boolean {
    return this.instances.holds(callId);
  }

  /** The streams to the standby, or from the active, as one. */
  replication(now: Instant): StreamStatus {
    return this.instances.replication(now);
  }

  /** Each session manager instance, with its stream. */
  perInstance(now: Instant): readonly InstanceStatus[] {
    return this.instances.each(now);
  }

  /** Every counter of the machine, the pair and the streams, since the start. */
  counts(): Record<RedundancyCounter, number> {
    return { ...this.counters.snapshot(), ...this.ledger.counts() };
  }

  /** How the checkpoints of a session have gone or come; undefined if there were none. */
  checkpointsOf(callId: number, now: Instant): SessionCheckpoints | undefined {
    return this.instances.checkpointsOf(callId, now);
  }

  /** Goes on with another configuration, of which what is not hot is the same; the peer is told. */
  reconfigure(
    {
      samog,
      configurationDigest,
      configuration,
    }: Pick<ChassisOfPairOptions, 'samog' | 'configurationDigest' | 'configuration'>,
    now: Instant,
  ): void {
    this.#now = now;
    this.#options = { ...this.#options, samog, configurationDigest, ...(configuration && { configuration }) };
    this.instances.reconfigure(samog, now);
    if (configuration !== undefined) {
      this.#exchange?.replace({ digest: configurationDigest, ...configuration }, now);
    }
  }

  /** Every condition of a planned switchover: `srp validate-switchover`. */
  validateSwitchover(now: Instant): readonly Condition[] {
    this.#now = now;
    const conditions = validateSwitchover(this.#chassis, this.#context(this.#sessionCount));
    this.journal.validated(conditions, now);
    return conditions;
  }

  /** What a switchover that is asked for now would fail of; empty if it would begin. */
  obstacles(force: boolean, now: Instant): readonly Condition[] {
    this.#now = now;
    return obstacles(this.#chassis, this.#context(this.#sessionCount), force ? 'forced' : 'planned');
  }

  validateConfiguration(): ConfigurationValidation {
    return validateConfiguration(this.#chassis, this.#context(this.#sessionCount));
  }

  /** Sends this chassis's configuration, and asks for the peer's. False if there is no peer to ask: `srp validate-configuration`. */
  exchangeConfigurations(now: Instant): boolean {
    this.#now = now;
    return this.#exchange?.validate(now) === true;
  }

  /** What this chassis calls by numbers, and as a standby what its peer does. */
  identifiers(): ReturnType<InstancesOfPair['identifiers']> {
    return this.instances.identifiers();
  }

  /** When the configurations were sent and compared last, and what differed; undefined if they are not exchanged. */
  configurationStatus(): ConfigurationStatus | undefined {
    return this.#exchange?.status();
  }

  /**
   * Compares this chassis with its standby now, and sends again what differs: `srp initiate-audit manual-with-sync`. False
   * if it has none that holds all it has.
   */
  initiateAudit(now: Instant): boolean {
    this.#now = now;
    return this.serves && this.instances.audit(now);
  }

  /** An authenticated connection to the peer, in place of a former one, whose end need not be told. */
  linkUp(version: number, now: Instant): void {
    this.#now = now;
    this.#unlinked('replaced');
    this.#isLinked = true;
    this.#happened({ kind: 'connected', authenticated: true, version });
    this.instances.connected();
    this.#exchange?.connected(now);
  }

  linkHeard({ term, message }: SrpEnvelope, now: Instant): void {
    this.#now = now;
    if (this.#isLinked) this.#heard(term, message);
  }

  /** An instance in another thread has something to say: `tell` says it. */
  within(now: Instant, tell: () => void): void {
    this.#now = now;
    tell();
  }

  /** The thread of an instance has ended. */
  threadEnded(index: number, how: EndOfThread, now: Instant): void {
    this.#now = now;
    this.instances.threadEnded(index, how);
  }

  /** Another thread takes its role; `filled` as of `MemberThread`. */
  threadBegun(index: number, filled: Filled, now: Instant): void {
    this.#now = now;
    this.instances.threadBegun(index, filled);
  }

  /** As of `InstancesOfPair`. */
  restartInstance(index: number, now: Instant): number {
    this.#now = now;
    return this.instances.restart(index);
  }

  linkDown(reason: string, now: Instant): void {
    this.#now = now;
    this.#unlinked(reason);
  }

  receive(port: PortName, channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array, now: Instant): void {
    this.#now = now;
    if (!this.serves) return this.counters.add('packets.not-served');
    this.instances.receive(port, channel, peer, peerPort, bytes, now);
  }

  /** A planned switchover waits a while before it begins: see `PlannedSwitchover`. */
  command(command: ChassisCommand, now: Instant): void {
    this.#now = now;
    if (isPlanned(command) && this.obstacles(false, now).length === 0) this.#planned.ask(command, now);
    else this.#happened(command);
  }

  /** A switchover has been asked for, and has neither begun nor been refused. */
  get isSwitchoverWaiting(): boolean {
    return this.#planned.isWaiting;
  }

  /** This process did not run for so long. To be told before anything else that comes after it. */
  stalled(forMs: number, now: Instant): void {
    this.#now = now;
    this.#happened({ kind: 'stalled', forMs });
  }

  advance(now: Instant): void {
    this.#now = now;
    if (nextDeadline(this.#chassis, this.#options.chassis) <= now) this.#happened({ kind: 'deadlineReached' });
    this.#planned.advance(now);
    this.instances.advance(this.#reads);
    this.#exchange?.advance(now);
  }

  nextDeadline(): Instant {
    return Math.min(
      nextDeadline(this.#chassis, this.#options.chassis),
      this.#planned.nextDeadline(),
      this.instances.nextDeadline(this.#reads),
      this.#exchange?.nextDeadline() ?? never,
    );
  }

  #context(sessions: number): ChassisContext {
    const { chassis: options, configurationDigest: ofAll } = this.#options;
    const configurationDigest = this.#exchange?.digest ?? ofAll;
    const { wallClock, random } = this.#dependencies;
    return { now: this.#now, wallClock: wallClock(), random, options, sessions, configurationDigest };
  }

  #facts(): PairFacts {
    return {
      now: this.#now,
      wallClock: this.#dependencies.wallClock(),
      records: this.records,
      sessions: this.manager.registry.size,
      refused: this.counters.get('records.refused'),
      unprotected: this.instances.unprotected,
    };
  }

  get #sessionCount(): number {
    return this.sessions?.registry.size ?? this.records;
  }

  /** Whether the peer's records are taken: from the promotion on they are closed. */
  get #reads(): boolean {
    const { state } = this.#chassis;
    return state.kind === 'STANDBY' || (state.kind === 'PENDING_STANDBY' && state.purpose === 'filling');
  }

  #happened(event: ChassisEvent): void {
    this.#events.push(event);
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const before = this.#chassis;
        const { state, effects } = step(before, next, this.#context(this.#sessionCount));
        if (isHandingOver(state.state) && !isHandingOver(before.state)) this.instances.keepPromises();
        this.#chassis = state;
        this.journal.stepped(before, next, state, () => this.#facts());
        for (const effect of effects) this.#carryOut(effect);
      }
    } finally {
      this.#isBusy = false;
    }
  }

  #carryOut(effect: ChassisEffect): void {
    const { notice, storeTerm, announce } = this.#dependencies;
    switch (effect.kind) {
      case 'storeTerm':
        return storeTerm(effect.term);
      case 'sendHello':
        if (this.#isLinked) this.#dependencies.link.sendHello(effect.hello);
        return;
      case 'startPromotion':
        return this.#promotion.begin(effect.stage);
      case 'serveEarly':
      case 'resumeServing':
        announce();
        this.instances.goOn();
        return this.#open();
      case 'stopServing':
        return this.#shut();
      case 'announceAgain':
        return announce();
      case 'holdServing':
        this.#isHeld = true;
        this.instances.serve(false);
        return this.#dependencies.hold?.();
      case 'releaseServing':
        this.#isHeld = false;
        this.instances.serve(this.serves);
        // The addresses may have been taken from a process that stood still.
        return announce();
      case 'beginStandby':
        this.#promotion.cancel();
        return this.instances.beginStandby();
      case 'requestHandover':
        return this.#sendSwitchover('request', { reason: effect.cause });
      case 'acceptHandover':
        return this.#sendSwitchover('accepted');
      case 'refuseHandover':
        return this.#sendSwitchover('refused');
      case 'sendBarrier':
        return this.#sendBarrier();
      case 'dropConnection':
        return this.#drop(effect.reason);
      case 'raiseAlarm':
      case 'clearAlarm':
      case 'report':
        return notice?.(effect);
      case 'count':
        return this.counters.add(effect.counter, effect.by);
      default:
        return unreachable(effect);
    }
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.instances.serve(this.serves);
    this.instances.startServing();
  }

  /** To a peer that has every record, though an instance here has nothing to be compared with them. */
  #handOver(): boolean {
    const { hello, silent } = this.#chassis.peer;
    if (silent || hello?.state !== 'STANDBY' || !hello.ready || !hello.monitorsHealthy) return false;
    this.#happened({ kind: 'switchoverRequested', cause: 'session-manager', force: true });
    return isHandingOver(this.#chassis.state);
  }

  #handOverAsPlanned(command: ChassisCommand): void {
    this.#happened(command);
    // It may be refused now.
    if (!isHandingOver(this.#chassis.state)) this.instances.goOn();
  }

  #shut(): void {
    this.#promotion.cancel();
    this.#planned.cancel();
    this.#isOpen = false;
    this.#isHeld = false;
    this.instances.serve(false);
    this.#dependencies.withdraw();
  }

  #drop(reason: string): void {
    this.#dependencies.link.close(reason);
    this.#unlinked(reason);
  }

  #unlinked(reason: string): void {
    if (!this.#isLinked) return;
    this.#isLinked = false;
    this.instances.disconnected();
    this.#exchange?.disconnected();
    this.#happened({ kind: 'disconnected', reason });
  }

  #heard(term: number, message: SrpMessage): void {
    switch (message.kind) {
      case 'hello': {
        const { kind: _kind, number: _number, ...said } = message;
        this.#happened({ kind: 'helloHeard', hello: { term, ...said } });
        return this.instances.helloHeard();
      }
      case 'switchover':
        return this.#switchoverHeard(message);
      case 'streamOpen':
      case 'streamAck':
      case 'streamNack':
      case 'digestMismatch':
        if (this.#peerIsAlike()) this.instances.answerCame(message);
        return;
      case 'streamBatch':
      case 'resyncBegin':
      case 'resyncEnd':
      case 'digest':
        if (this.#peerIsAlike()) this.instances.recordsCame(term, message, this.#reads);
        return;
      case 'configuration':
        if (this.#exchange === undefined) return;
        return this.#happened({ kind: 'configurationCompared', ...this.#exchange.heard(message, this.#now) });
      default:
    }
  }

  /** A peer with another number of instances deals its sessions out otherwise: a stream of one of its is not one of ours. */
  #peerIsAlike(): boolean {
    const { hello } = this.#chassis.peer;
    const alike = hello === undefined || (hello.instances ?? 1) === this.instances.count;
    if (!alike) this.counters.add('stream.other-count');
    return alike;
  }

  #switchoverHeard({ phase, reason, positions }: SrpMessageOf<'switchover'>): void {
    if (phase === 'request') return this.#happened({ kind: 'handoverRequested', cause: reason });
    if (phase !== 'barrier') return this.#happened({ kind: 'handoverAnswered', accepted: phase === 'accepted' });
    this.instances.endsAt(positions);
  }

  /** A stream without a position has ended already, with the thread of its instance. */
  #sendBarrier(): void {
    this.instances.finish((positions) => this.#sendSwitchover('barrier', { positions }));
  }

  #sendSwitchover(phase: SrpMessageOf<'switchover'>['phase'], fields: Partial<SrpMessageOf<'switchover'>> = {}): void {
    this.#send({ kind: 'switchover', phase, reason: 'other', force: false, conditions: [], positions: [], ...fields });
  }

  #send(message: SrpMessage): void {
    if (this.#isLinked) this.#dependencies.link.send(this.#chassis.term.highest, message);
  }
}
