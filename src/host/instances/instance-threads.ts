import { type Instant, never } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';
import { unreachable } from '../../kernel/unreachable.ts';
import type { GatewayConfig } from '../../operations/config/gateway-config.ts';
import type { ForwardingAudit } from '../../operations/views/forwarding-reader.ts';
import { refuse } from '../../operations/views/view.ts';
import type { EventSink } from '../../services/samog/events.ts';
import { InstanceMemory } from '../../sessmgr/instances/instance-memory.ts';
import type { Answers, ToldEvent } from '../../sessmgr/instances/instance-messages.ts';
import type { LookWish } from '../../sessmgr/instances/look.ts';
import { RemoteGroup } from '../../sessmgr/instances/remote-group.ts';
import type { EndOfThread } from '../../sessmgr/pair/instance-refills.ts';
import type { FromMember } from '../../sessmgr/pair/member-messages.ts';
import type { Filled } from '../../sessmgr/pair/member-of-pair.ts';
import type { RowRefusal } from '../../sessmgr/recovery/recover.ts';
import type { RecoveryStatus } from '../../sessmgr/recovery/recovery-status.ts';
import type { StoredSession } from '../../sessmgr/recovery/recovery-store.ts';
import { restoreCounters } from '../../sessmgr/recovery/service-counters.ts';
import { type ChassisSessions, noInstance, type Restarted } from '../chassis-sessions.ts';
import { clockOriginMs, now, wallClock } from '../clock.ts';
import { tellRestarted } from '../gateway-core.ts';
import { tellEvent } from '../gateway-event.ts';
import type { InterceptsOfThreads } from '../intercept/intercept-desk.ts';
import { keptRestartCounter } from '../recovery/chassis-state-file.ts';
import { greaterRestartCounter, restartCounterAt } from '../restart-counter.ts';
import type { OnMissing, PortBinding } from '../runtime.ts';
import { StartError } from '../start-error.ts';
import type { FastPathShare } from '../xdp/fast-path-instance.ts';
import { mergedAudit } from '../xdp/forwarding-auditor.ts';
import { DealtStore } from './dealt-store.ts';
import { auditOf, type InstanceMember, newMember, pauseMinMs } from './instance-member.ts';
import { InstanceWorker } from './instance-worker.ts';
import type { PlacedSockets } from './placed-sockets.ts';
import { PulseWatch, watchMs } from './pulse-watch.ts';
import type { FromInstanceThread } from './thread-messages.ts';

/** What is a chassis's of a pair. */
export interface ThreadsOfPair {
  /** Lets the chassis hear what an instance says: what is to be told first is told then. */
  enter(tell: () => void): void;
  membersSaid(index: number, said: readonly FromMember[]): void;
  /** A thread has ended, and another one will have its instance. */
  ended(index: number, how: EndOfThread): void;
  /** Whether nothing is lost if it ends: its equal has everything that was promised. */
  isProtected(index: number): boolean;
  /** It takes messages, and has been sent what is on disk; `filled` as of `MemberThread`. */
  begun(index: number, filled: Filled): void;
}

/** What is forwarded in the kernel. */
export interface FastPathOfThreads {
  /** What each thread is given. */
  readonly share: FastPathShare;
  /** Takes note of what was found when the instance of a new thread had its sessions. */
  audited(audit: ForwardingAudit): void;
}

export interface InstanceThreadsDependencies {
  readonly sockets: PlacedSockets;
  readonly fastPath?: FastPathOfThreads | undefined;
  readonly intercepts?: InterceptsOfThreads | undefined;
  readonly pair?: ThreadsOfPair;
  /** A socket that the chassis reads is here after all. */
  came(binding: PortBinding): void;
  missing: OnMissing;
  readonly report: EventSink | undefined;
  /** Takes note of events that instances have told. */
  told(events: readonly ToldEvent[], missed: number): void;
  /** A fault that a thread has contained. */
  fault(text: string, details: Readonly<Record<string, string>>): void;
}

