import { checkpoints } from '../../icsr/catalogue/catalogue.ts';
import type { CheckpointAddress } from '../../icsr/catalogue/entry.ts';
import type { ApplyResult } from '../../icsr/replication/replication-receiver.ts';
import type { ReplicationSender } from '../../icsr/replication/replication-sender.ts';
import { type Instant, never } from '../../kernel/instant.ts';
import {
  decodeEntries,
  decodeStates,
  encodeEntries,
  encodeStates,
  fitting,
  openPadded,
  sealPadded,
} from '../../services/samog/intercept/checkpoint.ts';
import type { StreamRecord } from '../../wire/srp/messages.ts';
import type { Intercepts } from '../intercepts.ts';

const { lawfulIntercept, interceptTargets } = checkpoints;

/** Between two records of a kind. What is told of it waits as long at most, so also the answer to who provisions. */
export const interceptIntervalMs = 250;
/** Octets of either record before it is sealed. */
const recordOctets = 4096;
/** Records of states before a planned switchover: for about three hundred interceptions. */
const recordsAtEnd = 4;

/**
 * What the active tells its standby of lawful intercept: targets (264), and how far each interception has come (189).
 *
 * Nobody who sees the records, counts them or looks at when they come learns whether there is a target: each interval has
 * one of either kind, of one size, sealed whole, and none of them names a session.
 */
export class InterceptStream {
  readonly #intercepts: Intercepts;
  readonly #sender: ReplicationSender;
  #at: Instant = never;
  /** What is on its way: the sequence of the record behind which the standby has all targets up to the revision. */
  #pending: { readonly epoch: number; readonly sequence: number; readonly revision: number } | undefined;

  constructor(intercepts: Intercepts, sender: ReplicationSender) {
    this.#intercepts = intercepts;
    this.#sender = sender;
  }

  /** The standby may know nothing. */
  begin(now: Instant): void {
    this.#intercepts.states.begin();
    this.#intercepts.followedTo = 0;
    this.#pending = undefined;
    this.#at = now;
  }

  disconnected(): void {
    this.#intercepts.states.end();
    this.#intercepts.followedTo = undefined;
    this.#pending = undefined;
    this.#at = never;
  }

  advance(now: Instant): void {
    this.#lookAtPending(now);
    if (now < this.#at || this.#sender.state !== 'ready') return;
    this.#at = now + interceptIntervalMs;
    this.#sendEntries(now);
    this.#sendStates(now);
  }

  nextDeadline(): Instant {
    return this.#at;
  }

  /** The last word before the other chassis takes over: exact, as far as there is room. */
  finish(now: Instant): void {
    if (this.#at === never) return;
    this.#intercepts.settle();
    this.#sendEntries(now);
    for (let record = 0; record < recordsAtEnd; record += 1) this.#sendStates(now);
  }

  #sendEntries(now: Instant): void {
    const { states, targets } = this.#intercepts;
    const untold = states.untoldEntries();
    const told = untold.slice(0, fitting(untold, encodeEntries, recordOctets));
    const sequence = this.#send(interceptTargets.address, encodeEntries(told), now);
    states.told(told, []);
    if (told.length < untold.length || sequence === 0) return;
    const { epoch } = this.#sender;
    if (this.#intercepts.followedTo !== targets.revision)
      this.#pending ??= { epoch, sequence, revision: targets.revision };
  }

  #sendStates(now: Instant): void {
    const { states } = this.#intercepts;
    const untold = states.untoldStates();
    const told = untold.slice(0, fitting(untold, encodeStates, recordOctets));
    this.#send(lawfulIntercept.address, encodeStates(told), now);
    states.told([], told);
  }

  #send(address: CheckpointAddress, clear: Uint8Array, now: Instant): number {
    const sealed = sealPadded(this.#intercepts.seal, clear, recordOctets);
    return sealed === undefined ? 0 : this.#sender.instanceLevel(address, sealed, now);
  }

  #lookAtPending(now: Instant): void {
    if (this.#pending === undefined) return;
    const { epoch, acknowledgedSequence } = this.#sender.status(now);
    if (this.#pending.epoch !== epoch) this.#pending = undefined;
    else if (acknowledgedSequence >= this.#pending.sequence) {
      this.#intercepts.followedTo = this.#pending.revision;
      this.#pending = undefined;
    }
  }
}

/** Whether a record of the stream belongs to lawful intercept, and is for `takeIntercepts` alone. */
export function isOfIntercepts({ cmdId }: Pick<StreamRecord, 'cmdId'>): boolean {
  return cmdId === lawfulIntercept.address.cmdId || cmdId === interceptTargets.address.cmdId;
}

/** What the standby makes of such a record. Never a NACK, which would be seen: what cannot be read is told to who provisions. */
export function takeIntercepts(
  intercepts: Intercepts | undefined,
  { cmdId, payload }: Pick<StreamRecord, 'cmdId' | 'payload'>,
  now: Instant,
): ApplyResult {
  if (intercepts === undefined) return 'applied';
  const clear = openPadded(intercepts.seal, payload);
  const isOfTargets = cmdId === interceptTargets.address.cmdId;
  const entries = clear && isOfTargets ? decodeEntries(clear) : undefined;
  const states = clear && !isOfTargets ? decodeStates(clear) : undefined;
  if (entries !== undefined) intercepts.take(entries, now);
  else if (states !== undefined) intercepts.states.take(states);
  else intercepts.unreadable += 1;
  return 'applied';
}
