import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Accelerator } from '../../forwarding/accelerator.ts';
import type { ForwardingCounters } from '../../forwarding/counters.ts';
import type { ForwardingEntry } from '../../forwarding/entry.ts';
import { layoutName } from '../../forwarding/fast-path/layout.ts';
import { addCounted, type FastCounters } from '../../forwarding/fast-path/usage.ts';
import type { TunnelFigures } from '../../forwarding/tunnel-figures.ts';
import type { Ipv4Address } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { GatewayConfig } from '../../operations/config/gateway-config.ts';
import { type ForwardingAudit, type ForwardingReader, repairedBy } from '../../operations/views/forwarding-reader.ts';
import type { EventSink } from '../../services/samog/events.ts';
import type { SessionManager } from '../../sessmgr/session-manager.ts';
import { findInterface } from '../addresses/network-interface.ts';
import { now } from '../clock.ts';
import { tellEvent } from '../gateway-event.ts';
import { type Attachment, attach, linkPinName, type XdpMode } from './attachment.ts';
import { FastPathInstance, type FastPathShare, listsOf } from './fast-path-instance.ts';
import { FastPathProgram } from './fast-path-program.ts';
import { FastPathState } from './fast-path-state.ts';
import { ForwardingAuditor, type ForwardingAudits, RepeatedAudit } from './forwarding-auditor.ts';
import { kernelTimeOf } from './kernel-clock.ts';
import { XdpError } from './libbpf.ts';
import { enableLoopbackForwarding } from './loopback-forwarding.ts';

/** The kernel's counters are added to the gateway's so often, and the time until which is forwarded put off. */
const followIntervalMs = 1000;
/** What was read so shortly before is not read again. */
const collectAgainMs = 10;
const auditIntervalMs = 60_000;
/** A gateway that nobody can come back for is given so long, should its event loop stand still. */
const aliveMsMin = 10_000;

/** What was found out before: what to load, and for which interfaces. */
export interface FastPathPlan {
  readonly accessAddress: Ipv4Address;
  readonly s2aAddress: Ipv4Address;
  readonly interfaces: readonly string[];
  /** What to try first: after native comes generic. */
  readonly mode: XdpMode;
  /** Why it is not native, if that was asked for or is the rule; undefined otherwise. */
  readonly whyGeneric: string | undefined;
  /** A folder for what outlives the process; undefined if nothing is to. */
  readonly pinFolder: string | undefined;
}

/** The session managers whose sessions are forwarded, in this thread: those at the moment. The first of them has the counters. */
interface SessionsHere {
  managers(): readonly SessionManager[];
}

/** The same, each in a thread of its own, where its part of the fast path is. */
export interface SessionsApart {
  /** Where what the kernel has counted is added. */
  readonly counters: ForwardingCounters;
  /** Has every one of them audited. */
  audit(): Promise<ForwardingAudit>;
  /** As of `FastPath`, of the sessions that were looked for. */
  whyNot(sessionId: number): ReturnType<ForwardingReader['whyNot']>;
}

/**
 * The fast path of a gateway: its program and maps in the kernel, kept as the sessions are, and its counts among the gateway's
 * own. Nothing is forwarded before `start`, but what a process before this one has left.
 */
