import { type IpAddress, type IpPrefix, type Ipv4Address, ipv4Unspecified } from '../kernel/address.ts';
import type { RandomSource } from '../kernel/context.ts';
import { Counters } from '../kernel/counters.ts';
import { type Instant, never, type WallClock } from '../kernel/instant.ts';
import { find, type Tlv, tlv } from '../wire/bytes/tlv.ts';
import { decodeGre, greLength, greProtocol, writeGre } from '../wire/gre/gre.ts';
import { echoReplyPacket } from '../wire/icmp/icmp.ts';
import { ipProtocol, ipv4DestinationAt, ipv4Fault, ipv4ProtocolAt, ipv4SourceAt } from '../wire/ipv4/ipv4.ts';
import {
  bindingAcknowledgementFlag,
  bindingStatus,
  bindingUpdateFlag,
  ipv4HomeAddressStatus,
  pmipv6Port,
  revocationFlag,
  revocationTrigger,
} from '../wire/pmipv6/constants.ts';
import {
  type BindingRevocationAcknowledgement,
  decodeMobility,
  encodeMobility,
  type Heartbeat,
  type MobilityMessage,
  type ProxyBindingUpdate,
} from '../wire/pmipv6/message.ts';
import { mobilityOption } from '../wire/pmipv6/options.ts';
import type { Actor, Datagram, Network } from './actor.ts';
import { AddressPool } from './address-pool.ts';
import { Agenda, type Appointment, cancel } from './agenda.ts';

export interface LmaOptions {
  readonly name: string;
  readonly address: IpAddress;
  /** Where UEs' addresses come from; its first host is their default router. */
  readonly pool: IpPrefix;
  /** The most a binding is granted; 3600 s unless told otherwise. */
  readonly lifetimeMaxSeconds?: number;
  /** TimestampValidityWindow, 7 s unless told otherwise. */
  readonly timestampWindowMs?: number;
  /** MinDelayBeforeBCEDelete; 0 unless told otherwise. */
  readonly deregistrationDelayMs?: number;
  /** How long the address of an ended binding waits for its UE; 10 s unless told otherwise. */
  readonly addressMemoryMs?: number;
  /** How often the MAGs of bindings are asked for a sign of life; never unless told otherwise. */
  readonly heartbeatIntervalMs?: number;
}

/** A binding cache entry (RFC 5213 section 5.1), as plain data. */
export interface LmaBinding {
  readonly nai: string;
  readonly address: Ipv4Address;
  readonly mag: IpAddress;
  /** The key in packets from us to the MAG, which it assigned. */
  readonly downlinkKey: number;
  /** The key in packets from the MAG to us. */
  readonly uplinkKey: number;
  readonly sequence: number;
  readonly timestamp: WallClock | undefined;
  readonly expiresAt: Instant;
  /** Deregistered or being revoked: no traffic passes, and the entry ends soon. */
  readonly ending: boolean;
}

/** What lies behind the LMA: takes every IPv4 packet of a UE that is not for another UE. */
export interface Correspondent {
  /** @param packet valid only during the call */
  fromUe(packet: Uint8Array, now: Instant): void;
}

const counterNames = [
  'pbu',
  'pbu.accepted',
  'pbu.rejected',
  'pbu.deregistered',
  'pbu.ignored',
  'bri',
  'bri.retransmitted',
  'bri.unanswered',
  'bra',
  'heartbeat.answered',
  'heartbeat.sent',
  'uplink.packets',
  'uplink.unknown-key',
  'uplink.wrong-peer',
  'uplink.spoofed',
  'uplink.malformed',
  'downlink.packets',
  'downlink.no-binding',
] as const;

const revocationFirstTimeoutMs = 1000;
const revocationAttempts = 3;

/**
 * A local mobility anchor (RFC 5213, 5844, 5845, 5846, 5847) with one pool of IPv4 addresses, and the user plane behind its
 * bindings. Packets to its router address and, unless a correspondent takes them, to anywhere are answered if they are
 * echo requests.
 */
