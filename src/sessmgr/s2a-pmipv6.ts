import type { IpAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import { datagramOf } from '../services/samog/event-message.ts';
import type { ChassisEvent } from '../services/samog/event-names.ts';
import { PeerMonitor } from '../services/samog/heartbeat/peer-monitor.ts';
import { readS2aAcknowledgement, s2aRevocationAcknowledgement } from '../services/samog/s2a/binding-update.ts';
import { sessionMac } from '../services/samog/session/state.ts';
import { find } from '../wire/bytes/tlv.ts';
import { pmipv6Port, revocationFlag, revocationStatus, revocationTrigger } from '../wire/pmipv6/constants.ts';
import {
  type BindingRevocationIndication,
  decodeMobility,
  describeMobility,
  encodeMobility,
  type MobilityMessage,
  type ProxyBindingAcknowledgement,
} from '../wire/pmipv6/message.ts';
import { mobilityOption } from '../wire/pmipv6/options.ts';
import type { Pmipv6Dependencies } from './access-pmipv6.ts';
import { lmaOf } from './anchor.ts';
import type { SessionPlace } from './session-registry.ts';

/** The MAG's side toward the LMAs: PBAs, BRIs and heartbeats. Only configured LMAs are listened to. */
export class S2aPmipv6 {
  readonly monitor: PeerMonitor;
  readonly #shared: Pmipv6Dependencies;
  /** Those that were configured since the start: sessions stay with the one they have. */
  readonly #lmas: Set<IpAddress>;
  #isStarted = false;

  constructor(shared: Pmipv6Dependencies, restartCounter: number) {
    this.#shared = shared;
    const { instance, output, counters, random, report } = shared;
    const { heartbeat, lmas } = instance.config.cgwService.s2a;
    this.#lmas = new Set(lmas);
    const say = (name: ChassisEvent, lma: IpAddress, text: string) =>
      report?.({
        name,
        mac: undefined,
        sessionId: undefined,
        peer: lma,
        party: 'lma',
        direction: 'internal',
        text: () => text,
      });
    this.monitor = new PeerMonitor(
      {
        intervalMs: heartbeat.intervalMs,
        missing: heartbeat.missing,
        ownRestartCounter: restartCounter,
        port: 's2a-pmipv6',
      },
      {
        output,
        counters,
        random,
        onRestarted: (lma, now) => {
          say('lma-restarted', lma, 'the LMA has restarted: its sessions are registered again');
          instance.spread({ kind: 'lma-restarted', peer: lma }, now);
        },
        onSettled: (now) => instance.restartCountersChanged(now),
        onDown: (lma) => say('lma-down', lma, 'the LMA does not answer heartbeats'),
        onUp: (lma) => say('lma-up', lma, 'the LMA answers heartbeats'),
      },
    );
  }

  /** Begins to watch every configured LMA. */
  start(now: Instant): void {
    this.#isStarted = true;
    for (const lma of this.#lmas) this.monitor.watch(lma, pmipv6Port, now);
  }

  /** There may be LMAs that were not there before. */
  reconfigured(now: Instant): void {
    for (const lma of this.#shared.instance.config.cgwService.s2a.lmas) this.#lmas.add(lma);
    if (this.#isStarted) this.start(now);
  }

  receive(lma: IpAddress, lmaPort: number, bytes: Uint8Array, now: Instant): void {
    const { counters } = this.#shared;
    if (!this.#lmas.has(lma)) return counters.add('s2a.discarded.unknown-peer');
    const message = decodeMobility(bytes);
    if (!message.ok) {
      return counters.add(message.reason === 'unsupported' ? 's2a.discarded.unsupported' : 's2a.discarded.malformed');
    }
    this.monitor.heardFrom(lma, now);
    const place = this.#placeOf(message.value, lma);
    this.#reportMessage(message.value, bytes, [lma, lmaPort], 'received', place);
    switch (message.value.kind) {
      case 'proxyBindingAcknowledgement':
        return this.#acknowledged(message.value, place, now);
      case 'bindingRevocationIndication':
        return this.#revoked(message.value, lma, lmaPort, place, now);
      case 'heartbeat':
        return this.monitor.received(lma, lmaPort, message.value, now);
      default:
        return counters.add('s2a.discarded.unsupported');
    }
  }

  #acknowledged(message: ProxyBindingAcknowledgement, place: SessionPlace | undefined, now: Instant): void {
    const { instance, counters } = this.#shared;
    counters.add('s2a.pba.received');
    if (place === undefined) return counters.add('s2a.pba.unmatched');
    const answer = readS2aAcknowledgement(message);
    instance.dispatch(place, { kind: 's2aAcknowledged', sequence: message.sequence, answer }, now);
  }

  #revoked(
    message: BindingRevocationIndication,
    lma: IpAddress,
    lmaPort: number,
    place: SessionPlace | undefined,
    now: Instant,
  ): void {
    const { instance, counters, output } = this.#shared;
    counters.add('s2a.bri.received');
    const global = (message.flags & revocationFlag.global) !== 0;
    const status = revocationAnswer(message, place);
    counters.add('s2a.bra.sent');
    const answer = s2aRevocationAcknowledgement(message, status);
    const octets = encodeMobility(answer);
    output.send('s2a-pmipv6', 0, lma, lmaPort, octets);
    this.#reportMessage(answer, octets, [lma, lmaPort], 'sent', place);
    if (status !== revocationStatus.success) return;
    if (global) instance.spread({ kind: 'lma-revoked', peer: lma }, now);
    else if (place !== undefined) instance.dispatch(place, { kind: 's2aRevoked' }, now);
  }

  /** The session a message of this LMA is about; none if the session is another LMA's. */
  #placeOf(message: MobilityMessage, lma: IpAddress): SessionPlace | undefined {
    const nai = find(message.options, mobilityOption.mnIdentifier)?.identifier;
    const place = nai === undefined ? undefined : this.#shared.instance.registry.ofNai(nai);
    return place !== undefined && lmaOf(place.session) === lma ? place : undefined;
  }

  #reportMessage(
    message: MobilityMessage,
    octets: Uint8Array,
    [lma, lmaPort]: readonly [IpAddress, number],
    direction: 'sent' | 'received',
    place: SessionPlace | undefined,
  ): void {
    this.#shared.report?.({
      name: `${message.kind}-${direction}`,
      mac: place === undefined ? undefined : sessionMac(place.session),
      sessionId: undefined,
      peer: lma,
      party: 'lma',
      direction,
      text: () => describeMobility(message),
      message: datagramOf('s2a-pmipv6', lmaPort, octets),
    });
  }
}

/** RFC 5846 section 10.1.1: what a BRI must say, and what is answered if it does not. */
function revocationAnswer(message: BindingRevocationIndication, place: SessionPlace | undefined): number {
  if ((message.flags & revocationFlag.proxyBinding) === 0) return revocationStatus.proxyBindingRevocationNotSupported;
  if ((message.flags & revocationFlag.global) !== 0) {
    // Only the triggers above 127 speak of more than one binding (RFC 5846 section 5.1).
    const { revocationTriggerNotSupported, success } = revocationStatus;
    return message.trigger < revocationTrigger.perPeerPolicy ? revocationTriggerNotSupported : success;
  }
  if (find(message.options, mobilityOption.mnIdentifier) === undefined) {
    return revocationStatus.revokedMobileNodesIdentityRequired;
  }
  return place === undefined ? revocationStatus.bindingDoesNotExist : revocationStatus.success;
}
