import type { SessionUsage } from '../../../forwarding/accelerator.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type {
  DisconnectingSession,
  DurableSession,
  LiveSession,
  OwingSession,
  S2aRequest,
  Session,
} from '../session/state.ts';

/**
 * What a standby must have of a session to go on with it. A session in setup has none: nobody has been told of it yet, and
 * its UE or MAG asks again.
 */
export type SavedSession = SavedLive | SavedEnding | OwingSession;

export interface SavedLive {
  readonly kind: 'Live';
  readonly durable: DurableSession;
  /** The PBU that the LMA has not acknowledged: its answer may come to the other chassis, as may its time to be repeated. */
  readonly request: S2aRequest | undefined;
  readonly usage: SessionUsage;
  /** When Idle-Timeout ends the session unless a packet comes; undefined where the subscriber has none. */
  readonly idleAt: Instant | undefined;
}

/** A session that is over for its UE: what is still owed to the LMA, to MAGs, to a NAS and to AAA. A trigger that waits comes again. */
export type SavedEnding = Omit<DisconnectingSession, 'queued' | 'isTellingNas'>;

/** What changes in a live session, each under a revision of its own. */
export type Fact =
  | 'access'
  | 'sessionType'
  | 'moves'
  | 'phase'
  | 'binding'
  | 'lease'
  | 's2a'
  | 'request'
  | 'cleanups'
  | 'usage'
  | 'idleAt'
  | 'account'
  | 'subscriber'
  | 'expiresAt'
  | 'reauthorization'
  | 'accessLists'
  | 'ambr'
  | 'bearer'
  | 'radius'
  | 'wlc'
  | 'handoff'
  | 'reply'
  | 'challenge'
  | 'ending';

/** A session as a standby holds it, its deadlines in the standby's own clock. An immutable value. */
export interface SessionRecord {
  readonly saved: SavedSession;
  /** The revision of the latest full checkpoint. */
  readonly baseRevision: number;
  /** The revisions of the facts that a micro-checkpoint has brought since. */
  readonly newer: Readonly<Partial<Record<Fact, number>>> | undefined;
}

/** The session's identifier. */
export function savedId({ saved }: SessionRecord): number {
  return saved.kind === 'Live' ? saved.durable.id : saved.id;
}

export const noUsage: SessionUsage = {
  uplinkPackets: 0,
  uplinkOctets: 0,
  downlinkPackets: 0,
  downlinkOctets: 0,
  lastActivity: undefined,
};

export type SaveableSession = LiveSession | DisconnectingSession | OwingSession;

/** Whether a standby is to have the session. */
export function isSaved(session: Session): session is SaveableSession {
  return session.kind === 'Live' || session.kind === 'Disconnecting' || session.kind === 'Owing';
}

/** What a standby must have of a session. */
export function savedOf(session: SaveableSession, usage: SessionUsage | undefined): SavedSession {
  if (session.kind === 'Owing') return session;
  if (session.kind === 'Disconnecting') {
    const { queued: _, isTellingNas: __, ...saved } = session;
    return saved;
  }
  const { durable, transient } = session;
  return {
    kind: 'Live',
    durable,
    request: transient.request,
    usage: usage ?? noUsage,
    idleAt: idleDeadline(durable, usage),
  };
}

/**
 * When Idle-Timeout ends the session unless a packet comes: so long after the last one, or after it began. Undefined where
 * the subscriber has no such limit.
 */
export function idleDeadline(durable: DurableSession, usage: SessionUsage | undefined): Instant | undefined {
  const seconds = durable.subscriber.idleTimeoutSeconds;
  return seconds === undefined ? undefined : (usage?.lastActivity ?? durable.createdAt) + seconds * 1000;
}
