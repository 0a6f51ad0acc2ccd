import { formatMac, type IpAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { SeededRandom } from '../kernel/random.ts';
import type { AaaProfile } from '../peers/aaa-server.ts';
import type { AccessPoint } from '../peers/actor.ts';
import { type ArrivalManner, Ue } from '../peers/ue.ts';
import { decodeEthernet, etherType } from '../wire/ethernet/ethernet.ts';
import type { TrafficWatch } from './checkers/traffic.ts';
import type { RunOptions } from './options.ts';
import { probePayload, probePort, readProbe } from './probe.ts';
import { place } from './virtual-config.ts';

/** A user with a UE: what the AAA servers know of them, what they want, and what they get. */
export class Subscriber {
  readonly ue: Ue;
  /** The NAI that the user's profile gives; undefined where it is made of the MAC. */
  readonly nai: string | undefined;
  readonly rejected: boolean;
  readonly profile: AaaProfile;
  /** The LMA that the user belongs to, by index. */
  readonly lma: number;
  wantsService = false;
  /** When an answer to a packet of the user last came back. */
  servedAt: Instant = Number.NEGATIVE_INFINITY;
  readonly #traffic: TrafficWatch;
  #number = 0;
  #place: IpAddress | undefined;
  readonly #leftAt = new Map<IpAddress, Instant>();

  constructor(index: number, options: RunOptions, traffic: TrafficWatch, random: SeededRandom) {
    this.#traffic = traffic;
    this.ue = new Ue(
      {
        name: `ue-${index}`,
        mac: place.ue(index),
        correspondent: place.host,
        dhcp: { initialTimeoutMs: 1000, maxTimeoutMs: 8000 },
      },
      random,
    );
    this.rejected = random.chance(options.rejected);
    this.nai = random.chance(0.3) ? `user-${index}@example.net` : undefined;
    this.lma = index % options.lmas;
    this.profile = {
      lma: place.lma(this.lma),
      ...(this.nai === undefined ? {} : { nai: this.nai }),
      ...(random.chance(0.2) ? { sessionTimeoutSeconds: 15 + random.below(120) } : {}),
      ...(random.chance(0.2) ? { idleTimeoutSeconds: 15 + random.below(60) } : {}),
    };
    this.ue.listener = {
      frame: (direction, _accessPoint, frame) => {
        if (direction === 'down') this.#heard(frame);
      },
      udp: (_source, { payload }, now) => {
        const probe = readProbe(payload);
        if (probe?.direction === 'down' && probe.owner === this.ue.mac) this.servedAt = now;
      },
    };
  }

  get name(): string {
    return `${this.ue.name} (${formatMac(this.ue.mac)})`;
  }

  /** Goes to an access point and wants to be served there. */
  come(
    accessPoint: AccessPoint & { readonly address: IpAddress },
    how: ArrivalManner,
    now: Instant,
    overlapMs: number,
  ): void {
    this.wantsService = true;
    this.#leavesAt(now + overlapMs);
    this.#place = accessPoint.address;
    this.ue.moveTo(accessPoint, this.ue.address === undefined ? 'dhcp-discover' : how, now, overlapMs);
  }

  /** Goes away, with or without giving the address back. */
  go(release: boolean, now: Instant): void {
    this.wantsService = false;
    if (release) this.ue.release(now);
    this.#leavesAt(now);
    this.ue.leave(now);
  }

  /** Sends a packet to the host, which answers. */
  talk(now: Instant): void {
    this.#number += 1;
    const payload = probePayload({ owner: this.ue.mac, direction: 'up', number: this.#number });
    this.ue.sendUdp(place.host, probePort, probePort, payload, now);
  }

  /** When the UE was last at the access point of an address; undefined if it never was. */
  lastSeenAt(address: IpAddress, now: Instant): Instant | undefined {
    return address === this.#place ? now : this.#leftAt.get(address);
  }

  #leavesAt(at: Instant): void {
    if (this.#place !== undefined) this.#leftAt.set(this.#place, at);
    this.#place = undefined;
  }

  #heard(frame: Uint8Array): void {
    const header = decodeEthernet(frame);
    if (!header.ok || header.value.etherType !== etherType.ipv4) return;
    // A frame to a group is not the gateway's: it would have been seen leaving. One damaged octet makes such of any.
    if (header.value.destination !== this.ue.mac) return;
    this.#traffic.arrivedAtUe(this.ue.mac, frame.subarray(header.value.headerLength));
  }
}
