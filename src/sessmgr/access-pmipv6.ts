import type { IpAddress } from '../kernel/address.ts';
import type { RandomSource } from '../kernel/context.ts';
import type { Counters } from '../kernel/counters.ts';
import type { Instant, WallClock } from '../kernel/instant.ts';
import type { PacketOutput } from '../kernel/port.ts';
import { acceptDeregistration, rejectPbu } from '../services/samog/access/pba.ts';
import { examinePbu, macOfMobileNode, type PbuExamination, type PbuRules } from '../services/samog/access/pbu.ts';
import { datagramOf } from '../services/samog/event-message.ts';
import type { EventSink } from '../services/samog/events.ts';
import { handoffKindOf } from '../services/samog/handover/decision.ts';
import { PeerMonitor } from '../services/samog/heartbeat/peer-monitor.ts';
import { sessionMac } from '../services/samog/session/state.ts';
import type { HandoffDenial, SamogCounter } from '../services/samog/statistics.ts';
import { find } from '../wire/bytes/tlv.ts';
import { bindingStatus } from '../wire/pmipv6/constants.ts';
import {
  type BindingRevocationAcknowledgement,
  decodeMobility,
  describeMobility,
  encodeMobility,
  type MobilityMessage,
  type ProxyBindingUpdate,
} from '../wire/pmipv6/message.ts';
import { mobilityOption } from '../wire/pmipv6/options.ts';
import type { Instance } from './instance.ts';

/** What the two PMIPv6 sides share. */
export interface Pmipv6Dependencies {
  readonly instance: Instance;
  readonly output: PacketOutput;
  readonly random: RandomSource;
  readonly counters: Counters<SamogCounter>;
  readonly report: EventSink | undefined;
}

/** The LMA's side toward access points and WLCs: PBUs, BRAs and heartbeats that come to UDP 5436. */
export class AccessPmipv6 {
  readonly monitor: PeerMonitor;
  readonly #shared: Pmipv6Dependencies;
  readonly #rules: PbuRules;

