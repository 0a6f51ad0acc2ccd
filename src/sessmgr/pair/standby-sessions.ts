import { CallRecoveryRecords, callRecoveryDefaults } from '../../icsr/replication/call-recovery-records.ts';
import {
  type ApplyResult,
  type ReceiverMessage,
  type RecordApplier,
  ReplicationReceiver,
  receiverDefaults,
} from '../../icsr/replication/replication-receiver.ts';
import type { Instant } from '../../kernel/instant.ts';
import { applyMicro } from '../../services/samog/checkpoints/apply.ts';
import { command } from '../../services/samog/checkpoints/commands.ts';
import { decodeFull, encodeFull } from '../../services/samog/checkpoints/full-checkpoint.ts';
import { decodeAt } from '../../services/samog/checkpoints/instant-codec.ts';
import { deletePdn } from '../../services/samog/checkpoints/micro-checkpoints.ts';
import type { SavedSession, SessionRecord } from '../../services/samog/checkpoints/saved-session.ts';
import type { StreamRecord } from '../../wire/srp/messages.ts';
import type { ReplicationOptions } from './options.ts';

/** What a standby holds: a record of each session of its peer, read on receipt. It sends nothing but acknowledgements. */
export class StandbySessions implements RecordApplier {
  readonly receiver: ReplicationReceiver;
  readonly #records: CallRecoveryRecords;
  readonly #sessions = new Map<number, SessionRecord>();
  readonly #clock: () => Instant;

  /** @param clock of this chassis: payloads carry remaining time, and deadlines become its own at once */
  constructor(options: ReplicationOptions, clock: () => Instant, send: (message: ReceiverMessage) => void) {
    this.#clock = clock;
    const { instance, buckets, recordsMax } = options;
    this.#records = new CallRecoveryRecords({ ...callRecoveryDefaults, buckets, recordsMax });
    const config = { ...receiverDefaults, instance };
    this.receiver = new ReplicationReceiver(config, { records: this.#records, applier: this, send });
  }

  get size(): number {
    return this.#sessions.size;
  }

  records(): Iterable<SessionRecord> {
    return this.#sessions.values();
  }

  /**
   * Keeps a session that this chassis has served, or has a record of, until the peer says what has become of it: it is
   * replaced or swept by the first resynchronisation.
   */
  keep(callId: number, saved: SavedSession, revision: number): void {
    const payload = encodeFull(saved, revision, this.#clock());
    if (!this.#records.hasRoom(payload.length, true)) return;
    // Resynchronisations count from 1: mark 0 is of none.
    this.#records.putFull(callId, payload, revision, 0);
    this.#sessions.set(callId, { saved, baseRevision: revision, newer: undefined });
  }

  full(callId: number, payload: Uint8Array): ApplyResult {
    const read = decodeFull(payload, this.#clock());
    if (!read.ok) return 'malformed';
    const { unknownFields: _, ...record } = read.value;
    this.#sessions.set(callId, record);
    return 'applied';
  }

  micro(callId: number, { cmdId, payload }: StreamRecord): ApplyResult {
    const record = this.#sessions.get(callId);
    if (record === undefined) return 'unknown-session';
    const applied = applyMicro(record, cmdId, payload, this.#clock());
    switch (applied.kind) {
      case 'applied':
        this.#sessions.set(callId, applied.record);
        return 'applied';
      case 'refused':
        if (applied.reason === 'missing-base') return 'conflict';
        return applied.reason === 'unknown-command' ? 'unknown-command' : 'malformed';
      default:
        return 'stale';
    }
  }

  remove(callId: number): void {
    this.#sessions.delete(callId);
  }

  /** This service has no record of the instance: names and maps are the configuration's, the same on both chassis. */
  instanceLevel(): ApplyResult {
    return 'applied';
  }

  isDelete({ cmdId, payload }: StreamRecord): boolean {
    if (cmdId !== command.deletePdn.cmdId) return false;
    const read = decodeAt(this.#clock(), deletePdn, payload);
    return read.ok && read.value.value.pdn.phase === 'deleted';
  }
}

/** The newest revision that a record has seen: whoever goes on with the session counts from there. */
export function revisionOf({ baseRevision, newer }: SessionRecord): number {
  return newer === undefined ? baseRevision : Math.max(baseRevision, ...Object.values(newer));
}
