import type { Accelerator } from '../../forwarding/accelerator.ts';
import type { ForwardingEntry } from '../../forwarding/entry.ts';
import type { Digests, RandomSource, Seal } from '../../kernel/context.ts';
import type { Instant, WallClock } from '../../kernel/instant.ts';
import { never } from '../../kernel/instant.ts';
import type { PacketInput, PacketOutput, Timed } from '../../kernel/port.ts';
import { unreachable } from '../../kernel/unreachable.ts';
import { type SessionRecord, savedId } from '../../services/samog/checkpoints/saved-session.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import type { EventName } from '../../services/samog/event-names.ts';
import type { SamogEvent } from '../../services/samog/events.ts';
import { sessionId } from '../../services/samog/session/state.ts';
import type { FromMember } from '../pair/member-messages.ts';
import { adoptStored, readStored } from '../recovery/recover.ts';
import type { RecoveryBatch, RecoveryStore, StoredSession } from '../recovery/recovery-store.ts';
import { RecoveryWriter, type RecoveryWriterOptions } from '../recovery/recovery-writer.ts';
import { SessionManager } from '../session-manager.ts';
import type { SessionManagerDependencies } from '../session-manager-parts.ts';
import type { SessionObserver } from '../session-observer.ts';
import { SubscriberPages } from '../subscriber-pages.ts';
import type { DirectoryEntries } from './directory.ts';
import type { Fellows } from './fellows.ts';
import type { InstanceCore } from './instance-core.ts';
import type { InstanceMemory } from './instance-memory.ts';
import type { Answers, DirectoryEntry, FromInstance, ToInstance, Wish, WishName } from './instance-messages.ts';
import type { InstancePart } from './instance-part.ts';
import { type InstanceLook, type LookWish, lookAt, type WhyNotInKernel } from './look.ts';
import type { ServedIntercepts } from './served-intercepts.ts';
import { SharedRoom } from './shared-room.ts';
import { ToldEvents } from './told-events.ts';

export interface ServedInstanceOptions {
  readonly config: SamogConfig;
  /** Its place, from 0, and how many there are. */
  readonly index: number;
  readonly count: number;
  readonly restartCounter: number;
  /** Identifiers of any instance from before their number was changed. */
  readonly strays: readonly number[];
  /** Undefined where nothing is kept on disk. */
  readonly recovery: RecoveryWriterOptions | undefined;
  /** Whether events are told. */
  readonly tellsEvents: boolean;
}

/** What a session manager is made with that is its instance's own. */
export type OfInstance = Omit<SessionManagerDependencies, 'restartCounter' | 'commit' | 'part'> & {
  readonly part: InstancePart;
};

export interface ServedInstanceDependencies {
  /** What forwards its sessions' packets beside the slow path; without it nothing does. */
  readonly accelerator?: Accelerator | undefined;
  /** Who is intercepted; without it nobody is. */
  readonly intercepts?: ServedIntercepts | undefined;
  /** Why nothing of an entry's session is forwarded by that; undefined if it is. */
  whyNot?(entry: ForwardingEntry): WhyNotInKernel;
  readonly memory: InstanceMemory;
  readonly output: PacketOutput;
  readonly digests: Digests;
  readonly random: RandomSource;
  readonly seal?: Seal;
  readonly now: () => Instant;
  readonly wallClock: () => WallClock;
  /** Which events are told however many there are. */
  readonly isUrgent: (name: EventName) => boolean;
  /** On a chassis of a pair, what runs in place of a session manager alone. */
  core?(
    own: OfInstance,
    instance: {
      post(said: readonly FromMember[]): void;
      /** Gives a session manager what was kept on disk. */
      recover(manager: SessionManager, now: Instant): Answers['adopt'];
      /** What was kept on disk, as it is. */
      stored(now: Instant): Iterable<readonly [number, SessionRecord]>;
    },
  ): InstanceCore;
  /** To the chassis. What is given is not changed afterwards. */
  post(message: FromInstance): void;
}

/** Batches on their way to the store; with more, what has changed stays where it is. */
const outstandingMax = 4;

/**
 * A session manager instance as a thread runs it: its session manager, what of it is to be kept on disk, and its half of the
 * conversation with the chassis. GRE and the answers of AAA servers come by its own sockets, other packets from the chassis.
 */
export class ServedInstance implements PacketInput, Timed {
  /** A session manager alone, or one of a chassis of a pair. */
  readonly #alone: SessionManager | undefined;
  readonly #core: InstanceCore | undefined;
  /** The one whose sessions are on disk. */
  #kept: SessionManager | undefined;
  readonly #dependencies: ServedInstanceDependencies;
  readonly #strays: Set<number>;
  readonly #pages = new SubscriberPages();
  readonly #events: ToldEvents;
  readonly #writer: RecoveryWriter | undefined;
  readonly #tellsEvents: boolean;
  readonly #room: SharedRoom;
  #directory: DirectoryEntry[] = [];
  #rows: StoredSession[] = [];
  /** Who waits for what all instances have found, by the number of the message that asked. */
  readonly #seeking = new Map<number, Parameters<Fellows['seek']>[2]>();
  #sought = 0;
  /** Batches that the store has not taken yet. */
  #outstanding = 0;

