import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../gateway-process.ts';
import type { BenchNetwork } from '../network.ts';

export type SlowGatewayRequest =
  | {
      readonly kind: 'start';
      readonly network: BenchNetwork;
      readonly further: BenchNetwork['rgs'];
      readonly sessions: number;
    }
  | { readonly kind: 'sample' }
  | { readonly kind: 'stop' };

export type SlowGatewayAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'sample'; readonly sample: SlowGatewaySample };

/** What the gateway says of itself. Counts are since its start. */
export interface SlowGatewaySample {
  readonly sessions: number;
  /** Bugs met. */
  readonly faults: number;
  /** Packets for which a receive buffer had no room, and a send queue. */
  readonly kernelDrops: number;
  readonly sendsRefused: number;
}

const script = fileURLToPath(new URL('./slow-gateway-child.ts', import.meta.url));

/** A gateway without a fast path, with raw sockets and UEs on EoGRE, in a process of its own. */
export class SlowGateway {
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.pid = child.pid!;
    this.#child = child;
  }

  /** @param further RGs that have no sessions yet */
  static async start(network: BenchNetwork, further: BenchNetwork['rgs'], sessions: number): Promise<SlowGateway> {
    // Standard output is for the result.
    const child = fork(script, { stdio: ['ignore', 2, 2, 'ipc'], serialization: 'advanced' });
    const gateway = new SlowGateway(child);
    await gateway.#ask({ kind: 'start', network, further, sessions });
    return gateway;
  }

  async sample(): Promise<SlowGatewaySample> {
    const answer = await this.#ask({ kind: 'sample' });
    if (answer.kind !== 'sample') throw new Error('the gateway under test gave the wrong answer');
    return answer.sample;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.send({ kind: 'stop' } satisfies SlowGatewayRequest);
    await ended;
  }

  async #ask(request: SlowGatewayRequest): Promise<SlowGatewayAnswer> {
    this.#child.send(request);
    return (await messageOf(this.#child)) as SlowGatewayAnswer;
  }
}
