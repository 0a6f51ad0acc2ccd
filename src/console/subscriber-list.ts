import type { SubscriberSummary } from '../operations/views/subscriber.ts';
import type { SubscribersData } from '../operations/views/subscribers.ts';

/** What has been loaded of the list: a stretch of it, oldest first. */
export interface LoadedList {
  readonly rows: readonly SubscriberSummary[];
  /** Rows before the first that were let go, for a browser has no room for a million. */
  readonly dropped: number;
  readonly total: number;
  /** With a filter: how many have been looked at. */
  readonly searched: number;
  readonly standbyRecords: boolean;
  /** Null at the end of the list. */
  readonly nextCursor: string | null;
}

export const emptyList: LoadedList = {
  rows: [],
  dropped: 0,
  total: 0,
  searched: 0,
  standbyRecords: false,
  nextCursor: null,
};
/** Rows that are kept at most. */
export const keptMax = 5000;
export const pageSize = 50;

/** The list with one more page of it; the rows of the first pages make room. */
export function extended(list: LoadedList, page: SubscribersData): LoadedList {
  const rows = [...list.rows, ...(page.subscribers ?? [])];
  const surplus = Math.max(0, rows.length - keptMax);
  return {
    rows: surplus === 0 ? rows : rows.slice(surplus),
    dropped: list.dropped + surplus,
    total: page.total,
    searched: list.searched + (page.searched ?? 0),
    standbyRecords: page.standbyRecords,
    nextCursor: page.nextCursor,
  };
}

/** How many there are: exact where the gateway has counted them, else what has been found so far. */
export function countOf(list: LoadedList, isFiltered: boolean): { readonly count: number; readonly isExact: boolean } {
  if (!isFiltered) return { count: list.total, isExact: true };
  return { count: list.dropped + list.rows.length, isExact: list.nextCursor === null };
}