  constructor(options: ServedInstanceOptions, dependencies: ServedInstanceDependencies) {
    this.#dependencies = dependencies;
    this.#strays = new Set(options.strays);
    this.#events = new ToldEvents(dependencies.isUrgent);
    this.#tellsEvents = options.tellsEvents;
    const { config, index, count, restartCounter, recovery, tellsEvents } = options;
    const { memory, output, digests, random, seal, wallClock, accelerator, intercepts, post } = dependencies;
    this.#room = new SharedRoom(memory.sessions, config.samogService.sessionsMax);
    if (recovery !== undefined) this.#writer = new RecoveryWriter(recovery, this.#store(), wallClock);
    const own: OfInstance = {
      ...{ output, digests, random, wallClock, accelerator, intercepts: intercepts?.intercepts },
      ...memory.countersOf(index),
      ...(seal === undefined ? {} : { seal }),
      ...(tellsEvents ? { report: (event) => this.report(event) } : {}),
      ...(this.#writer === undefined ? {} : { observer: this.#observer(this.#writer) }),
      part: {
        index,
        count,
        seats: this.#room.seatsOf(index),
        directory: this.#entries(),
        fellows: this.#fellows(),
      },
    };
    this.#core = dependencies.core?.(own, {
      post: (said) => post({ kind: 'member', said }),
      recover: (manager, now) => this.#adopt(manager, now),
      stored: (now) => {
        const { records } = readStored(this.#rows, { now, wallClock: wallClock() });
        return records.map((record) => [savedId(record), record] as const);
      },
    });
    if (this.#core === undefined) {
      this.#alone = new SessionManager(config, { ...own, restartCounter });
    }
  }

  get manager(): SessionManager {
    return this.#core?.manager ?? this.#alone!;
  }

  take(message: ToInstance): void {
    const now = this.#dependencies.now();
    switch (message.kind) {
      case 'packets':
        for (const { port, channel, peer, peerPort, bytes, at } of message.packets) {
          this.receive(port, channel, peer, peerPort, bytes, at);
        }
        return;
      case 'heard':
        return this.manager.heardFrom(message.port, message.peer, now);
      case 'rows':
        this.#rows.push(...message.rows);
        return;
      case 'start':
        return this.manager.s2a.start(now);
      case 'settled':
        return this.manager.settled(message.news, now);
      case 'reconfigure':
        this.#room.sessionsMax = message.config.samogService.sessionsMax;
        this.#core?.reconfigure(message.config);
        return this.manager.reconfigure(message.config, now);
      case 'sought': {
        const done = this.#seeking.get(message.number);
        this.#seeking.delete(message.number);
        return done?.(message.found, now);
      }
      case 'member':
        this.#core?.take(message.message);
        return this.#lookAtKept(now);
      case 'stray':
        if (message.isUsed) this.#strays.add(message.id);
        else this.#strays.delete(message.id);
        return;
      case 'stored':
        this.#outstanding -= 1;
        return;
      case 'emptied':
        return this.#writer?.emptied(now);
      case 'intercepts':
        return this.#dependencies.intercepts?.take(message.news, now);
      case 'wish':
        return this.#fulfil(message.number, message.wish, now);
      default:
        return unreachable(message);
    }
  }

