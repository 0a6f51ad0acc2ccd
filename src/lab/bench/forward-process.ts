import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { forkScript, messageOf } from './gateway-process.ts';
import type { BenchNetwork } from './network.ts';

export type ForwarderRequest =
  | { readonly kind: 'start'; readonly network: BenchNetwork }
  | { readonly kind: 'sample' }
  | { readonly kind: 'stop' };

export interface ForwarderAnswer {
  readonly cpuMicroseconds: number;
}

/** A forwarder that knows no protocol, in a process of its own, in the gateway's place. */
export class ForwardProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(network: BenchNetwork): Promise<ForwardProcess> {
    const forwarder = new ForwardProcess(forkScript(new URL('./forward-child.ts', import.meta.url), []));
    await forwarder.#ask({ kind: 'start', network });
    return forwarder;
  }

  sample(): Promise<ForwarderAnswer> {
    return this.#ask({ kind: 'sample' });
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.send({ kind: 'stop' } satisfies ForwarderRequest);
    await ended;
  }

  async #ask(request: ForwarderRequest): Promise<ForwarderAnswer> {
    this.#child.send(request);
    return (await messageOf(this.#child)) as ForwarderAnswer;
  }
}
