/** A standby as it is meant to be: what it holds of sessions, from checkpoints alone, without a network between. */
import type { MacAddress } from '../../src/kernel/address.ts';
import type { Instant } from '../../src/kernel/instant.ts';
import { applyMicro } from '../../src/services/samog/checkpoints/apply.ts';
import { command } from '../../src/services/samog/checkpoints/commands.ts';
import {
  type Checkpoint,
  type CheckpointContext,
  diff,
  statisticsCheckpoint,
} from '../../src/services/samog/checkpoints/diff.ts';
import { decodeFull } from '../../src/services/samog/checkpoints/full-checkpoint.ts';
import type { SessionRecord } from '../../src/services/samog/checkpoints/saved-session.ts';
import type { SessionEvent } from '../../src/services/samog/session/event.ts';
import { type Session, sessionId } from '../../src/services/samog/session/state.ts';
import type { SessionManager } from '../../src/sessmgr/session-manager.ts';
import type { SessionObserver } from '../../src/sessmgr/session-observer.ts';

/**
 * The record after a checkpoint; undefined if there is none, or the session is over. Throws if one is refused.
 * @param now the standby's clock
 */
export function received(
  record: SessionRecord | undefined,
  checkpoint: Checkpoint,
  now: Instant,
): SessionRecord | undefined {
  if (checkpoint.cmdId === command.session.cmdId) {
    const read = decodeFull(checkpoint.payload, now);
    if (!read.ok) throw new Error(`full checkpoint refused: ${read.reason}`);
    return read.value;
  }
  if (record === undefined) throw new Error(`${checkpoint.name} of an unknown session`);
  const applied = applyMicro(record, checkpoint.cmdId, checkpoint.payload, now);
  if (applied.kind === 'refused') throw new Error(`${checkpoint.name} refused: ${applied.reason}`);
  if (applied.kind === 'applied') return applied.record;
  return applied.kind === 'deleted' ? undefined : record;
}

/** Follows the sessions of a session manager, each change at once. */
export class Standby implements SessionObserver {
  readonly records = new Map<number, SessionRecord>();
  /** Of every checkpoint, in order. */
  readonly cmdIds: number[] = [];
  readonly #vmac: MacAddress;
  #revision = 0;

  constructor(vmac: MacAddress) {
    this.#vmac = vmac;
  }

  changed(
    before: Session | undefined,
    after: Session | undefined,
    now: Instant,
    event: SessionEvent | undefined,
  ): void {
    const id = sessionId((after ?? before)!);
    for (const checkpoint of diff(before, after, this.#context(id, now), event)) this.#receive(checkpoint, now);
  }

  /** What every session has used, as before a planned switchover. */
  flush(gateway: SessionManager, now: Instant): void {
    for (const { session } of gateway.registry.sessions()) {
      const id = sessionId(session);
      const usage = gateway.flows.usage(id);
      if (session.kind !== 'Live' || usage === undefined) continue;
      this.#receive(statisticsCheckpoint(session, usage, this.#context(id, now)), now);
    }
  }

  #context(id: number, now: Instant): CheckpointContext {
    this.#revision += 1;
    return {
      now,
      revision: this.#revision,
      baseRevision: this.records.get(id)?.baseRevision ?? 0,
      vmac: this.#vmac,
      usageOf: () => undefined,
    };
  }

  #receive(checkpoint: Checkpoint, now: Instant): void {
    this.cmdIds.push(checkpoint.cmdId);
    const record = received(this.records.get(checkpoint.callId), checkpoint, now);
    if (record === undefined) this.records.delete(checkpoint.callId);
    else this.records.set(checkpoint.callId, record);
  }
}
