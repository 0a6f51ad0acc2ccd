import type { WallClock } from '../kernel/instant.ts';
import { wallClock } from './clock.ts';

/**
 * The Restart Counter of RFC 5847 section 3.2 must be greater after every restart that lost sessions: seconds since 2020
 * grow unless the clock is set back or the gateway restarts within a second. They fit 32 bits until 2156.
 */
export function restartCounterAt(clock: WallClock): number {
  return Math.floor((clock - Date.UTC(2020, 0, 1)) / 1000) >>> 0;
}

/** For a service that has lost its sessions: greater than the one that peers know, whatever the clock says. */
export function greaterRestartCounter(before: number | undefined): number {
  return Math.max(restartCounterAt(wallClock()), before === undefined ? 0 : (before + 1) >>> 0);
}
