import type { SessionUsage } from '../forwarding/accelerator.ts';
import { type ForwardingCounters, newForwardingCounters } from '../forwarding/counters.ts';
import { type EogrePath, type ForwardingEntry, samePath } from '../forwarding/entry.ts';
import type { ForwardingExceptions } from '../forwarding/exceptions.ts';
import { type AccessList, accessListsOf, replaceAccessLists } from '../forwarding/filter.ts';
import { FlowTable } from '../forwarding/flow-table.ts';
import { SlowPath } from '../forwarding/slow-path.ts';
import type { IpAddress, MacAddress } from '../kernel/address.ts';
import type { Counters } from '../kernel/counters.ts';
import { type Instant, never } from '../kernel/instant.ts';
import type { PacketInput, PortName, Timed } from '../kernel/port.ts';
import { AaaServers } from '../services/samog/aaa/aaa-servers.ts';
import { RadiusClient } from '../services/samog/aaa/radius-client.ts';
import { TwanProfiles } from '../services/samog/access/twan-profiles.ts';
import type { Counted } from '../services/samog/accounting/account.ts';
import type { AnsweredRequest } from '../services/samog/answered-request.ts';
import type { RestartCounters } from '../services/samog/checkpoints/restart-counters.ts';
import type { ResumedSession } from '../services/samog/checkpoints/resume.ts';
import { noUsage } from '../services/samog/checkpoints/saved-session.ts';
import type { SamogConfig } from '../services/samog/config.ts';
import type { SessionContext } from '../services/samog/session/context.ts';
import type { SessionEvent } from '../services/samog/session/event.ts';
import {
  accessListsNamedBy,
  forwardingChanged,
  forwardingEntryOf,
} from '../services/samog/session/forwarding-entry.ts';
import { accountOf, owingAfterFault } from '../services/samog/session/live-account.ts';
import { type SessionStep, startSession, step } from '../services/samog/session/machine.ts';
import { eventOf, startsSession } from '../services/samog/session/queue.ts';
import { type Session, sessionId, sessionMac } from '../services/samog/session/state.ts';
import { type EndReason, type SamogCounter, samogCounters } from '../services/samog/statistics.ts';
import type { Trigger } from '../services/samog/trigger.ts';
import { AccessPmipv6 } from './access-pmipv6.ts';
import { AccountingClient } from './accounting-client.ts';
import { Congestion } from './congestion.ts';
import { DhcpIntake } from './dhcp-intake.ts';
import { EffectInterpreter } from './effect-interpreter.ts';
import type { Instance, TriggerResult } from './instance.ts';
import { drawKey, drawUnused } from './instances/owner.ts';
import { type PeerNews, tidingsOf } from './instances/peer-news.ts';
import type { Intercepts } from './intercepts.ts';
import { withLinkMtu } from './link-mtu.ts';
import type { NasDisconnects } from './nas-disconnects.ts';
import { RadiusDoors } from './radius-doors.ts';
import { S2aPmipv6 } from './s2a-pmipv6.ts';
import { ServiceAccounting } from './service-accounting.ts';
import type { AdoptResult, CrashRecord, SessionManagerDependencies } from './session-manager-parts.ts';
import { type SessionPlace, SessionRegistry } from './session-registry.ts';
import { Sweep } from './sweep.ts';

const crashRecordsMax = 32;
/** Sessions of a sweep looked at between two packets: about a millisecond of work. */
const sweepSlice = 200;

/**
 * One session manager instance: owns its sessions, routes every packet to the session it is about, lets the session's
 * machine take its step, and carries the step out: state first, then the forwarding entry, then the effects. Thus
 * a path is switched before any reply is sent.
 */
export class SessionManager implements PacketInput, Timed, ForwardingExceptions, Instance {
  readonly profiles: TwanProfiles;
  readonly accessLists: Map<string, AccessList>;
  readonly registry: SessionRegistry;
  readonly flows: FlowTable;
  readonly counters: Counters<SamogCounter>;
  readonly forwardingCounters: ForwardingCounters;
  readonly aaa: AaaServers;
  readonly congestion: Congestion;
  readonly radius: RadiusClient;
  /** The service's own Accounting-On and -Off; the first instance's is used. */
  readonly service: ServiceAccounting;
  readonly accounting: AccountingClient;
  readonly doors: RadiusDoors;
  readonly access: AccessPmipv6;
  readonly s2a: S2aPmipv6;
  readonly crashes: CrashRecord[] = [];
  readonly intercepts: Intercepts | undefined;

