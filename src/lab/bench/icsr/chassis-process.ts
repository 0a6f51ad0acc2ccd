import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Restarted } from '../../../host/chassis-sessions.ts';
import { now } from '../../../host/clock.ts';
import type { WallClock } from '../../../kernel/instant.ts';
import type { GatewayConfig } from '../../../operations/config/gateway-config.ts';
import type { SwitchoverAnswer } from '../../../operations/redundancy-commands.ts';
import type { NetworkNamespace } from '../../pair/network-namespace.ts';
import { messageOf } from '../gateway-process.ts';
import type { Pace } from '../work-loop.ts';
import type { ThreadAccount } from './thread-times.ts';

export type ChassisRequest =
  | {
      readonly kind: 'start';
      readonly config: GatewayConfig;
      readonly sessions: number;
      /** UEs, with everybody around the gateway, in its own process. */
      readonly uesInside: number | undefined;
    }
  | { readonly kind: 'attachInside'; readonly first: number; readonly count: number; readonly pace: Pace }
  | { readonly kind: 'sample'; readonly clear: boolean }
  | { readonly kind: 'switchOver' }
  | { readonly kind: 'restartInstance'; readonly place: number }
  | { readonly kind: 'stop' };

export type ChassisAnswer =
  | { readonly kind: 'ready'; readonly driver: string }
  | { readonly kind: 'sample'; readonly sample: ChassisSample }
  | { readonly kind: 'attachedInside'; readonly result: InsideResult }
  | { readonly kind: 'switchedOver'; readonly answer: SwitchoverAnswer }
  | { readonly kind: 'restarted'; readonly answer: Restarted };

/** What attaches of UEs in the gateway's own process have come to. */
export interface InsideResult {
  /** Attaches a second. */
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failures: number;
  /** Of the thread that serves, for each attach: what everybody around the gateway has taken of it, by the clock. */
  readonly loadMicroseconds: number;
}

/** How long V8 has had the thread that serves stand still to collect garbage, in milliseconds. */
export interface Collections {
  readonly allMs: number;
  /** The longest since the samples were cleared. */
  readonly longestMs: number;
}

/** What a chassis says of itself. Counts are since its start. */
export interface ChassisSample {
  /** Of all its threads, and of the one that serves. */
  readonly cpuMicroseconds: number;
  readonly mainThreadMicroseconds: number;
  readonly threads: ThreadAccount;
  readonly collections: Collections;
  readonly residentOctets: number;
  readonly sessions: number;
  /** As a standby: of the active's sessions. */
  readonly records: number;
  readonly serves: boolean;
  /** As the standby: READY. As the active: its standby is. */
  readonly ready: boolean;
  /** By the wall clock: when the link to the peer came up, and when it became READY or the active last. */
  readonly linkUpAt: WallClock | undefined;
  readonly enteredAt: WallClock | undefined;
  readonly promotion: MeasuredPromotion | undefined;
  /** From the cause of a checkpoint to its acknowledgement, since the samples were cleared. */
  readonly acknowledgements: { readonly count: number; readonly p50Ms: number; readonly p99Ms: number };
  /** Replies that went without an acknowledgement because it came too late. */
  readonly commitTimeouts: number;
  readonly linkOctetsSent: number;
  /** Sessions that its disk does not have as they are yet. */
  readonly unwritten: number;
  /** Bugs met, and what the kernel had no room for. */
  readonly faults: number;
  readonly packetsLost: number;
  /** The longest time in which the main loop did not turn, since the samples were cleared. */
  readonly worstTurnMs: number;
}

export interface MeasuredPromotion {
  readonly begunAt: WallClock;
  readonly sessions: number;
  /** By stage. */
  readonly stagesMs: Readonly<Record<string, number>>;
}

const script = fileURLToPath(new URL('./chassis-child.ts', import.meta.url));
/** Room for a million sessions and what setting them up leaves behind. */
const heapMiB = 8192;
const pollMs = 50;
const logTailLines = 15;

/** What the launcher gives to the Node.js of `samog run`. */
function launcherOptions(): string[] {
  return (process.env['SAMOG_NODE_OPTIONS'] ?? '').split(' ').filter((option) => option !== '');
}

