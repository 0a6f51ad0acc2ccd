import type { EogrePath } from '../forwarding/entry.ts';
import type { MacAddress } from '../kernel/address.ts';
import type { Counters } from '../kernel/counters.ts';
import type { Instant } from '../kernel/instant.ts';
import { examineDhcp } from '../services/samog/access/dhcp-intent.ts';
import { tunnelledPacketOf } from '../services/samog/event-message.ts';
import type { EventSink } from '../services/samog/events.ts';
import { handoffKindOf } from '../services/samog/handover/decision.ts';
import type { LiveSession } from '../services/samog/session/state.ts';
import type { SamogCounter } from '../services/samog/statistics.ts';
import { find } from '../wire/bytes/tlv.ts';
import { decodeDhcp, describeDhcp } from '../wire/dhcpv4/message.ts';
import { dhcpOption } from '../wire/dhcpv4/options.ts';
import type { Instance } from './instance.ts';

/** DHCP messages of UEs on EoGRE: read, checked, counted, and delivered to the session they are about. */
export class DhcpIntake {
  readonly #instance: Instance;
  readonly #counters: Counters<SamogCounter>;
  readonly #report: EventSink | undefined;

  constructor(instance: Instance, counters: Counters<SamogCounter>, report: EventSink | undefined) {
    this.#instance = instance;
    this.#counters = counters;
    this.#report = report;
  }

  /** @param packet the IPv4 packet that the payload came in; valid during the call */
  receive(path: EogrePath, sourceMac: MacAddress, payload: Uint8Array, packet: Uint8Array, now: Instant): void {
    const message = decodeDhcp(payload);
    if (!message.ok) {
      this.#counters.add('dhcp.discarded.malformed');
      return;
    }
    const examined = examineDhcp(message.value, path, sourceMac);
    if (examined.kind === 'ignored') {
      this.#counters.add(`dhcp.discarded.${examined.why}`);
      return;
    }
    const mac = message.value.clientMac;
    const type = find(message.value.options, dhcpOption.messageType)!;
    this.#counters.add(`dhcp.${type}`);
    this.#report?.({
      name: `dhcp-${type}-received`,
      mac,
      sessionId: undefined,
      peer: path.peer,
      party: 'rg',
      direction: 'received',
      text: () => describeDhcp(message.value),
      message: tunnelledPacketOf(packet),
    });
    const result = this.#instance.trigger(mac, { kind: 'dhcp', dhcp: examined.dhcp }, now);
    if (result === 'no-session' || result === 'not-admitted') this.#counters.add('dhcp.discarded.no-session');
  }

  /**
   * Counts the handover that a UE's message or packet would have been, had it come from a client of an EoGRE profile.
   * Where there is no such profile at all, that is the seed's precondition that is missing.
   */
  clientRefused(session: LiveSession, path: EogrePath, payload: Uint8Array | undefined): void {
    const trigger = payload === undefined ? 'data' : handoverTriggerOf(payload);
    if (payload !== undefined) this.#counters.add('dhcp.discarded.client-not-in-profile');
    const { access } = session.durable;
    if (trigger === undefined || access === undefined) return;
    const kind = handoffKindOf(access.kind, trigger);
    const why = this.#instance.profiles.hasDhcpTrigger ? 'client-not-in-profile' : 'no-dhcp-twan-profile';
    this.#counters.add(`handoff.${kind}.received`);
    this.#counters.add(`handoff.${kind}.denied`);
    this.#counters.add(`handoff.denied.${why}`);
    this.#report?.({
      name: 'handover-denied',
      mac: session.durable.mac,
      sessionId: session.durable.id,
      peer: path.peer,
      party: 'samog',
      direction: 'internal',
      text: () => `handover ${kind} denied: ${why}`,
    });
  }
}

/** Which handover a DHCP message asks for; undefined for one that asks for none. */
function handoverTriggerOf(payload: Uint8Array): 'dhcp-discover' | 'dhcp-request' | undefined {
  const message = decodeDhcp(payload);
  const type = message.ok ? find(message.value.options, dhcpOption.messageType) : undefined;
  if (type === 'discover') return 'dhcp-discover';
  return type === 'request' ? 'dhcp-request' : undefined;
}
