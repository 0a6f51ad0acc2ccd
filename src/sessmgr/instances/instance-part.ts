import type { DirectoryEntries } from './directory.ts';
import type { Fellows } from './fellows.ts';
import type { Seats } from './shared-room.ts';

/** The part of a session manager in a chassis that has several (ADR 0017). */
export interface InstancePart {
  /** From 0. */
  readonly index: number;
  readonly count: number;
  readonly seats: Seats;
  readonly directory: DirectoryEntries;
  readonly fellows: Fellows;
}
