import type { ChildProcess } from 'node:child_process';
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

export type FloodRequest = ({ readonly kind: 'start' } & FloodOptions) | { readonly kind: 'stop' };

export interface FloodAnswer {
  /** Packets, since the start. */
  readonly sent: number;
  readonly elapsedMs: number;
}

/** Somebody who sends hostile packets, in a process of its own. */
export class FloodProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves once it sends. */
  static async start(options: FloodOptions): Promise<FloodProcess> {
    const flood = new FloodProcess(forkScript('./aaa/flood-child.ts', []));
    await flood.#ask({ kind: 'start', ...options });
    return flood;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Ends it, and says what it has done. */
  async stop(): Promise<FloodAnswer> {
    const ended = once(this.#child, 'exit');
    const answer = await this.#ask({ kind: 'stop' });
    await ended;
    return answer;
  }

  async #ask(request: FloodRequest): Promise<FloodAnswer> {
    this.#child.send(request);
    return (await messageOf(this.#child)) as FloodAnswer;
  }
}
