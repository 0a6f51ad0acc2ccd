import type { AccessPath } from '../../../forwarding/entry.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { HandoverConfig } from '../config.ts';
import type { HandoffKind } from '../statistics.ts';

/** What can make a UE's path move. */
export type MoveTrigger = 'pbu' | 'dhcp-discover' | 'dhcp-request' | 'data';

/** The statistics block a move is counted in: the seed's four, and two of ours for moves it has no block for. */
export function handoffKindOf(from: AccessPath['kind'], trigger: MoveTrigger): HandoffKind {
  if (trigger === 'pbu') return from === 'pmipv6' ? 'pmip-to-pmip' : 'eogre-to-pmip';
  if (from === 'pmipv6') return 'pmip-to-eogre';
  if (trigger === 'dhcp-discover') return 'dhcp-to-dhcp';
  return trigger === 'dhcp-request' ? 'eogre-to-eogre-request' : 'eogre-to-eogre-data';
}

/** How many data-triggered switches there were in the minute that began at `dataWindowStart`. */
export interface DataSwitches {
  readonly dataWindowStart: Instant;
  readonly dataSwitches: number;
}

const minuteMs = 60_000;

/** Counts one more data-triggered switch, or returns undefined if the session has made its share of this minute. */
export function oneMoreDataSwitch(
  record: DataSwitches,
  options: HandoverConfig,
  now: Instant,
): DataSwitches | undefined {
  const windowOver = now - record.dataWindowStart >= minuteMs;
  if (windowOver) return { dataWindowStart: now, dataSwitches: 1 };
  if (record.dataSwitches >= options.ratePerMinute) return undefined;
  return { dataWindowStart: record.dataWindowStart, dataSwitches: record.dataSwitches + 1 };
}