/** A thread that ends again and again is begun anew after ever longer pauses. */
const pauseMaxMs = 10_000;
/** After so long a life its end is the first one. */
const lifeOfWellMs = 60_000;
const stopLimitMs = 5000;
/** Nobody waits longer for a thread that has come to a stop: what was seen of it last is shown. */
const lookLimitMs = 1000;
const rowsAtOnce = 1000;
const crashRecordsMax = 32;
const askedFor = 'an operator has ended it';
const restartLimitMs = 20_000;

/** What became of a thread that was begun: its sessions where it has some to serve, and why it does not, if so. */
interface Outcome {
  readonly adoption?: Answers['adopt'];
  readonly problem?: string;
}

/**
 * The threads of the session manager instances of a chassis, each with its instance, and the store of their sessions. A thread
 * that ends, or comes to a stop, is replaced by another one, while the others serve on. It has its sessions as they are on disk; on
 * a chassis of a pair as its equal on the peer has recorded them, if there is one.
 */
export class InstanceThreads implements Timed {
  readonly sessions: ChassisSessions;
  readonly group: RemoteGroup;
  readonly memory: InstanceMemory;
  /** What a thread that is begun anew is made with. */
  #config: GatewayConfig;
  readonly #dependencies: InstanceThreadsDependencies;
  readonly store: DealtStore | undefined;
  readonly #restartCounter: number;
  readonly #members: InstanceMember[];
  #watch: NodeJS.Timeout | undefined;
  #restarts = 0;
  #isStopping = false;

  private constructor(
    config: GatewayConfig,
    dependencies: InstanceThreadsDependencies,
    store: DealtStore | undefined,
    restartCounter: number,
  ) {
    this.#config = config;
    this.#dependencies = dependencies;
    this.store = store;
    this.#restartCounter = restartCounter;
    const { count } = config.sessionManagers;
    this.memory = InstanceMemory.for(count);
    this.group = new RemoteGroup(count, config, this.memory, {
      batchCame: (index, batch) => {
        const taken = () => this.group.send(index, { kind: 'stored' });
        if (store === undefined) taken();
        else store.write(batch, taken);
      },
      membersSaid: (index, said) => dependencies.pair?.membersSaid(index, said),
      intercepted: (index, report) => dependencies.intercepts?.heard(index, report),
      eventsCame: (events, missed) => dependencies.told(events, missed),
    });
    this.sessions = this.#sessions();
    this.#members = Array.from({ length: count }, newMember);
  }

  /**
   * Starts the threads, with the sessions that were kept, and has them open their sockets.
   *
   * @throws StartError if the store or a socket is not to be had; then nothing stays open but `sockets`
   */
  static async open(config: GatewayConfig, dependencies: InstanceThreadsDependencies): Promise<InstanceThreads> {
    const { recovery, sessionManagers, chassis } = config;
    let core: InstanceThreads | undefined;
    const emptied = (): void => {
      if (core !== undefined) core.#emptied();
    };
    const store = recovery && (await DealtStore.open(recovery, chassis.name, dependencies.report, emptied));
    try {
      const rows = store?.deal(sessionManagers.count);
      const restartCounter =
        dependencies.pair !== undefined
          ? (store?.state.restartCounter ?? greaterRestartCounter(undefined))
          : store === undefined
            ? restartCounterAt(wallClock())
            : keptRestartCounter(store.state, store.heldSessions > 0);
      core = new InstanceThreads(config, dependencies, store, restartCounter);
      await core.#begin(rows);
      return core;
    } catch (error) {
      if (core === undefined) await store?.stop();
      else await core.stop();
      throw error;
    }
  }

  advance(at: Instant): void {
    this.store?.advance(at);
  }

  nextDeadline(): Instant {
    return this.store?.nextDeadline() ?? never;
  }

