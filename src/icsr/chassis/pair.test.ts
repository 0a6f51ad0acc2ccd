import { describe, expect, it } from 'vitest';
import { type PairParts, runPair } from '../../../tests/support/chassis-pair.ts';
import { never } from '../../kernel/instant.ts';
import { nextDeadline } from './deadline.ts';
import type { ChassisEffect } from './effect.ts';
import type { ChassisEvent } from './event.ts';
import { step } from './machine.ts';
import { holdsTerm } from './state.ts';

const runs = 2_000;

/** The first violation of some seeds. */
function firstViolation(seeds: number, parts?: PairParts): string | undefined {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { violation } = runPair(seed, parts);
    if (violation !== undefined) return violation;
  }
  return undefined;
}

describe('two chassis over a faulty link', () => {
  it('keep the invariants, and agree on their roles when the faults have ended', { timeout: 120_000 }, () => {
    const reasons = new Set<string>();
    let terms = 0;
    for (let seed = 1; seed <= runs; seed += 1) {
      const run = runPair(seed);
      expect(run.violation).toBeUndefined();
      terms += run.terms;
      for (const reason of run.reasons) reasons.add(reason);
    }
    // The faults have reached the rare rows of the table, too.
    expect([...reasons]).toEqual(expect.arrayContaining(rareTransitions));
    expect(terms).toBeGreaterThan(2 * runs);
  });

  it('do the same for the same seed', () => {
    expect(runPair(7)).toEqual(runPair(7));
  });
});

const rareTransitions = [
  'ACTIVE PENDING_STANDBY aaa-probe',
  'ACTIVE PENDING_STANDBY fenced',
  'ACTIVE PENDING_STANDBY other-lineage',
  'INIT PENDING_ACTIVE no-peer',
  'PENDING_ACTIVE ACTIVE promotion-slow',
  'PENDING_ACTIVE PENDING_STANDBY fenced',
  'PENDING_ACTIVE PENDING_STANDBY other-lineage',
  'PENDING_ACTIVE PENDING_STANDBY promotion-failed',
  'PENDING_STANDBY ACTIVE peer-did-not-take-over',
  'PENDING_STANDBY ACTIVE peer-refused',
  'PENDING_STANDBY PENDING_ACTIVE arbitration-won',
  'PENDING_STANDBY STANDBY peer-hands-over',
  'PENDING_STANDBY STANDBY synchronisation-slow',
  'STANDBY PENDING_ACTIVE arbitration-won',
  'STANDBY PENDING_ACTIVE other-lineage',
  'STANDBY PENDING_ACTIVE peer-restarted',
];

const honest: PairParts = { step, deadline: nextDeadline };

