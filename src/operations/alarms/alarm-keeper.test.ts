import { describe, expect, it } from 'vitest';
import type { StandingAlarm } from './alarm.ts';
import { AlarmKeeper } from './alarm-keeper.ts';

function alarm(about: string | null = null, changes: Partial<StandingAlarm> = {}): StandingAlarm {
  return {
    alarm: 'aaa-server-dead',
    severity: 'warning',
    about,
    meaning: 'it does not answer',
    seeAlso: 'show mrme-service',
    touches: { sessions: 0, what: 'nobody' },
    ...changes,
  };
}

/** What each look tells, as `raised 1 a`; a look a second. */
function told(keeper: AlarmKeeper, looks: readonly (readonly StandingAlarm[])[], from = 0): string[][] {
  return looks.map((standing, second) =>
    keeper
      .look(standing, (from + second) * 1000)
      .map(({ kind, record: { number, about } }) => [kind, number, about].filter((part) => part !== null).join(' ')),
  );
}

describe('the keeper of alarms', () => {
  it('tells once of what comes, and once of what has been gone for five seconds', () => {
    const keeper = new AlarmKeeper();
    const [a, b] = [alarm('a'), alarm('b')];
    expect(told(keeper, [[], [a], [a, b], [b], [b], [b], [b], [b], []])).toEqual([
      [],
      ['raised 1 a'],
      ['raised 2 b'],
      ...[[], [], [], []],
      ['cleared 1 a'],
      [],
    ]);
    expect(keeper.standing().map(({ number }) => number)).toEqual([2]);
    expect(keeper.cleared(10)).toMatchObject([{ number: 1, raisedAt: 1000, clearedAt: 7000 }]);
  });

  it('takes what flaps for one alarm', () => {
    const keeper = new AlarmKeeper();
    const looks = Array.from({ length: 60 }, (_, second) => (second % 4 === 0 ? [alarm()] : []));
    expect(told(keeper, looks).flat()).toEqual(['raised 1']);
    expect(keeper.total).toBe(1);
  });

  it('gives what comes again another number', () => {
    const keeper = new AlarmKeeper();
    expect(told(keeper, [[alarm()], [], [], [], [], [], [alarm()]]).flat()).toEqual([
      'raised 1',
      'cleared 1',
      'raised 2',
    ]);
  });

  it('has the latest meaning of what stands', () => {
    const keeper = new AlarmKeeper();
    told(keeper, [[alarm()], [alarm(null, { meaning: '91 of 100' })]]);
    expect(keeper.standing()).toMatchObject([{ number: 1, meaning: '91 of 100', raisedAt: 0 }]);
  });

  it('remembers who has acknowledged an alarm, also when it is over', () => {
    const keeper = new AlarmKeeper();
    told(keeper, [[alarm('a'), alarm('b')]]);
    expect(keeper.acknowledge(2, 'alice', 'ticket 7', 3000)).toMatchObject([
      { kind: 'acknowledged', record: { number: 2 } },
    ]);
    expect(keeper.acknowledge(9, 'alice', undefined, 3000)).toEqual([]);
    expect(keeper.acknowledge('all', 'bob', undefined, 4000).map(({ record }) => record.number)).toEqual([1]);
    expect(keeper.standing().map(({ acknowledgement }) => acknowledgement)).toEqual([
      { by: 'bob', at: 4000, note: undefined },
      { by: 'alice', at: 3000, note: 'ticket 7' },
    ]);
    told(keeper, [[]], 20);
    expect(keeper.cleared(1)).toMatchObject([{ acknowledgement: { by: 'alice' } }]);
    expect(keeper.acknowledge(2, 'alice', undefined, 21_000)).toEqual([]);
  });

  it.each([
    ['warning', 'critical', undefined],
    ['critical', 'warning', { by: 'alice', at: 1000, note: undefined }],
  ] as const)('asks for another acknowledgement only where it is worse: %s to %s', (before, after, acknowledgement) => {
    const keeper = new AlarmKeeper();
    told(keeper, [[alarm(null, { severity: before })]]);
    keeper.acknowledge(1, 'alice', undefined, 1000);
    expect(told(keeper, [[alarm(null, { severity: after })]], 2)).toEqual([['changed 1']]);
    expect(keeper.standing()).toMatchObject([{ severity: after, acknowledgement }]);
  });

  it('forgets the oldest of very many', () => {
    const keeper = new AlarmKeeper();
    for (let number = 1; number <= 1010; number += 1) told(keeper, [[alarm(`peer ${number}`)]], number * 10);
    const cleared = keeper.cleared(5000);
    expect(cleared).toHaveLength(1000);
    expect(cleared[0]).toMatchObject({ number: 1009 });
    expect(keeper.total).toBe(1010);
  });

  it('has what was taken on before a restart taken on still, once, soon, and if it is no worse', () => {
    const former = { alarm: 'aaa-server-dead', severity: 'warning', by: 'alice', at: -5000, note: 'ticket 7' } as const;
    const about = (name: string) => ({ ...former, about: name });
    const keeper = new AlarmKeeper();
    keeper.remember(['a', 'b', 'c', 'd'].map(about), 0);
    told(keeper, [[alarm('a'), alarm('b', { severity: 'critical' }), alarm('z')]]);
    const byOf = () => keeper.standing().map(({ about: of, acknowledgement }) => [of, acknowledgement?.by]);
    expect(byOf()).toEqual([
      ['a', 'alice'],
      ['b', undefined],
      ['z', undefined],
    ]);
    expect(keeper.standing()[0]).toMatchObject({ acknowledgement: { by: 'alice', at: -5000, note: 'ticket 7' } });
    expect(keeper.acknowledgements(1000).map(({ about: of }) => of)).toEqual(['c', 'd', 'a']);
    // What is over has been taken on once; what comes late is another matter.
    told(keeper, [[], [], [], [], [], []], 1);
    told(keeper, [[alarm('a'), alarm('c')]], 10);
    told(keeper, [[alarm('a'), alarm('c'), alarm('d')]], 601);
    expect(byOf().filter(([, by]) => by !== undefined)).toEqual([['c', 'alice']]);
    expect(keeper.acknowledgements(602_000).map(({ about: of }) => of)).toEqual(['c']);
  });

  it.each<[string, Partial<StandingAlarm>, string | undefined]>([
    ['the same', {}, 'bob'],
    ['about something else', { about: 'b' }, undefined],
    ['worse', { severity: 'critical' }, undefined],
  ])('has what the other chassis has acknowledged, if it finds %s', (_, changes, by) => {
    const other = { ...alarm('a'), by: 'bob', at: 500, note: 'ticket 7' };
    const early = new AlarmKeeper();
    told(early, [[alarm('a', changes)]]);
    const found = early.heard([other], 2000).map(({ kind, record }) => [kind, record.acknowledgement?.by]);
    expect(found).toEqual(by === undefined ? [] : [['acknowledged', by]]);
    const late = new AlarmKeeper();
    expect(late.heard([other], 2000)).toEqual([]);
    told(late, [[alarm('a', changes)]], 3);
    for (const keeper of [early, late]) expect(keeper.standing()[0]!.acknowledgement?.by).toBe(by);
  });

  it('forgets what the other chassis does not tell any more, or has not for long', () => {
    const other = { ...alarm('a'), by: 'bob', at: 500, note: undefined };
    const cleared = new AlarmKeeper();
    cleared.heard([other], 2000);
    cleared.heard([], 3000);
    told(cleared, [[alarm('a')]], 4);
    const alone = new AlarmKeeper();
    alone.heard([other], 2000);
    told(alone, [[alarm('a')]], 603);
    for (const keeper of [cleared, alone]) expect(keeper.standing()[0]!.acknowledgement).toBeUndefined();
  });

  it('keeps the later of two acknowledgements, and takes none for another that is the same', () => {
    const keeper = new AlarmKeeper();
    told(keeper, [[alarm('a')]]);
    keeper.acknowledge('all', 'alice', undefined, 5000);
    const by = (name: string, at: number) => keeper.heard([{ ...alarm('a'), by: name, at, note: undefined }], 9000);
    expect(by('bob', 4000)).toEqual([]);
    expect(by('alice', 5001)).toEqual([]);
    expect(by('bob', 7000)).toHaveLength(1);
    expect(keeper.standing()[0]!.acknowledgement).toMatchObject({ by: 'bob', at: 7000 });
  });
});
