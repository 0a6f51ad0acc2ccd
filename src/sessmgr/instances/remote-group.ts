import type { ForwardingCounters } from '../../forwarding/counters.ts';
import { noTunnelPage, tunnelPlaces } from '../../forwarding/tunnel-figures.ts';
import type { IpAddress, MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { PacketInput, PortName } from '../../kernel/port.ts';
import { unreachable } from '../../kernel/unreachable.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import type { Session } from '../../services/samog/session/state.ts';

import type { ManagerReader } from '../manager-reader.ts';
import type { FromMember } from '../pair/member-messages.ts';
import type { CrashRecord } from '../session-manager-parts.ts';
import { SessionRegistry } from '../session-registry.ts';
import type { SubscriberPage, SubscriberPages } from '../subscriber-pages.ts';
import { Directory, type DirectoryEntries } from './directory.ts';
import type { InstanceMemory } from './instance-memory.ts';
import type { DirectoryEntry, FromInstance, ToInstance, ToldEvent } from './instance-messages.ts';
import type { InterceptReport } from './intercept-messages.ts';
import type { InstanceLook, LookWish, PageWish, WhyNotInKernel } from './look.ts';
import { foundIn, lookedReader, SeenConfig } from './looked-reader.ts';
import { mergedCounters, mergedReader } from './merged-reader.ts';
import { firstInstance, PacketRouter } from './packet-router.ts';
import type { PeerNews } from './peer-news.ts';
import { RemoteInstance } from './remote-instance.ts';

/** What an instance tells that is not the group's own business. */
export interface GroupListener {
  batchCame(index: number, batch: Extract<FromInstance, { kind: 'batch' }>['batch']): void;
  /** On a chassis of a pair. */
  membersSaid?(index: number, said: readonly FromMember[]): void;
  /** Where there is lawful intercept. */
  intercepted?(index: number, report: InterceptReport): void;
  eventsCame(events: readonly ToldEvent[], missed: number): void;
}

/** A peer that speaks to another instance than the first is told to live at most so often. */
const heardAgainMs = 500;
/** Peers remembered for that. */
const heardMax = 4096;

/**
 * The session manager instances of a chassis, each in a thread of its own: what `InstanceGroup` is of those in this thread. It
 * tells whose each packet is, spreads what concerns all sessions of a peer, and gathers what is to be shown.
 */
export class RemoteGroup {
  readonly count: number;
  readonly reader: ManagerReader;
  readonly readers: readonly ManagerReader[];
  /** What the chassis itself has counted. */
  readonly forwardingCounters: ForwardingCounters;
  /** Of instances whose thread has come to an end. */
  readonly crashes: CrashRecord[] = [];
  readonly #all: readonly RemoteInstance[];
  readonly #entries: readonly DirectoryEntries[];
  readonly #strays = new Map<number, number>();
  readonly #router: PacketRouter;
  readonly #looks: InstanceLook[];
  /** That which was wished for at the last look. */
  #page: SubscriberPage | undefined;
  readonly #listener: GroupListener;
  readonly #nas: IpAddress;
  /** When a peer was last told to live, by its port and address. */
  readonly #heardAt = new Map<string, Instant>();
  readonly #unsent = new Set<RemoteInstance>();
  readonly #seen: SeenConfig;

  constructor(count: number, config: SamogConfig, memory: InstanceMemory, listener: GroupListener) {
    this.count = count;
    this.#listener = listener;
    this.#nas = config.mrmeService.nasIpAddress;
    const directory = new Directory();
    this.#router = new PacketRouter(count, config.mrmeService.bind.sourcePorts, directory);
    const indices = Array.from({ length: count }, (_, index) => index);
    this.#all = indices.map(() => new RemoteInstance());
    this.#entries = indices.map((index) => directory.entriesOf(index));
    this.#looks = indices.map(() => nothingSeen());
    this.#seen = new SeenConfig(config);
    this.readers = indices.map((index) => lookedReader(this.#seen, memory, index, () => this.#looks[index]!));
    const own = this.crashes;
    const reader = mergedReader(this.readers);
    this.forwardingCounters = memory.chassisCounters;
    // Each instance is a reader of its own even where there is but one; what became of their threads, and what the kernel has
    // forwarded, only the chassis knows.
    this.reader = Object.create(reader, {
      forwardingCounters: { value: mergedCounters([reader.forwardingCounters, this.forwardingCounters]) },
      crashes: { get: () => [...reader.crashes, ...own].toSorted((left, right) => left.at - right.at) },
    }) as ManagerReader;
  }

  /** What a view that shows a page of sessions reads: the page that was looked for last. */
  get pages(): Pick<SubscriberPages, 'next'> {
    return { next: () => this.#page };
  }

  /** What was seen of each last. */
  get looks(): readonly InstanceLook[] {
    return this.#looks;
  }

  /** Why no packet of a session that was looked for is forwarded in the kernel; undefined if some are. */
  whyNot(sessionId: number): WhyNotInKernel {
    for (const look of this.#looks) {
      const found = foundIn(look, sessionId);
      if (found?.forwarded !== undefined) return found.forwarded.whyNot;
    }
    return 'off';
  }

  /** Identifiers that say of another instance than that which has them. */
  get strays(): readonly number[] {
    return [...this.#strays.keys()];
  }

  /** Those of one instance. */
  straysOf(index: number): readonly number[] {
    return [...this.#strays].flatMap(([id, owner]) => (owner === index ? [id] : []));
  }

  ofUe(mac: MacAddress): number {
    return this.#router.instanceOfUe(mac);
  }

  isHere(index: number): boolean {
    return this.#all[index]!.isHere;
  }

  /** A thread has the instance from now on; what it is sent first has to be its sessions. */
  begin(index: number, post: (message: ToInstance) => void): void {
    this.#all[index]!.begin(post);
  }

  /** The thread of an instance has ended. */
  end(index: number): void {
    this.#all[index]!.end();
    this.#entries[index]!.cleared();
    for (const id of this.straysOf(index)) this.#strays.delete(id);
  }

  send(index: number, message: ToInstance): void {
    this.#all[index]!.send(message);
  }

  ask(index: number): RemoteInstance['ask'] {
    const instance = this.#all[index]!;
    return (name, about, answered) => instance.ask(name, about, answered);
  }

  /** Passes on a packet that came to a socket of the chassis; it goes with `flush`. */
  receive(...[port, channel, peer, peerPort, bytes, now]: Parameters<PacketInput['receive']>): void {
    const index = this.count === 1 ? firstInstance : this.#router.instanceOf(port, channel, peer, bytes);
    const instance = this.#all[index]!;
    instance.carry(port, channel, peer, peerPort, bytes, now);
    this.#unsent.add(instance);
    if (index !== firstInstance && (port === 'access-pmipv6' || port === 's2a-pmipv6')) this.#heard(port, peer, now);
  }

  /** As of `InstanceGroup`; a thread that begins later is to be begun with it. */
  reconfigure(config: SamogConfig): void {
    this.#seen.config = config;
    for (const instance of this.#all) if (instance.isHere) instance.send({ kind: 'reconfigure', config });
  }

  flush(): void {
    for (const instance of this.#unsent) instance.flush();
    this.#unsent.clear();
  }

  /** What the instance at a place has said. */
  heardFrom(index: number, message: FromInstance): void {
    switch (message.kind) {
      case 'answer':
        return this.#all[index]!.answerCame(message);
      case 'directory':
        for (const entry of message.entries) this.#enter(index, entry);
        return;
      case 'member':
        return this.#listener.membersSaid?.(index, message.said);
      case 'spread':
        return this.#spread(message.news);
      case 'seek':
        return this.#askAll('seek', message.wanted, (found) => {
          this.send(index, { kind: 'sought', number: message.number, found });
        });
      case 'passedOn': {
        const { port, channel, peer, peerPort, bytes, at } = message.packet;
        const owner = this.#all[message.index]!;
        owner.carry(port, channel, peer, peerPort, bytes, at);
        return owner.flush();
      }
      case 'batch':
        return this.#listener.batchCame(index, message.batch);
      case 'intercepted':
        return this.#listener.intercepted?.(index, message.report);
      case 'events':
        return this.#listener.eventsCame(message.events, message.missed);
      default:
        return unreachable(message);
    }
  }

  /** The ports are open. */
  start(): void {
    this.send(firstInstance, { kind: 'start' });
  }

  /** A service begins that has no sessions: AAA is told so, and records wait meanwhile, but not for long. */
  beginAccounting(): void {
    this.#spread({ kind: 'accounting-begins', peer: this.#nas });
  }

  /** As of `InstanceGroup`. */
  holdAccounting(): void {
    this.#askAll('tell', { kind: 'accounting-held', peer: this.#nas }, () => {});
  }

  /** As of `InstanceGroup`. */
  announceAccounting(): void {
    this.#askAll('tell', { kind: 'accounting-announced', peer: this.#nas }, () => {});
  }

  /** As of `InstanceGroup`. */
  releaseAccounting(): void {
    this.#askAll('tell', { kind: 'accounting-begun', peer: this.#nas }, () => {});
  }

  /** The service ends, and keeps no sessions: AAA is told so. `done` follows soon, whatever it says. */
  endAccounting(done: () => void): void {
    this.#askAll('tell', { kind: 'accounting-ends', peer: this.#nas }, done);
  }

  /** Whether there is nothing of any session, be it only what is owed; false if an instance does not answer. */
  isEmpty(done: (isEmpty: boolean) => void): void {
    const nothing = (look: InstanceLook | undefined) =>
      look !== undefined && Object.values(look.inState).every((sessions) => sessions === 0);
    this.#askAll('look', {}, (looks) => done(looks.every((look) => nothing(look as InstanceLook | undefined))));
  }

  clear(mac: MacAddress, done: (found: boolean) => void): void {
    this.ask(this.ofUe(mac))('clear', mac, (found) => done(found === true));
  }

  /** `done` is told how many there are. */
  clearAll(done: (sessions: number) => void): void {
    this.#askAll('clearAll', undefined, (answers) => done(answers.reduce<number>((sum, each) => sum + (each ?? 0), 0)));
  }

  /**
   * Looks at all instances, and then calls `done`, during which the readers show that look. Of an instance that has no
   * thread they show what was seen of it last, but no session; so it is of those who have not answered yet when the function
   * that is returned is called, which is no error later on.
   */
  look(wish: LookWish, done: () => void): () => void {
    const answers: (InstanceLook | undefined)[] = [];
    let left = this.count;
    const end = (page: SubscriberPage | undefined): void => {
      left = 0;
      for (const at of this.#all.keys()) {
        this.#looks[at] = answers[at] ?? { ...this.#looks[at]!, found: [], page: undefined, tunnels: noTunnelPage };
      }
      this.#page = page;
      done();
    };
    const page = wish.page && placeOf(wish.page, this.count);
    for (const [index, instance] of this.#all.entries()) {
      instance.ask('look', this.#wishOf(index, wish), (look) => {
        answers[index] = look;
        if (left === 0) return;
        left -= 1;
        if (left > 0) return;
        if (page === undefined) return end(undefined);
        left = 1;
        this.#fillPage(wish.page!, page.index, [], answers, (filled) => {
          if (left > 0) end(filled);
        });
      });
    }
    return () => {
      if (left > 0) end(undefined);
    };
  }

  /** A page goes on with the sessions of the next instance where those of one are all on it. */
  #fillPage(
    wish: PageWish,
    index: number,
    before: readonly Session[],
    answers: (InstanceLook | undefined)[],
    done: (page: SubscriberPage | undefined) => void,
  ): void {
    const look = answers[index];
    if (look?.page === undefined) return done(undefined);
    const { nextCursor } = look.page;
    const sessions = [...before, ...look.found.map(({ session }) => session)];
    if (nextCursor !== undefined) return done({ sessions, nextCursor: `${index + 1}.${nextCursor}` });
    const next = index + 1;
    if (next === this.count) return done({ sessions, nextCursor: undefined });
    const limit = wish.limit - sessions.length;
    if (limit <= 0) return done({ sessions, nextCursor: `${next + 1}.` });
    const page = { ...wish, cursor: undefined, limit };
    this.#all[next]!.ask('look', { page }, (following) => {
      answers[next] = following;
      if (following === undefined) return done({ sessions, nextCursor: undefined });
      this.#fillPage(wish, next, sessions, answers, done);
    });
  }

  /** Sessions follow one another instance by instance: a page is of the one that its cursor names. */
  #wishOf(index: number, { mac, macs, callId, page, forwarding, tunnelsFrom }: LookWish): LookWish {
    const at = page === undefined ? undefined : placeOf(page, this.count);
    return {
      ...(tunnelsFrom !== undefined && Math.floor(tunnelsFrom / tunnelPlaces) === index
        ? { tunnelsFrom: tunnelsFrom % tunnelPlaces }
        : {}),
      ...(mac !== undefined && this.ofUe(mac) === index ? { mac } : {}),
      ...(callId === undefined ? {} : { callId }),
      ...(forwarding ? { forwarding } : {}),
      ...(macs === undefined ? {} : { macs: macs.filter((one) => this.ofUe(one) === index) }),
      ...(page !== undefined && at?.index === index ? { page: { ...page, cursor: at.cursor } } : {}),
    };
  }

  #askAll<Name extends 'tell' | 'clearAll' | 'look' | 'seek'>(
    name: Name,
    about: Parameters<typeof RemoteInstance.prototype.ask<Name>>[1],
    done: (answers: readonly Parameters<Parameters<typeof RemoteInstance.prototype.ask<Name>>[2]>[0][]) => void,
  ): void {
    const answers: Parameters<Parameters<typeof RemoteInstance.prototype.ask<Name>>[2]>[0][] = [];
    let left = this.count;
    for (const [index, instance] of this.#all.entries()) {
      instance.ask(name, about, (answer) => {
        answers[index] = answer;
        left -= 1;
        if (left === 0) done(answers);
      });
    }
  }

  #spread(news: PeerNews): void {
    this.#askAll('tell', news, () => this.send(firstInstance, { kind: 'settled', news }));
  }

  #heard(port: PortName, peer: IpAddress, now: Instant): void {
    const key = `${port} ${peer}`;
    const before = this.#heardAt.get(key);
    if (before !== undefined && now < before + heardAgainMs) return;
    if (this.#heardAt.size >= heardMax) this.#heardAt.clear();
    this.#heardAt.set(key, now);
    this.send(firstInstance, { kind: 'heard', port, peer });
  }

  #enter(index: number, said: DirectoryEntry): void {
    const entries = this.#entries[index]!;
    switch (said.entry) {
      case 'named':
      case 'unnamed':
        return entries[said.entry](said.nai);
      case 'addressed':
      case 'unaddressed':
        return entries[said.entry](said.peer, said.address);
      case 'strayed':
      case 'returned': {
        entries[said.entry](said.id);
        const isUsed = said.entry === 'strayed';
        if (isUsed) this.#strays.set(said.id, index);
        else if (this.#strays.get(said.id) === index) this.#strays.delete(said.id);
        for (const each of this.#all) each.send({ kind: 'stray', id: said.id, isUsed });
        return;
      }
      case 'cleared':
        return entries.cleared();
      default:
        return unreachable(said);
    }
  }
}

/** Which instance a cursor is of, from 0, and what that calls it; undefined for what is no cursor. */
function placeOf(
  { cursor }: Pick<PageWish, 'cursor'>,
  count: number,
): { readonly index: number; readonly cursor: string | undefined } | undefined {
  if (cursor === undefined) return { index: 0, cursor: undefined };
  const [, place, own] = /^(\d{1,4})\.(.*)$/.exec(cursor) ?? [];
  const index = Number(place) - 1;
  if (own === undefined || index < 0 || index >= count) return undefined;
  return { index, cursor: own === '' ? undefined : own };
}

/** Before the first look. */
function nothingSeen(): InstanceLook {
  const { inState, ofType, handoffsInProgress } = new SessionRegistry(0);
  const nobody = { servers: [], waiting: 0 };
  return {
    ...{ inState, ofType, handoffsInProgress },
    flows: 0,
    unresolved: 0,
    tunnels: noTunnelPage,
    crashes: [],
    aaa: { authentication: nobody, accounting: nobody },
    accounting: { owing: 0, underway: 0, pausedForMs: 0 },
    s2a: [],
    found: [],
    page: undefined,
    writer: undefined,
    member: undefined,
  };
}
