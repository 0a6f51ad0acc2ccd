import type { Instant } from '../../kernel/instant.ts';
import type { GatewayConfig } from '../../operations/config/gateway-config.ts';
import type { Answers } from '../../sessmgr/instances/instance-messages.ts';
import type { ChassisOfPair } from '../../sessmgr/pair/chassis-of-pair.ts';
import type { EndOfThread } from '../../sessmgr/pair/instance-refills.ts';
import type { FromMember } from '../../sessmgr/pair/member-messages.ts';
import type { Filled, MembersApart } from '../../sessmgr/pair/member-of-pair.ts';
import { RemoteMember } from '../../sessmgr/pair/remote-member.ts';
import type { RecoveryStatus } from '../../sessmgr/recovery/recovery-status.ts';
import type { ChassisSessions } from '../chassis-sessions.ts';
import { now } from '../clock.ts';
import type { InstanceThreads } from './instance-threads.ts';

export interface ThreadsOfChassisDependencies {
  readonly deadIntervalMs: number;
  /** A stall of this process is told before what it may have caused. */
  beat(at: Instant): void;
  pair(): ChassisOfPair;
  /** Of the service, if its sessions come from this chassis's own disk. */
  restartCounter(): number;
  recovered(restartCounter: number): void;
  fault(error: unknown): void;
  /** The chassis has something to send, or another deadline. */
  poke(): void;
}

/** In how many parts of the dead interval the chassis says once that it serves still. */
const leasesOfDeadInterval = 4;

/** The threads of the session manager instances of a chassis of a pair, as members of it. */
export class ThreadsOfChassis {
  readonly members: MembersApart;
  readonly #threads: InstanceThreads;
  readonly #dependencies: ThreadsOfChassisDependencies;
  readonly #members: RemoteMember[] = [];
  /** Of a role that is taken with what was on disk. */
  #recovery: { readonly restartCounter: number; readonly adoptions: Answers['adopt'][] } | undefined;
  #lease: NodeJS.Timeout | undefined;
  #pokes = false;

  constructor(threads: InstanceThreads, dependencies: ThreadsOfChassisDependencies) {
    this.#threads = threads;
    this.#dependencies = dependencies;
    const { group, memory } = threads;
    const recovery = {
      restartCounter: () => this.#begunRecovery().restartCounter,
      recovered: (adoption: Answers['adopt']) => this.#recovered(adoption),
    };
    this.members = {
      reader: group.reader,
      managers: [],
      receive: (...packet) => group.receive(...packet),
      clear: (mac) => group.clear(mac, () => {}),
      reconfigure: (samog) => group.reconfigure(samog),
      serve: (serves) => {
        memory.servesUntil = serves ? now() + dependencies.deadIntervalMs : 0;
      },
      start: () => group.start(),
      holdAccounting: () => group.holdAccounting(),
      announceAccounting: () => group.announceAccounting(),
      releaseAccounting: () => group.releaseAccounting(),
      member: (index, chassis) => {
        const member = new RemoteMember(index, group, memory, recovery, chassis);
        this.#members[index] = member;
        return member;
      },
    };
  }

  get sessions(): ChassisSessions {
    return this.#threads.sessions;
  }

  /** As the first instance has it; undefined before it has said so. */
  get restartCounter(): number | undefined {
    return this.#threads.memory.factsOf(0).restartCounter || undefined;
  }

  async start(): Promise<void> {
    const { deadIntervalMs, pair } = this.#dependencies;
    const { memory } = this.#threads;
    this.#lease = setInterval(() => {
      this.enter(() => {
        if (pair().serves) memory.servesUntil = now() + deadIntervalMs;
      });
    }, deadIntervalMs / leasesOfDeadInterval);
    await this.#threads.start();
  }

  /** Lets the chassis hear what an instance says. What it throws is contained. */
  enter(tell: () => void): void {
    const { beat, pair, fault, poke } = this.#dependencies;
    try {
      const at = now();
      beat(at);
      pair().within(at, tell);
    } catch (error) {
      fault(error);
    }
    if (this.#pokes) return;
    this.#pokes = true;
    setImmediate(() => {
      this.#pokes = false;
      poke();
    });
  }

  /** What threads that begin later are made with; those there are have it from the pair. */
  reconfigure(config: GatewayConfig): void {
    this.#threads.reconfigure(config);
  }

  heard(index: number, said: readonly FromMember[]): void {
    for (const one of said) this.#members[index]!.heard(one);
  }

  ended(index: number, how: EndOfThread): void {
    this.#dependencies.pair().threadEnded(index, how, now());
  }

  isProtected(index: number): boolean {
    return this.#members[index]!.isProtected;
  }

  begun(index: number, filled: Filled): void {
    this.#dependencies.pair().threadBegun(index, filled, now());
  }

  flush(): void {
    this.#threads.group.flush();
  }

  /** Has the counters kept from now on. */
  count(): void {
    this.#threads.store?.count(this.#threads.group.reader);
  }

  advance(at: Instant): void {
    this.#threads.advance(at);
  }

  nextDeadline(): Instant {
    return this.#threads.nextDeadline();
  }

  async stop(): Promise<void> {
    clearInterval(this.#lease);
    await this.#threads.stop();
  }

  recovery(): RecoveryStatus | undefined {
    return this.#threads.recovery();
  }

  /** All instances are told one number. */
  #begunRecovery() {
    this.#recovery ??= { restartCounter: this.#dependencies.restartCounter(), adoptions: [] };
    return this.#recovery;
  }

  #recovered(adoption: Answers['adopt']): void {
    const { restartCounter, adoptions } = this.#begunRecovery();
    adoptions.push(adoption);
    if (adoptions.length < this.#threads.group.count) return;
    this.#recovery = undefined;
    this.#threads.recovered(adoptions);
    this.#dependencies.recovered(restartCounter);
  }
}
