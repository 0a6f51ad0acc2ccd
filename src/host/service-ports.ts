import type { EventSink } from '../services/samog/events.ts';
import { tellEvent } from './gateway-event.ts';
import type { SocketError } from './sockets/socket-driver.ts';

/** Sockets of the service addresses of a pair that cannot be had at present. The others serve. */
export class ServicePorts {
  readonly #report: EventSink | undefined;
  readonly #changed: (areComplete: boolean) => void;
  #missing: readonly string[] = [];

  /** @param changed told when one is missing that was not, or none is any more */
  constructor(report: EventSink | undefined, changed: (areComplete: boolean) => void) {
    this.#report = report;
    this.#changed = changed;
  }

  /** What is missing and why, a sentence each. */
  get missing(): readonly string[] {
    return this.#missing;
  }

  areMissing(errors: readonly SocketError[]): void {
    this.#missing = errors.map(({ message }) => message);
    if (errors.length === 0) tellEvent(this.#report, 'service-ports-open', 'every socket of the service is open');
    else tellEvent(this.#report, 'service-ports-missing', `${this.#missing.join('; ')}: tried again`);
    this.#changed(errors.length === 0);
  }
}
