import type { StoreRole } from '../../wire/srp/names.ts';

/**
 * What the sessions on a chassis's own disk are worth beside those on its peer's: the last service that they follow. Two chassis that
 * were both stopped have nothing else to go by.
 */
export interface StoreStanding {
  /** The term of that service; 0 if there was none. */
  readonly term: number;
  /** What the chassis was in it. Only of `alone` it is certain that nobody has gone on without it. */
  readonly as: StoreRole;
}

/** Of a chassis that has never served, nor had a peer that did. */
export const nothingStored: StoreStanding = { term: 0, as: 'alone' };

/** Whether the peer may have served since: as it did when this chassis was heard last, or in its place afterwards. */
export function mayBeOlder({ as }: StoreStanding): boolean {
  return as !== 'alone';
}

/** Which of two stores was kept for longer; undefined if that cannot be told. Both sides come to the same answer. */
export function isNewer(own: StoreStanding | undefined, peer: StoreStanding | undefined): boolean | undefined {
  // A peer of an earlier release does not know of this, and leaves it out as well.
  if (own === undefined || peer === undefined) return undefined;
  if (own.term !== peer.term) return own.term > peer.term;
  const served = own.as !== 'standby';
  return served === (peer.as !== 'standby') ? undefined : served;
}
