import type { AccessPath } from '../../../forwarding/entry.ts';
import { formatIp } from '../../../kernel/address.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { HandoffDenial, HandoffKind } from '../statistics.ts';
import type { SessionContext } from './context.ts';
import type { Emit } from './effect.ts';
import type { Cleanup, DurableSession } from './state.ts';

/** A UE that moves faster than MAGs answer leaves at most this many revocations behind; the oldest gives way. */
const cleanupsMax = 4;

/** The revocations with one more. */
export function withCleanup(cleanups: readonly Cleanup[], one: Cleanup): readonly Cleanup[] {
  return [...cleanups.slice(-(cleanupsMax - 1)), one];
}

/**
 * Moves the path of a session that has one (it is past Admitted): the one place where a session changes its access. Downlink
 * goes to the new endpoint from the next packet on; the endpoint left stays valid for uplink during the guard time; a MAG left
 * is to be revoked.
 */
export function switchPath(
  durable: DurableSession,
  to: AccessPath,
  context: SessionContext,
  emit: Emit,
): DurableSession {
  const { now, config } = context;
  const from = durable.access!;
  let cleanups =
    to.kind === 'pmipv6' ? durable.cleanups.filter((cleanup) => cleanup.mag !== to.peer) : durable.cleanups;
  const left = durable.binding;
  // A MAG that has deregistered the UE itself holds nothing to revoke.
  if (left !== undefined && durable.phase.kind !== 'Deregistered' && config.cgwService.revocation.enable) {
    if (to.kind !== 'pmipv6' || to.peer !== left.mag) {
      cleanups = withCleanup(cleanups, cleanupOf(left, context));
    }
  }
  emit.decided('path-switched', () => `data path switched from ${describePath(from)} to ${describePath(to)}`, to);
  return {
    ...durable,
    access: to,
    sessionType: to.kind === 'pmipv6' ? 'pmipv6' : 'dhcp',
    binding: to.kind === 'pmipv6' ? durable.binding : undefined,
    lease: to.kind === 'pmipv6' ? undefined : durable.lease,
    moves: {
      ...durable.moves,
      previous: from,
      previousUntil: now + config.samogService.handover.guardTimeMs,
      count: durable.moves.count + 1,
    },
    cleanups,
    phase: { kind: 'Established' },
  };
}

/**
 * The revocation waits until the handover is complete for the UE (`hastenCleanups`), or, where that never shows, for
 * the guard time: the seed has it follow the UE's first traffic on the new path.
 */
function cleanupOf(left: NonNullable<DurableSession['binding']>, context: SessionContext): Cleanup {
  return {
    mag: left.mag,
    magPort: left.magPort,
    nai: left.nai,
    trigger: context.config.cgwService.revocation.trigger,
    sequence: context.random.u32() & 0xffff,
    attempt: 0,
    nextAt: context.now + context.config.samogService.handover.guardTimeMs,
  };
}

/** The handover is complete for the UE: revocations not yet begun begin after the configured delay. */
export function hastenCleanups(durable: DurableSession, context: SessionContext): DurableSession {
  const at: Instant = context.now + context.config.cgwService.revocation.delayMs;
  if (!durable.cleanups.some((cleanup) => cleanup.attempt === 0 && cleanup.nextAt > at)) return durable;
  return {
    ...durable,
    cleanups: durable.cleanups.map((cleanup) =>
      cleanup.attempt === 0 && cleanup.nextAt > at ? { ...cleanup, nextAt: at } : cleanup,
    ),
  };
}

/** Counts a handover as denied, under its kind and under why, and tells it. It has been counted as received. */
export function denyHandoff(kind: HandoffKind, why: HandoffDenial, emit: Emit): void {
  emit.count(`handoff.${kind}.denied`);
  emit.count(`handoff.denied.${why}`);
  emit.decided('handover-denied', () => `handover ${kind} denied: ${why}`);
}

/** Counts a handover as accepted, and tells it. It has been counted as received. */
export function acceptHandoff(kind: HandoffKind, emit: Emit): void {
  emit.count(`handoff.${kind}.accepted`);
  emit.decided('handover-accepted', () => `handover ${kind} accepted`);
}

/** Why a UE that shows up at an EoGRE endpoint may not move there; undefined if it may. */
export function eogreMoveDenial(durable: DurableSession, context: SessionContext): HandoffDenial | undefined {
  if (!durable.eogreFlow) return 'no-dhcp-twan-profile';
  return durable.access?.kind === 'eogre' || context.config.samogService.handover.enable ? undefined : 'disabled';
}

/** For texts of events: `PMIPv6 192.0.2.10`, `EoGRE 198.51.100.7 VLAN 100`. */
export function describePath(path: AccessPath): string {
  if (path.kind === 'pmipv6') return `PMIPv6 ${formatIp(path.peer)}`;
  if (path.kind === 'ip') return `IP ${formatIp(path.peer)}`;
  return `EoGRE ${formatIp(path.peer)}${path.vlan === undefined ? '' : ` VLAN ${path.vlan}`}`;
}
