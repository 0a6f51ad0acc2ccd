import type { ChassisMode } from '../../wire/srp/names.ts';

/** The value of a chassis that has not served since it started: above every operating one; the primary's is lower. */
export function initialRouteModifier(mode: ChassisMode, threshold: number): number {
  return threshold + (mode === 'primary' ? 1 : 2);
}

/**
 * The value with which a chassis takes the role.
 * - From a peer that has given it away (and so raised its own): below the peer's.
 * - From a peer that may serve still, behind a cut link: above the peer's, so that routes go on leading to the peer.
 *
 * @param peer the peer's value as heard last; undefined if it was never heard
 */
export function routeModifierOnTaking(
  own: number,
  peer: number | undefined,
  peerGaveAway: boolean,
  threshold: number,
): number {
  const operating = own <= threshold;
  if (peer === undefined || peer > threshold) return operating ? own : 1;
  if (peerGaveAway) return operating && own < peer ? own : Math.max(1, peer - 1);
  return operating && own > peer ? own : Math.min(threshold, peer + 1);
}

/** The value with which a chassis leaves the role: above the peer's. Past the threshold it begins again at 2. */
export function routeModifierOnLeaving(own: number, peer: number | undefined, threshold: number): number {
  const operating = [own, peer ?? 0].filter((value) => value <= threshold);
  const next = Math.max(1, ...operating) + 1;
  return next > threshold ? 2 : next;
}
