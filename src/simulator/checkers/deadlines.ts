import { formatMac } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import { nasToldMsMax } from '../../services/samog/authorization/disconnect.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import { nextDeadline } from '../../services/samog/session/deadline.ts';
import { sessionId, sessionMac } from '../../services/samog/session/state.ts';
import type { Checker, Observed } from './checker.ts';

/** Nothing is stuck: no session sleeps past its deadline, and none is set up or torn down for longer than it may be. */
export class DeadlinesChecker implements Checker {
  readonly name = 'deadlines';
  /** Since when each session that ends has been ending. */
  #ending = new Map<number, Instant>();

  check({ now, manager, resumedAt = -Infinity }: Observed): readonly string[] {
    const wrong: string[] = [];
    const ending = new Map<number, Instant>();
    const endingMsMax = disconnectingMsMax(manager.config);
    const { setupTimeoutMs } = manager.config.samogService;
    for (const { session } of manager.registry.sessions()) {
      const who = `${formatMac(sessionMac(session))} (${session.kind})`;
      const due = nextDeadline(session);
      if (!(due >= now)) wrong.push(`${who} sleeps ${now - due} ms past its deadline`);
      if (session.kind === 'Authenticating' || session.kind === 'Binding') {
        const age = now - session.startedAt;
        if (age > setupTimeoutMs) wrong.push(`${who} has been set up for ${age} ms`);
      } else if (session.kind === 'Disconnecting') {
        const since = this.#ending.get(sessionId(session)) ?? now;
        ending.set(sessionId(session), since);
        const endingMs = now - Math.max(since, resumedAt);
        if (endingMs > endingMsMax) wrong.push(`${who} has been ending for ${endingMs} ms`);
      }
    }
    this.#ending = ending;
    return wrong;
  }
}

/** The longest that telling the LMA, the MAGs and a NAS may take: every transmission unanswered. */
export function disconnectingMsMax({ cgwService: { s2a, revocation }, mrmeService }: SamogConfig): number {
  const { initialMs, maxMs, attempts } = s2a.retransmission;
  let deregistration = 0;
  for (let attempt = 0; attempt < attempts; attempt += 1) deregistration += Math.min(initialMs * 2 ** attempt, maxMs);
  let revocations = 0;
  for (let attempt = 0; attempt <= revocation.retries; attempt += 1) {
    revocations += Math.min(revocation.initialTimeoutMs * 2 ** attempt, revocation.maxTimeoutMs);
  }
  const hasNas = mrmeService.twanProfiles.some(({ radius }) => radius !== undefined);
  return Math.max(deregistration + revocations, hasNas ? nasToldMsMax : 0) + slackMs;
}

/** For revocations that wait for the guard time when the session ends. */
const slackMs = 10_000;
