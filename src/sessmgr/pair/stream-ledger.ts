import {
  type ReplicationCounter,
  receiverCounts,
  replicationCounters,
  senderCounts,
} from '../../icsr/replication/counters.ts';
import type { ReplicationReceiver } from '../../icsr/replication/replication-receiver.ts';
import type { ReplicationSender } from '../../icsr/replication/replication-sender.ts';
import { CheckpointStatistics } from '../../icsr/replication/statistics.ts';
import { Counters } from '../../kernel/counters.ts';
import { producedHere } from '../../services/samog/checkpoints/commands.ts';

/**
 * What a chassis has counted of its streams, whichever end of them it was, and which refusals it keeps to itself: both
 * outlive a role. Counts never fall.
 */
export class StreamLedger {
  /** By CMD-ID; every sender and receiver of this chassis counts here. */
  readonly checkpoints = new CheckpointStatistics();
  readonly #former = new Counters(replicationCounters);
  readonly #disabledNacks = new Set<number>();
  #sender: ReplicationSender | undefined;
  #receiver: ReplicationReceiver | undefined;

  constructor() {
    // What this service can send has its line from the start.
    for (const production of producedHere) if ('trigger' in production) this.checkpoints.row(production.cmdId, 0);
  }

  /** This chassis is the active's end from now on. */
  sends(sender: ReplicationSender): void {
    if (sender === this.#sender) return;
    this.#close();
    this.#sender = sender;
    for (const cmdId of this.#disabledNacks) sender.setNackEnabled(cmdId, false);
  }

  /** This chassis is the standby's end from now on. */
  receives(receiver: ReplicationReceiver): void {
    if (receiver === this.#receiver) return;
    this.#close();
    this.#receiver = receiver;
    for (const cmdId of this.#disabledNacks) receiver.setNackEnabled(cmdId, false);
  }

  /** All counts since the start. */
  counts(): Record<ReplicationCounter, number> {
    const counts = this.#former.snapshot();
    for (const [name, count] of this.#present()) counts[name] += count;
    return counts;
  }

  /**
   * `srp enable|disable nack micro-chkpt-cmd ID`, for this chassis and whatever role it takes: as the standby it tells no
   * refusal of this CMD-ID, as the active it answers none.
   */
  setNackEnabled(cmdId: number, enabled: boolean): void {
    if (enabled) this.#disabledNacks.delete(cmdId);
    else this.#disabledNacks.add(cmdId);
    this.#sender?.setNackEnabled(cmdId, enabled);
    this.#receiver?.setNackEnabled(cmdId, enabled);
  }

  /** In ascending order. */
  disabledNackCmdIds(): readonly number[] {
    return [...this.#disabledNacks].sort((a, b) => a - b);
  }

  #present(): [ReplicationCounter, number][] {
    const sent = this.#sender === undefined ? {} : senderCounts(this.#sender);
    const received = this.#receiver === undefined ? {} : receiverCounts(this.#receiver);
    return [...Object.entries(sent), ...Object.entries(received)] as [ReplicationCounter, number][];
  }

  #close(): void {
    for (const [name, count] of this.#present()) this.#former.add(name, count);
    this.#sender = undefined;
    this.#receiver = undefined;
  }
}
