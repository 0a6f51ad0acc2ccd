import type { RecoveryBatch, RecoveryStore, StoredSession } from '../../src/sessmgr/recovery/recovery-store.ts';

/** A call recovery store that forgets nothing but what it is told to, as long as the test lasts. */
export class MemoryRecoveryStore implements RecoveryStore {
  isReady = true;
  readonly batches: RecoveryBatch[] = [];
  readonly counters = new Map<string, number>();
  readonly #sessions = new Map<number, Omit<StoredSession, 'usage'>>();
  readonly #usage = new Map<number, NonNullable<StoredSession['usage']>>();

  write(batch: RecoveryBatch): void {
    this.batches.push(batch);
    for (const callId of batch.over) {
      this.#sessions.delete(callId);
      this.#usage.delete(callId);
    }
    for (const session of batch.sessions) {
      this.#sessions.set(session.callId, { ...session, writtenAt: batch.writtenAt });
    }
    for (const { callId, ...usage } of batch.usage) this.#usage.set(callId, usage);
    for (const [name, value] of batch.counters) this.counters.set(name, value);
  }

  rows(): StoredSession[] {
    return Array.from(this.#sessions.values(), (session) => ({ ...session, usage: this.#usage.get(session.callId) }));
  }
}
