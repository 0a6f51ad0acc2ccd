import { type ForwardingCounters, forwardingCounterNames, newForwardingCounters } from '../../forwarding/counters.ts';
import type { Counters } from '../../kernel/counters.ts';
import type { Instant } from '../../kernel/instant.ts';
import { type SamogCounter, samogCounterNames, samogCounters } from '../../services/samog/statistics.ts';

/** The octets behind an `InstanceMemory`, to be handed to another thread. */
export interface InstanceBuffers {
  /** A cell for each instance: how many sessions it has. */
  readonly sessions: SharedArrayBuffer;
  /** A cell for each instance: rises as long as its thread runs. */
  readonly pulses: SharedArrayBuffer;
  /** The counters of each instance, one behind the other, and behind them those of the chassis. */
  readonly counters: SharedArrayBuffer;
  /** On a chassis of a pair: the `MemberFacts` of each instance, one behind the other. */
  readonly facts: SharedArrayBuffer;
  /** On a chassis of a pair: one cell, until when it serves unless it says so again. Its writer is the chassis. */
  readonly role: SharedArrayBuffer;
}

/** What a chassis of a pair asks of an instance so often that it is not to wait for an answer. */
export interface MemberFacts {
  readonly records: number;
  readonly unprotected: number;
  readonly restartCounter: number;
  /** Of the stream to its equal; 0 if it sends none. */
  readonly epoch: number;
}

const factsOfMember = 4;

const ownCounters = samogCounterNames.length + forwardingCounterNames.length;

/**
 * What chassis and session manager instances in threads of their own all see. Each number has one writer: the thread of its
 * instance, but for the role. It outlives the threads, so that one that is begun anew counts on.
 */
export class InstanceMemory {
  readonly buffers: InstanceBuffers;
  readonly sessions: Int32Array;
  readonly #pulses: Int32Array;
  readonly #facts: Float64Array;
  readonly #role: Float64Array;

  private constructor(buffers: InstanceBuffers) {
    this.buffers = buffers;
    this.sessions = new Int32Array(buffers.sessions);
    this.#pulses = new Int32Array(buffers.pulses);
    this.#facts = new Float64Array(buffers.facts);
    this.#role = new Float64Array(buffers.role);
  }

  /** The same memory, in another thread. */
  static of(buffers: InstanceBuffers): InstanceMemory {
    return new InstanceMemory(buffers);
  }

  /** @param count how many instances there are */
  static for(count: number): InstanceMemory {
    const cells = () => new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT);
    const counters = new SharedArrayBuffer((count + 1) * ownCounters * Float64Array.BYTES_PER_ELEMENT);
    const facts = new SharedArrayBuffer(count * factsOfMember * Float64Array.BYTES_PER_ELEMENT);
    const role = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
    return new InstanceMemory({ sessions: cells(), pulses: cells(), counters, facts, role });
  }

  /** The instance shows that its thread runs. */
  beat(index: number): void {
    Atomics.add(this.#pulses, index, 1);
  }

  /** Differs from its former value if the thread of the instance has run since. */
  pulseOf(index: number): number {
    return Atomics.load(this.#pulses, index);
  }

  /**
   * On a chassis of a pair: until when what is sent may leave. A process that stood still wakes in all threads at once; by
   * this none of them says anything before its chassis has seen that.
   */
  get servesUntil(): Instant {
    return this.#role[0]!;
  }

  set servesUntil(until: Instant) {
    this.#role[0] = until;
  }

  setFacts(index: number, { records, unprotected, restartCounter, epoch }: MemberFacts): void {
    this.#facts.set([records, unprotected, restartCounter, epoch], index * factsOfMember);
  }

  factsOf(index: number): MemberFacts {
    const [records, unprotected, restartCounter, epoch] = this.#facts.subarray(index * factsOfMember);
    return { records: records!, unprotected: unprotected!, restartCounter: restartCounter!, epoch: epoch! };
  }

  /** What the chassis itself counts of forwarding: what the kernel has told it. */
  get chassisCounters(): ForwardingCounters {
    return this.countersOf(this.sessions.length).forwardingCounters;
  }

  countersOf(index: number): {
    readonly counters: Counters<SamogCounter>;
    readonly forwardingCounters: ForwardingCounters;
  } {
    const { BYTES_PER_ELEMENT } = Float64Array;
    const part = (first: number, length: number) =>
      new Float64Array(this.buffers.counters, (index * ownCounters + first) * BYTES_PER_ELEMENT, length);
    return {
      counters: samogCounters(part(0, samogCounterNames.length)),
      forwardingCounters: newForwardingCounters(part(samogCounterNames.length, forwardingCounterNames.length)),
    };
  }
}
