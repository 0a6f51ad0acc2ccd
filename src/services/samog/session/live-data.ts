import type { EogrePath } from '../../../forwarding/entry.ts';
import { handoffKindOf, oneMoreDataSwitch } from '../handover/decision.ts';
import type { HandoffDenial } from '../statistics.ts';
import type { SessionContext } from './context.ts';
import type { Emit } from './effect.ts';
import { boundLease, leaseSecondsOf } from './lease.ts';
import type { LiveSession } from './state.ts';
import { acceptHandoff, denyHandoff, eogreMoveDenial, hastenCleanups, switchPath } from './switch-path.ts';

/**
 * Plain data of the UE from an EoGRE endpoint that is neither its current one nor the one just left: the handover of
 * the seed's Table 2. Source MAC and source IP must be the session's; anything else leaves the session untouched.
 */
export function dataOnLive(
  session: LiveSession,
  path: EogrePath,
  sourceMatches: boolean,
  context: SessionContext,
  emit: Emit,
): LiveSession {
  const { durable } = session;
  const kind = handoffKindOf(durable.access!.kind, 'data');
  emit.count(`handoff.${kind}.received`);
  const switches = oneMoreDataSwitch(durable.moves, context.config.samogService.handover, context.now);
  const denial: HandoffDenial | undefined = !sourceMatches
    ? 'spoofed'
    : durable.phase.kind === 'Released'
      ? 'session-ended'
      : (eogreMoveDenial(durable, context) ?? (switches === undefined ? 'handover-rate' : undefined));
  if (denial !== undefined) {
    denyHandoff(kind, denial, emit);
    return session;
  }
  acceptHandoff(kind, emit);
  const moved = switchPath(durable, path, context, emit);
  // The UE's ARP cache names the old AP's router: it learns the gateway's through the new RG.
  emit.count('garp.sent');
  emit.push({ kind: 'announceRouter' });
  // The UE goes by the lease its MAG gave it, which may run as long as the binding (RFC 5844 section 3.4.1): until it asks here.
  const seconds = Math.max(leaseSecondsOf(durable, context), durable.binding?.lifetimeSeconds ?? 0);
  const lease = durable.lease ?? boundLease(seconds, undefined, undefined, context);
  return {
    ...session,
    durable: hastenCleanups({ ...moved, lease, moves: { ...moved.moves, ...switches } }, context),
  };
}
