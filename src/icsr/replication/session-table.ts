import { type Instant, never } from '../../kernel/instant.ts';
import { BucketDigests, stampAfterMicro, stampOfFull } from './anti-entropy.ts';
import type { CheckpointTally } from './statistics.ts';

/** What the active's end of a stream knows of a session: how far its checkpoints have come, nothing of its content. */
export interface ReplicatedSession {
  readonly callId: number;
  readonly since: Instant;
  /** The sequence of its newest full checkpoint; 0 before the first. */
  fullSequence: number;
  /** After a refusal the standby holds the session only from this sequence on; `never` until a full checkpoint has one. */
  heldFrom: number;
  /** See `stampOfFull`; undefined before the first full checkpoint. */
  stamp: number | undefined;
  /** Undefined before the first one: on a standby, for all of them. */
  full: CheckpointTally | undefined;
  micro: CheckpointTally | undefined;
}

/** All sessions of an instance, and the digests of what the standby is to hold of them. */
export class SessionTable {
  readonly digests: BucketDigests;
  readonly #sessions = new Map<number, ReplicatedSession>();

  constructor(buckets: number) {
    this.digests = new BucketDigests(buckets);
  }

  get size(): number {
    return this.#sessions.size;
  }

  get(callId: number): ReplicatedSession | undefined {
    return this.#sessions.get(callId);
  }

  /** In the order in which they came. May be walked while sessions come and go. */
  walk(): IterableIterator<ReplicatedSession> {
    return this.#sessions.values();
  }

  obtain(callId: number, now: Instant): ReplicatedSession {
    const known = this.#sessions.get(callId);
    if (known !== undefined) return known;
    const session: ReplicatedSession = {
      callId,
      since: now,
      fullSequence: 0,
      heldFrom: 0,
      stamp: undefined,
      full: undefined,
      micro: undefined,
    };
    this.#sessions.set(callId, session);
    return session;
  }

  /** A full checkpoint of the session is in the stream. */
  fullSent(session: ReplicatedSession, sequence: number, revision: number): void {
    session.fullSequence = sequence;
    if (session.heldFrom === never) session.heldFrom = sequence;
    this.#stamp(session, stampOfFull(revision));
  }

  /** A micro-checkpoint of the session is in the stream. */
  microSent(session: ReplicatedSession, revision: number): void {
    if (session.stamp !== undefined) this.#stamp(session, stampAfterMicro(session.stamp, revision));
  }

  delete(session: ReplicatedSession): void {
    if (session.stamp !== undefined) this.digests.remove(session.callId, session.stamp);
    this.#sessions.delete(session.callId);
  }

  #stamp(session: ReplicatedSession, stamp: number): void {
    if (session.stamp !== undefined) this.digests.remove(session.callId, session.stamp);
    session.stamp = stamp;
    this.digests.add(session.callId, stamp);
  }
}