export class Lma implements Actor {
  readonly name: string;
  readonly address: IpAddress;
  readonly listens = [
    { protocol: 'udp', port: pmipv6Port },
    { protocol: 'gre', port: 0 },
  ] as const;
  readonly counters = new Counters(counterNames);
  readonly pool: AddressPool;
  correspondent: Correspondent | undefined;
  /** While true nothing that arrives is heard. */
  down = false;
  restartCounter = 1;
  readonly #options: Required<LmaOptions>;
  readonly #network: Network;
  readonly #random: RandomSource;
  readonly #wallClock: () => WallClock;
  readonly #agenda = new Agenda();
  readonly #byNai = new Map<string, LmaBinding>();
  readonly #byKey = new Map<number, LmaBinding>();
  readonly #byAddress = new Map<Ipv4Address, LmaBinding>();
  /** What ends each binding: its expiry, the deregistration delay or a revocation's next step. */
  readonly #endings = new Map<string, Appointment>();
  /** The sequence number of each BRI that waits for its BRA. */
  readonly #revocations = new Map<string, number>();
  #sequence = 0;

  constructor(options: LmaOptions, network: Network, random: RandomSource, wallClock: () => WallClock) {
    this.name = options.name;
    this.address = options.address;
    this.#options = {
      lifetimeMaxSeconds: 3600,
      timestampWindowMs: 7000,
      deregistrationDelayMs: 0,
      addressMemoryMs: 10_000,
      heartbeatIntervalMs: never,
      ...options,
    };
    this.#network = network;
    this.#random = random;
    this.#wallClock = wallClock;
    this.pool = new AddressPool(options.pool, this.#options.addressMemoryMs);
    const { heartbeatIntervalMs } = this.#options;
    if (heartbeatIntervalMs !== never) this.#agenda.at(0, (now) => this.#beat(now));
  }

