import { type Instant, never } from '../../../kernel/instant.ts';
import { accountDeadline } from '../accounting/account.ts';
import type { Cleanup, DisconnectingSession, LiveSession, Session } from './state.ts';

/** When the session next has something to do: a function of its state, which is why there are no timers. */
export function nextDeadline(session: Session): Instant {
  switch (session.kind) {
    case 'Authenticating':
    case 'Binding':
      return Math.min(session.giveUpAt, session.anchor?.request.retryAt ?? never);
    case 'Live':
      return liveDeadline(session);
    case 'Owing':
      return never;
    case 'Disconnecting':
      return Math.min(session.request?.retryAt ?? never, cleanupDeadline(session.cleanups), nasDeadline(session));
  }
}

/** At once, where another chassis had begun to tell it. */
function nasDeadline({ nas, isTellingNas }: DisconnectingSession): Instant {
  if (nas === undefined) return never;
  return isTellingNas ? nas.until : Number.NEGATIVE_INFINITY;
}

function liveDeadline({ durable, transient }: LiveSession): Instant {
  const { phase, s2a, binding, lease } = durable;
  let at = Math.min(
    durable.expiresAt,
    s2a.expiresAt,
    transient.request === undefined ? s2a.refreshAt : transient.request.retryAt,
    transient.idleCheckAt,
    cleanupDeadline(durable.cleanups),
    durable.account === undefined ? never : accountDeadline(durable.account),
    durable.reply?.until ?? never,
    durable.challenge?.until ?? never,
    durable.handoff?.until ?? never,
  );
  if (phase.kind !== 'Established') return Math.min(at, phase.until);
  if (binding !== undefined && binding.expiresAt < at) at = binding.expiresAt;
  if (lease !== undefined && lease.expiresAt < at) at = lease.expiresAt;
  return at;
}

function cleanupDeadline(cleanups: readonly Cleanup[]): Instant {
  let at = never;
  for (const cleanup of cleanups) if (cleanup.nextAt < at) at = cleanup.nextAt;
  return at;
}