  async start(): Promise<void> {
    const watch = new PulseWatch(this.#members.length, now());
    this.#watch = setInterval(() => this.#lookAtPulses(watch), watchMs);
    this.#watch.unref();
    const { sockets, came, missing } = this.#dependencies;
    sockets.start({
      missing,
      came: ({ ofChassis, ofInstances }) => {
        if (ofChassis !== undefined) came(ofChassis);
        for (const [index, binding] of ofInstances.entries()) {
          if (binding !== undefined) this.#members[index]!.worker?.post({ kind: 'binding', binding });
        }
      },
    });
    await this.#look({}, () => {});
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#watch);
    await Promise.all(this.#members.map((member) => this.#end(member)));
    await this.store?.stop();
  }

  /** As of `GatewayCore`. */
  reconfigure(config: GatewayConfig): void {
    this.#config = config;
    this.group.reconfigure(config);
  }

  /** Has what is forwarded compared with the sessions in every thread that serves. */
  async #audit(): Promise<ForwardingAudit> {
    const audits = await Promise.all(this.#members.map(auditOf));
    const made = audits.filter((audit) => audit !== undefined);
    if (made.length === 0) throw new Error('no session manager instance is there to compare it with its sessions');
    return mergedAudit(made);
  }

  recovery(): RecoveryStatus | undefined {
    const writers = this.group.looks.flatMap(({ writer }) => writer ?? []);
    return this.store?.status(this.#restarts, writers);
  }

  #sessions(): ChassisSessions {
    const group = this.group;
    return {
      reader: group.reader,
      readers: group.readers,
      pages: group.pages,
      // Each thread has its own.
      linkChanged: () => {},
      clear: (mac) => new Promise((resolve) => group.clear(mac, resolve)),
      clearAll: () => new Promise((resolve) => group.clearAll(resolve)),
      look: (wish, show) => this.#look(wish, show),
      restart: (place) => this.#restartAsked(place),
      down: () =>
        this.#watch === undefined ? [] : this.#members.flatMap(({ isOpen }, index) => (isOpen ? [] : index + 1)),
      forwarded: {
        counters: group.forwardingCounters,
        audit: () => this.#audit(),
        whyNot: (sessionId) => group.whyNot(sessionId),
      },
      statistics: () => this.#members.flatMap(({ statistics }) => statistics ?? []),
    };
  }

  #look<Shown>(wish: LookWish, show: () => Shown): Promise<Shown> {
    return new Promise((resolve, reject) => {
      let limit: NodeJS.Timeout | undefined;
      const giveUp = this.group.look(wish, () => {
        clearTimeout(limit);
        try {
          resolve(show());
        } catch (error) {
          reject(error);
        }
      });
      limit = setTimeout(giveUp, lookLimitMs);
    });
  }

  async #begin(dealt: readonly (readonly StoredSession[])[] | undefined): Promise<void> {
    const outcomes = await Promise.all(
      this.#members.map(async (_, index) => {
        await this.#startThread(index);
        return this.#fill(index, dealt?.[index] ?? []);
      }),
    );
    const problems = outcomes.flatMap(({ problem }) => problem ?? []);
    if (problems.length > 0) {
      const hint = 'see whether the addresses are on this machine, and whether another process has the ports';
      throw new StartError([...new Set(problems)].map((what) => ({ path: 'session-managers', what, hint })));
    }
    if (this.#dependencies.pair === undefined) this.recovered(outcomes.flatMap(({ adoption }) => adoption ?? []));
  }

  /** Every instance has adopted its sessions. */
  recovered(adoptions: readonly Answers['adopt'][]): void {
    if (this.store === undefined) return;
    const refused = new Map<RowRefusal, number>();
    for (const [reason, count] of adoptions.flatMap((adoption) => adoption.refused)) {
      refused.set(reason, (refused.get(reason) ?? 0) + count);
    }
    restoreCounters(this.memory.countersOf(0), this.store.counters);
    this.store.recovered(
      adoptions.reduce((sum, { adopted }) => sum + adopted, 0),
      refused,
    );
    this.store.count(this.group.reader);
  }

  /** Resolves when the thread takes messages; it does not take part yet. */
  #startThread(index: number): Promise<void> {
    const member = this.#members[index]!;
    const { count, recovery } = { count: this.#members.length, recovery: this.#config.recovery };
    return new Promise((resolve) => {
      const worker: InstanceWorker = new InstanceWorker(
        {
          config: this.#config,
          options: {
            index,
            count,
            restartCounter: this.#restartCounter,
            strays: this.group.strays,
            recovery,
            tellsEvents: this.#dependencies.report !== undefined,
          },
          buffers: this.memory.buffers,
          clockOriginMs: clockOriginMs(),
          fastPath: this.#dependencies.fastPath?.share,
          intercepts: this.#dependencies.intercepts?.share,
          bindings: this.#dependencies.sockets.ofInstance(index),
        },
        {
          came: (message) => {
            if (member.worker !== worker) return;
            if (message.kind === 'ready') return resolve();
            const { pair } = this.#dependencies;
            if (pair === undefined) this.#came(index, message);
            else pair.enter(() => this.#came(index, message));
          },
          ended: (reason) => {
            resolve();
            if (member.worker === worker) this.#ended(index, reason);
          },
        },
      );
      member.worker = worker;
      member.begunAt = now();
      member.endedFor = undefined;
    });
  }

  /**
   * Gives a thread its sessions; resolves when it serves them, or cannot.
   * @param role on a chassis of a pair: takes over the role of the thread before it, and then tells `filled`
   */
  #fill(index: number, rows: readonly StoredSession[], role?: (filled: Filled) => void): Promise<Outcome> {
    const member = this.#members[index]!;
    const { worker } = member;
    if (worker === undefined) return Promise.resolve({ problem: 'a session manager thread ended while it began' });
    return new Promise((resolve) => {
      let adoption: Answers['adopt'] | undefined;
      member.opened = (problem) => {
        member.opened = undefined;
        resolve({ ...(adoption && { adoption }), ...(problem === undefined ? {} : { problem }) });
      };
      this.group.begin(index, (message) => worker.post(message));
      this.#dependencies.intercepts?.begin(index, (news) => this.group.send(index, { kind: 'intercepts', news }));
      for (let at = 0; at < rows.length; at += rowsAtOnce) {
        this.group.send(index, { kind: 'rows', rows: rows.slice(at, at + rowsAtOnce) });
      }
      const open: Filled = (sessions, lost = 0) => {
        this.group.ask(index)('adopt', undefined, (answer) => {
          const refilled = { adopted: sessions ?? 0, refused: [['no-room', lost] as const] };
          adoption = role === undefined ? answer : sessions === undefined ? undefined : refilled;
        });
      };
      if (role === undefined) open();
      else role(open);
    });
  }

  #came(index: number, message: Exclude<FromInstanceThread, { kind: 'ready' }>): void {
    const member = this.#members[index]!;
    switch (message.kind) {
      case 'open':
        member.isOpen = true;
        return member.opened?.(undefined);
      case 'notOpen':
        return member.opened?.(message.problem);
      case 'audited':
        return member.audited.shift()?.(message.audit);
      case 'host':
        member.statistics = message.statistics;
        return;
      case 'fault':
        return this.#dependencies.fault(message.text, message.details);
      case 'stopped':
        return;
      case 'answer':
      case 'member':
      case 'directory':
      case 'spread':
      case 'seek':
      case 'passedOn':
      case 'batch':
      case 'intercepted':
      case 'events':
        return this.group.heardFrom(index, message);
      default:
        return unreachable(message);
    }
  }

  #ended(index: number, reason: string): void {
    const member = this.#members[index]!;
    const strays = this.group.straysOf(index);
    member.worker = undefined;
    member.isOpen = false;
    const why = member.endedFor ?? reason;
    const { pair } = this.#dependencies;
    const enter = (tell: () => void): void => (pair === undefined ? tell() : pair.enter(tell));
    enter(() => this.group.end(index));
    member.opened?.(why);
    this.#dependencies.intercepts?.ended(index);
    for (const audited of member.audited.splice(0)) audited(undefined);
    if (this.#isStopping) return;
    this.#crashed(index, why);
    const isAsked = member.restarted !== undefined && member.endedFor === askedFor;
    if (isAsked || now() > member.begunAt + lifeOfWellMs) member.pauseMs = pauseMinMs;
    const isAgain = member.pauseMs > pauseMinMs;
    enter(() => pair?.ended(index, { why, sessions: this.memory.sessions[index]!, isAgain }));
    const restart = () => void this.#restart(index, why, strays);
    member.restartTimer = setTimeout(restart, isAsked ? 0 : member.pauseMs);
    if (!isAsked) member.pauseMs = Math.min(2 * member.pauseMs, pauseMaxMs);
  }

  /** What it has not written yet is written before, unless its equal on the peer has it. */
  #restartAsked(place: number): Restarted | Promise<Restarted> {
    const member = this.#members[place - 1];
    if (member === undefined) return noInstance(place, this.#members.length);
    const { worker } = member;
    if (worker === undefined || !member.isOpen || this.#isStopping || member.restarted !== undefined)
      return refuse('refused', `session manager instance ${place} is being begun anew already`, 'wait a second');
    const { pair } = this.#dependencies;
    if (this.store === undefined)
      return refuse('refused', 'its sessions would be lost: nothing is kept on disk', 'configure `recovery`');
    member.endedFor = askedFor;
    if (pair?.isProtected(place - 1) === true) worker.post({ kind: 'end' });
    else void this.#end(member);
    return new Promise((resolve) => {
      const late = refuse('failed', 'it has not begun anew in time', 'show crash list and the log tell more');
      const limit = setTimeout(() => member.restarted?.(late), restartLimitMs);
      member.restarted = (restarted) => {
        clearTimeout(limit);
        member.restarted = undefined;
        resolve(restarted);
      };
    });
  }

  #crashed(index: number, message: string): void {
    this.#restarts += 1;
    // Its own thread is the only writer, but there is none.
    this.memory.countersOf(index).counters.add('session-manager.restarted');
    const { crashes } = this.group;
    if (crashes.length >= crashRecordsMax) crashes.shift();
    crashes.push({ at: now(), mac: undefined, event: `session manager instance ${index + 1} ended`, message });
    const text = `the thread of session manager instance ${index + 1} has ended (${message}): another one takes its place`;
    tellEvent(this.#dependencies.report, 'session-manager-ended', text);
  }

  async #restart(index: number, why: string, also: readonly number[]): Promise<void> {
    await this.#startThread(index);
    const rows = await this.#rowsOf(index, also);
    if (this.#members[index]!.worker === undefined || this.#isStopping) return;
    const { pair } = this.#dependencies;
    const role = pair && ((filled: Filled) => pair.enter(() => pair.begun(index, filled)));
    const { adoption, problem } = await this.#fill(index, rows, role);
    if (problem !== undefined) return this.#members[index]!.worker?.post({ kind: 'end' });
    if (index === 0 && pair === undefined) this.group.start();
    const lost = (adoption?.refused ?? []).reduce((sum, [, count]) => sum + count, 0);
    const restarted = { sessions: adoption?.adopted ?? null, lost };
    this.#members[index]!.restarted?.({ ok: true, ...restarted });
    tellRestarted(this.#dependencies.report, index, `in a thread of its own (${why})`, restarted);
    const audit = await auditOf(this.#members[index]!);
    if (audit !== undefined) this.#dependencies.fastPath?.audited(audit);
  }

  #rowsOf(index: number, also: readonly number[]): Promise<readonly StoredSession[]> {
    const store = this.store;
    if (store === undefined) return Promise.resolve([]);
    const of = { index, count: this.#members.length, also, without: this.group.strays };
    return new Promise((resolve) => store.read(of, resolve));
  }

  /** A thread in an endless loop ends by this alone. Whoever begins, or adopts very many sessions, has no time for signs of life. */
  #lookAtPulses(watch: PulseWatch): void {
    const pulses = this.#members.map(({ isOpen }, index) => (isOpen ? this.memory.pulseOf(index) : undefined));
    for (const index of watch.look(pulses, now())) this.#terminate(index, 'it had come to a stop');
  }

  #terminate(index: number, why: string): boolean {
    const member = this.#members[index];
    if (member?.worker === undefined || this.#isStopping) return false;
    member.endedFor = why;
    member.worker.terminate();
    return true;
  }

  async #end(member: InstanceMember): Promise<void> {
    clearTimeout(member.restartTimer);
    const { worker } = member;
    if (worker === undefined) return;
    const limit = setTimeout(() => worker.terminate(), stopLimitMs);
    worker.post({ kind: 'stop' });
    await worker.ended;
    clearTimeout(limit);
  }

  #emptied(): void {
    for (const index of this.#members.keys()) this.group.send(index, { kind: 'emptied' });
  }
}
