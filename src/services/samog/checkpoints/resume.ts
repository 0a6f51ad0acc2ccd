import type { SessionUsage } from '../../../forwarding/accelerator.ts';
import { type Instant, never } from '../../../kernel/instant.ts';
import { mostCounted } from '../accounting/account.ts';
import type { DurableSession, TransientSession } from '../session/state.ts';
import { noUsage, type SaveableSession, type SavedLive, type SessionRecord } from './saved-session.ts';

/** A session taken over from another chassis, and what its UE has used so far. */
export interface ResumedSession {
  readonly session: SaveableSession;
  readonly usage: SessionUsage;
}

/** UPDATE_IDLESECS may be so old: a UE that sent in the meantime is not taken for idle because of it. */
const idleReportMs = 10_000;

/**
 * The session that a record is of, ready to be served; nothing happens by it. Deadlines are where they were, a PBU on its
 * way to the LMA is waited for and repeated as it would have been, and what a session that has ended owes is still owed.
 * @param now the clock of the chassis that resumes, in which the record's deadlines are
 */
export function resume({ saved }: SessionRecord, now: Instant): ResumedSession {
  if (saved.kind === 'Owing') return { session: saved, usage: noUsage };
  if (saved.kind === 'Disconnecting')
    return { session: { ...saved, isTellingNas: false, queued: undefined }, usage: noUsage };
  const durable = withoutExpired(saved.durable, now);
  // What AAA has been told may be newer than what the standby was told in passing: it is not taken back.
  const told = durable.account?.told;
  const usage = told === undefined ? saved.usage : { ...saved.usage, ...mostCounted(saved.usage, told) };
  return { session: { kind: 'Live', durable, transient: transientOf({ ...saved, usage }, now) }, usage };
}

/** What has a time of its own that is over is not resumed, whether or not the former chassis came to say so. */
function withoutExpired(durable: DurableSession, now: Instant): DurableSession {
  const { reply, challenge } = durable;
  if (reply === undefined && challenge === undefined) return durable;
  return {
    ...durable,
    reply: reply === undefined || reply.until <= now ? undefined : reply,
    challenge: challenge === undefined || challenge.until <= now ? undefined : challenge,
  };
}

/** Resumes all of them, one by one as they are asked for. */
export function* resumeAll(records: Iterable<SessionRecord>, now: Instant): Generator<ResumedSession> {
  for (const record of records) yield resume(record, now);
}

function transientOf({ durable, request, usage, idleAt }: SavedLive, now: Instant): TransientSession {
  const idlePackets = usage.uplinkPackets + usage.downlinkPackets;
  const seconds = durable.subscriber.idleTimeoutSeconds;
  if (seconds === undefined) return { request, idleCheckAt: never, idlePackets, isReauthorizing: false };
  const timeoutMs = seconds * 1000;
  const idleCheckAt = Math.max(idleAt ?? now + timeoutMs, now + Math.min(timeoutMs, idleReportMs));
  return { request, idleCheckAt, idlePackets, isReauthorizing: false };
}
