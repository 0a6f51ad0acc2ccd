import { type Ipv4Address, ipv4Broadcast, ipv4Unspecified, type MacAddress } from '../kernel/address.ts';
import type { RandomSource } from '../kernel/context.ts';
import { type Instant, never } from '../kernel/instant.ts';
import type { Timed } from '../kernel/port.ts';
import { find, type Tlv, tlv } from '../wire/bytes/tlv.ts';
import type { DhcpMessage } from '../wire/dhcpv4/message.ts';
import { dhcpOption, infiniteLeaseSeconds } from '../wire/dhcpv4/options.ts';

/** The states of RFC 2131 figure 5; `Idle` is a client that has not been started or was stopped. */
export type DhcpClientState = 'Idle' | 'Selecting' | 'Requesting' | 'Rebooting' | 'Bound' | 'Renewing' | 'Rebinding';

/** What a server granted. Instants; `never` for a lease without end. */
export interface DhcpLease {
  readonly address: Ipv4Address;
  readonly subnetMask: Ipv4Address | undefined;
  readonly router: Ipv4Address | undefined;
  readonly serverIdentifier: Ipv4Address;
  readonly mtu: number | undefined;
  readonly renewAt: Instant;
  readonly rebindAt: Instant;
  readonly expiresAt: Instant;
}

export interface DhcpClientCallbacks {
  /** Sends a message to a server's address, or to 255.255.255.255. */
  send(message: DhcpMessage, destination: Ipv4Address, now: Instant): void;
  /** An address was granted, or extended. */
  bound(lease: DhcpLease, now: Instant): void;
  /** The address must not be used any more: refused or expired. */
  lost(now: Instant): void;
}

export interface DhcpClientOptions {
  /** The first wait for an answer, doubled each time up to `maxTimeoutMs` (RFC 2131 section 4.1); 4 s and 64 s there. */
  readonly initialTimeoutMs?: number;
  readonly maxTimeoutMs?: number;
  /** REQUESTs in INIT-REBOOT before the client begins anew with DISCOVER. */
  readonly rebootAttempts?: number;
}

/** How long a client that was refused waits before it begins anew; RFC 2131 section 3.1 asks for 10 s after DECLINE. */
const refusedPauseMs = 1000;
/** Renewals are repeated no more often (RFC 2131 section 4.4.5), unless the lease is short. */
const renewalPauseMaxMs = 60_000;

/** A DHCP client (RFC 2131 section 4.4), without the random delays of the RFC: a run can be repeated. */
export class DhcpClient implements Timed {
  state: DhcpClientState = 'Idle';
  lease: DhcpLease | undefined;
  #transactionId = 0;
  #offer: { readonly address: Ipv4Address; readonly serverIdentifier: Ipv4Address } | undefined;
  #attempt = 0;
  #nextAt: Instant = never;
  #wanted: Ipv4Address | undefined;
  readonly #mac: MacAddress;
  readonly #random: RandomSource;
  readonly #callbacks: DhcpClientCallbacks;
  readonly #options: Required<DhcpClientOptions>;

  constructor(mac: MacAddress, random: RandomSource, callbacks: DhcpClientCallbacks, options: DhcpClientOptions = {}) {
    this.#mac = mac;
    this.#random = random;
    this.#callbacks = callbacks;
    this.#options = { initialTimeoutMs: 4000, maxTimeoutMs: 64_000, rebootAttempts: 4, ...options };
  }

  /** Of what was sent last: a reply of another is not taken. */
  get transactionId(): number {
    return this.#transactionId;
  }

  /** INIT: looks for a server; the address it had, if any, is asked for again. */
  discover(now: Instant): void {
    this.#begin('Selecting', now);
    this.#transmit(now);
  }

  /** INIT-REBOOT: asks whether the address it has is right here; DISCOVER if it has none. */
  reboot(now: Instant): void {
    if (this.lease === undefined) return this.discover(now);
    this.#begin('Rebooting', now);
    this.#transmit(now);
  }

  /** Renews now, as if T1 had come. */
  renew(now: Instant): void {
    if (this.lease === undefined) return;
    this.#begin('Renewing', now);
    this.#transmit(now);
  }

  /** Gives the address back (RFC 2131 section 4.4.6) and stops. */
  release(now: Instant): void {
    const { lease } = this;
    if (lease === undefined) return;
    this.#transactionId = this.#random.u32();
    const options = [
      tlv(dhcpOption.messageType, 'release' as const),
      tlv(dhcpOption.serverIdentifier, lease.serverIdentifier),
    ];
    this.#callbacks.send(this.#message(options, lease.address), lease.serverIdentifier, now);
    this.stop();
    this.#lose(now);
  }

  /** Stops asking; the lease, if any, is kept but no longer looked after. */
  stop(): void {
    this.state = 'Idle';
    this.#nextAt = never;
  }