  /** The binding cache, for those who check it. */
  bindings(): readonly LmaBinding[] {
    return [...this.#byNai.values()];
  }

  bindingOf(nai: string): LmaBinding | undefined {
    return this.#byNai.get(nai);
  }

  bindingOfAddress(address: Ipv4Address): LmaBinding | undefined {
    return this.#byAddress.get(address);
  }

  receive(datagram: Datagram, now: Instant): void {
    if (this.down) return;
    if (datagram.protocol === 'gre') return this.#uplink(datagram, now);
    const message = decodeMobility(datagram.bytes.slice());
    if (!message.ok) return;
    switch (message.value.kind) {
      case 'proxyBindingUpdate':
        return this.#updated(message.value, datagram.source, datagram.sourcePort, now);
      case 'bindingRevocationAcknowledgement':
        return this.#revoked(message.value, datagram.source, now);
      case 'heartbeat':
        return this.#answerHeartbeat(message.value, datagram);
      default:
        return;
    }
  }

  advance(now: Instant): void {
    this.#agenda.advance(now);
  }

  nextDeadline(): Instant {
    return this.#agenda.nextDeadline();
  }

  /** Sends an IPv4 packet to the UE that has its destination address; false, and counted, if none has. */
  sendToUe(packet: Uint8Array): boolean {
    const binding = this.#byAddress.get(ipv4DestinationAt(packet, 0));
    if (binding === undefined || binding.ending || this.down) {
      this.counters.add('downlink.no-binding');
      return false;
    }
    this.counters.add('downlink.packets');
    const bytes = new Uint8Array(greLength(binding.downlinkKey) + packet.length);
    bytes.set(packet, writeGre(bytes, 0, greProtocol.ipv4, binding.downlinkKey));
    this.#network.send({
      protocol: 'gre',
      source: this.address,
      sourcePort: 0,
      destination: binding.mag,
      destinationPort: 0,
      bytes,
    });
    return true;
  }

  /** Revokes a UE's binding (RFC 5846 section 8): it ends with the BRA or when the MAG stays silent. False if none. */
  revoke(nai: string, now: Instant): boolean {
    const binding = this.#byNai.get(nai);
    if (binding === undefined || binding.ending) return false;
    this.#store({ ...binding, ending: true });
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#revocations.set(nai, this.#sequence);
    this.counters.add('bri');
    this.#indicate(nai, this.#sequence, 1, now);
    return true;
  }

  /** Loses every binding, as a crash does. The next heartbeat tells (RFC 5847 section 3.2). */
  restart(): void {
    for (const nai of this.#byNai.keys()) cancel(this.#endings.get(nai));
    this.#endings.clear();
    this.#revocations.clear();
    this.#byNai.clear();
    this.#byKey.clear();
    this.#byAddress.clear();
    this.pool.clear();
    this.restartCounter += 1;
  }

  #updated(message: ProxyBindingUpdate, mag: IpAddress, magPort: number, now: Instant): void {
    this.counters.add('pbu');
    if ((message.flags & bindingUpdateFlag.proxyRegistration) === 0) return this.counters.add('pbu.ignored');
    const nai = find(message.options, mobilityOption.mnIdentifier)?.identifier;
    const binding = nai === undefined ? undefined : this.#byNai.get(nai);
    const refusal =
      nai === undefined ? bindingStatus.missingMnIdentifierOption : this.#refusalOf(message, mag, binding);
    if (nai === undefined || refusal !== undefined) {
      return this.#reject(message, refusal!, binding?.sequence, mag, magPort);
    }
    if (message.lifetimeSeconds === 0) return this.#deregister(message, nai, mag, magPort, now);
    this.#register(message, nai, binding, mag, magPort, now);
  }

  /** RFC 5213 sections 5.3.1 and 5.5: why a PBU is not served, as a status; undefined if it is. */
  #refusalOf(message: ProxyBindingUpdate, mag: IpAddress, binding: LmaBinding | undefined): number | undefined {
    const { options } = message;
    if (find(options, mobilityOption.handoffIndicator) === undefined) {
      return bindingStatus.missingHandoffIndicatorOption;
    }
    if (find(options, mobilityOption.accessTechnologyType) === undefined) {
      return bindingStatus.missingAccessTechnologyTypeOption;
    }
    const timestamp = find(options, mobilityOption.timestamp);
    if (timestamp !== undefined) {
      const skew = Math.abs(timestamp - this.#wallClock());
      if (skew > this.#options.timestampWindowMs) return bindingStatus.timestampMismatch;
      const last = binding?.timestamp;
      if (last !== undefined && timestamp < last) return bindingStatus.timestampLowerThanPreviouslyAccepted;
    } else if (binding !== undefined && binding.mag === mag) {
      // Modulo 65536; an equal number repeats a PBU whose answer was lost.
      if (((message.sequence - binding.sequence) & 0xffff) >= 0x8000) return bindingStatus.sequenceNumberOutOfWindow;
    }
    if (message.lifetimeSeconds === 0) return undefined;
    if (find(options, mobilityOption.greKey)?.key === undefined) return bindingStatus.greKeyOptionRequired;
    return find(options, mobilityOption.ipv4HomeAddressRequest) === undefined
      ? bindingStatus.missingHomeNetworkPrefixOption
      : undefined;
  }

  #register(
    message: ProxyBindingUpdate,
    nai: string,
    before: LmaBinding | undefined,
    mag: IpAddress,
    magPort: number,
    now: Instant,
  ): void {
    const wanted = find(message.options, mobilityOption.ipv4HomeAddressRequest)!.address;
    const address = this.pool.lease(nai, wanted === 0 ? undefined : wanted, now);
    if (address === undefined) {
      return this.#reject(message, bindingStatus.insufficientResources, undefined, mag, magPort);
    }
    const lifetimeSeconds = Math.min(message.lifetimeSeconds, this.#options.lifetimeMaxSeconds);
    const binding: LmaBinding = {
      nai,
      address,
      mag,
      downlinkKey: find(message.options, mobilityOption.greKey)!.key!,
      uplinkKey: before?.uplinkKey ?? this.#newKey(),
      sequence: message.sequence,
      timestamp: find(message.options, mobilityOption.timestamp) ?? before?.timestamp,
      expiresAt: now + lifetimeSeconds * 1000,
      ending: false,
    };
    this.#store(binding);
    this.#endAt(nai, binding.expiresAt);
    this.counters.add('pbu.accepted');
    this.#acknowledge(message, bindingStatus.accepted, lifetimeSeconds, mag, magPort, [
      tlv(mobilityOption.ipv4HomeAddressReply, {
        status: ipv4HomeAddressStatus.success,
        prefixLength: this.pool.prefix.length,
        address,
      }),
      tlv(mobilityOption.ipv4DefaultRouter, this.pool.router),
      tlv(mobilityOption.ipv4DhcpSupportMode, 'server'),
      tlv(mobilityOption.greKey, { key: binding.uplinkKey }),
    ]);
  }

  #deregister(message: ProxyBindingUpdate, nai: string, mag: IpAddress, magPort: number, now: Instant): void {
    this.counters.add('pbu.deregistered');
    const binding = this.#byNai.get(nai);
    // Another MAG has registered the UE since: its binding stays (RFC 5213 section 5.3.5).
    if (binding?.mag === mag) {
      const timestamp = find(message.options, mobilityOption.timestamp) ?? binding.timestamp;
      this.#store({ ...binding, sequence: message.sequence, timestamp, ending: true });
      this.#endAt(nai, now + this.#options.deregistrationDelayMs);
      if (this.#options.deregistrationDelayMs === 0) this.#end(nai, now);
    }
    this.#acknowledge(message, bindingStatus.accepted, 0, mag, magPort, []);
  }

  #reject(
    message: ProxyBindingUpdate,
    status: number,
    lastSequence: number | undefined,
    mag: IpAddress,
    magPort: number,
  ): void {
    this.counters.add('pbu.rejected');
    const extra: Tlv[] = [];
    if (status === bindingStatus.insufficientResources) {
      const none = ipv4HomeAddressStatus.dynamicIpv4HomeAddressAssignmentNotAvailable;
      const reply = { status: none, prefixLength: 0, address: ipv4Unspecified };
      extra.push(tlv(mobilityOption.ipv4HomeAddressReply, reply));
    }
    if (status === bindingStatus.sequenceNumberOutOfWindow && lastSequence !== undefined) {
      message = { ...message, sequence: lastSequence };
    }
    this.#acknowledge(message, status, 0, mag, magPort, extra);
  }

  #acknowledge(
    message: ProxyBindingUpdate,
    status: number,
    lifetimeSeconds: number,
    mag: IpAddress,
    magPort: number,
    extra: readonly Tlv[],
  ): void {
    const options = message.options
      .filter(({ type }) => repeatedOptions.has(type))
      .map((option) =>
        status === bindingStatus.timestampMismatch && option.type === mobilityOption.timestamp.type
          ? tlv(mobilityOption.timestamp, this.#wallClock())
          : option,
      );
    this.#send(mag, magPort, {
      kind: 'proxyBindingAcknowledgement',
      status,
      flags: bindingAcknowledgementFlag.proxyRegistration,
      sequence: message.sequence,
      lifetimeSeconds,
      options: [...options, ...extra],
    });
  }

  #indicate(nai: string, sequence: number, attempt: number, now: Instant): void {
    const binding = this.#byNai.get(nai);
    if (binding === undefined) return;
    if (attempt > 1) this.counters.add('bri.retransmitted');
    this.#send(binding.mag, pmipv6Port, {
      kind: 'bindingRevocationIndication',
      trigger: revocationTrigger.administrativeReason,
      sequence,
      flags: revocationFlag.proxyBinding,
      options: [tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: nai })],
    });
    const next = now + revocationFirstTimeoutMs * 2 ** (attempt - 1);
    cancel(this.#endings.get(nai));
    this.#endings.set(
      nai,
      this.#agenda.at(next, (at) => {
        if (attempt < revocationAttempts) return this.#indicate(nai, sequence, attempt + 1, at);
        this.counters.add('bri.unanswered');
        this.#end(nai, at);
      }),
    );
  }

  #revoked(message: BindingRevocationAcknowledgement, mag: IpAddress, now: Instant): void {
    this.counters.add('bra');
    const nai = find(message.options, mobilityOption.mnIdentifier)?.identifier;
    const binding = nai === undefined ? undefined : this.#byNai.get(nai);
    if (binding?.ending === true && binding.mag === mag && message.sequence === this.#revocations.get(binding.nai)) {
      this.#end(binding.nai, now);
    }
  }

  #answerHeartbeat(message: Heartbeat, { source, sourcePort }: Datagram): void {
    if (message.response) return;
    this.counters.add('heartbeat.answered');
    const options = [tlv(mobilityOption.restartCounter, this.restartCounter)];
    const { sequence } = message;
    this.#send(source, sourcePort, { kind: 'heartbeat', response: true, unsolicited: false, sequence, options });
  }

  #beat(now: Instant): void {
    for (const mag of new Set(this.bindings().map((binding) => binding.mag))) {
      this.#sequence = (this.#sequence + 1) & 0xffff;
      this.counters.add('heartbeat.sent');
      const options = [tlv(mobilityOption.restartCounter, this.restartCounter)];
      const sequence = this.#sequence;
      this.#send(mag, pmipv6Port, { kind: 'heartbeat', response: false, unsolicited: false, sequence, options });
    }
    this.#agenda.at(now + this.#options.heartbeatIntervalMs, (at) => this.#beat(at));
  }

  #uplink(datagram: Datagram, now: Instant): void {
    const gre = decodeGre(datagram.bytes);
    if (!gre.ok || gre.value.protocol !== greProtocol.ipv4) return this.counters.add('uplink.malformed');
    const binding = gre.value.key === undefined ? undefined : this.#byKey.get(gre.value.key);
    if (binding === undefined || binding.ending) return this.counters.add('uplink.unknown-key');
    if (binding.mag !== datagram.source) return this.counters.add('uplink.wrong-peer');
    const packet = datagram.bytes.subarray(gre.value.headerLength);
    if (ipv4Fault(packet, 0, packet.length) !== undefined) return this.counters.add('uplink.malformed');
    if (ipv4SourceAt(packet, 0) !== binding.address) return this.counters.add('uplink.spoofed');
    this.counters.add('uplink.packets');
    const destination = ipv4DestinationAt(packet, 0);
    if (destination !== this.pool.router && this.pool.contains(destination)) {
      this.sendToUe(packet);
    } else if (destination === this.pool.router || this.correspondent === undefined) {
      const reply = ipv4ProtocolAt(packet, 0) === ipProtocol.icmp ? echoReplyPacket(packet) : undefined;
      if (reply !== undefined) this.sendToUe(reply);
    } else {
      this.correspondent.fromUe(packet, now);
    }
  }

  #store(binding: LmaBinding): void {
    this.#byNai.set(binding.nai, binding);
    this.#byKey.set(binding.uplinkKey, binding);
    this.#byAddress.set(binding.address, binding);
  }

  #endAt(nai: string, at: Instant): void {
    cancel(this.#endings.get(nai));
    this.#endings.set(
      nai,
      this.#agenda.at(at, (now) => this.#end(nai, now)),
    );
  }

  #end(nai: string, now: Instant): void {
    const binding = this.#byNai.get(nai);
    if (binding === undefined) return;
    cancel(this.#endings.get(nai));
    this.#endings.delete(nai);
    this.#revocations.delete(nai);
    this.#byNai.delete(nai);
    this.#byKey.delete(binding.uplinkKey);
    this.#byAddress.delete(binding.address);
    this.pool.release(nai, now);
  }

  #newKey(): number {
    for (;;) {
      const key = this.#random.u32();
      if (key !== 0 && !this.#byKey.has(key)) return key;
    }
  }

  #send(peer: IpAddress, peerPort: number, message: MobilityMessage): void {
    this.#network.send({
      protocol: 'udp',
      source: this.address,
      sourcePort: pmipv6Port,
      destination: peer,
      destinationPort: peerPort,
      bytes: encodeMobility(message),
    });
  }
}

/** What a PBA repeats of its PBU (RFC 5213 section 5.3.6), by option type. */
export const repeatedOptions: ReadonlySet<number> = new Set(
  [
    mobilityOption.mnIdentifier,
    mobilityOption.serviceSelection,
    mobilityOption.handoffIndicator,
    mobilityOption.accessTechnologyType,
    mobilityOption.mnLinkLayerIdentifier,
    mobilityOption.timestamp,
  ].map(({ type }) => type),
);
