import type { SessionRecord } from '../../services/samog/checkpoints/saved-session.ts';

/** The newest revision that a record has seen: whoever goes on with the session counts from there. */
export function revisionOf({ baseRevision, newer }: SessionRecord): number {
  return newer === undefined ? baseRevision : Math.max(baseRevision, ...Object.values(newer));
}
