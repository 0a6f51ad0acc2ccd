import type { Accelerator } from '../forwarding/accelerator.ts';
import type { ForwardingCounters } from '../forwarding/counters.ts';
import type { MacAddress } from '../kernel/address.ts';
import type { Digests, RandomSource, Seal } from '../kernel/context.ts';
import type { Counters } from '../kernel/counters.ts';
import type { Instant, WallClock } from '../kernel/instant.ts';
import type { PacketOutput } from '../kernel/port.ts';
import type { EventSink } from '../services/samog/events.ts';
import type { Session } from '../services/samog/session/state.ts';
import type { SamogCounter } from '../services/samog/statistics.ts';
import type { OutputCommit } from './effect-interpreter.ts';
import type { InstancePart } from './instances/instance-part.ts';
import type { Intercepts } from './intercepts.ts';
import type { SessionObserver } from './session-observer.ts';

/** What a session manager is made with. */
export interface SessionManagerDependencies {
  readonly output: PacketOutput;
  readonly digests: Digests;
  readonly random: RandomSource;
  /** For keys that are kept until the WLC must have them; without it no other chassis repeats an Access-Accept. */
  readonly seal?: Seal;
  /** The system clock, for protocol timestamps; the chassis's own clock comes with every call. */
  readonly wallClock: () => WallClock;
  /** The Restart Counter of RFC 5847: greater after every restart that lost sessions. */
  readonly restartCounter: number;
  /** To go on counting in; without them new ones. */
  readonly counters?: Counters<SamogCounter>;
  readonly forwardingCounters?: ForwardingCounters;
  /** Where reports go; without it none are made. */
  readonly report?: EventSink;
  /** Who follows the sessions, to keep a copy of them elsewhere. */
  readonly observer?: SessionObserver;
  /** Without it nothing waits for a standby. */
  readonly commit?: OutputCommit;
  /** What forwards its sessions' packets beside the slow path; without it nothing does. */
  readonly accelerator?: Accelerator | undefined;
  /** Whose sessions are intercepted; without it none are. It outlives the session manager. */
  readonly intercepts?: Intercepts | undefined;
  /** Its part of a chassis that has several instances; without it, it is the only one. */
  readonly part?: InstancePart;
}

/** A bug of ours that a session met: the session was given up, everybody else was served on. */
export interface CrashRecord {
  readonly at: Instant;
  /** Undefined where it was met by the session manager itself, outside of any session. */
  readonly mac: MacAddress | undefined;
  readonly event: string;
  readonly message: string;
}

export interface AdoptResult {
  readonly adopted: number;
  /** Those for which there was no room, or whose MAC address or identifier another session has. */
  readonly refused: readonly Session[];
}
