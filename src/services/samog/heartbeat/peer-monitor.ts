import type { IpAddress } from '../../../kernel/address.ts';
import type { RandomSource } from '../../../kernel/context.ts';
import type { Counters } from '../../../kernel/counters.ts';
import { DeadlineHeap } from '../../../kernel/deadline-heap.ts';
import { type Instant, never } from '../../../kernel/instant.ts';
import type { PacketOutput, Timed } from '../../../kernel/port.ts';
import { find, type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import { describeMobility, encodeMobility, type Heartbeat } from '../../../wire/pmipv6/message.ts';
import { mobilityOption } from '../../../wire/pmipv6/options.ts';
import { datagramOf } from '../event-message.ts';
import type { EventSink } from '../events.ts';
import type { SamogCounter } from '../statistics.ts';

export interface PeerMonitorOptions {
  /** HEARTBEAT_INTERVAL; 0 sends no requests, and then no peer is ever found down. */
  readonly intervalMs: number;
  /** MISSING_HEARTBEATS_ALLOWED: so many requests unanswered in a row, and the peer is down. */
  readonly missing: number;
  /** Differs from what this gateway told before it last restarted (RFC 5847 section 3.2). 32 bits. */
  readonly ownRestartCounter: number;
  /** Toward LMAs, or toward access points and WLCs. */
  readonly port: 's2a-pmipv6' | 'access-pmipv6';
  /** Peers watched, and restart counters remembered, at most; 65,536 if absent. */
  readonly peersMax?: number | undefined;
}

export interface PeerMonitorDependencies {
  readonly output: PacketOutput;
  readonly counters: Counters<SamogCounter>;
  readonly random: RandomSource;
  /** Absent where nobody listens. Told of requests and answers sent; what is received, the caller reports. */
  readonly report?: EventSink | undefined;
  /** The peer has lost its bindings; once for each restart it tells of. `settle` is to be called when that is dealt with. */
  onRestarted(peer: IpAddress, now: Instant): void;
  /** What `restartCounters` returns has changed. */
  onSettled?(now: Instant): void;
  /** A watched peer answers no more. Once, until it is up again. */
  onDown(peer: IpAddress, now: Instant): void;
  /** A peer that was down is heard again. */
  onUp(peer: IpAddress, now: Instant): void;
}

/** A watched peer as operators see it. */
export interface PeerStatus {
  readonly peer: IpAddress;
  /** `unknown` until it is first heard, or found down. */
  readonly state: 'unknown' | 'up' | 'down';
  /** Requests unanswered in a row. */
  readonly missed: number;
  readonly restartCounter: number | undefined;
  /** Since its last valid message; undefined if there was none. */
  readonly lastHeardAgeMs: number | undefined;
}

interface Watched {
  readonly peer: IpAddress;
  peerPort: number;
  state: PeerStatus['state'];
  /** Of the latest request. */
  sequence: number;
  /** The latest request is neither answered nor made needless by another message of the peer. */
  unanswered: boolean;
  missed: number;
  heardAt: Instant | undefined;
  nextAt: Instant;
}

const defaultPeersMax = 65_536;
/**
 * How much of an interval is left to chance: the first request, and by how much each interval varies either way. The
 * standard asks for none; peers that came together would otherwise be asked together for ever.
 */
const spread = 0.1;

const countersOf = {
  's2a-pmipv6': {
    sent: 's2a.heartbeat.sent',
    received: 's2a.heartbeat.received',
    answered: 's2a.heartbeat.answered',
    unmatched: 's2a.heartbeat.unmatched',
    missed: 's2a.heartbeat.missed',
    restarted: 's2a.lma-restarted',
  },
  'access-pmipv6': {
    sent: 'heartbeat.access.sent',
    received: 'heartbeat.access.received',
    answered: 'heartbeat.access.answered',
    unmatched: 'heartbeat.access.unmatched',
    missed: 'heartbeat.access.missed',
    restarted: 'heartbeat.access.restarted',
  },
} as const satisfies Record<PeerMonitorOptions['port'], Record<string, SamogCounter>>;

/**
 * The heartbeats of PMIPv6 (RFC 5847) on one side of the gateway: answers requests of any peer, asks the peers it is
 * told to watch, and notices peers that are down and peers that have restarted. The caller passes on only messages of
 * peers it trusts.
 */
export class PeerMonitor implements Timed {
  #options: PeerMonitorOptions;
  readonly #dependencies: PeerMonitorDependencies;
  readonly #peersMax: number;
  #ownRestartCounter: Tlv;
  readonly #watched = new Map<IpAddress, Watched>();
  /** The last Restart Counter of each peer, watched or not; the one learned first is forgotten first. */
  readonly #restartCounters = new Map<IpAddress, number>();
  /** Peers of whose last restart not all has been dealt with, and the counter from before. */
  readonly #unsettled = new Map<IpAddress, number | undefined>();
  readonly #deadlines = new DeadlineHeap<IpAddress>();

  constructor(options: PeerMonitorOptions, dependencies: PeerMonitorDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#peersMax = options.peersMax ?? defaultPeersMax;
    this.#ownRestartCounter = tlv(mobilityOption.restartCounter, options.ownRestartCounter);
  }

  /** Other times; a request that is to come comes when it would have. */
  set times({ intervalMs, missing }: Pick<PeerMonitorOptions, 'intervalMs' | 'missing'>) {
    this.#options = { ...this.#options, intervalMs, missing };
  }

  /** What peers are told: the service's own, wherever it is served. */
  set ownRestartCounter(restartCounter: number) {
    this.#ownRestartCounter = tlv(mobilityOption.restartCounter, restartCounter);
  }

  /**
   * The last Restart Counter of each peer, for whoever goes on with the sessions. Of a restart that is not dealt with yet
   * the counter from before: so it is noticed there once more.
   */
  *restartCounters(): Generator<readonly [IpAddress, number]> {
    for (const [peer, counter] of this.#restartCounters) {
      const told = this.#unsettled.has(peer) ? this.#unsettled.get(peer) : counter;
      if (told !== undefined) yield [peer, told];
    }
  }

  /** Knows of a peer's Restart Counter from elsewhere. */
  restore(peer: IpAddress, restartCounter: number): void {
    if (this.#restartCounters.size < this.#peersMax) this.#restartCounters.set(peer, restartCounter);
  }

  /** The peer's last restart is dealt with. */
  settle(peer: IpAddress, now: Instant): void {
    if (this.#unsettled.delete(peer)) this.#dependencies.onSettled?.(now);
  }

  /**
   * Begins to watch a peer, or notes its port if it is watched already. Returns false if too many are.
   *
   * The first request follows soon, so that the peer's Restart Counter is known before it can change.
   */
  watch(peer: IpAddress, peerPort: number, now: Instant): boolean {
    const known = this.#watched.get(peer);
    if (known !== undefined) {
      known.peerPort = peerPort;
      return true;
    }
    if (this.#watched.size >= this.#peersMax) return false;
    const { random } = this.#dependencies;
    const watched: Watched = {
      peer,
      peerPort,
      state: 'unknown',
      sequence: random.u32(),
      unanswered: false,
      missed: 0,
      heardAt: undefined,
      nextAt: never,
    };
    this.#watched.set(peer, watched);
    this.#schedule(watched, now + this.#options.intervalMs * spread * this.#chance());
    return true;
  }

  /** Asks the peer no more; its Restart Counter is remembered. */
  unwatch(peer: IpAddress): void {
    this.#watched.delete(peer);
  }

  /** Takes a heartbeat of a peer that the caller trusts. */
  received(peer: IpAddress, peerPort: number, heartbeat: Heartbeat, now: Instant): void {
    const { counters } = this.#dependencies;
    const names = countersOf[this.#options.port];
    counters.add(names.received);
    const watched = this.#watched.get(peer);
    if (!heartbeat.response) {
      this.#answer(peer, peerPort, heartbeat.sequence);
      counters.add(names.answered);
    } else if (!heartbeat.unsolicited && watched?.sequence !== heartbeat.sequence) {
      // An answer that is late or forged says nothing of the peer's present.
      counters.add(names.unmatched);
      return;
    }
    this.heardFrom(peer, now);
    const restartCounter = find(heartbeat.options, mobilityOption.restartCounter);
    if (restartCounter !== undefined) this.#learn(peer, restartCounter, heartbeat.unsolicited, now);
  }

  /** Notes that a valid message of the peer came, of whatever kind: it is alive. */
  heardFrom(peer: IpAddress, now: Instant): void {
    const watched = this.#watched.get(peer);
    if (watched === undefined) return;
    const wasDown = watched.state === 'down';
    watched.state = 'up';
    watched.unanswered = false;
    watched.missed = 0;
    watched.heardAt = now;
    if (wasDown) this.#dependencies.onUp(peer, now);
  }

  advance(now: Instant): void {
    for (let due = this.#deadlines.popDue(now); due !== undefined; due = this.#deadlines.popDue(now)) {
      const watched = this.#watched.get(due.key);
      if (watched?.nextAt === due.at) this.#ask(watched, now);
    }
  }

  nextDeadline(): Instant {
    return this.#deadlines.peek();
  }

  /** The watched peers, in the order in which they came. */
  status(now: Instant): readonly PeerStatus[] {
    return Array.from(this.#watched.values(), ({ peer, state, missed, heardAt }) => ({
      peer,
      state,
      missed,
      restartCounter: this.#restartCounters.get(peer),
      lastHeardAgeMs: heardAt === undefined ? undefined : now - heardAt,
    }));
  }

  /** Judges the request before, and sends the next: a peer that is down is asked on, so that its return is noticed. */
  #ask(watched: Watched, now: Instant): void {
    const { counters } = this.#dependencies;
    const names = countersOf[this.#options.port];
    const wentUnanswered = watched.unanswered;
    if (wentUnanswered) {
      watched.missed += 1;
      counters.add(names.missed);
    }
    watched.sequence = (watched.sequence + 1) >>> 0;
    watched.unanswered = true;
    counters.add(names.sent);
    this.#send(watched.peer, watched.peerPort, false, watched.sequence, []);
    this.#schedule(watched, now + this.#options.intervalMs * (1 - spread + 2 * spread * this.#chance()));
    if (wentUnanswered && watched.missed >= this.#options.missing && watched.state !== 'down') {
      watched.state = 'down';
      this.#dependencies.onDown(watched.peer, now);
    }
  }

  #answer(peer: IpAddress, peerPort: number, sequence: number): void {
    this.#send(peer, peerPort, true, sequence, [this.#ownRestartCounter]);
  }

  /**
   * A counter other than the last means that the peer has restarted (RFC 5847 section 3.2). So does an unsolicited
   * response of a peer whose counter was not known, for only a restart is told that way.
   */
  #learn(peer: IpAddress, restartCounter: number, unsolicited: boolean, now: Instant): void {
    const last = this.#restartCounters.get(peer);
    if (last === restartCounter) return;
    if (last === undefined && this.#restartCounters.size >= this.#peersMax) {
      for (const oldest of this.#restartCounters.keys()) {
        this.#restartCounters.delete(oldest);
        this.#unsettled.delete(oldest);
        break;
      }
    }
    this.#restartCounters.set(peer, restartCounter);
    if (last === undefined && !unsolicited) return this.#dependencies.onSettled?.(now);
    if (!this.#unsettled.has(peer)) this.#unsettled.set(peer, last);
    this.#dependencies.counters.add(countersOf[this.#options.port].restarted);
    this.#dependencies.onRestarted(peer, now);
  }

  #schedule(watched: Watched, at: Instant): void {
    if (this.#options.intervalMs === 0) return;
    watched.nextAt = at;
    this.#deadlines.push(at, watched.peer);
  }

  /** In [0, 1). */
  #chance(): number {
    return this.#dependencies.random.u32() / 0x100000000;
  }

  #send(peer: IpAddress, peerPort: number, response: boolean, sequence: number, options: readonly Tlv[]): void {
    const { output, report } = this.#dependencies;
    const heartbeat: Heartbeat = { kind: 'heartbeat', response, unsolicited: false, sequence, options };
    const octets = encodeMobility(heartbeat);
    output.send(this.#options.port, 0, peer, peerPort, octets);
    report?.({
      name: 'heartbeat-sent',
      mac: undefined,
      sessionId: undefined,
      peer,
      party: this.#options.port === 's2a-pmipv6' ? 'lma' : 'wlc',
      direction: 'sent',
      text: () => describeMobility(heartbeat),
      message: datagramOf(this.#options.port, peerPort, octets),
    });
  }
}
