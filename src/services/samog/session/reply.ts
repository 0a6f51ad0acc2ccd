import type { UeAddress } from '../../../forwarding/entry.ts';
import { ipv4Unspecified } from '../../../kernel/address.ts';
import { type DhcpReply, grantReply, nakReply, serverIdentifierOf } from '../access/dhcp-reply.ts';
import { rejectPbu } from '../access/pba.ts';
import type { AccessBindingUpdate, AccessDhcp } from '../trigger.ts';
import type { SessionContext } from './context.ts';
import type { Commit, Emit } from './effect.ts';

/** Sends a rejecting PBA; the caller has counted the PBU as received. */
export function sendRejection(
  update: AccessBindingUpdate,
  status: number,
  kind: 'initial' | 'refresh' | 'handoff' | 'deregistration',
  context: SessionContext,
  emit: Emit,
): void {
  emit.count(`pbu.${kind}.denied`);
  sendPba(update, rejectPbu(update.message, status, context.wallClock), 'immediate', emit);
}

/** Sends a PBA to the MAG that sent the PBU, to the port it came from. */
export function sendPba(
  update: AccessBindingUpdate,
  message: ReturnType<typeof rejectPbu>,
  commit: Commit,
  emit: Emit,
): void {
  emit.count('pba.sent');
  emit.push({ kind: 'sendPba', commit, mag: update.mag, magPort: update.magPort, message });
}

/** Sends an OFFER or ACK for the address (RFC 2131 sections 4.3.1, 4.3.2), the way the client's message came. */
export function sendGrant(
  dhcp: AccessDhcp,
  type: 'offer' | 'ack',
  address: UeAddress,
  leaseSeconds: number,
  context: SessionContext,
  emit: Emit,
): void {
  const options = context.config.dhcpService;
  emit.count(`dhcp.${type}`);
  // An OFFER promises nothing yet; the ACK is what a standby must know of.
  sendDhcp(
    dhcp,
    grantReply(dhcp, type, address, leaseSeconds, options),
    type === 'ack' ? 'after-checkpoint' : 'immediate',
    emit,
  );
}

/** Sends a NAK (RFC 2131 section 4.3.2). The address is the session's, if it has one: its router is the server that speaks. */
export function sendNak(
  dhcp: AccessDhcp,
  address: UeAddress | undefined,
  why: string,
  context: SessionContext,
  emit: Emit,
): void {
  const options = context.config.dhcpService;
  const configured = options.serverIdentifier ?? ipv4Unspecified;
  const serverIdentifier = address === undefined ? configured : serverIdentifierOf(address, options);
  emit.count('dhcp.nak');
  sendDhcp(dhcp, nakReply(dhcp, serverIdentifier, why), 'immediate', emit);
}

function sendDhcp(dhcp: AccessDhcp, reply: DhcpReply, commit: Commit, emit: Emit): void {
  emit.push({ kind: 'sendDhcpReply', commit, path: dhcp.path, ...reply });
}