  #config: SamogConfig;
  #restartCounter: number;
  readonly #slowPath: SlowPath;
  readonly #dhcp: DhcpIntake;
  readonly #effects: EffectInterpreter;
  readonly #sweep = new Sweep<SessionPlace>(sweepSlice);
  readonly #dependencies: SessionManagerDependencies;
  readonly #context: { -readonly [Key in keyof SessionContext]: SessionContext[Key] };

  constructor(config: SamogConfig, dependencies: SessionManagerDependencies) {
    this.#config = withLinkMtu(config);
    this.#dependencies = dependencies;
    const { output, digests, random, report } = dependencies;
    this.counters = dependencies.counters ?? samogCounters();
    this.forwardingCounters = dependencies.forwardingCounters ?? newForwardingCounters();
    this.profiles = new TwanProfiles(config.mrmeService.twanProfiles);
    this.accessLists = accessListsOf(config.accessLists);
    this.registry = new SessionRegistry(config.samogService.sessionsMax, dependencies.part);
    this.flows = new FlowTable(config.samogService.sessionsMax, dependencies.accelerator);
    this.flows.ipPaths = dependencies.part?.directory;
    this.intercepts = dependencies.intercepts;
    this.intercepts?.attach(this);
    this.#context = {
      now: 0,
      wallClock: 0,
      random,
      config: this.config,
      accessLists: this.accessLists,
      hasDhcpTriggerProfile: this.profiles.hasDhcpTrigger,
      reporting: report !== undefined,
      countedOf: (id) => countedIn(this.flows.usage(id)),
      finalCountOf: (id) => countedIn(this.flows.finalUsage(id)),
      packetsOf: (id) => {
        const usage = this.flows.usage(id);
        return usage === undefined ? 0 : usage.uplinkPackets + usage.downlinkPackets;
      },
    };
    const { access, s2a } = config.cgwService;
    this.#slowPath = new SlowPath(
      { vmac: access.vmac, access, s2a },
      this.flows,
      (peer) => this.profiles.of(peer)?.accessType,
      this,
      output,
      this.forwardingCounters,
      this.intercepts,
    );
    this.aaa = new AaaServers(config.mrmeService, { output, digests, random, counters: this.counters, report });
    this.congestion = new Congestion(config.samogService.congestion, {
      counters: this.counters,
      report,
      sessions: () => ({ inUse: this.registry.sizeOfChassis, most: this.config.samogService.sessionsMax }),
      requests: (now) => this.aaa.authentication.load(now),
    });
    this.radius = new RadiusClient(config.mrmeService, {
      servers: this.aaa.authentication,
      digests,
      report,
      onOutcome: (id, outcome, now) => {
        const place = this.registry.ofId(id);
        if (place !== undefined) this.dispatch(place, { kind: 'authenticationEnded', outcome }, now);
      },
    });
    this.service = new ServiceAccounting({
      config: () => this.config.mrmeService,
      servers: this.aaa.accounting,
      counters: this.counters,
      wallClock: dependencies.wallClock,
      settled: (now) => this.spread({ kind: 'accounting-begun', peer: config.mrmeService.nasIpAddress }, now),
    });
    this.accounting = new AccountingClient({
      instance: this,
      servers: this.aaa.accounting,
      isHeld: () => this.service.isHolding,
      counters: this.counters,
      wallClock: dependencies.wallClock,
      report,
      commit: dependencies.commit,
    });
    const shared = { instance: this, output, random, counters: this.counters, report };
    this.#restartCounter = dependencies.restartCounter;
    this.access = new AccessPmipv6(shared, dependencies.restartCounter);
    this.s2a = new S2aPmipv6(shared, dependencies.restartCounter);
    this.#dhcp = new DhcpIntake(this, this.counters, report);
    this.#effects = new EffectInterpreter(this, this.#slowPath, output, this.counters, report, dependencies.commit);
    this.doors = new RadiusDoors({
      ...shared,
      aaa: this.aaa,
      digests,
      wallClock: dependencies.wallClock,
      seal: dependencies.seal,
      place: dependencies.part?.index ?? 0,
      accessLists: this.accessLists,
      commit: dependencies.commit,
      hasAllSessions: (dependencies.part?.count ?? 1) === 1,
    });
  }

  get config(): SamogConfig {
    return this.#config;
  }

  /**
   * Goes on with another configuration: with what of it is hot, and that only may differ. No session is touched, but for what an
   * access list that it names lets pass.
   */
  reconfigure(config: SamogConfig, now: Instant): void {
    const { mrmeService, samogService, cgwService } = config;
    this.#config = withLinkMtu(config);
    this.profiles.replace(mrmeService.twanProfiles);
    const changed = replaceAccessLists(this.accessLists, config.accessLists);
    this.#context.config = this.#config;
    this.#context.hasDhcpTriggerProfile = this.profiles.hasDhcpTrigger;
    this.registry.sessionsMax = samogService.sessionsMax;
    this.flows.sessionsMax = samogService.sessionsMax;
    this.congestion.config = samogService.congestion;
    this.aaa.reconfigure(mrmeService, now);
    this.radius.reconfigure(mrmeService);
    this.doors.reconfigure(mrmeService);
    for (const { monitor } of [this.access, this.s2a]) monitor.times = cgwService.s2a.heartbeat;
    this.s2a.reconfigured(now);
    if (changed.size === 0) return;
    this.#sweep.add(this.registry.sessions(), (place) => {
      const { uplink, downlink } = accessListsNamedBy(place.session);
      if ([uplink, downlink].some((name) => name !== undefined && changed.has(name)))
        this.#program(place, place.session);
    });
  }

  receive(port: PortName, channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array, now: Instant): void {
    switch (port) {
      case 'access-gre':
        this.#slowPath.fromAccess(peer, bytes, now);
        break;
      case 's2a-gre':
        this.#slowPath.fromS2a(peer, bytes, now);
        break;
      // Control messages are copied once: a session keeps parts, and buffers are used again. The doors copy what they admit.
      case 'access-pmipv6':
        this.access.receive(peer, peerPort, bytes.slice(), now, this.#dependencies.wallClock());
        break;
      case 's2a-pmipv6':
        this.s2a.receive(peer, peerPort, bytes.slice(), now);
        break;
      case 'aaa':
        this.aaa.receive(channel, peer, peerPort, bytes, now);
        break;
      case 'access-radius':
        this.doors.fromAccess(channel, peer, peerPort, bytes, now);
        break;
      case 'dynamic-authorization':
        this.doors.fromAaa(peer, peerPort, bytes, now);
        break;
    }
  }

  advance(now: Instant): void {
    this.service.advance(now);
    this.aaa.advance(now);
    this.accounting.advance(now);
    this.doors.advance(now);
    this.access.monitor.advance(now);
    this.s2a.monitor.advance(now);
    for (let place = this.registry.popDue(now); place !== undefined; place = this.registry.popDue(now)) {
      this.dispatch(place, { kind: 'deadlineReached' }, now);
    }
    this.#sweep.advance();
    this.intercepts?.advance(now);
  }

  nextDeadline(): Instant {
    if (!this.#sweep.isIdle) return Number.NEGATIVE_INFINITY;
    return Math.min(
      this.registry.nextDeadline(),
      this.service.nextDeadline(),
      this.aaa.nextDeadline(),
      this.accounting.nextDeadline(),
      this.doors.nextDeadline(),
      this.access.monitor.nextDeadline(),
      this.s2a.monitor.nextDeadline(),
      this.intercepts?.nextDeadline() ?? never,
    );
  }

  /** Delivers a trigger to the UE's session, or starts one. Returns whether there is a session to answer it. */
  trigger(mac: MacAddress, trigger: Trigger, now: Instant): TriggerResult {
    const place = this.registry.ofMac(mac);
    if (place !== undefined) {
      this.dispatch(place, eventOf(trigger), now);
      return 'delivered';
    }
    if (!startsSession(trigger)) return 'no-session';
    if (!this.#mayStart(trigger)) return 'not-admitted';
    // What AAA has accepted has cost its work already.
    if (trigger.kind !== 'radius' && this.congestion.refuses(now)) {
      this.counters.add('session.attempted');
      this.counters.add('session.aborted');
      return 'limit';
    }
    if (this.registry.isFull) {
      this.counters.add('session.attempted');
      this.counters.add('session.aborted');
      this.counters.add('session.failed.session-limit');
      return 'limit';
    }
    const isNamed = trigger.kind === 'radius' && !this.registry.hasId(trigger.accepted.id);
    const first = startSession(isNamed ? trigger.accepted.id : this.newId(), mac, trigger, this.#at(now));
    const added = this.registry.add(first.state!);
    try {
      this.#carryOut(added, undefined, first, now, undefined);
    } catch (error) {
      this.#contain(added, 'started', error, now);
    }
    return 'started';
  }

  /** Lets one session take a step. A bug of ours met on the way costs this session, and no other. */
  dispatch(place: SessionPlace, event: SessionEvent, now: Instant): void {
    const before = place.session;
    try {
      this.#carryOut(place, before, step(before, event, this.#at(now)), now, event);
    } catch (error) {
      this.#contain(place, event.kind, error, now);
    }
  }

  /** Dispatches an event to every session that a predicate picks, a slice at a time; then calls `done`. */
  sweep(
    picks: (session: Session) => boolean,
    event: SessionEvent,
    now: Instant,
    done: (now: Instant) => void = () => {},
  ): void {
    const later = (): Instant => Math.max(now, this.#context.now);
    this.#sweep.add(
      this.registry.everyone(),
      (place) => {
        if (picks(place.session)) this.dispatch(place, event, later());
      },
      () => done(later()),
    );
  }

  /** Tells the sessions of a peer what has become of it; all instances do, if there are several. */
  spread(news: PeerNews, now: Instant): void {
    const { part } = this.#dependencies;
    if (part === undefined) this.tell(news, now, (at) => this.settled(news, at));
    else part.fellows.spread(news, now);
  }

  /** Tells those of this instance's sessions that it concerns, a slice at a time; then calls `done`. */
  tell(news: PeerNews, now: Instant, done: (now: Instant) => void): void {
    const tidings = tidingsOf(news);
    if (typeof tidings !== 'string') return this.sweep(tidings.picks, tidings.event, now, done);
    this.service.tell(tidings, (this.#dependencies.part?.index ?? 0) === 0, now, done);
  }

  /** Every session that it concerns has been told. */
  settled({ kind, peer }: PeerNews, now: Instant): void {
    if (kind === 'mag-restarted') this.access.monitor.settle(peer, now);
    else if (kind === 'lma-restarted') this.s2a.monitor.settle(peer, now);
    else if (kind === 'nas-restarted') this.doors.accounting.nasSettled(peer, now);
  }

  /** A valid message of a peer came for another instance: it is alive. */
  heardFrom(port: PortName, peer: IpAddress, now: Instant): void {
    if (port === 'access-pmipv6') this.access.monitor.heardFrom(peer, now);
    else if (port === 's2a-pmipv6') this.s2a.monitor.heardFrom(peer, now);
  }

  get nasDisconnects(): NasDisconnects {
    return this.doors.disconnects;
  }

  get ownRestartCounter(): number {
    return this.#restartCounter;
  }

  /** What this gateway and its peers know of each other's restarts (RFC 5847): it belongs to the sessions. */
  get restartCounters(): RestartCounters {
    return {
      own: this.#restartCounter,
      access: [...this.access.monitor.restartCounters()],
      s2a: [...this.s2a.monitor.restartCounters()],
    };
  }

  set restartCounters({ own, access, s2a }: RestartCounters) {
    this.#restartCounter = own;
    for (const [{ monitor }, peers] of [
      [this.access, access],
      [this.s2a, s2a],
    ] as const) {
      monitor.ownRestartCounter = own;
      for (const [peer, counter] of peers) monitor.restore(peer, counter);
    }
  }

  answerRecord(request: AnsweredRequest, now: Instant): void {
    this.doors.accounting.answer(request, now);
  }

  forgetRecord(request: AnsweredRequest): void {
    this.doors.accounting.refused(request);
  }

  answerAccess(id: number, granted: boolean, now: Instant): void {
    this.doors.authentication.conversations.decided(id, granted, now);
  }

  restartCountersChanged(now: Instant): void {
    this.#dependencies.observer?.restartCountersChanged?.(now);
  }

  /** Ends a session by the operator's word; false if there is none. */
  clear(mac: MacAddress, reason: EndReason, now: Instant): boolean {
    const place = this.registry.ofMac(mac);
    if (place === undefined) return false;
    this.dispatch(place, { kind: 'cleared', reason }, now);
    return true;
  }

  /**
   * Takes over sessions that were served elsewhere, as they are: registered, forwarded and with their deadlines armed.
   * Nothing is sent, asked or counted, and the observer is not told. Call it before the ports are open.
   */
  adopt(sessions: Iterable<ResumedSession>): AdoptResult {
    let adopted = 0;
    const refused: Session[] = [];
    for (const resumed of sessions) {
      if (!this.registry.hasId(sessionId(resumed.session)) && this.hold(resumed)) adopted += 1;
      else refused.push(resumed.session);
    }
    return { adopted, refused };
  }

  /**
   * Has one session as its record says, in place of what it was before: what `adopt` does, for a manager that serves
   * nobody yet and follows one that does. False if there is no room, or another session has its MAC address.
   */
  hold({ session, usage }: ResumedSession): boolean {
    const id = sessionId(session);
    const place = this.registry.ofId(id);
    if (place !== undefined && sessionMac(place.session) === sessionMac(session)) {
      const before = place.session;
      this.registry.replace(place, session);
      if (forwardingChanged(before, session)) this.#program(place, session);
    } else {
      const isOfUe = session.kind !== 'Owing';
      if (isOfUe && this.registry.ofMac(sessionMac(session)) !== undefined) return false;
      this.release(id);
      if (isOfUe && this.registry.isFull) return false;
      this.#program(this.registry.add(session), session);
    }
    this.flows.restoreUsage(id, usage);
    this.intercepts?.held(session);
    this.accounting.follow(id, session);
    return true;
  }

  /** Forgets a session that was held, as if it had never been; does nothing if there is none. */
  release(id: number): void {
    const place = this.registry.ofId(id);
    if (place === undefined) return;
    this.registry.remove(place);
    this.flows.remove(id);
    this.accounting.follow(id, undefined);
    this.intercepts?.released(id);
  }

  dhcpReceived(path: EogrePath, sourceMac: MacAddress, payload: Uint8Array, packet: Uint8Array, now: Instant): void {
    this.#dhcp.receive(path, sourceMac, payload.slice(), packet, now);
  }

  dataTriggered(
    entry: ForwardingEntry,
    path: EogrePath,
    sourceMatches: boolean,
    now: Instant,
  ): ForwardingEntry | undefined {
    const place = this.registry.ofId(entry.sessionId);
    if (place === undefined) return undefined;
    this.dispatch(place, { kind: 'dataTriggered', path, sourceMatches }, now);
    const after = this.flows.readBack(entry.sessionId);
    return after !== undefined && samePath(after.access, path) ? after : undefined;
  }

  clientRefused(entry: ForwardingEntry, path: EogrePath, dhcp: Uint8Array | undefined): void {
    const session = this.registry.ofId(entry.sessionId)?.session;
    if (session?.kind === 'Live') this.#dhcp.clientRefused(session, path, dhcp);
  }

  #carryOut(
    place: SessionPlace,
    before: Session | undefined,
    taken: SessionStep,
    now: Instant,
    event: SessionEvent | undefined,
  ): void {
    const after = this.#withinOwedMax(before, taken.state);
    if (after === undefined) this.registry.remove(place);
    else if (after !== before) this.registry.replace(place, after);
    else this.registry.arm(place);
    // Of a session that ends what it has used is told, which the forwarding entry takes with it.
    const isEnd = before?.kind === 'Live' && after?.kind !== 'Live';
    if (isEnd) this.intercepts?.changed(before, after, event);
    if (forwardingChanged(before, after)) this.#program(place, after);
    if (accountOf(before) !== accountOf(after)) this.accounting.follow(sessionId(place.session), after);
    if (after !== before) {
      this.#dependencies.observer?.changed(before, after, now, event);
      if (!isEnd) this.intercepts?.changed(before, after, event);
    }
    for (const effect of taken.effects) {
      if (effect.kind === 'count') this.counters.add(effect.counter);
      else this.#effects.carryOut(place, effect, now);
    }
  }

  /** What is owed of sessions that are over has a bound of its own: beyond it the newest is dropped. */
  #withinOwedMax(before: Session | undefined, after: Session | undefined): Session | undefined {
    const { owedMax } = this.config.mrmeService.accounting;
    if (after?.kind !== 'Owing' || before?.kind === 'Owing' || this.registry.inState.Owing < owedMax) return after;
    this.counters.add('accounting.stop.dropped');
    this.#dependencies.report?.({
      name: 'accounting-dropped',
      mac: after.mac,
      sessionId: after.id,
      peer: undefined,
      party: 'samog',
      direction: 'internal',
      text: () => `the STOP of a session is dropped: ${owedMax} are owed already`,
    });
    return undefined;
  }

  #program(place: SessionPlace, session: Session | undefined): void {
    const entry = forwardingEntryOf(session, this.accessLists);
    if (entry === undefined) this.flows.remove(sessionId(place.session));
    else this.flows.program(entry);
  }

  #contain(place: SessionPlace, event: string, error: unknown, now: Instant): void {
    this.counters.add('session.crashed');
    if (this.crashes.length >= crashRecordsMax) this.crashes.shift();
    const mac = sessionMac(place.session);
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.crashes.push({ at: now, mac, event, message });
    this.radius.cancel(sessionId(place.session));
    const isRegistered = this.registry.ofId(sessionId(place.session)) === place;
    const before = place.session;
    const owing = isRegistered ? this.#withinOwedMax(before, this.#owingAfterFault(before, now)) : undefined;
    if (owing !== undefined) this.registry.replace(place, owing);
    else if (isRegistered) this.registry.remove(place);
    this.accounting.follow(sessionId(before), owing);
    this.flows.remove(sessionId(before));
    this.#dependencies.report?.({
      name: 'session-crashed',
      mac,
      sessionId: sessionId(place.session),
      peer: undefined,
      party: 'samog',
      direction: 'internal',
      text: () => `a fault of the gateway on ${event} ended the session: ${message.split('\n', 1)[0]}`,
    });
    if (!isRegistered) return;
    this.#dependencies.observer?.changed(before, owing, now, undefined);
    this.intercepts?.changed(before, owing, undefined);
  }

  /** A session that makes no sense may have no account that does. */
  #owingAfterFault(session: Session, now: Instant): Session | undefined {
    try {
      return owingAfterFault(session, this.#at(now), { count: (counter) => this.counters.add(counter) });
    } catch {
      return undefined;
    }
  }

  /** A PBU or DHCP message begins a session only where its profile says so: elsewhere AAA has to be asked by RADIUS. */
  #mayStart(trigger: Trigger): boolean {
    if (trigger.kind === 'radius' || trigger.kind === 'accounting') return true;
    const peer = trigger.kind === 'pbu' ? trigger.update.mag : trigger.dhcp.path.peer;
    const own = this.profiles.of(peer)?.sessionTrigger;
    return own !== 'radius' && own !== 'accounting';
  }

  #at(now: Instant): SessionContext {
    this.#context.now = now;
    this.#context.wallClock = this.#dependencies.wallClock();
    return this.#context;
  }

  /**
   * A session identifier, which is also its GRE key: 32 random bits, not zero, not in use; one that the accelerator finds at once, if there is one
   * among some.
   */
  newId(): number {
    const { random, part, accelerator } = this.#dependencies;
    return drawUnused(
      () => drawKey(random, part?.index ?? 0, part?.count ?? 1),
      (id) => this.registry.hasId(id) || part?.directory.isStray(id) === true,
      (id) => accelerator?.prefers(id) !== false,
    );
  }
}

/** Counts alone: an account is kept with its session, and a standby has no more of it. */
function countedIn(usage: SessionUsage | undefined): Counted {
  const { lastActivity: _, ...counted } = usage ?? noUsage;
  return counted;
}
