import { type EogrePath, samePath } from '../../forwarding/entry.ts';
import { formatIp, formatMac, type IpAddress, type MacAddress } from '../../kernel/address.ts';
import type { PortName } from '../../kernel/port.ts';
import type { LiveSession } from '../../services/samog/session/state.ts';
import type { ManagerReader } from '../../sessmgr/manager-reader.ts';
import { decodeEthernet, etherType } from '../../wire/ethernet/ethernet.ts';
import { decodeGre, greProtocol } from '../../wire/gre/gre.ts';
import { ipv4DestinationAt, ipv4SourceAt } from '../../wire/ipv4/ipv4.ts';
import { decodeProbe, type Probe } from '../probe.ts';
import { AnnouncementsWatch } from './announcements.ts';
import { AnswersWatch } from './changes.ts';

/**
 * Watches the packets themselves: what is sent to one UE goes where that UE is and to nobody else, and what a UE sends
 * goes into its own tunnel, under its own address. Whose a packet is, the packet says (`Probe`); where it goes is looked
 * at as the gateway sends it and again where it arrives.
 */
export class TrafficWatch {
  /** Found since `take` was called last. */
  #wrong: string[] = [];
  forwarded = 0;
  delivered = { up: 0, down: 0 };
  readonly announcements: AnnouncementsWatch;
  readonly answers = new AnswersWatch();

  constructor(holds: (sessionId: number) => boolean) {
    this.announcements = new AnnouncementsWatch(holds);
  }

  take(): readonly string[] {
    if (this.#wrong.length === 0) return this.#wrong;
    const wrong = this.#wrong;
    this.#wrong = [];
    return wrong;
  }

  /** A packet that the gateway sends. */
  sent(manager: ManagerReader, port: PortName, peer: IpAddress, bytes: Uint8Array): void {
    if (port === 'aaa') this.#wrong.push(...this.announcements.leaves(bytes));
    if (port === 'dynamic-authorization') this.#wrong.push(...this.answers.leaves(manager, bytes));
    if (port !== 'access-gre' && port !== 's2a-gre') return;
    const gre = decodeGre(bytes);
    if (!gre.ok) {
      this.#wrong.push(`the gateway sent what is no GRE packet to ${formatIp(peer)}`);
      return;
    }
    const { key, protocol, headerLength } = gre.value;
    const inner = bytes.subarray(headerLength);
    if (port === 's2a-gre') this.#towardLma(manager, peer, key, inner);
    else if (protocol === greProtocol.transparentEthernet) this.#towardRg(manager, peer, key, inner);
    else this.#towardMag(manager, peer, key, inner);
  }

  /** A packet that arrived at a UE. */
  arrivedAtUe(mac: MacAddress, packet: Uint8Array): void {
    const probe = decodeProbe(packet);
    if (probe === undefined) return;
    this.delivered.down += 1;
    if (probe.direction === 'down' && probe.owner === mac) return;
    this.#wrong.push(`${formatMac(mac)} was given a packet of ${formatMac(probe.owner)}`);
  }

  /** A packet that arrived at a host behind an LMA, from an address that the LMA's books say is `holder`'s. */
  arrivedAtHost(holder: MacAddress | undefined, packet: Uint8Array): void {
    const probe = decodeProbe(packet);
    if (probe === undefined) return;
    this.delivered.up += 1;
    if (probe.direction === 'up' && (holder === undefined || probe.owner === holder)) return;
    const source = formatIp(ipv4SourceAt(packet, 0));
    this.#wrong.push(`a packet of ${formatMac(probe.owner)} arrived from ${source}, which is another UE's`);
  }

  #towardRg(manager: ManagerReader, peer: IpAddress, key: number | undefined, frame: Uint8Array): void {
    const header = decodeEthernet(frame);
    if (!header.ok || header.value.etherType !== etherType.ipv4) return;
    const probe = decodeProbe(frame.subarray(header.value.headerLength));
    if (probe === undefined) return;
    const path: EogrePath = { kind: 'eogre', peer, key, vlan: header.value.vlan };
    const session = this.#sessionOf(manager, probe, 'down');
    if (session === undefined) return;
    if (header.value.destination !== probe.owner || !samePath(session.durable.access, path)) {
      this.#wrong.push(`a packet to ${formatMac(probe.owner)} went to another place, at ${formatIp(peer)}`);
    }
  }

  #towardMag(manager: ManagerReader, peer: IpAddress, key: number | undefined, packet: Uint8Array): void {
    const probe = decodeProbe(packet);
    if (probe === undefined) return;
    const session = this.#sessionOf(manager, probe, 'down');
    if (session === undefined) return;
    const { access } = session.durable;
    const isThere =
      access?.kind === 'ip'
        ? key === undefined && access.address === ipv4DestinationAt(packet, 0)
        : access?.kind === 'pmipv6' && access.downlinkKey === key;
    if (!isThere || access?.peer !== peer) {
      this.#wrong.push(`a packet to ${formatMac(probe.owner)} went to another place, at ${formatIp(peer)}`);
    }
  }

  #towardLma(manager: ManagerReader, peer: IpAddress, key: number | undefined, packet: Uint8Array): void {
    const probe = decodeProbe(packet);
    if (probe === undefined) return;
    const session = this.#sessionOf(manager, probe, 'up');
    if (session === undefined) return;
    const { s2a, addresses } = session.durable;
    if (s2a.peer !== peer || s2a.uplinkKey !== key || addresses[0]?.address !== ipv4SourceAt(packet, 0)) {
      this.#wrong.push(`a packet of ${formatMac(probe.owner)} went into another UE's tunnel`);
    }
  }

  /** The session a forwarded probe must belong to. */
  #sessionOf(manager: ManagerReader, probe: Probe, direction: Probe['direction']): LiveSession | undefined {
    this.forwarded += 1;
    const session = manager.registry.ofMac(probe.owner)?.session;
    if (probe.direction === direction && session?.kind === 'Live') return session;
    this.#wrong.push(`a packet of ${formatMac(probe.owner)}, which has no session up, was forwarded`);
    return undefined;
  }
}
