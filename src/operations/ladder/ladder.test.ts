import { describe, expect, it } from 'vitest';
import { parseIp, parseMac } from '../../kernel/address.ts';
import type { EventName } from '../../services/samog/event-names.ts';
import type { SamogEvent } from '../../services/samog/events.ts';
import type { LoggedEvent } from '../logged-event.ts';
import { ladderOf } from './ladder.ts';
import { mermaidLines } from './ladder-mermaid.ts';
import { ladderLines } from './ladder-text.ts';

const ue = parseMac('02:00:5e:11:22:33')!;
const other = parseMac('02:00:5e:11:22:90')!;
const at = { now: 10_000, wallClock: Date.UTC(2026, 2, 1, 11) };

type Party = SamogEvent['party'];
type Direction = SamogEvent['direction'];

function logged(
  ms: number,
  [party, peer, direction]: readonly [Party, string | undefined, Direction],
  name: EventName,
  text: string,
  mac = ue,
): LoggedEvent {
  const address = peer === undefined ? undefined : parseIp(peer)!;
  return { number: ms, at: ms, text, event: { name, mac, sessionId: 1, peer: address, party, direction } };
}

const rg = ['rg', '10.9.0.7', 'received'] as const;
const toRg = ['rg', '10.9.0.7', 'sent'] as const;
const wlc = ['wlc', '10.8.0.2', 'received'] as const;
const toWlc = ['wlc', '10.8.0.2', 'sent'] as const;
const toLma = ['lma', '10.7.0.1', 'sent'] as const;
const lma = ['lma', '10.7.0.1', 'received'] as const;
const toAaa = ['aaa', '10.6.0.1', 'sent'] as const;
const decision = ['samog', undefined, 'internal'] as const;

const handover = [
  logged(1000, wlc, 'proxyBindingUpdate-received', 'PBU seq 41'),
  logged(1001, toAaa, 'access-request-sent', 'Access-Request'),
  logged(1021, toAaa, 'access-request-retransmitted', 'Access-Request, again'),
  logged(1033, toLma, 'proxyBindingUpdate-sent', 'PBU seq 7'),
  logged(1050.04, lma, 'proxyBindingAcknowledgement-received', 'PBA accepted'),
  logged(1051, toWlc, 'proxyBindingAcknowledgement-sent', 'PBA accepted'),
  logged(9000, rg, 'dhcp-discover-received', 'DHCP DISCOVER; 100.64.3.9'),
  logged(9001, decision, 'path-switched', 'data path switched from PMIPv6 to EoGRE'),
  logged(9002, toRg, 'dhcp-offer-sent', 'DHCP OFFER'),
  logged(9900, decision, 'authentication-timed-out', 'no AAA server answers'),
  logged(9901, decision, 'session-failed', 'set-up failed: aaa-timeout'),
];

describe('a ladder', () => {
  const ladder = ladderOf(handover, at);

  it('has the access nodes on the left of the gateway and the core on its right, in the order of their coming', () => {
    expect(ladder.columns.map(({ party }) => party)).toEqual(['wlc', 'rg', 'samog', 'aaa', 'lma']);
    expect(ladder.columns[2]).toEqual({ party: 'samog', address: null });
  });

  it('makes one rung of a message and its repetition', () => {
    expect(ladder.rungs.map(({ name, times }) => [name, times])).toContainEqual(['access-request-sent', 2]);
    expect(ladder.rungs).toHaveLength(handover.length - 1);
  });

  it('draws messages from whoever sent them', () => {
    expect(ladder.rungs.slice(0, 3).map(({ from, to }) => [from, to])).toEqual([
      [0, 2],
      [2, 3],
      [2, 4],
    ]);
    expect(ladder.rungs[6]).toMatchObject({ from: 2, to: 2, kind: 'decision' });
  });

  it('tells times from the first rung and from the one before', () => {
    expect(ladder.rungs.map(({ sinceFirstMs, sincePreviousMs }) => [sinceFirstMs, sincePreviousMs])).toEqual([
      [0, 0],
      [1, 1],
      [33, 32],
      [50, 17],
      [51, 1],
      [8000, 7949],
      [8001, 1],
      [8002, 1],
      [8900, 898],
      [8901, 1],
    ]);
  });

  it('knows decisions, timers and refusals', () => {
    expect(ladder.rungs.slice(-4).map(({ kind }) => kind)).toEqual(['decision', 'message', 'timer', 'refusal']);
  });

  it('keeps the same message of two subscribers apart', () => {
    const two = [logged(1, rg, 'dhcp-discover-received', 'a'), logged(2, rg, 'dhcp-discover-received', 'b', other)];
    expect(ladderOf(two, at).rungs.map(({ mac }) => mac)).toEqual(['02:00:5e:11:22:33', '02:00:5e:11:22:90']);
  });

  it('of no events has the gateway alone', () => {
    expect(ladderOf([], at)).toEqual({ columns: [{ party: 'samog', address: null }], rungs: [] });
  });

  it('is drawn as text', () => {
    expect(ladderLines(ladder, 60)).toMatchInlineSnapshot(`
      [
        "                   WLC             RG             SaMOG            AAA             LMA",
        "                10.8.0.2        10.9.0.7                        10.6.0.1        10.7.0.1",
        "+0.000              ├───────────────┼──────────────>│               │               │       PBU seq 41",
        "+0.001              │               │               ├──────────────>│               │       Access-Request (×2)",
        "+0.033              │               │               ├───────────────┼──────────────>│       PBU seq 7",
        "+0.050              │               │               │<──────────────┼───────────────┤       PBA accepted",
        "+0.051              │<──────────────┼───────────────┤               │               │       PBA accepted",
        "+8.000!             │               ├──────────────>│               │               │       DHCP DISCOVER; 100.64.3.9",
        "+8.001              │               │               ◆               │               │       ◆ data path switched from PMIPv6 to EoGRE",
        "+8.002              │               │<──────────────┤               │               │       DHCP OFFER",
        "+8.900              │               │               ◆               │               │       ⚠ no AAA server answers",
        "+8.901              │               │               ◆               │               │       ✗ set-up failed: aaa-timeout",
      ]
    `);
  });

  it('is a sequence diagram, in which no text can be taken for the language', () => {
    expect(mermaidLines(ladder)).toEqual([
      'sequenceDiagram',
      '  participant p0 as WLC 10.8.0.2',
      '  participant p1 as RG 10.9.0.7',
      '  participant p2 as SaMOG',
      '  participant p3 as AAA 10.6.0.1',
      '  participant p4 as LMA 10.7.0.1',
      '  p0->>p2: +0.000 PBU seq 41',
      '  p2->>p3: +0.001 Access-Request (×2)',
      '  p2->>p4: +0.033 PBU seq 7',
      '  p4->>p2: +0.050 PBA accepted',
      '  p2->>p0: +0.051 PBA accepted',
      '  p1->>p2: +8.000 DHCP DISCOVER#59; 100.64.3.9',
      '  Note over p2: +8.001 ◆ data path switched from PMIPv6 to EoGRE',
      '  p2->>p1: +8.002 DHCP OFFER',
      '  Note over p2: +8.900 ⚠ no AAA server answers',
      '  Note over p2: +8.901 ✗ set-up failed: aaa-timeout',
    ]);
  });
});
