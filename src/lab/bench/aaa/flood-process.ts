import { once } from 'node:events';
import type { Ipv4Address } from '../../../kernel/address.ts';
import { forkScript, messageOf } from '../gateway-process.ts';

export interface FloodOptions {
  readonly source: Ipv4Address;
  readonly target: Ipv4Address;
  readonly port: number;
  /** Sent in turn, at most 64 of them. */
  readonly packets: readonly Uint8Array[];
  readonly ratePerSecond: number;
}

export type FloodRequest =
  | ({ readonly kind: 'start' } & FloodOptions)
  | { readonly kind: 'stop' }
  | { readonly kind: 'leave' };

export interface FloodAnswer {
  /** Packets, since the start. */
  readonly sent: number;
  readonly elapsedMs: number;
}

/** Somebody who sends hostile packets, one flood after the other, in a process of its own. */
export class FloodProcess {
  readonly #child = forkScript(new URL('./flood-child.ts', import.meta.url), []);

  get pid(): number {
    return this.#child.pid!;
  }

  /** Resolves once it sends. */
  async start(options: FloodOptions): Promise<void> {
    await this.#ask({ kind: 'start', ...options });
  }

  /** Ends the flood, and says what it was. */
  stop(): Promise<FloodAnswer> {
    return this.#ask({ kind: 'stop' });
  }

  async leave(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.send({ kind: 'leave' } satisfies FloodRequest);
    await ended;
  }

  async #ask(request: FloodRequest): Promise<FloodAnswer> {
    this.#child.send(request);
    return (await messageOf(this.#child)) as FloodAnswer;
  }
}
