import { formatMac } from '../../kernel/address.ts';
import { type Cleanup, type Session, sessionMac } from '../../services/samog/session/state.ts';
import type { Checker, Observed } from './checker.ts';

const cleanupsMax = 4;

function cleanupsOf(session: Session): readonly Cleanup[] {
  if (session.kind === 'Live') return session.durable.cleanups;
  return session.kind === 'Disconnecting' ? session.cleanups : [];
}

/** Every table stays within its bound. */
export const boundsChecker: Checker = {
  name: 'bounds',
  check({ now, manager, managers }: Observed): readonly string[] {
    const wrong: string[] = [];
    const within = (what: string, size: number, most: number) => {
      if (size > most) wrong.push(`${what}: ${size}, at most ${most}`);
    };
    const { samogService, mrmeService } = manager.config;
    within('sessions', manager.registry.size, samogService.sessionsMax);
    within('accounts that outlive their session', manager.registry.inState.Owing, mrmeService.accounting.owedMax);
    within('forwarding entries', manager.flows.size, samogService.sessionsMax);
    const { outstandingMax } = mrmeService.radius;
    for (const { aaa } of managers) {
      for (const { servers, waiting } of Object.values(aaa.status(now))) {
        // A dead one is asked whether it lives, be it beyond the limit.
        for (const { name, outstanding } of servers) within(`requests at ${name}`, outstanding, outstandingMax + 1);
        // As many as may be outstanding wait; those that held an identifier at a server that died wait besides.
        within('requests that wait', waiting, outstandingMax * (1 + servers.length));
      }
    }
    for (const { session } of manager.registry.sessions()) {
      const cleanups = cleanupsOf(session).length;
      if (cleanups > cleanupsMax) within(`revocations of ${formatMac(sessionMac(session))}`, cleanups, cleanupsMax);
    }
    return wrong;
  },
};
