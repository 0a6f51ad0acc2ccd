import { handoffKinds, type SamogCounter } from '../../services/samog/statistics.ts';
import type { Checker, Observed } from './checker.ts';

/** What was received was accepted, denied, or is in progress, at every moment; and no session is counted out of the world. */
export const countersChecker: Checker = {
  name: 'counters',
  check({ manager: { registry, counters } }: Observed): readonly string[] {
    const wrong: string[] = [];
    const expect = (sum: string, left: number, right: number) => {
      if (left !== right) wrong.push(`${sum}: ${left} is not ${right}`);
    };
    const of = (name: SamogCounter) => counters.get(name);
    for (const kind of handoffKinds) {
      expect(
        `handoff.${kind}: received = accepted + denied + in progress`,
        of(`handoff.${kind}.received`),
        of(`handoff.${kind}.accepted`) + of(`handoff.${kind}.denied`) + registry.handoffsInProgress[kind],
      );
    }
    const { Authenticating, Binding, Admitted, Established, Released, Deregistered } = registry.inState;
    expect(
      'session: attempted = setup + aborted + in setup',
      of('session.attempted'),
      of('session.setup') + of('session.aborted') + Authenticating + Binding,
    );
    expect(
      'session: setup = released + up',
      of('session.setup'),
      of('session.released') + Admitted + Established + Released + Deregistered,
    );
    let initial = 0;
    let handoff = 0;
    for (const { session } of registry.sessions()) {
      if (session.kind !== 'Authenticating' && session.kind !== 'Binding') continue;
      if (session.trigger.kind === 'pbu') initial += 1;
      // One that will begin a session of its own is counted when it does.
      if (session.queued?.trigger.kind === 'pbu' && session.queued.handoff !== undefined) handoff += 1;
    }
    const waiting = { initial, handoff, refresh: 0, deregistration: 0 };
    for (const kind of ['initial', 'handoff', 'refresh', 'deregistration'] as const) {
      expect(
        `pbu.${kind}: received = accepted + denied + in progress`,
        of(`pbu.${kind}.received`),
        of(`pbu.${kind}.accepted`) + of(`pbu.${kind}.denied`) + waiting[kind],
      );
    }
    return wrong;
  },
};
