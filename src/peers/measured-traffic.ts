import type { Ipv4Address } from '../kernel/address.ts';
import { type Instant, never } from '../kernel/instant.ts';
import type { Timed } from '../kernel/port.ts';
import type { CorrespondentHost } from './correspondent-host.ts';
import { measuredNumber, measuredPayload, PacketLedger } from './traffic.ts';
import type { Ue } from './ue.ts';

export interface MeasuredTrafficOptions {
  /** From one packet to the next, each way. */
  readonly intervalMs: number;
  /** The UDP port at both ends; one per UE where several are measured at one host. */
  readonly port?: number;
  /** Of each payload; 64 unless told otherwise. */
  readonly octets?: number;
  /** Where the host reaches the UE, if that is not the address that the UE knows. */
  readonly reachedAt?: () => Ipv4Address | undefined;
}

/** Loss and interruption in a window, as seen by the receivers. */
export interface TrafficLoss {
  readonly uplinkLost: number;
  readonly downlinkLost: number;
  /** The longest time without an arrival, the worse of the two directions. */
  readonly interruptionMs: number;
  /** The longest time in which nothing was sent: what of the interruption is the sender's own. */
  readonly senderPauseMs: number;
}

/**
 * Numbered UDP packets between a UE and a host behind the LMA, both ways at a steady pace. Only packets that had an address
 * to leave from or to go to are counted as sent.
 */
export class MeasuredTraffic implements Timed {
  readonly uplink = new PacketLedger();
  readonly downlink = new PacketLedger();
  /** While true only the host sends. */
  uplinkHeld = false;
  readonly #ue: Ue;
  readonly #host: CorrespondentHost;
  readonly #intervalMs: number;
  readonly #port: number;
  readonly #octets: number | undefined;
  readonly #reachedAt: () => Ipv4Address | undefined;
  #nextAt: Instant = never;

  /** Takes the UE's and the host's packets of its port; other listeners of theirs go on as they were. */
  constructor(ue: Ue, host: CorrespondentHost, options: MeasuredTrafficOptions) {
    this.#ue = ue;
    this.#host = host;
    this.#intervalMs = options.intervalMs;
    this.#port = options.port ?? 7000;
    this.#octets = options.octets;
    this.#reachedAt = options.reachedAt ?? (() => ue.address);
    const ueListener = ue.listener;
    ue.listener = {
      ...ueListener,
      udp: (source, datagram, now) => {
        if (datagram.destinationPort !== this.#port) return ueListener.udp?.(source, datagram, now);
        const number = measuredNumber(datagram.payload);
        if (number !== undefined) this.downlink.arrive(number, now);
      },
    };
    const hostListener = host.listener;
    host.listener = {
      ...hostListener,
      udp: (source, datagram, now) => {
        if (datagram.destinationPort !== this.#port) return hostListener.udp?.(source, datagram, now);
        const number = measuredNumber(datagram.payload);
        if (number !== undefined) this.uplink.arrive(number, now);
      },
    };
  }

  start(now: Instant): void {
    this.#nextAt = now;
  }

  stop(): void {
    this.#nextAt = never;
  }

  loss(from: Instant, to: Instant): TrafficLoss {
    return {
      uplinkLost: this.uplink.lost(from, to),
      downlinkLost: this.downlink.lost(from, to),
      interruptionMs: Math.max(this.uplink.longestGap(from, to), this.downlink.longestGap(from, to)),
      senderPauseMs: Math.max(this.uplink.longestSenderPause(from, to), this.downlink.longestSenderPause(from, to)),
    };
  }

  advance(now: Instant): void {
    if (this.#nextAt > now) return;
    // After a stall of the host one packet makes up for all: a burst would measure the queues.
    this.#nextAt = Math.max(this.#nextAt, now - this.#intervalMs) + this.#intervalMs;
    const address = this.#ue.address;
    const reachedAt = this.#reachedAt();
    if (address === undefined || reachedAt === undefined) return;
    const port = this.#port;
    if (!this.uplinkHeld) {
      const up = measuredPayload(this.uplink.send(now), this.#octets);
      this.#ue.sendUdp(this.#host.address, port, port, up, now);
    }
    const down = measuredPayload(this.downlink.send(now), this.#octets);
    this.#host.sendUdp(reachedAt, { sourcePort: port, destinationPort: port, payload: down });
  }

  nextDeadline(): Instant {
    return this.#nextAt;
  }
}
