import type { SessionUsage } from '../../forwarding/accelerator.ts';
import type { Instant, WallClock } from '../../kernel/instant.ts';
import { decodeFull } from '../../services/samog/checkpoints/full-checkpoint.ts';
import { resume } from '../../services/samog/checkpoints/resume.ts';
import {
  idleDeadline,
  type SavedSession,
  type SessionRecord,
  savedId,
} from '../../services/samog/checkpoints/saved-session.ts';
import type { DecodeReason } from '../../wire/bytes/decoded.ts';
import type { SessionManager } from '../session-manager.ts';
import type { StoredSession } from './recovery-store.ts';

/**
 * Why a row of the store is not a session: what decoding says, `wrong-identifier` if it is of another session than its
 * key says, `no-room` if there is none for it or its UE has a session already, `fault` if a bug of ours met it.
 */
export type RowRefusal = DecodeReason | 'wrong-identifier' | 'no-room' | 'fault';

/** The moment of reading, by both clocks. */
export interface ReadingTime {
  readonly now: Instant;
  readonly wallClock: WallClock;
}

/** What a store held. */
export interface StoredRecords {
  readonly records: SessionRecord[];
  /** How many rows were refused for each reason. */
  readonly refused: Map<RowRefusal, number>;
}

/**
 * Reads rows into records, their deadlines in the clock that shows `at.now`: the time that has passed by the system clock
 * since they were written is gone. A clock that went back has not moved.
 */
export function readStored(rows: Iterable<StoredSession>, at: ReadingTime): StoredRecords {
  const records: SessionRecord[] = [];
  const refused = new Map<RowRefusal, number>();
  for (const row of rows) {
    const read = recordOf(row, at);
    if (typeof read === 'string') refused.set(read, (refused.get(read) ?? 0) + 1);
    else records.push(read);
  }
  // Whoever pages through the sessions finds the oldest first.
  return { records: records.sort((one, other) => beginOf(one) - beginOf(other)), refused };
}

/**
 * Gives the records to a session manager that does not serve yet, one by one: none that fails takes another with it. Adds
 * to `refused`; returns how many were adopted. Never throws.
 */
export function adoptStored(
  manager: Pick<SessionManager, 'adopt' | 'release'>,
  { records, refused }: StoredRecords,
  now: Instant,
): number {
  let adopted = 0;
  for (const record of records) {
    const result = adoptOne(manager, record, now);
    if (result === 'adopted') adopted += 1;
    else refused.set(result, (refused.get(result) ?? 0) + 1);
  }
  return adopted;
}

function adoptOne(
  manager: Pick<SessionManager, 'adopt' | 'release'>,
  record: SessionRecord,
  now: Instant,
): 'adopted' | RowRefusal {
  try {
    return manager.adopt([resume(record, now)]).adopted === 1 ? 'adopted' : 'no-room';
  } catch {
    manager.release(savedId(record));
    return 'fault';
  }
}

function recordOf(row: StoredSession, { now, wallClock }: ReadingTime): SessionRecord | RowRefusal {
  const ago = (then: WallClock): Instant => now - Math.max(wallClock - then, 0);
  const read = decodeFull(row.payload, ago(row.writtenAt));
  if (!read.ok) return read.reason;
  const { unknownFields: _, ...record } = read.value;
  const { saved } = record;
  if (savedId(record) !== row.callId) return 'wrong-identifier';
  if (row.usage === undefined) return record;
  const { lastActivityAt, ...used } = row.usage;
  const lastActivity = lastActivityAt === undefined ? undefined : ago(lastActivityAt);
  return { ...record, saved: withUsage(saved, { ...used, lastActivity }) };
}

function beginOf({ saved }: SessionRecord): Instant {
  return saved.kind === 'Live' ? saved.durable.createdAt : Number.MIN_SAFE_INTEGER;
}

/** Of the usage in the checkpoint and that written beside it the greater one is the newer. */
function withUsage(saved: SavedSession, usage: SessionUsage): SavedSession {
  if (saved.kind !== 'Live' || packetsOf(usage) <= packetsOf(saved.usage)) return saved;
  return { ...saved, usage, idleAt: idleDeadline(saved.durable, usage) };
}

function packetsOf({ uplinkPackets, downlinkPackets }: SessionUsage): number {
  return uplinkPackets + downlinkPackets;
}
