import type { Digests, RandomSource, Seal } from '../../kernel/context.ts';
import type { Instant, WallClock } from '../../kernel/instant.ts';
import { never } from '../../kernel/instant.ts';
import type { PacketInput, PacketOutput, Timed } from '../../kernel/port.ts';
import { unreachable } from '../../kernel/unreachable.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import type { SamogEvent } from '../../services/samog/events.ts';
import { adoptStored, readStored } from '../recovery/recover.ts';
import type { RecoveryBatch, RecoveryStore, StoredSession } from '../recovery/recovery-store.ts';
import { RecoveryWriter, type RecoveryWriterOptions } from '../recovery/recovery-writer.ts';
import { SessionManager } from '../session-manager.ts';
import { SubscriberPages } from '../subscriber-pages.ts';
import type { DirectoryEntries } from './directory.ts';
import type { InstanceMemory } from './instance-memory.ts';
import type { Answers, DirectoryEntry, FromInstance, ToInstance, Wish, WishName } from './instance-messages.ts';
import { lookAt } from './look.ts';
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

export interface ServedInstanceDependencies {
  readonly memory: InstanceMemory;
  readonly output: PacketOutput;
  readonly digests: Digests;
  readonly random: RandomSource;
  readonly seal?: Seal;
  readonly now: () => Instant;
  readonly wallClock: () => WallClock;
  /** Which events are told however many there are. */
  readonly isUrgent: (name: string) => boolean;
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
  readonly manager: SessionManager;
  readonly #dependencies: ServedInstanceDependencies;
  readonly #strays: Set<number>;
  readonly #pages = new SubscriberPages();
  readonly #events: ToldEvents;
  readonly #writer: RecoveryWriter | undefined;
  readonly #tellsEvents: boolean;
  #directory: DirectoryEntry[] = [];
  #rows: StoredSession[] = [];
  /** Batches that the store has not taken yet. */
  #outstanding = 0;

  constructor(options: ServedInstanceOptions, dependencies: ServedInstanceDependencies) {
    this.#dependencies = dependencies;
    this.#strays = new Set(options.strays);
    this.#events = new ToldEvents(dependencies.isUrgent);
    this.#tellsEvents = options.tellsEvents;
    const { config, index, count, restartCounter, recovery, tellsEvents } = options;
    const { memory, output, digests, random, seal, wallClock, post } = dependencies;
    if (recovery !== undefined) this.#writer = new RecoveryWriter(recovery, this.#store(), wallClock);
    this.manager = new SessionManager(config, {
      ...{ output, digests, random, wallClock, restartCounter },
      ...memory.countersOf(index),
      ...(seal === undefined ? {} : { seal }),
      ...(tellsEvents ? { report: (event) => this.report(event) } : {}),
      ...(this.#writer === undefined ? {} : { observer: this.#writer }),
      part: {
        index,
        count,
        seats: new SharedRoom(memory.sessions, config.samogService.sessionsMax).seatsOf(index),
        directory: this.#entries(),
        fellows: { spread: (news) => post({ kind: 'spread', news }) },
      },
    });
  }

  take(message: ToInstance): void {
    const now = this.#dependencies.now();
    switch (message.kind) {
      case 'packets':
        for (const { port, channel, peer, peerPort, bytes, at } of message.packets) {
          this.manager.receive(port, channel, peer, peerPort, bytes, at);
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
      case 'stray':
        if (message.isUsed) this.#strays.add(message.id);
        else this.#strays.delete(message.id);
        return;
      case 'stored':
        this.#outstanding -= 1;
        return;
      case 'emptied':
        return this.#writer?.emptied(now);
      case 'wish':
        return this.#fulfil(message.number, message.wish, now);
      default:
        return unreachable(message);
    }
  }

  receive(...[port, channel, peer, peerPort, bytes, now]: Parameters<PacketInput['receive']>): void {
    this.manager.receive(port, channel, peer, peerPort, bytes, now);
  }

  advance(now: Instant): void {
    if (this.manager.nextDeadline() <= now) this.manager.advance(now);
    this.#writer?.advance(now);
  }

  nextDeadline(): Instant {
    return Math.min(this.manager.nextDeadline(), this.#writer?.nextDeadline() ?? never);
  }

  /** Notes an event that the session manager itself does not see. */
  report(event: SamogEvent): void {
    if (this.#tellsEvents) this.#events.add(event, this.#dependencies.now());
  }

  /** Sends to the store what is not there yet. Nothing is to come after it. */
  finish(): void {
    this.#writer?.finish(this.#dependencies.now());
  }

  /** Sends what has come together for the chassis: to be called at the end of a turn, before its packets leave. */
  flush(): void {
    const { post } = this.#dependencies;
    if (this.#directory.length > 0) {
      post({ kind: 'directory', entries: this.#directory });
      this.#directory = [];
    }
    const events = this.#events.take();
    if (events !== undefined) post(events);
  }

  #fulfil(number: number, wish: Wish, now: Instant): void {
    const { manager } = this;
    const answer = (said: Answers[WishName]): void => this.#dependencies.post({ kind: 'answer', number, answer: said });
    switch (wish.name) {
      case 'adopt':
        return answer(this.#adopt(now));
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
        return answer({ ...lookAt(manager, this.#pages, wish.about, now), writer: this.#writer?.statistics() });
      default:
        return unreachable(wish);
    }
  }

  #adopt(now: Instant): Answers['adopt'] {
    const { wallClock } = this.#dependencies;
    const rows = this.#rows;
    this.#rows = [];
    const stored = readStored(rows, { now, wallClock: wallClock() });
    this.manager.registry.reserve(stored.records.length);
    const adopted = adoptStored(this.manager, stored, now);
    for (const { callId, revision } of rows) this.#writer?.has(callId, revision);
    const { registry, flows } = this.manager;
    // Counters lie where the chassis reads them itself.
    this.#writer?.attach({ registry, flows }, now);
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

  #entries(): DirectoryEntries {
    const add = (entry: DirectoryEntry): void => void this.#directory.push(entry);
    const strays = this.#strays;
    return {
      named: (nai) => add({ entry: 'named', nai }),
      unnamed: (nai) => add({ entry: 'unnamed', nai }),
      strayed: (id) => add({ entry: 'strayed', id }),
      returned: (id) => add({ entry: 'returned', id }),
      cleared: () => add({ entry: 'cleared' }),
      isStray: (id) => strays.has(id),
    };
  }
}
