import { formatIp, formatMac } from '../../kernel/address.ts';
import type { LoggedEvent } from '../logged-event.ts';
import { type RungKind, rungKindOf } from '../rung-kind.ts';
import { timeOf } from '../views/format.ts';
import type { Moment } from '../views/view.ts';
import { type CallFlowStep, callFlowSteps } from './call-flow-steps.ts';

/** Who stands at the top of a line of the ladder. The gateway is in the middle: access on its left, the core on its right. */
export interface LadderColumn {
  readonly party: string;
  /** Null for the gateway itself, and for a party of which no address is known. */
  readonly address: string | null;
}

export interface Rung {
  /** The number of its event, as `show events` counts. */
  readonly number: number;
  /** The subscriber; null for what is about none. */
  readonly mac: string | null;
  readonly time: string | null;
  readonly sinceFirstMs: number;
  /** Since the rung before it. */
  readonly sincePreviousMs: number;
  readonly kind: RungKind;
  readonly name: string;
  readonly text: string;
  /** Places in `columns`; equal for what happens within the gateway. */
  readonly from: number;
  readonly to: number;
  /** How often in a row: a message that was repeated is one rung. */
  readonly times: number;
  /** Which step of the requirement's call flows it is; null for what is none. */
  readonly step: CallFlowStep | null;
}

/** Messages and decisions, as a ladder between those who took part. */
export interface Ladder {
  readonly columns: readonly LadderColumn[];
  /** Oldest first. */
  readonly rungs: readonly Rung[];
}

/** From left to right; the access nodes and the core's servers in the order in which they appear. */
const sides: Readonly<Record<string, number>> = { wlc: 0, rg: 0, samog: 1, aaa: 2, lma: 3, standby: 4, active: 4 };

function columnOf({ event: { party, peer, direction } }: LoggedEvent): LadderColumn {
  if (direction === 'internal') return { party: 'samog', address: null };
  return { party, address: peer === undefined ? null : formatIp(peer) };
}

const keyOf = ({ party, address }: LadderColumn): string => (party === 'samog' ? party : `${party} ${address}`);

/** The name without what tells a repetition from its original. */
const originalOf = (name: string): string => name.replace(/-retransmitted$/, '-sent');

/** @param logged oldest first */
export function ladderOf(logged: readonly LoggedEvent[], at: Moment): Ladder {
  const columns = columnsOf(logged);
  const places = new Map(columns.map((column, place) => [keyOf(column), place]));
  const gateway = places.get('samog')!;
  const first = logged[0]?.at ?? 0;
  const rungs: Rung[] = [];
  const steps = callFlowSteps(logged);
  let before = first;
  for (const [index, one] of logged.entries()) {
    const { event, text, number } = one;
    const peer = places.get(keyOf(columnOf(one)))!;
    const [from, to] = event.direction === 'sent' ? [gateway, peer] : [peer, gateway];
    const last = rungs.at(-1);
    const name = originalOf(event.name);
    const mac = event.mac === undefined ? null : formatMac(event.mac);
    const isAgain =
      last?.name === name && last.from === from && last.to === to && last.mac === mac && !isOther(last, text);
    if (last !== undefined && isAgain && from !== to) {
      rungs[rungs.length - 1] = { ...last, times: last.times + 1 };
      continue;
    }
    rungs.push({
      ...{ number, mac, name, text, from, to, times: 1, kind: rungKindOf(event), time: timeOf(one.at, at) },
      step: steps[index] ?? null,
      sinceFirstMs: rounded(one.at - first),
      sincePreviousMs: rounded(one.at - before),
    });
    before = one.at;
  }
  return { columns, rungs };
}

/** Checkpoints of one name are about different things, and no repetitions. */
function isOther(last: Rung, text: string): boolean {
  return last.name.startsWith('checkpoint-') && last.text !== text;
}

/** To a tenth of a millisecond. */
const rounded = (ms: number): number => Math.round(ms * 10) / 10;

function columnsOf(logged: readonly LoggedEvent[]): LadderColumn[] {
  const found = new Map<string, LadderColumn>([['samog', { party: 'samog', address: null }]]);
  for (const one of logged) {
    const column = columnOf(one);
    if (!found.has(keyOf(column))) found.set(keyOf(column), column);
  }
  // The sort is stable: within a side they stay in the order of their first message.
  return [...found.values()].sort((a, b) => (sides[a.party] ?? 0) - (sides[b.party] ?? 0));
}
