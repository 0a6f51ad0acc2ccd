import { formatMac } from '../../../kernel/address.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { isSaved } from '../../../services/samog/checkpoints/saved-session.ts';
import { type Session, sessionId, sessionMac } from '../../../services/samog/session/state.ts';
import type { ChassisObserved, PairChecker, PairObserved } from './pair-checker.ts';

/** What two clocks that do not run equally fast may differ by in the half minute of a reply. */
const slackMs = 50;

/** Whenever the standby has acknowledged all that there is, it has all that there is. */
export const tablesChecker: PairChecker = {
  name: 'tables',
  check({ now, chassis: [a, b], linkIsWhole }: PairObserved): readonly string[] {
    const [active, standby] = a.serves ? [a, b] : [b, a];
    if (!linkIsWhole || !active.serves || !active.isRunning || !standby.isRunning || !standby.isReady) return [];
    const sender = active.sender();
    if (sender?.state !== 'ready' || sender.dirty || sender.lagRecords > 0 || sender.unprotectedSessions > 0) return [];
    return differences(active, standby, now);
  },
};

/** How the sessions of a standby differ from those of the active, at a time of the world. */
export function differences(active: ChassisObserved, standby: ChassisObserved, now: Instant): string[] {
  const wrong: string[] = [];
  const left = new Map(told(active).map((session) => [sessionId(session), session]));
  for (const session of told(standby)) {
    const id = sessionId(session);
    const its = left.get(id);
    const who = `${standby.name} has the session of ${formatMac(sessionMac(session))}`;
    if (its === undefined) wrong.push(`${who}, which ${active.name} has not`);
    else if (factsOf(its) !== factsOf(session)) wrong.push(`${who} as ${factsOf(session)}, and not as ${factsOf(its)}`);
    if (its !== undefined && lacksReply(its, session, active.clock(now)))
      wrong.push(`${who} without its Access-Accept`);
    left.delete(id);
  }
  for (const session of left.values()) {
    // A record that waits for its turn to become a session.
    if (standby.holds(sessionId(session))) continue;
    wrong.push(`${standby.name} has not the session of ${formatMac(sessionMac(session))}`);
  }
  return wrong;
}

/** An Access-Accept is forgotten by each chassis by its own clock: the standby may have it for longer, but not another. */
function lacksReply(its: Session, session: Session, now: Instant): boolean {
  const [reply, kept] = [its, session].map((one) => (one.kind === 'Live' ? one.durable.reply : undefined));
  if (reply === undefined || (kept === undefined && reply.until - now < slackMs)) return false;
  return kept === undefined || textOf(reply) !== textOf(kept);
}

/** Those that are told to a standby. */
function told({ manager }: ChassisObserved): Session[] {
  return [...manager.registry.sessions()].map(({ session }) => session).filter(isSaved);
}

/** Instants: of each chassis's own clock, and told as remaining time. */
const instants = new Set([
  'refreshAt',
  'expiresAt',
  'previousUntil',
  'dataWindowStart',
  'nextAt',
  'until',
  'createdAt',
  'retryAt',
  'beganAt',
  'interimAt',
  'heldUntil',
]);

/** A session is an immutable value: it is written down once. */
const written = new WeakMap<Session, string>();

function factsOf(session: Session): string {
  const known = written.get(session);
  if (known !== undefined) return known;
  const text = write(session);
  written.set(session, text);
  return text;
}

function write(session: Session): string {
  if (session.kind === 'Live') {
    return textOf({ ...session.durable, reply: undefined, request: session.transient.request });
  }
  if (session.kind === 'Owing') return textOf(session);
  if (session.kind !== 'Disconnecting') return session.kind;
  // Whom it is telling is its own: who resumes the session begins anew.
  const { queued: _, isTellingNas: __, ...facts } = session;
  return textOf(facts);
}

function textOf(facts: object): string {
  return JSON.stringify(facts, (key, value) => {
    if (instants.has(key)) return undefined;
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    if (value instanceof Uint8Array) return [...value];
    // Members in one order: a record is not written in that of the session.
    return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}