/** Machines with one fault each, and what the checkers say of them. */
const planted: readonly { readonly fault: string; readonly parts: PairParts; readonly violation: RegExp }[] = [
  {
    fault: 'both take odd terms',
    parts: { ...honest, step: (chassis, event, context) => step(chassis, event, withMode(context, 'primary')) },
    violation: /both hold term/,
  },
  {
    fault: 'a higher term does not fence',
    parts: {
      ...honest,
      step: (chassis, event, context) => {
        const next = step(chassis, event, context);
        return event.kind === 'helloHeard' && holdsTerm(chassis.state) && !holdsTerm(next.state.state)
          ? { state: { ...chassis, term: { ...chassis.term, highest: event.hello.term } }, effects: [] }
          : next;
      },
    },
    violation: /lower than it has heard/,
  },
  {
    fault: 'the ports stay open when fenced',
    parts: withEffects((effects) => effects.filter(({ kind }) => kind !== 'stopServing')),
    violation: /serves in PENDING_STANDBY/,
  },
  {
    fault: 'the term is stored after it is spoken of',
    parts: withEffects((effects) => [
      ...effects.filter(({ kind }) => kind !== 'storeTerm'),
      ...effects.filter(({ kind }) => kind === 'storeTerm'),
    ]),
    violation: /a term it has not stored/,
  },
  ...(['PENDING_ACTIVE', 'PENDING_STANDBY'] as const).map((kind) => ({
    fault: `${kind} has no deadline`,
    parts: {
      ...honest,
      deadline: (...[chassis, options]: Parameters<typeof nextDeadline>) =>
        chassis.state.kind === kind ? Math.min(chassis.helloDueAt, never) : nextDeadline(chassis, options),
      step: (...[chassis, event, context]: Parameters<typeof step>) => {
        const next = step(chassis, event, context);
        const isLimit = event.kind === 'deadlineReached' && chassis.state.kind === kind;
        return isLimit && next.state.state !== chassis.state
          ? { state: { ...chassis, helloDueAt: context.now + 100 }, effects: [] }
          : next;
      },
    },
    violation: /stuck|not converged|stays/,
  })),
  {
    fault: 'a stall counts as silence of the peer',
    parts: {
      ...honest,
      step: (...args) => (args[1].kind === 'stalled' ? { state: args[0], effects: [] } : step(...args)),
    },
    violation: /takes its peer for dead/,
  },
  {
    fault: 'the term decides between two lineages',
    parts: {
      ...honest,
      step: (chassis, event, context) =>
        step(chassis, holdsTerm(chassis.state) ? withoutLineage(event) : event, context),
    },
    violation: /is fenced by a younger lineage/,
  },
  {
    fault: 'part of the records continues their lineage',
    parts: {
      ...honest,
      step: (chassis, event, context) => {
        const { state, effects } = step(chassis, event, context);
        const told = state.state.reason === 'dead-interval' ? state.peer.hello?.lineage : undefined;
        if (chassis.lineage !== undefined || state.lineage === undefined || told === undefined)
          return { state, effects };
        return { state: { ...state, lineage: { id: told.id, bornAt: context.now - told.ageMs } }, effects };
      },
    },
    violation: /continues a lineage of which it has a part/,
  },
  {
    fault: 'whoever is started alone serves at once, whatever its store is worth',
    parts: {
      deadline: (chassis, options) => nextDeadline(chassis, { ...options, olderStoreLimitMs: 0 }),
      step: (chassis, event, context) =>
        step(chassis, event, { ...context, options: { ...context.options, olderStoreLimitMs: 0 } }),
    },
    violation: /serves from the older store/,
  },
  {
    fault: 'nobody asks whose store is the newer one',
    parts: {
      ...honest,
      step: (chassis, event, context) =>
        step(
          chassis,
          event.kind === 'helloHeard' ? { ...event, hello: { ...event.hello, store: undefined } } : event,
          context,
        ),
    },
    violation: /serves from the older store/,
  },
  {
    fault: 'a standby announces',
    parts: {
      ...honest,
      step: (chassis, event, context) => {
        const { state, effects } = step(chassis, event, context);
        return { state, effects: event.kind === 'synchronised' ? [...effects, { kind: 'announceAgain' }] : effects };
      },
    },
    violation: /announces in STANDBY/,
  },
  {
    fault: 'nobody arbitrates after the start',
    parts: {
      ...honest,
      step: (chassis, event, context) => {
        const next = step(chassis, event, context);
        const { kind, reason } = next.state.state;
        const arbitrated = kind === 'PENDING_ACTIVE' && (reason === 'arbitration-won' || reason === 'peer-restarted');
        return arbitrated && chassis.state.kind !== 'INIT' ? { state: chassis, effects: [] } : next;
      },
    },
    violation: /not converged|stays|stuck/,
  },
];

function withoutLineage(event: ChassisEvent): ChassisEvent {
  return event.kind === 'helloHeard' ? { ...event, hello: { ...event.hello, lineage: undefined } } : event;
}

function withMode(context: Parameters<typeof step>[2], mode: 'primary'): Parameters<typeof step>[2] {
  return { ...context, options: { ...context.options, mode } };
}

function withEffects(change: (effects: readonly ChassisEffect[]) => readonly ChassisEffect[]): PairParts {
  return {
    ...honest,
    step: (chassis, event, context) => {
      const { state, effects } = step(chassis, event, context);
      return { state, effects: change(effects) };
    },
  };
}

describe('the checkers', () => {
  it.each(planted)('see that $fault', ({ parts, violation }) => {
    expect(firstViolation(300, parts)).toMatch(violation);
  });
});