  receive(...[port, channel, peer, peerPort, bytes, now]: Parameters<PacketInput['receive']>): void {
    (this.#core ?? this.manager).receive(port, channel, peer, peerPort, bytes, now);
  }

  advance(now: Instant): void {
    const core = this.#core ?? this.manager;
    if (core.nextDeadline() <= now) core.advance(now);
    this.#writer?.advance(now);
    this.#lookAtKept(now);
  }

  nextDeadline(): Instant {
    return Math.min((this.#core ?? this.manager).nextDeadline(), this.#writer?.nextDeadline() ?? never);
  }

  /** Notes an event that the session manager itself does not see. */
  report(event: SamogEvent): void {
    if (this.#tellsEvents) this.#events.add(event, this.#dependencies.now());
  }

  /** Sends to the store what is not there yet. Nothing is to come after it. */
  finish(): void {
    this.manager.intercepts?.settle();
    this.#writer?.finish(this.#dependencies.now());
  }

  /** Sends what has come together for the chassis: to be called at the end of a turn, before its packets leave. */
  flush(): void {
    const { post } = this.#dependencies;
    this.#core?.flush();
    if (this.#directory.length > 0) {
      post({ kind: 'directory', entries: this.#directory });
      this.#directory = [];
    }
    const report = this.#dependencies.intercepts?.report();
    if (report !== undefined) post({ kind: 'intercepted', report });
    const events = this.#events.take();
    if (events !== undefined) post(events);
  }

  #fulfil(number: number, wish: Wish, now: Instant): void {
    const { manager } = this;
    const answer = (said: Answers[WishName]): void => this.#dependencies.post({ kind: 'answer', number, answer: said });
    switch (wish.name) {
      case 'adopt':
        // On a chassis of a pair they wait until it takes the role without anybody's records.
        if (this.#core !== undefined) return answer({ adopted: 0, refused: [] });
        return answer(this.#adopt(manager, now));
      case 'tell':
        return manager.tell(wish.about, now, () => answer(true));
      case 'clear':
        return answer(manager.clear(wish.about, 'operator', now));
      case 'clearAll': {
        const sessions = manager.registry.size;
        manager.sweep(() => true, { kind: 'cleared', reason: 'operator' }, now);
        return answer(sessions);
      }
      case 'look':
        return answer(this.#look(wish.about, now));
      case 'seek':
        return manager.doors.search.search(wish.about, now, answer);
      case 'commit': {
        const committed = this.#core!.commit(wish.about);
        this.#lookAtKept(now);
        this.flush();
        return answer(committed);
      }
      case 'readBack':
        return answer(this.#core!.readBack());
      case 'finish': {
        const position = this.#core!.finish() ?? null;
        this.flush();
        return answer(position);
      }
      default:
        return unreachable(wish);
    }
  }

  #look(wish: LookWish, now: Instant): InstanceLook {
    const look = lookAt(this.manager, this.#pages, wish, now, this.#dependencies.whyNot);
    const ids = look.found.map(({ session }) => sessionId(session));
    return { ...look, writer: this.#writer?.statistics(), member: this.#core?.look(ids) };
  }

  /** What changes in a session manager that is not kept yet waits until it is: then all of it is written. */
  #observer(writer: RecoveryWriter): SessionObserver {
    return {
      changed: (before, after, now) => {
        if (this.#core === undefined || this.#kept === this.manager) writer.changed(before, after, now);
      },
    };
  }

  #lookAtKept(now: Instant): void {
    if (this.#core?.isKept !== true || this.#kept === this.manager) return;
    this.#keep(now);
  }

  #keep(now: Instant): void {
    const { registry, flows } = this.manager;
    for (const { callId, revision } of this.#rows.splice(0)) this.#writer?.has(callId, revision);
    this.#kept = this.manager;
    // Counters lie where the chassis reads them itself.
    this.#writer?.attach({ registry, flows }, now);
  }

  #adopt(manager: SessionManager, now: Instant): Answers['adopt'] {
    const { wallClock } = this.#dependencies;
    const stored = readStored(this.#rows, { now, wallClock: wallClock() });
    manager.registry.reserve(stored.records.length);
    const adopted = adoptStored(manager, stored, now);
    manager.flows.forgetFormer();
    this.#keep(now);
    return { adopted, refused: [...stored.refused] };
  }

  /** The store of the chassis, as far as it is seen from here. */
  #store(): RecoveryStore {
    const outstanding = () => this.#outstanding;
    const send = (batch: RecoveryBatch): void => {
      this.#outstanding += 1;
      this.#dependencies.post({ kind: 'batch', batch });
    };
    return {
      get isReady() {
        return outstanding() < outstandingMax;
      },
      write: send,
    };
  }

  #fellows(): Fellows {
    const { post } = this.#dependencies;
    return {
      spread: (news) => post({ kind: 'spread', news }),
      seek: (wanted, _, done) => {
        this.#sought += 1;
        this.#seeking.set(this.#sought, done);
        post({ kind: 'seek', number: this.#sought, wanted });
      },
      passOn: (index, channel, peer, peerPort, octets, at) => {
        const packet = { port: 'dynamic-authorization', channel, peer, peerPort, bytes: octets.slice(), at } as const;
        post({ kind: 'passedOn', index, packet });
      },
    };
  }

  #entries(): DirectoryEntries {
    const add = (entry: DirectoryEntry): void => void this.#directory.push(entry);
    const strays = this.#strays;
    return {
      named: (nai) => add({ entry: 'named', nai }),
      unnamed: (nai) => add({ entry: 'unnamed', nai }),
      strayed: (id) => add({ entry: 'strayed', id }),
      returned: (id) => add({ entry: 'returned', id }),
      addressed: (peer, address) => add({ entry: 'addressed', peer, address }),
      unaddressed: (peer, address) => add({ entry: 'unaddressed', peer, address }),
      cleared: () => add({ entry: 'cleared' }),
      isStray: (id) => strays.has(id),
    };
  }
}
