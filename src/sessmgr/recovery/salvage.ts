import type { Instant } from '../../kernel/instant.ts';
import { decodeFull, encodeFull } from '../../services/samog/checkpoints/full-checkpoint.ts';
import { isSaved, type SessionRecord, savedOf } from '../../services/samog/checkpoints/saved-session.ts';
import { sessionId } from '../../services/samog/session/state.ts';
import type { SessionManager } from '../session-manager.ts';
import type { RowRefusal, StoredRecords } from './recover.ts';

/**
 * What a session manager that has failed still holds, each session as its own checkpoint would tell it: one that makes no
 * sense is left out. Sessions in setup are not kept. Never throws.
 */
export function salvage(manager: Pick<SessionManager, 'registry' | 'flows'>, now: Instant): StoredRecords {
  const records: SessionRecord[] = [];
  const refused = new Map<RowRefusal, number>();
  const refuse = (reason: RowRefusal): unknown => refused.set(reason, (refused.get(reason) ?? 0) + 1);
  try {
    for (const { session } of manager.registry.everyone()) {
      if (!isSaved(session)) continue;
      try {
        const saved = savedOf(session, manager.flows.usage(sessionId(session)));
        const read = decodeFull(encodeFull(saved, 1, now), now);
        if (read.ok) records.push(read.value);
        else refuse(read.reason);
      } catch {
        refuse('fault');
      }
    }
  } catch {
    // The table itself is broken: what was read of it until then is all there is.
    refuse('fault');
  }
  return { records, refused };
}
