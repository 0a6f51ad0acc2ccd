import { type Instant, never } from '../../kernel/instant.ts';

interface Failures {
  /** Failures not yet forgiven, a fraction included. */
  count: number;
  at: Instant;
}

/** How many times in a row somebody may fail. */
const failuresMax = 10;
/** One failure is forgiven after so long. */
const forgivenAfterMs = 30_000;
/** Addresses that are remembered; the one that failed longest ago makes room. */
const addressesMax = 10_000;

/**
 * Who may not try again yet: an address that has failed ten times may try once in half a minute. Nobody has to be let in again,
 * and a flood from many addresses costs a table of a fixed size.
 */
export class FailureLimit {
  readonly #failures = new Map<string, Failures>();

  /** When an address may try again; undefined if it may now. */
  blockedUntil(address: string, now: Instant): Instant | undefined {
    const found = this.#failures.get(networkOf(address));
    if (found === undefined) return undefined;
    const left = leftOf(found, now);
    return left + 1 > failuresMax ? now + (left + 1 - failuresMax) * forgivenAfterMs : undefined;
  }

  /** Counts a failure, or beforehand an attempt that may be one. */
  failed(address: string, now: Instant): void {
    const network = networkOf(address);
    const found = this.#failures.get(network) ?? { count: 0, at: never };
    this.#failures.delete(network);
    this.#failures.set(network, { count: leftOf(found, now) + 1, at: now });
    if (this.#failures.size > addressesMax) this.#failures.delete(this.#failures.keys().next().value!);
  }

  /** An attempt that was counted beforehand was none of a failure. */
  succeeded(address: string): void {
    const found = this.#failures.get(networkOf(address));
    if (found !== undefined) found.count = Math.max(0, found.count - 1);
  }
}

function leftOf({ count, at }: Failures, now: Instant): number {
  return at === never ? 0 : Math.max(0, count - (now - at) / forgivenAfterMs);
}

/** Whoever has one IPv6 address has its whole /64. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address;
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  return [...front, ...new Array<string>(Math.max(0, zeros)).fill('0'), ...back].slice(0, 4).join(':');
}