  received(message: DhcpMessage, now: Instant): void {
    if (message.op !== 'reply' || message.clientMac !== this.#mac) return;
    if (message.transactionId !== this.#transactionId) return;
    const type = find(message.options, dhcpOption.messageType);
    const serverIdentifier = find(message.options, dhcpOption.serverIdentifier);
    if (serverIdentifier === undefined) return;
    if (type === 'offer' && this.state === 'Selecting') {
      this.#offer = { address: message.yourAddress, serverIdentifier };
      this.state = 'Requesting';
      this.#attempt = 0;
      this.#transmit(now);
    } else if (this.#awaitsAck()) {
      if (type === 'ack') this.#granted(message, serverIdentifier, now);
      else if (type === 'nak') this.#refused(now);
    }
  }

  advance(now: Instant): void {
    if (this.#nextAt > now) return;
    const { lease } = this;
    if (lease !== undefined && lease.expiresAt <= now) {
      this.#lose(now);
      return this.discover(now);
    }
    switch (this.state) {
      case 'Idle':
        this.#nextAt = never;
        return;
      case 'Bound':
        return this.renew(now);
      case 'Renewing':
        if (lease !== undefined && lease.rebindAt <= now) this.#begin('Rebinding', now);
        return this.#transmit(now);
      case 'Requesting':
      case 'Rebooting':
        if (this.#attempt >= this.#options.rebootAttempts) return this.discover(now);
        return this.#transmit(now);
      case 'Selecting':
      case 'Rebinding':
        return this.#transmit(now);
    }
  }

  nextDeadline(): Instant {
    return this.#nextAt;
  }

  #awaitsAck(): boolean {
    return this.state !== 'Idle' && this.state !== 'Selecting' && this.state !== 'Bound';
  }

  #begin(state: DhcpClientState, now: Instant): void {
    this.state = state;
    this.#transactionId = this.#random.u32();
    this.#attempt = 0;
    this.#offer = undefined;
    this.#wanted = this.lease?.address ?? this.#wanted;
    this.#nextAt = now;
  }

  #transmit(now: Instant): void {
    this.#attempt += 1;
    const { initialTimeoutMs, maxTimeoutMs } = this.#options;
    const wait = Math.min(initialTimeoutMs * 2 ** (this.#attempt - 1), maxTimeoutMs);
    this.#nextAt = now + wait;
    const { lease } = this;
    const options: Tlv[] = [tlv(dhcpOption.messageType, this.state === 'Selecting' ? 'discover' : 'request')];
    options.push(tlv(dhcpOption.parameterRequestList, parametersWanted));
    switch (this.state) {
      case 'Selecting':
        if (this.#wanted !== undefined) options.push(tlv(dhcpOption.requestedAddress, this.#wanted));
        return this.#callbacks.send(this.#message(options, ipv4Unspecified), ipv4Broadcast, now);
      case 'Requesting':
        options.push(tlv(dhcpOption.requestedAddress, this.#offer!.address));
        options.push(tlv(dhcpOption.serverIdentifier, this.#offer!.serverIdentifier));
        return this.#callbacks.send(this.#message(options, ipv4Unspecified), ipv4Broadcast, now);
      case 'Rebooting':
        options.push(tlv(dhcpOption.requestedAddress, lease!.address));
        return this.#callbacks.send(this.#message(options, ipv4Unspecified), ipv4Broadcast, now);
      case 'Renewing':
        this.#nextAt = renewalRetryAt(now, lease!.rebindAt);
        return this.#callbacks.send(this.#message(options, lease!.address), lease!.serverIdentifier, now);
      case 'Rebinding':
        this.#nextAt = renewalRetryAt(now, lease!.expiresAt);
        return this.#callbacks.send(this.#message(options, lease!.address), ipv4Broadcast, now);
      case 'Idle':
      case 'Bound':
        return;
    }
  }

  #granted(message: DhcpMessage, serverIdentifier: Ipv4Address, now: Instant): void {
    const { options } = message;
    const seconds = find(options, dhcpOption.leaseTime) ?? 0;
    const endless = seconds === infiniteLeaseSeconds;
    const after = (value: number | undefined, fraction: number): Instant =>
      endless ? never : now + (value ?? Math.floor(seconds * fraction)) * 1000;
    // RFC 2131 section 4.4.5: T1 and T2 are 0.5 and 0.875 of the lease where the server does not say.
    this.lease = {
      address: message.yourAddress,
      subnetMask: find(options, dhcpOption.subnetMask),
      router: find(options, dhcpOption.router)?.[0],
      serverIdentifier,
      mtu: find(options, dhcpOption.interfaceMtu),
      renewAt: after(find(options, dhcpOption.renewalTime), 0.5),
      rebindAt: after(find(options, dhcpOption.rebindingTime), 0.875),
      expiresAt: after(undefined, 1),
    };
    this.state = 'Bound';
    this.#nextAt = this.lease.renewAt;
    this.#callbacks.bound(this.lease, now);
  }

  #refused(now: Instant): void {
    this.#wanted = undefined;
    this.#lose(now);
    this.#begin('Selecting', now);
    this.#nextAt = now + refusedPauseMs;
  }

  #lose(now: Instant): void {
    if (this.lease === undefined) return;
    this.lease = undefined;
    this.#callbacks.lost(now);
  }

  #message(options: readonly Tlv[], clientAddress: Ipv4Address): DhcpMessage {
    return {
      op: 'request',
      hops: 0,
      transactionId: this.#transactionId,
      secs: 0,
      broadcast: false,
      clientAddress,
      yourAddress: ipv4Unspecified,
      serverAddress: ipv4Unspecified,
      relayAddress: ipv4Unspecified,
      clientMac: this.#mac,
      serverName: noOctets,
      bootFile: noOctets,
      options,
    };
  }
}

const noOctets = new Uint8Array(0);

const parametersWanted: readonly number[] = [
  dhcpOption.subnetMask.type,
  dhcpOption.router.type,
  dhcpOption.domainNameServer.type,
  dhcpOption.interfaceMtu.type,
];

/** RFC 2131 section 4.4.5: after half of what is left until the next state begins, and then at its beginning. */
function renewalRetryAt(now: Instant, until: Instant): Instant {
  const half = (until - now) / 2;
  return half < 1000 ? until : now + Math.min(half, renewalPauseMaxMs);
}
