import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { DriverChoice } from '../../host/sockets/open-driver.ts';
import type { BenchConfigParts, BenchNetwork } from './network.ts';
import type { NetworkFiles } from './network-operator.ts';
import type { LongestTurns } from './turn-probe.ts';

/** Where the gateway under test serves its management API. */
export interface BenchManagement {
  readonly socket: string;
  /** With these at a port of the loopback, too. */
  readonly network: NetworkFiles;
}

export type GatewayRequest =
  | {
      readonly kind: 'start';
      readonly network: BenchNetwork;
      readonly driver: DriverChoice;
      readonly parts: BenchConfigParts;
      readonly management: BenchManagement | undefined;
    }
  | { readonly kind: 'watch-turns' }
  | { readonly kind: 'longest-turns' }
  | { readonly kind: 'sample'; readonly clear: boolean }
  | { readonly kind: 'stop' };

export type GatewayAnswer =
  | { readonly kind: 'ready'; readonly driver: string; readonly managementPort: number | undefined }
  | { readonly kind: 'watching' }
  | { readonly kind: 'longest-turns'; readonly longest: LongestTurns }
  | { readonly kind: 'sample'; readonly sample: GatewaySample };

/** What the gateway says of itself. Counts are since its start. */
export interface GatewaySample {
  readonly cpuMicroseconds: number;
  readonly sessions: number;
  /** Bugs met. */
  readonly faults: number;
  readonly packetsLost: number;
  /** Packets that were refused where the gateway is a RADIUS server. */
  readonly radiusDiscarded: number;
  readonly stallWorstMs: number;
  readonly residentOctets: number;
  /** Handovers since the samples were cleared, and how long they took from the packet's receipt to the switched path. */
  readonly switches: number;
  readonly switchP50Ms: number;
  readonly switchP99Ms: number;
}

/** A gateway in a process of its own. */
export class GatewayProcess {
  readonly driver: string;
  /** TCP, of the management API. */
  readonly managementPort: number | undefined;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, driver: string, managementPort: number | undefined) {
    this.#child = child;
    this.driver = driver;
    this.managementPort = managementPort;
  }

  /**
   * @param profileFolder where to leave a CPU profile of the gateway; none without it
   * @param management where it serves the management API; nowhere without it
   */
  static async start(
    network: BenchNetwork,
    driver: DriverChoice,
    profileFolder: string | undefined,
    parts: BenchConfigParts = {},
    management?: BenchManagement,
  ): Promise<GatewayProcess> {
    const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    const child = forkScript(new URL('./gateway-child.ts', import.meta.url), profile);
    child.send({ kind: 'start', network, driver, parts, management } satisfies GatewayRequest);
    const answer = await answerOf(child);
    if (answer.kind !== 'ready') throw new Error('the gateway under test did not start');
    return new GatewayProcess(child, answer.driver, answer.managementPort);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** From now on the longest turns of its event loop are looked for, which keeps a processor busy. */
  async watchTurns(): Promise<void> {
    this.#child.send({ kind: 'watch-turns' } satisfies GatewayRequest);
    await answerOf(this.#child);
  }

  /** Ends the watch. */
  async longestTurns(): Promise<LongestTurns> {
    this.#child.send({ kind: 'longest-turns' } satisfies GatewayRequest);
    const answer = await answerOf(this.#child);
    if (answer.kind !== 'longest-turns') throw new Error('the gateway under test gave the wrong answer');
    return answer.longest;
  }

  /** @param clear whether the samples of handovers begin anew */
  async sample(clear = false): Promise<GatewaySample> {
    this.#child.send({ kind: 'sample', clear } satisfies GatewayRequest);
    const answer = await answerOf(this.#child);
    if (answer.kind !== 'sample') throw new Error('the gateway under test gave the wrong answer');
    return answer.sample;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.send({ kind: 'stop' } satisfies GatewayRequest);
    await ended;
  }
}

/** Forks a script under this process's own Node.js and its options, which are the launcher's. */
export function forkScript(script: URL, nodeOptions: readonly string[]): ChildProcess {
  return fork(fileURLToPath(script), {
    execArgv: [...process.execArgv, ...nodeOptions],
    serialization: 'advanced',
  });
}

/** The next message of a child; throws if it ends instead. */
async function answerOf(child: ChildProcess): Promise<GatewayAnswer> {
  return (await messageOf(child)) as GatewayAnswer;
}

/** The next message of a child; rejected if the process ends instead. */
export function messageOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      child.off('message', heard);
      child.off('exit', ended);
      act();
    };
    const heard = (message: unknown): void => settle(() => resolve(message));
    const ended = (code: number | null): void =>
      settle(() => reject(new Error(`a process of the benchmark ended: ${code}`)));
    child.on('message', heard);
    child.on('exit', ended);
  });
}
