import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Ipv4Address } from '../../../kernel/address.ts';
import { forkScript, messageOf } from '../gateway-process.ts';

export type AaaRequest =
  | { readonly kind: 'start'; readonly address: Ipv4Address }
  | { readonly kind: 'sample' }
  | { readonly kind: 'stop' };

export interface AaaAnswer {
  /** Of the requests that it has checked, those that were wrong. */
  readonly failures: number;
}

const script = new URL('./aaa-child.ts', import.meta.url);

/** The AAA server behind gateway and proxy, in a process of its own. */
export class AaaProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** @throws Error if it does not start */
  static async start(address: Ipv4Address): Promise<AaaProcess> {
    const aaa = new AaaProcess(forkScript(script, []));
    await aaa.#ask({ kind: 'start', address });
    return aaa;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  sample(): Promise<AaaAnswer> {
    return this.#ask({ kind: 'sample' });
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.send({ kind: 'stop' } satisfies AaaRequest);
    await ended;
  }

  async #ask(request: AaaRequest): Promise<AaaAnswer> {
    this.#child.send(request);
    return (await messageOf(this.#child)) as AaaAnswer;
  }
}
