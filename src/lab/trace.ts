import { now } from '../host/clock.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Actor, Datagram, Network } from '../peers/actor.ts';
import type { Ue } from '../peers/ue.ts';
import type { SamogEvent } from '../services/samog/events.ts';
import { type Column, frameMessageOf, messageOf, type Observation } from './observation.ts';

export type ObservationListener = (observation: Observation) => void;

/** A party as the trace sees it: its column and, for an RG or WLC, its name. */
interface Place {
  readonly column: Column;
  readonly accessPoint: string | undefined;
}

/**
 * Everything that can be seen of a scenario, in the order in which it was seen: what each party sends when it sends it,
 * what the gateway sends when it arrives, what passes each radio, and what the gateway says it decided.
 */
export class Trace {
  readonly #places = new Map<string, Place>();
  readonly #listeners = new Set<ObservationListener>();
  #startedAt: Instant = now();

  /** Begins a scenario: time counts from now on. */
  restart(): void {
    this.#startedAt = now();
  }

  /** Milliseconds since the scenario began. */
  at(instant: Instant = now()): number {
    return Math.round((instant - this.#startedAt) * 1000) / 1000;
  }

  listen(listener: ObservationListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A network that shows what is sent into it. */
  network(inner: () => Network): Network {
    return {
      send: (datagram) => {
        this.#datagram(datagram, String(datagram.source), 'sent');
        inner().send(datagram);
      },
    };
  }

  /** The same party, of which is shown what it receives. */
  party(actor: Actor, column: Column): Actor {
    const accessPoint = column === 'access' ? actor.name : undefined;
    this.#places.set(String(actor.address), { column, accessPoint });
    return {
      name: actor.name,
      address: actor.address,
      listens: actor.listens,
      receive: (datagram, at) => {
        this.#datagram(datagram, String(actor.address), 'received');
        actor.receive(datagram, at);
      },
      advance: (at) => actor.advance(at),
      nextDeadline: () => actor.nextDeadline(),
    };
  }

  /** Shows what passes a UE's radio. */
  radio(ue: Ue): void {
    const { listener } = ue;
    ue.listener = {
      ...listener,
      frame: (direction, accessPoint, frame, at) => {
        listener.frame?.(direction, accessPoint, frame, at);
        const message = this.#listeners.size === 0 ? undefined : frameMessageOf(frame);
        if (message === undefined) return;
        const [from, to] = direction === 'up' ? (['ue', 'access'] as const) : (['access', 'ue'] as const);
        this.#show({ ...message, mac: ue.mac, from, to, accessPoint });
      },
    };
  }

  /** Shows a decision of the gateway; its messages are shown where they are seen on the wire. */
  event({ name, mac, text, direction }: SamogEvent): void {
    if (direction !== 'internal') return;
    const none = { accessPoint: undefined, address: undefined, status: undefined };
    this.#show({ ...none, from: 'samog', to: 'samog', what: name, detail: text(), mac });
  }

  /** Shows that a UE has come to an access point. */
  moved(ue: Ue, accessPoint: string): void {
    const none = { address: undefined, status: undefined };
    this.#show({ ...none, from: 'ue', to: 'access', what: 'moves', detail: accessPoint, accessPoint, mac: ue.mac });
  }

  #datagram(datagram: Datagram, party: string, direction: 'sent' | 'received'): void {
    const place = this.#places.get(party);
    if (place === undefined || this.#listeners.size === 0) return;
    const message = messageOf(datagram);
    if (message === undefined || message.what === 'Heartbeat') return;
    const [from, to]: [Column, Column] = direction === 'sent' ? [place.column, 'samog'] : ['samog', place.column];
    this.#show({ ...message, from, to, accessPoint: place.accessPoint });
  }

  #show(observation: Omit<Observation, 'at'>): void {
    const observed = { ...observation, at: this.at() };
    for (const listener of this.#listeners) listener(observed);
  }
}
