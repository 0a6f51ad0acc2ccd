import type { EogrePath } from '../forwarding/entry.ts';
import type { MacAddress } from '../kernel/address.ts';
import type { Counters } from '../kernel/counters.ts';
import type { Instant } from '../kernel/instant.ts';
import { examineDhcp } from '../services/samog/access/dhcp-intent.ts';
import type { EventSink } from '../services/samog/events.ts';
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

  receive(path: EogrePath, sourceMac: MacAddress, payload: Uint8Array, now: Instant): void {
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
      text: describeDhcp(message.value),
    });
    const result = this.#instance.trigger(mac, { kind: 'dhcp', dhcp: examined.dhcp }, now);
    if (result === 'no-session') this.#counters.add('dhcp.discarded.no-session');
  }
}
