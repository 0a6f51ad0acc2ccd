import type { Ipv4Address } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';
import { decodeIcmp, encodeIcmp } from '../../wire/icmp/icmp.ts';
import { Probe, type ProbeConfig, type ProbeStatus } from './probe.ts';

const noData = new Uint8Array(0);

/** Asks one address by ICMP Echo (RFC 792) whether it can be reached. */
export class ReachabilityProbe implements Timed {
  readonly address: Ipv4Address;
  readonly #identifier: number;
  readonly #probe: Probe;

  /**
   * @param identifier 16 bits, not another prober's on this machine
   * @param send an ICMP message, for this probe's address
   */
  constructor(
    config: ProbeConfig,
    address: Ipv4Address,
    identifier: number,
    send: (message: Uint8Array) => void,
    now: Instant,
  ) {
    this.address = address;
    this.#identifier = identifier;
    this.#probe = new Probe(
      config,
      (number) => send(encodeIcmp({ kind: 'echo-request', identifier, sequence: number & 0xffff, data: noData })),
      now,
    );
  }

  get healthy(): boolean {
    return this.#probe.healthy;
  }

  status(): ProbeStatus {
    return this.#probe.status();
  }

  /** An ICMP message from anywhere. */
  receive(peer: Ipv4Address, message: Uint8Array, now: Instant): void {
    if (peer !== this.address) return;
    const read = decodeIcmp(message);
    if (!read.ok || read.value.kind !== 'echo-reply' || read.value.identifier !== this.#identifier) return;
    const { sent } = this.#probe.status();
    this.#probe.heard(sent - ((sent - read.value.sequence) & 0xffff), now);
  }

  advance(now: Instant): void {
    this.#probe.advance(now);
  }

  nextDeadline(): Instant {
    return this.#probe.nextDeadline();
  }
}
