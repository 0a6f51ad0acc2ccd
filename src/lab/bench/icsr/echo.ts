import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { NetworkNamespace } from '../../pair/network-namespace.ts';
import { messageOf } from '../gateway-process.ts';

export type EchoRequest =
  | { readonly kind: 'answer'; readonly address: string }
  | { readonly kind: 'ask'; readonly address: string; readonly port: number; readonly from: string }
  | { readonly kind: 'times' };

export type EchoAnswer =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'asking' }
  | ({ readonly kind: 'times' } & RoundTrips);

/** How many there were, and how long they took in milliseconds. */
export interface RoundTrips {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A place of the link between the chassis. */
export interface EchoEnd {
  readonly inside: NetworkNamespace;
  readonly address: string;
}

const script = fileURLToPath(new URL('./echo-child.ts', import.meta.url));

/**
 * A bare TCP echo on the link between the chassis, by two processes that do nothing else: what the machine makes of a round trip while it
 * has whatever it has to do. Two threads have to wake up for it; for an acknowledgement six.
 */
export class Echo {
  readonly #processes: readonly ChildProcess[];
  readonly #asking: ChildProcess;

  private constructor(answering: ChildProcess, asking: ChildProcess) {
    this.#processes = [asking, answering];
    this.#asking = asking;
  }

  /** @throws Error if it does not begin */
  static async start(from: EchoEnd, to: EchoEnd): Promise<Echo> {
    const answering = spawnInside(to.inside);
    const listening = await asked(answering, { kind: 'answer', address: to.address });
    if (listening.kind !== 'listening') throw new Error('the echo gave the wrong answer');
    const asking = spawnInside(from.inside);
    await asked(asking, { kind: 'ask', address: to.address, port: listening.port, from: from.address });
    return new Echo(answering, asking);
  }

  /** Since it was asked last. */
  async times(): Promise<RoundTrips> {
    const answer = await asked(this.#asking, { kind: 'times' });
    if (answer.kind !== 'times') throw new Error('the echo gave the wrong answer');
    return answer;
  }

  end(): void {
    for (const one of this.#processes) one.kill('SIGKILL');
  }
}

/** It must not outlive this process, whatever becomes of that. */
function spawnInside(inside: NetworkNamespace): ChildProcess {
  const node = [process.execPath, ...process.execArgv, script];
  const [command, ...args] = ['setpriv', '--pdeathsig', 'KILL', '--', ...inside.entering(node)];
  return spawn(command!, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], serialization: 'advanced' });
}

async function asked(child: ChildProcess, request: EchoRequest): Promise<EchoAnswer> {
  const answer = messageOf(child) as Promise<EchoAnswer>;
  child.send(request);
  return await answer;
}
