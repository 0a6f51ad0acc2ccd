import { describe, expect, it } from 'vitest';
import { pairSource } from '../../../tests/operations/pair-source.ts';
import { sampleAlarms } from '../../../tests/operations/sample-alarms.ts';
import { emptySource, moment } from '../../../tests/operations/view-source.ts';
import { overview } from '../views/overview.ts';
import type { ViewSource } from '../views/view.ts';
import { type HealthFacts, healthSentence } from './sentence.ts';
import { sidesOf } from './sides.ts';

function overviewOf(source: ViewSource) {
  const outcome = overview.build(source, moment, {});
  if (!outcome.ok) throw new Error(outcome.refusal.what);
  return outcome.data;
}

const pair: NonNullable<HealthFacts['pair']> = {
  state: 'ACTIVE',
  serves: true,
  ready: true,
  peerHeard: true,
  unprotected: 0,
  lastSwitchover: null,
};
const well: HealthFacts = { sessions: 2, pair, critical: 0, warnings: 0 };

describe('the overview', () => {
  it.each<[string, HealthFacts]>([
    ['Standby ready; 0 unprotected of 2; no alarm', well],
    [
      'Standby ready; 1,200 unprotected of 1,000,000; no alarm',
      { ...well, sessions: 1e6, pair: { ...pair, unprotected: 1200 } },
    ],
    ['Alone: nobody would take over its 1 session; no alarm', { ...well, sessions: 1, pair: null }],
    [
      'The peer is not heard: 2 sessions unprotected; alarms: 1 critical, 2 warnings',
      { ...well, pair: { ...pair, peerHeard: false }, critical: 1, warnings: 2 },
    ],
    ['Standby not ready: not all of 2 sessions are protected; no alarm', { ...well, pair: { ...pair, ready: false } }],
    [
      'Standby, and ready to take over; last switchover 1h ago, manual; alarms: 1 warning',
      {
        ...well,
        warnings: 1,
        pair: { ...pair, state: 'STANDBY', serves: false, lastSwitchover: { atSeconds: 3600, reason: 'manual' } },
      },
    ],
  ])('says in a sentence: %s', (sentence, facts) => {
    expect(healthSentence(facts)).toBe(sentence);
  });

  it('has a light for the pair where there is one', () => {
    expect(sidesOf(emptySource(), moment).map(({ side }) => side)).toEqual(['access', 'aaa', 'lma', 'gateway']);
    expect(sidesOf(pairSource('active'), moment).find(({ side }) => side === 'pair')).toMatchObject({
      verdict: 'good',
      evidence: 'the standby is ready; sessions unprotected: 1',
    });
    expect(sidesOf(pairSource('init'), moment).find(({ side }) => side === 'pair')).toMatchObject({
      verdict: 'critical',
    });
  });

  it('tells what has changed in the last hour, newest first', () => {
    const { changes } = overviewOf(pairSource('active'));
    expect(changes.map(({ what }) => what)).toEqual([
      'Pending-Active → Active, because: manual (term 7)',
      'Standby → Pending-Active, because: manual (term 7)',
      'Pending-Standby → Standby, because: synchronised (term 6)',
      'Init → Pending-Standby, because: peer-active (term 6)',
    ]);
  });

  it('tells of commits, and of alarms that came and went', () => {
    const at = (agoSeconds: number) => new Date(moment.wallClock - agoSeconds * 1000).toISOString();
    const version = { back: 0, comment: null, who: null };
    const versions = [
      { ...version, number: 3, kind: 'committed', who: 'carol', at: at(100), comment: 'west wing' },
      { ...version, number: 2, kind: 'edited', at: at(1000) },
      { ...version, number: 1, kind: 'found', at: at(2000) },
    ] as const;
    const configuration = {
      status: () => ({ unconfirmed: null, awaitsRestart: [] }),
      history: () => ({ versions }),
    };
    const startedAt = moment.now - 7_200_000;
    const source = { ...emptySource(), startedAt, configuration, alarms: sampleAlarms() };
    expect(overviewOf(source).changes.map(({ ageSeconds, what }) => [ageSeconds, what])).toEqual([
      [30, 'alarm lma-down of 203.0.113.100: the LMA has missed its heartbeats'],
      [100, 'configuration 3 committed by carol: west wing'],
      [252, 'alarm aaa-server-dead of aaa-1: the RADIUS server does not answer, and is passed over'],
      [600, 'alarm aaa-server-dead of aaa-2 is over, after 5m'],
      [900, 'alarm aaa-server-dead of aaa-2: the RADIUS server does not answer, and is passed over'],
      [1000, 'configuration 2: its file was edited beside the gateway'],
    ]);
  });

  it('names the other chassis where the configuration does', () => {
    const source = pairSource('active');
    const management = { ...source.config.management, peerUrl: 'https://gw-b.example.net:8443' };
    expect(overviewOf(source).peerUrl).toBeNull();
    expect(overviewOf({ ...source, config: { ...source.config, management } }).peerUrl).toBe(management.peerUrl);
  });
});
