import { samePath, type UeAddress } from '../../../forwarding/entry.ts';
import type { Ipv4Address } from '../../../kernel/address.ts';
import { serverIdentifierOf } from '../access/dhcp-reply.ts';
import { handoffKindOf } from '../handover/decision.ts';
import type { AccessDhcp } from '../trigger.ts';
import type { SessionContext } from './context.ts';
import type { Emit } from './effect.ts';
import { endSession } from './ending.ts';
import { boundLease, leaseSecondsOf, offeredLease } from './lease.ts';
import { sendGrant, sendNak } from './reply.ts';
import type { DurableSession, LiveSession, Session } from './state.ts';
import { acceptHandoff, denyHandoff, eogreMoveDenial, hastenCleanups, switchPath } from './switch-path.ts';

/** A DHCP message of a UE whose session is up: the server's side of RFC 2131, and a handover if it came a new way. */
export function dhcpOnLive(
  session: LiveSession,
  dhcp: AccessDhcp,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  const { intent } = dhcp;
  const address = session.durable.addresses[0]!;
  switch (intent.kind) {
    case 'discover':
      return discovered(session, dhcp, address, context, emit);
    case 'selecting':
      if (intent.serverIdentifier !== serverIdentifierOf(address, context.config.dhcpService)) {
        // The client chose another server: our offer lapses by itself.
        emit.count('dhcp.discarded.not-for-us');
        return session;
      }
      return requested(session, dhcp, intent.requestedAddress, context, emit);
    case 'init-reboot':
      return requested(session, dhcp, intent.requestedAddress, context, emit);
    case 'extending':
      return requested(session, dhcp, intent.clientAddress, context, emit);
    case 'release':
      return released(session, dhcp, intent.clientAddress, context, emit);
    case 'decline':
      if (!isCurrent(session.durable, dhcp) || intent.requestedAddress !== address.address)
        return discarded(session, emit);
      return endSession(session, 'address-declined', context, emit);
    case 'inform':
      if (!isCurrent(session.durable, dhcp) || intent.clientAddress !== address.address)
        return discarded(session, emit);
      // The ACK to an INFORM has no lease.
      sendGrant(dhcp, 'ack', address, 0, context, emit);
      return session;
  }
}

function discarded(session: LiveSession, emit: Emit): LiveSession {
  emit.count('dhcp.discarded.not-for-us');
  return session;
}

/** Whether the message came from where the UE is attached now. */
function isCurrent(durable: DurableSession, dhcp: AccessDhcp): boolean {
  return durable.phase.kind === 'Established' && samePath(durable.access, dhcp.path);
}

/** Moves the path to where the message came from, if that is another place and the move is allowed; undefined if not. */
function follow(
  durable: DurableSession,
  dhcp: AccessDhcp,
  trigger: 'dhcp-discover' | 'dhcp-request',
  context: SessionContext,
  emit: Emit,
): DurableSession | undefined {
  if (samePath(durable.access, dhcp.path)) {
    return durable.phase.kind === 'Established' ? durable : { ...durable, phase: { kind: 'Established' } };
  }
  const kind = handoffKindOf(durable.access!.kind, trigger);
  emit.count(`handoff.${kind}.received`);
  const denial = eogreMoveDenial(durable, context);
  if (denial !== undefined) {
    denyHandoff(kind, denial, emit);
    return undefined;
  }
  acceptHandoff(kind, emit);
  const moved = switchPath(durable, dhcp.path, context, emit);
  // The UE has an address in use: the lease it had elsewhere runs on here, whether or not it asks again.
  const lease = durable.lease ?? boundLease(leaseSecondsOf(durable, context), dhcp, undefined, context);
  return { ...moved, lease };
}

function discovered(
  session: LiveSession,
  dhcp: AccessDhcp,
  address: UeAddress,
  context: SessionContext,
  emit: Emit,
): LiveSession {
  const wasReleased = session.durable.phase.kind === 'Released';
  const durable = follow(session.durable, dhcp, 'dhcp-discover', context, emit);
  if (durable === undefined) return session;
  sendGrant(dhcp, 'offer', address, leaseSecondsOf(durable, context), context, emit);
  if (!wasReleased) return { ...session, durable };
  return { ...session, durable: { ...durable, lease: offeredLease(dhcp, durable.lease, context) } };
}

function requested(
  session: LiveSession,
  dhcp: AccessDhcp,
  wanted: Ipv4Address,
  context: SessionContext,
  emit: Emit,
): LiveSession {
  const address = session.durable.addresses[0]!;
  if (wanted !== address.address) {
    if (!samePath(session.durable.access, dhcp.path)) {
      const kind = handoffKindOf(session.durable.access!.kind, 'dhcp-request');
      emit.count(`handoff.${kind}.received`);
      denyHandoff(kind, 'address-mismatch', emit);
    }
    sendNak(dhcp, address, 'the address is another', context, emit);
    return session;
  }
  const durable = follow(session.durable, dhcp, 'dhcp-request', context, emit);
  if (durable === undefined) return session;
  const seconds = leaseSecondsOf(durable, context);
  sendGrant(dhcp, 'ack', address, seconds, context, emit);
  const lease = boundLease(seconds, dhcp, durable.lease, context);
  return { ...session, durable: hastenCleanups({ ...durable, lease }, context) };
}

/**
 * A RELEASE ends the UE's use of the address, not its claim: clients that reconnect often send RELEASE and then
 * DISCOVER, and are given the same address within the grace time.
 */
function released(
  session: LiveSession,
  dhcp: AccessDhcp,
  clientAddress: Ipv4Address,
  context: SessionContext,
  emit: Emit,
): LiveSession {
  const { durable } = session;
  if (!isCurrent(durable, dhcp) || clientAddress !== durable.addresses[0]!.address) return discarded(session, emit);
  emit.decided('address-released', () => 'address released by the UE: kept for the grace time');
  return {
    ...session,
    durable: {
      ...durable,
      lease: undefined,
      phase: { kind: 'Released', until: context.now + context.config.dhcpService.releaseGraceMs },
    },
  };
}
