import { now, wallClock } from '../../../host/clock.ts';
import type { Instant, WallClock } from '../../../kernel/instant.ts';
import type { PeersRig } from '../load-rig.ts';
import { stampOf } from '../peers-load.ts';

/** How the packets came through between two moments. */
export interface Interruption {
  /** The longest time in which none came to the LMA. */
  readonly interruptionMs: number;
  /** The longest time in which none was sent: this process was late itself. */
  readonly senderPauseMs: number;
  readonly sent: number;
  readonly lost: number;
}

const tickMs = 1;

/** UEs' packets, sent on a schedule through the RG and heard at the LMA: what an interruption is measured by, from outside. */
export class UplinkProbe {
  readonly #rig: PeersRig;
  readonly #ratePerSecond: number;
  readonly #ueOf: (packet: number) => number;
  readonly #sentAt: Instant[] = [];
  /** Arrivals in their order, and whether each packet has come. */
  readonly #arrivedAt: Instant[] = [];
  readonly #arrived = new Set<number>();
  #startedAt: Instant = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param ueOf the UE that sends a packet: one with a session by DHCP */
  constructor(rig: PeersRig, ratePerSecond: number, ueOf: (packet: number) => number) {
    this.#rig = rig;
    this.#ratePerSecond = ratePerSecond;
    this.#ueOf = ueOf;
  }

  start(): void {
    this.#rig.events.uplink = (_ue, bytes) => {
      this.#arrivedAt.push(now());
      this.#arrived.add(stampOf(bytes));
    };
    this.#startedAt = now();
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    delete this.#rig.events.uplink;
  }

  /** What became of the packets sent since a moment, but for those of the last milliseconds, which are on their way. */
  since(from: Instant, untilMsAgo: number): Interruption {
    const until = now() - untilMsAgo;
    const sent = this.#sentAt.map((at, packet) => ({ at, packet })).filter(({ at }) => at >= from && at <= until);
    return {
      interruptionMs: longestGapMs(this.#arrivedAt, from, until),
      senderPauseMs: longestGapMs(this.#sentAt, from, until),
      sent: sent.length,
      lost: sent.filter(({ packet }) => !this.#arrived.has(packet)).length,
    };
  }

  /** When the first packet came after a moment, both by the wall clock. */
  firstArrivalAfter(moment: WallClock): WallClock | undefined {
    const offsetMs = wallClock() - now();
    const first = this.#arrivedAt.find((at) => at + offsetMs >= moment);
    return first === undefined ? undefined : first + offsetMs;
  }

  #tick(): void {
    const due = Math.floor(((now() - this.#startedAt) / 1000) * this.#ratePerSecond);
    while (this.#sentAt.length < due) {
      const packet = this.#sentAt.length;
      this.#rig.peers.sendUplink(this.#ueOf(packet), packet);
      this.#sentAt.push(now());
    }
    this.#rig.sockets.flush();
  }
}

/** The longest time between two moments of a list that ends after `from`; without an end it lasts until `until`. */
function longestGapMs(moments: readonly Instant[], from: Instant, until: Instant): number {
  let longest = 0;
  let before = from;
  for (const at of [...moments.filter((moment) => moment > from && moment < until), until]) {
    longest = Math.max(longest, at - before);
    before = at;
  }
  return longest;
}
