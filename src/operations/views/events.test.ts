import { describe, expect, it } from 'vitest';
import { emptySource, macOfText, moment } from '../../../tests/operations/view-source.ts';
import { events } from './events.ts';
import { ladder } from './ladder.ts';
import { type ViewArguments, viewed } from './view.ts';

const hour = 3_600_000;

/** A gateway with an event at each of these times ago, the oldest first; one of them came late. */
function sourceWith(agesMs: readonly number[]) {
  const source = emptySource();
  for (const ageMs of agesMs) {
    const text = () => `${ageMs} ms ago`;
    const of = { sessionId: undefined, peer: undefined, party: 'samog', direction: 'internal' } as const;
    source.events.add(
      { name: 'session-attempted', mac: macOfText('02:00:5e:11:22:33'), ...of, text },
      moment.now - ageMs,
    );
  }
  return source;
}

async function textsOf(args: ViewArguments, agesMs: readonly number[] = [2 * hour, 599_000, 600_500, 600_000, 30_000]) {
  const outcome = await viewed(events, sourceWith(agesMs), () => moment, args);
  if (!outcome.ok) return outcome.refusal.hint;
  return outcome.data.events.map(({ text }) => Number.parseInt(text, 10));
}

describe('show events since', () => {
  it('a time ago has what came since, and what was told of a little later', async () => {
    expect(await textsOf({ since: '10m' })).toEqual([599_000, 600_000, 30_000]);
    expect(await textsOf({ since: '600' })).toEqual([599_000, 600_000, 30_000]);
    expect(await textsOf({ since: '1h', filter: 'age>5m' })).toEqual([599_000, 600_500, 600_000]);
    expect(await textsOf({ since: '10m', after: '0' })).toEqual([599_000, 600_000, 30_000]);
  });

  it('a time of the day has what came since it was last so, in UTC', async () => {
    const at = (ageMs: number) => new Date(moment.wallClock - ageMs).toISOString();
    expect(await textsOf({ since: at(600_000) })).toEqual([599_000, 600_000, 30_000]);
    expect(await textsOf({ since: at(60_000).slice(11, 19) })).toEqual([30_000]);
    // Later than now: yesterday.
    expect(await textsOf({ since: at(-60_000).slice(11, 16) })).toHaveLength(5);
  });

  it('has all of them, not the last fifty', async () => {
    const agesMs = Array.from({ length: 80 }, (_, index) => 80_000 - index);
    expect(await textsOf({ since: '5m' }, agesMs)).toHaveLength(80);
    expect(await textsOf({}, agesMs)).toHaveLength(50);
  });

  it.each(['tomorrow', '25:00', '2026-03-01', '-5m', '2026-13-01T00:00Z'])(
    '%s is refused with what would be right',
    async (since) => {
      expect(await textsOf({ since })).toContain('write 10m');
    },
  );

  it('holds for the ladder, too', async () => {
    const outcome = await viewed(ladder, sourceWith([2 * hour, 30_000]), () => moment, { since: '10m' });
    expect(outcome.ok && outcome.data.rungs).toHaveLength(1);
  });
});