export class FastPath implements ForwardingReader {
  readonly #config: GatewayConfig;
  readonly #plan: FastPathPlan;
  readonly #report: EventSink | undefined;
  readonly #program: FastPathProgram;
  readonly #state: FastPathState;
  /** None where each is in the thread of its session manager instance. */
  readonly #instances: readonly FastPathInstance[];
  #counters: () => ForwardingCounters | undefined = () => undefined;
  #apart: SessionsApart | undefined;
  #attachment: Attachment | undefined;
  #whyOff: string | undefined;
  #counted: FastCounters;
  #failures = 0;
  #collectedAt: Instant = Number.NEGATIVE_INFINITY;
  #missing: ReadonlyMap<string, string> = new Map();
  #auditor: ForwardingAudits | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param placement where the session manager instances are
   * @throws XdpError if the kernel refuses anything of it
   */
  constructor(config: GatewayConfig, plan: FastPathPlan, placement: 'here' | 'apart', report: EventSink | undefined) {
    this.#config = config;
    this.#plan = plan;
    this.#report = report;
    enableLoopbackForwarding();
    this.#program = this.#load();
    const { count } = config.sessionManagers;
    this.#state = FastPathState.for(count, plan.pinFolder !== undefined);
    this.#state.forwards = plan.pinFolder !== undefined;
    this.#counted = this.#program.counted();
    const shared = { maps: this.#program.maps, state: this.#state, accessLists: listsOf(config) };
    this.#instances = Array.from(
      { length: placement === 'here' ? count : 0 },
      (_, index) => new FastPathInstance(config, index, { ...shared, failed: (error) => this.#tellFailing(error) }),
    );
  }

  /**
   * Other profiles decide from now on who is a client. Access lists that are others than those that the program was loaded with are
   * not known to it: sessions that name them are left to the gateway.
   */
  reconfigure(config: GatewayConfig): void {
    for (const instance of this.#instances) instance.reconfigure(config);
  }

  /** What a session manager instance of this thread programs its sessions by. */
  acceleratorOf(index: number): Accelerator | undefined {
    return this.#instances[index]?.accelerator;
  }

  /** What instances in threads of their own are given. They are to have ended before `close`. */
  get share(): FastPathShare {
    return { memory: this.#program.memory, state: this.#state.buffer, accessLists: listsOf(this.#config) };
  }

  /**
   * Puts the program on the interfaces; those sessions are forwarded that the session managers have by now, and those left by
   * another process that they have not are removed.
   *
   * @param sessions the session managers; those in threads of their own have removed what they have not
   * @param forwards false to begin passively
   * If it can be attached in no mode, it stays what counts, and forwards nothing.
   */
  start(sessions: SessionsHere | SessionsApart, forwards: boolean): void {
    this.#program.forgetTunnels();
    for (const instance of this.#instances) instance.removeStale();
    this.settle();
    try {
      this.#attach();
    } catch (error) {
      this.#whyOff = messageOf(error);
    }
    this.forward(forwards);
    this.#tell();
    this.#auditor = this.#auditorOf(sessions);
    this.#auditor.every(auditIntervalMs);
    this.#timer = setInterval(() => this.#follow(), followIntervalMs);
    this.#timer.unref();
  }

  /** Carries out what has changed since the last call: to be called before anything is sent that follows from it. */
  settle(): void {
    for (const instance of this.#instances) instance.settle();
  }

  /** Has everything forwarded that is programmed, or nothing: at once. */
  forward(forwards: boolean): void {
    this.settle();
    this.#state.forwards = forwards;
    this.#alive();
  }

  /** Adds what the kernel has counted since the last call to the gateway's own counters. */
  collect(): void {
    const counters = this.#counters();
    // Views read counters one by one.
    if (counters === undefined || now() - this.#collectedAt < collectAgainMs) return;
    try {
      this.#collectInto(counters);
    } catch (error) {
      this.#failed(error);
    }
  }

  status(): ReturnType<ForwardingReader['status']> {
    const { interfaces, pinFolder, whyGeneric } = this.#plan;
    return {
      mode: this.#attachment?.mode ?? 'off',
      reason: this.#whyOff ?? this.#attachment?.refusal ?? whyGeneric,
      forwards: this.#state.forwards,
      interfaces,
      missing: this.#missing,
      outlivesMs: pinFolder === undefined ? 0 : this.#config.fastPath.outliveMs,
      sessionsMax: this.#config.fastPath.sessionsMax,
      sessions: this.#state.sessions,
      failures: this.#failures + this.#state.failures,
      audit: this.#auditor?.last,
    };
  }

  whyNot(sessionId: number, entry: ForwardingEntry): ReturnType<ForwardingReader['whyNot']> {
    if (this.#apart !== undefined) return this.#apart.whyNot(sessionId);
    const known = this.#instances.find(({ table }) => table.placeOf(sessionId) !== undefined);
    return (known ?? this.#instances[0]!).whyNot(entry);
  }

  *tunnels(): Generator<readonly TunnelFigures[], undefined> {
    try {
      yield* this.#program.tunnels();
    } catch (error) {
      this.#failed(error);
    }
    return undefined;
  }

  /** Compares sessions, entries and the kernel's maps now, and repairs what differs. */
  audit(): Promise<ForwardingAudit> {
    return this.#auditor!.now();
  }

  /** Takes note of an audit that somebody else has had made. */
  audited(audit: ForwardingAudit): void {
    const wrong = repairedBy(audit);
    if (wrong === 0) return;
    const text = `${wrong} entries of the forwarding were not as the sessions are, and have been repaired`;
    tellEvent(this.#report, 'forwarding-repaired', text);
  }

  /** Counts for the last time. What is pinned goes on without this process; else nothing is forwarded any more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#auditor?.stop();
    this.settle();
    this.#collectedAt = Number.NEGATIVE_INFINITY;
    this.collect();
    if (this.#plan.pinFolder === undefined) this.#attachment?.detach();
    else {
      this.#alive();
      this.#attachment?.release();
    }
  }

  /** After this nothing of it may be used: session managers that still count would count into nothing. */
  close(): void {
    this.#program.close();
  }

  #attach(): void {
    const { interfaces, mode, pinFolder } = this.#plan;
    for (const name of interfaces) {
      const found = findInterface(name);
      if (found === undefined) throw new XdpError('find', `interface ${name}`, 'there is none of this name');
      this.#program.addPort(found.index);
    }
    if (pinFolder !== undefined) forgetOtherPins(pinFolder, layoutName(listsOf(this.#config)), interfaces);
    this.#attachment = attach(this.#program.forwardProgram, interfaces, pinFolder, mode);
  }

  #tell(): void {
    const { mode, reason, interfaces } = this.status();
    if (mode === 'off')
      return tellEvent(this.#report, 'fast-path-off', `every packet is forwarded by the gateway itself: ${reason}`);
    const why = reason === undefined ? '' : ` (${reason})`;
    const text = `established sessions are forwarded in the kernel, by ${mode} XDP on ${interfaces.join(', ')}${why}`;
    tellEvent(this.#report, 'fast-path-on', text);
  }

  #load(): FastPathProgram {
    const { accessAddress, s2aAddress, pinFolder } = this.#plan;
    const { sessionsMax, puntsPerSecond, puntsPerSecondInAll } = this.#config.fastPath;
    const { vmac } = this.#config.cgwService.access;
    const { access, s2a } = this.#config.cgwService;
    const packetOctetsMax = Math.max(access.mtu, s2a.mtu);
    const accessLists = listsOf(this.#config);
    const instances = this.#config.sessionManagers.count;
    const shared = { accessAddress, s2aAddress, vmac, sessionsMax, instances, puntsPerSecond, puntsPerSecondInAll };
    const options = { ...shared, packetOctetsMax, accessLists };
    if (pinFolder === undefined) return new FastPathProgram(options);
    const maps = join(pinFolder, layoutName(accessLists));
    try {
      return new FastPathProgram({ ...options, pinFolder: maps });
    } catch (error) {
      if (!(error instanceof XdpError)) throw error;
      // Of another size: what they hold is programmed anew. The program that uses them goes on until it is replaced.
      rmSync(maps, { recursive: true, force: true });
      return new FastPathProgram({ ...options, pinFolder: maps });
    }
  }

  #auditorOf(sessions: SessionsHere | SessionsApart): ForwardingAudits {
    if ('counters' in sessions) {
      this.#counters = () => sessions.counters;
      this.#apart = sessions;
      return new RepeatedAudit(
        () => sessions.audit(),
        (audit) => this.audited(audit),
      );
    }
    const { managers } = sessions;
    this.#counters = () => managers()[0]?.forwardingCounters;
    return new ForwardingAuditor({
      managers,
      slices: () => this.#program.maps.auditSlices(this.#instances.map(({ table }) => table)),
      removeStale: () => this.#instances.reduce((sum, instance) => sum + instance.removeStale(), 0),
      ended: (audit) => this.audited(audit),
      failed: (error) => this.#failed(error),
    });
  }

  #collectInto(counters: ForwardingCounters): void {
    this.#collectedAt = now();
    const present = this.#program.counters();
    addCounted(counters, this.#counted, present);
    this.#counted = present;
    if (this.#plan.pinFolder !== undefined) this.#program.noteCounted(present);
  }

  #follow(): void {
    this.collect();
    this.#alive();
    this.#followInterfaces();
  }

  #followInterfaces(): void {
    if (this.#attachment === undefined) return;
    const { missing, back } = this.#attachment.follow();
    this.#missing = missing;
    try {
      for (const index of back) this.#program.addPort(index);
    } catch (error) {
      this.#failed(error);
    }
    if (back.length > 0) this.#tell();
  }

  #alive(): void {
    const aliveMs = Math.max(this.#config.fastPath.outliveMs, aliveMsMin);
    try {
      this.#program.forwardUntil(this.#state.forwards ? kernelTimeOf(now() + aliveMs) : 0);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    this.#tellFailing(error);
  }

  #tellFailing(error: unknown): void {
    tellEvent(this.#report, 'fast-path-failing', `${messageOf(error)}; the next audit tries again`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Links on interfaces that are not wanted any more, and maps of programs that are laid out otherwise. */
function forgetOtherPins(folder: string, maps: string, interfaces: readonly string[]): void {
  const wanted = new Set(interfaces.flatMap((name) => [linkPinName(name, 'native'), linkPinName(name, 'generic')]));
  for (const name of readdirSync(folder)) {
    if (name !== maps && !wanted.has(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
