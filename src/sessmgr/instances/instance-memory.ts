import { type ForwardingCounters, forwardingCounterNames, newForwardingCounters } from '../../forwarding/counters.ts';
import type { Counters } from '../../kernel/counters.ts';
import { type SamogCounter, samogCounterNames, samogCounters } from '../../services/samog/statistics.ts';

/** The octets behind an `InstanceMemory`, to be handed to another thread. */
export interface InstanceBuffers {
  /** A cell for each instance: how many sessions it has. */
  readonly sessions: SharedArrayBuffer;
  /** A cell for each instance: rises as long as its thread runs. */
  readonly pulses: SharedArrayBuffer;
  /** The counters of each instance, one behind the other. */
  readonly counters: SharedArrayBuffer;
}

const ownCounters = samogCounterNames.length + forwardingCounterNames.length;

/**
 * What chassis and session manager instances in threads of their own all see. Each number has one writer: the thread of its
 * instance. It outlives the threads, so that one that is begun anew counts on.
 */
export class InstanceMemory {
  readonly buffers: InstanceBuffers;
  readonly sessions: Int32Array;
  readonly #pulses: Int32Array;

  private constructor(buffers: InstanceBuffers) {
    this.buffers = buffers;
    this.sessions = new Int32Array(buffers.sessions);
    this.#pulses = new Int32Array(buffers.pulses);
  }

  static of(buffers: InstanceBuffers): InstanceMemory {
    return new InstanceMemory(buffers);
  }

  /** @param count how many instances there are */
  static for(count: number): InstanceMemory {
    const cells = () => new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT);
    const counters = new SharedArrayBuffer(count * ownCounters * Float64Array.BYTES_PER_ELEMENT);
    return new InstanceMemory({ sessions: cells(), pulses: cells(), counters });
  }

  beat(index: number): void {
    Atomics.add(this.#pulses, index, 1);
  }

  pulseOf(index: number): number {
    return Atomics.load(this.#pulses, index);
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
