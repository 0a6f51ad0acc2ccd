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
import type { AnsweredRequest } from '../services/samog/answered-request.ts';
import type { RestartCounters } from '../services/samog/checkpoints/restart-counters.ts';
import type { ResumedSession } from '../services/samog/checkpoints/resume.ts';
import type { SamogConfig } from '../services/samog/config.ts';
import type { SessionEvent } from '../services/samog/session/event.ts';
import { accessListsNamedBy, forwardingChanged } from '../services/samog/session/forwarding-entry.ts';
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
import type { NasDisconnects } from './radius/nas-disconnects.ts';
import { RadiusDoors } from './radius/radius-doors.ts';
import { S2aPmipv6 } from './s2a-pmipv6.ts';
import { ServiceAccounting } from './service-accounting.ts';
import type { AdoptResult, CrashRecord, SessionManagerDependencies } from './session-manager-parts.ts';
import { type SessionPlace, SessionRegistry } from './session-registry.ts';
import { SessionSteps } from './session-steps.ts';
import { Sweep } from './sweep.ts';

/** Sessions of a sweep looked at between two packets: less than a millisecond of work. */
const sweepSlice = 200;
/** Sessions whose deadline is served between two packets: very many can be due at once, such as requests that an LMA does not answer. */
const dueMax = 32;

/**
 * One session manager instance: owns its sessions, routes every packet to the session it is about, and lets the session take
 * its step (`SessionSteps`).
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
  readonly crashes: CrashRecord[];
  readonly intercepts: Intercepts | undefined;

  #config: SamogConfig;
  #restartCounter: number;
  readonly #slowPath: SlowPath;
  readonly #dhcp: DhcpIntake;
  readonly #steps: SessionSteps;
  readonly #sweep = new Sweep<SessionPlace>(sweepSlice);
  readonly #dependencies: SessionManagerDependencies;

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
    this.#steps = new SessionSteps({
      instance: this,
      accessLists: this.accessLists,
      effects: new EffectInterpreter(this, this.#slowPath, output, this.counters, report, dependencies.commit),
      accounting: this.accounting,
      counters: this.counters,
      random,
      wallClock: dependencies.wallClock,
      report,
      observer: dependencies.observer,
      intercepts: this.intercepts,
    });
    this.crashes = this.#steps.crashes;
    this.doors = new RadiusDoors({
      ...shared,
      aaa: this.aaa,
      digests,
      wallClock: dependencies.wallClock,
      seal: dependencies.seal,
      place: dependencies.part?.index ?? 0,
      fellows: dependencies.part?.fellows,
      accountStopped: (account, now) => dependencies.observer?.accountStopped?.(account, now),
      accessLists: this.accessLists,
      commit: dependencies.commit,
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
    this.#steps.reconfigured();
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
      const isNamed = [uplink, downlink].some((name) => name !== undefined && changed.has(name));
      if (isNamed) this.#steps.program(place, place.session);
      return isNamed;
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
        this.doors.fromAaa(channel, peer, peerPort, bytes, now);
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
    for (let served = 0; served < dueMax; served += 1) {
      const place = this.registry.popDue(now);
      if (place === undefined) break;
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
    this.#steps.start(isNamed ? trigger.accepted.id : this.newId(), mac, trigger, now);
    return 'started';
  }

  /** Lets one session take a step. A bug of ours met on the way costs this session, and no other. */
  dispatch(place: SessionPlace, event: SessionEvent, now: Instant): void {
    this.#steps.take(place, event, now);
  }

  /** Dispatches an event to every session that a predicate picks, a slice at a time; then calls `done`. */
  sweep(
    picks: (session: Session) => boolean,
    event: SessionEvent,
    now: Instant,
    done: (now: Instant) => void = () => {},
  ): void {
    const later = (): Instant => Math.max(now, this.#steps.latest);
    this.#sweep.add(
      this.registry.everyone(),
      (place) => {
        const isPicked = picks(place.session);
        if (isPicked) this.dispatch(place, event, later());
        return isPicked;
      },
      () => done(later()),
    );
  }

  /** Looks at every session of this instance that is not dormant, a slice at a time; then calls `done`. */
  survey(look: (place: SessionPlace) => void, now: Instant, done: (now: Instant) => void): void {
    const visit = (place: SessionPlace): boolean => {
      look(place);
      return false;
    };
    this.#sweep.add(this.registry.sessions(), visit, () => done(Math.max(now, this.#steps.latest)));
  }

  /** Tells the sessions of a peer what has become of it; all instances do, if there are several. */
  spread(news: PeerNews, now: Instant): void {
    const { part } = this.#dependencies;
    if (part === undefined) this.tell(news, now, (at) => this.settled(news, at));
    else part.fellows.spread(news, now);
  }

  /** Tells those of this instance's sessions that it concerns, a slice at a time; then calls `done`. */
  tell(news: PeerNews, now: Instant, done: (now: Instant) => void): void {
    if (news.kind === 'nas-restarted') this.doors.accounting.nasRestarted(news.peer, now);
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
      if (forwardingChanged(before, session)) this.#steps.program(place, session);
    } else {
      const isOfUe = session.kind !== 'Owing';
      if (isOfUe && this.registry.ofMac(sessionMac(session)) !== undefined) return false;
      this.release(id);
      if (isOfUe && this.registry.isFull) return false;
      this.#steps.program(this.registry.add(session), session);
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

  /** A PBU or DHCP message begins a session only where its profile says so: elsewhere AAA has to be asked by RADIUS. */
  #mayStart(trigger: Trigger): boolean {
    if (trigger.kind === 'radius' || trigger.kind === 'accounting') return true;
    const peer = trigger.kind === 'pbu' ? trigger.update.mag : trigger.dhcp.path.peer;
    const own = this.profiles.of(peer)?.sessionTrigger;
    return own !== 'radius' && own !== 'accounting';
  }

  /**
   * A session identifier, which is also its GRE key: 32 random bits, not zero, not in use; one that the accelerator finds at
   * once, if there is one among the first that are drawn.
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
