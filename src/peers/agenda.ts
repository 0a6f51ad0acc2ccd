import { DeadlineHeap } from '../kernel/deadline-heap.ts';
import { type Instant, never } from '../kernel/instant.ts';
import type { Timed } from '../kernel/port.ts';

/** Something an actor means to do at a moment. */
export interface Appointment {
  cancelled: boolean;
  readonly run: (now: Instant) => void;
}

/** What an actor means to do and when: retransmissions, expiries, delayed replies. */
export class Agenda implements Timed {
  readonly #heap = new DeadlineHeap<Appointment>();

  at(instant: Instant, run: (now: Instant) => void): Appointment {
    const appointment: Appointment = { cancelled: false, run };
    this.#heap.push(instant, appointment);
    return appointment;
  }

  advance(now: Instant): void {
    for (let due = this.#heap.popDue(now); due !== undefined; due = this.#heap.popDue(now)) {
      if (!due.key.cancelled) due.key.run(now);
    }
  }

  nextDeadline(): Instant {
    return this.#heap.size === 0 ? never : this.#heap.peek();
  }
}

/** Makes sure that an appointment is not kept; undefined is none. */
export function cancel(appointment: Appointment | undefined): undefined {
  if (appointment !== undefined) appointment.cancelled = true;
  return undefined;
}