  constructor(shared: Pmipv6Dependencies, restartCounter: number) {
    this.#shared = shared;
    const { instance, output, counters, random } = shared;
    const { heartbeat } = instance.config.cgwService.s2a;
    this.#rules = {
      get timestampWindowMs() {
        return instance.config.cgwService.binding.timestampWindowMs;
      },
      macOfKnownNai: (nai) => {
        const place = instance.registry.ofNai(nai);
        return place === undefined ? undefined : sessionMac(place.session);
      },
    };
    this.monitor = new PeerMonitor(
      {
        intervalMs: heartbeat.intervalMs,
        missing: heartbeat.missing,
        ownRestartCounter: restartCounter,
        port: 'access-pmipv6',
      },
      {
        output,
        counters,
        random,
        onRestarted: (mag, now) => instance.spread({ kind: 'mag-restarted', peer: mag }, now),
        onSettled: (now) => instance.restartCountersChanged(now),
        onDown: () => {},
        onUp: () => {},
      },
    );
  }

  receive(mag: IpAddress, magPort: number, bytes: Uint8Array, now: Instant, wallClock: WallClock): void {
    const { counters, report } = this.#shared;
    const message = decodeMobility(bytes);
    if (!message.ok) {
      counters.add(message.reason === 'unsupported' ? 'pmipv6.discarded.unsupported' : 'pmipv6.discarded.malformed');
      return;
    }
    report?.({
      name: `${message.value.kind}-received`,
      mac: macOfMobileNode(message.value, this.#rules),
      sessionId: undefined,
      peer: mag,
      party: 'wlc',
      direction: 'received',
      text: () => describeMobility(message.value),
      message: datagramOf('access-pmipv6', magPort, bytes),
    });
    const known = this.#shared.instance.profiles.of(mag)?.accessType === 'pmip';
    if (message.value.kind === 'proxyBindingUpdate') {
      counters.add('pbu.received');
      return this.#update(message.value, mag, magPort, known, now, wallClock);
    }
    if (!known) return counters.add('pmipv6.discarded.unknown-client');
    this.monitor.heardFrom(mag, now);
    if (message.value.kind === 'heartbeat') return this.monitor.received(mag, magPort, message.value, now);
    if (message.value.kind === 'bindingRevocationAcknowledgement') return this.#acknowledged(message.value, mag, now);
    counters.add('pmipv6.discarded.unsupported');
  }

  #update(
    message: ProxyBindingUpdate,
    mag: IpAddress,
    magPort: number,
    known: boolean,
    now: Instant,
    wallClock: WallClock,
  ): void {
    const { instance, counters } = this.#shared;
    const examined = examinePbu(message, mag, magPort, wallClock, this.#rules);
    if (examined.kind === 'ignored') return counters.add('pmipv6.discarded.unsupported');
    if (!known) {
      counters.add('pmipv6.discarded.unknown-client');
      const status = bindingStatus.magNotAuthorizedForProxyRegistration;
      return this.#reject(message, mag, magPort, status, examined, 'client-not-in-profile', wallClock);
    }
    this.monitor.heardFrom(mag, now);
    if (examined.kind === 'rejected') {
      return this.#reject(message, mag, magPort, examined.status, examined, 'bad-request', wallClock);
    }
    const result = instance.trigger(examined.update.mac, { kind: 'pbu', update: examined.update }, now);
    if (result === 'not-admitted') {
      // Its profile has UEs authenticated by RADIUS first.
      counters.add('pbu.initial.received');
      this.#reject(message, mag, magPort, bindingStatus.administrativelyProhibited, undefined, undefined, wallClock);
    } else if (result === 'limit') {
      counters.add('pbu.initial.received');
      this.#reject(message, mag, magPort, bindingStatus.insufficientResources, undefined, undefined, wallClock);
    } else if (result === 'no-session') {
      // A deregistration for a UE we do not know: the MAG's wish is fulfilled already.
      counters.add('pbu.deregistration.received');
      counters.add('pbu.deregistration.accepted');
      this.#send(acceptDeregistration(message), mag, magPort);
    }
  }

  /** Rejects a PBU before it reaches its session. If the session is elsewhere, that was a handover, and is denied. */
  #reject(
    message: ProxyBindingUpdate,
    mag: IpAddress,
    magPort: number,
    status: number,
    examined: PbuExamination | undefined,
    why: HandoffDenial | undefined,
    wallClock: WallClock,
  ): void {
    const { instance, counters } = this.#shared;
    const mac =
      examined?.kind === 'valid' ? examined.update.mac : examined?.kind === 'rejected' ? examined.mac : undefined;
    const session = mac === undefined ? undefined : instance.registry.ofMac(mac)?.session;
    const refreshes = session?.kind === 'Live' && session.durable.binding?.mag === mag;
    const kind =
      message.lifetimeSeconds === 0
        ? 'deregistration'
        : refreshes
          ? 'refresh'
          : session?.kind === 'Live' && session.durable.access !== undefined
            ? 'handoff'
            : 'initial';
    if (examined !== undefined) counters.add(`pbu.${kind}.received`);
    counters.add(`pbu.${kind}.denied`);
    if (kind === 'handoff' && session?.kind === 'Live' && session.durable.access !== undefined && why !== undefined) {
      const handoff = handoffKindOf(session.durable.access.kind, 'pbu');
      counters.add(`handoff.${handoff}.received`);
      counters.add(`handoff.${handoff}.denied`);
      counters.add(`handoff.denied.${why}`);
    }
    this.#send(rejectPbu(message, status, wallClock), mag, magPort);
  }

  #send(message: MobilityMessage, mag: IpAddress, magPort: number): void {
    this.#shared.counters.add('pba.sent');
    const octets = encodeMobility(message);
    this.#shared.output.send('access-pmipv6', 0, mag, magPort, octets);
    this.#shared.report?.({
      name: `${message.kind}-sent`,
      mac: macOfMobileNode(message, this.#rules),
      sessionId: undefined,
      peer: mag,
      party: 'wlc',
      direction: 'sent',
      text: () => describeMobility(message),
      message: datagramOf('access-pmipv6', magPort, octets),
    });
  }

  #acknowledged(message: BindingRevocationAcknowledgement, mag: IpAddress, now: Instant): void {
    const { instance, counters } = this.#shared;
    counters.add('bra.received');
    const nai = find(message.options, mobilityOption.mnIdentifier)?.identifier;
    const place = nai === undefined ? undefined : instance.registry.ofNai(nai);
    if (place === undefined) return counters.add('pmipv6.discarded.stale');
    const { sequence, status } = message;
    instance.dispatch(place, { kind: 'revocationAcknowledged', mag, sequence, status }, now);
  }
}