/** A chassis in a process and a namespace of its own. */
export class ChassisProcess {
  readonly #child: ChildProcess;
  readonly #log: string;
  #driver = '';

  private constructor(child: ChildProcess, log: string) {
    this.#child = child;
    this.#log = log;
  }

  /**
   * Resolves when its ports are open.
   *
   * @param sessions how many it begins with, and how many UEs it has in its own process
   * @param profileFolder where to leave a CPU profile of it; none without it
   * @throws Error if it does not start, with its last words
   */
  static async start(
    inside: NetworkNamespace,
    folder: string,
    config: GatewayConfig,
    { sessions, uesInside }: { readonly sessions: number; readonly uesInside: number | undefined },
    profileFolder: string | undefined,
  ): Promise<ChassisProcess> {
    mkdirSync(join(folder, 'recovery'), { recursive: true, mode: 0o700 });
    const log = join(folder, 'log');
    const output = openSync(log, 'a');
    const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    const options = [...process.execArgv, ...launcherOptions()];
    const node = [process.execPath, ...options, `--max-old-space-size=${heapMiB}`, ...profile, script];
    // It must not outlive this process, whatever becomes of that.
    const [command, ...args] = ['setpriv', '--pdeathsig', 'KILL', '--', ...inside.entering(node)];
    const child = spawn(command!, args, { stdio: ['ignore', output, output, 'ipc'], serialization: 'advanced' });
    closeSync(output);
    const chassis = new ChassisProcess(child, log);
    const answer = await chassis.#ask({ kind: 'start', config, sessions, uesInside });
    if (answer.kind !== 'ready') throw new Error('a chassis gave the wrong answer');
    chassis.#driver = answer.driver;
    return chassis;
  }

  get driver(): string {
    return this.#driver;
  }

  /** @param clear whether the samples of acknowledgements begin anew */
  async sample(clear = false): Promise<ChassisSample> {
    const answer = await this.#ask({ kind: 'sample', clear });
    if (answer.kind !== 'sample') throw new Error('a chassis gave the wrong answer');
    return answer.sample;
  }

  /** Attaches UEs of its own process, of DHCP and PMIPv6 in turn. */
  async attachInside(first: number, count: number, pace: Pace): Promise<InsideResult> {
    const answer = await this.#ask({ kind: 'attachInside', first, count, pace });
    if (answer.kind !== 'attachedInside') throw new Error('a chassis gave the wrong answer');
    return answer.result;
  }

  /** `srp initiate-switchover`. */
  async switchOver(): Promise<SwitchoverAnswer> {
    const answer = await this.#ask({ kind: 'switchOver' });
    if (answer.kind !== 'switchedOver') throw new Error('a chassis gave the wrong answer');
    return answer.answer;
  }

  /** `session-manager restart instance`. */
  async restartInstance(place: number): Promise<Restarted> {
    const answer = await this.#ask({ kind: 'restartInstance', place });
    if (answer.kind !== 'restarted') throw new Error('a chassis gave the wrong answer');
    return answer.answer;
  }

  /** Samples until it is so. @throws Error if it does not become so in time */
  async until(isSo: (sample: ChassisSample) => boolean, what: string, limitMs = 120_000): Promise<ChassisSample> {
    const giveUpAt = now() + limitMs;
    for (;;) {
      const sample = await this.sample();
      if (isSo(sample)) return sample;
      if (now() > giveUpAt) {
        throw new Error(`waited in vain for ${what}, is ${JSON.stringify(sample)}:\n${this.#lastWords()}`);
      }
      await sleep(pollMs);
    }
  }

  /** kill -9, at once. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }

  /** Ends it in good order, which takes as long as writing what is to be kept. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.send({ kind: 'stop' } satisfies ChassisRequest);
    await this.ended();
  }

  async #ask(request: ChassisRequest): Promise<ChassisAnswer> {
    try {
      const answer = messageOf(this.#child) as Promise<ChassisAnswer>;
      this.#child.send(request);
      return await answer;
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}:\n${this.#lastWords()}`);
    }
  }

  #lastWords(): string {
    return readFileSync(this.#log, 'utf8').trimEnd().split('\n').slice(-logTailLines).join('\n');
  }
}
