import { Counters } from '../../kernel/counters.ts';

const names = [
  'packetsReceived',
  'octetsReceived',
  'packetsSent',
  'octetsSent',
  'sendsRefused',
  'receivesTruncated',
  'receiveFaults',
] as const;

type CounterName = (typeof names)[number];

/** What a socket counts, whichever driver it belongs to (see `SocketStatistics`). */
export class SocketCounters {
  readonly #counters = new Counters(names);
  readonly #errors = new Map<string, number>();

  add(name: CounterName, by = 1): void {
    this.#counters.add(name, by);
  }

  /** @param code the errno name */
  addError(code: string): void {
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
  }

  snapshot(): Record<CounterName, number> & { readonly errors: Record<string, number> } {
    return { ...this.#counters.snapshot(), errors: Object.fromEntries(this.#errors) };
  }
}
