import type { Ipv4Address } from '../../../kernel/address.ts';
import type { AccessDhcp } from '../trigger.ts';
import type { SessionContext } from './context.ts';
import type { Emit } from './effect.ts';
import { boundLease, leaseSecondsOf, offeredLease } from './lease.ts';
import { sendGrant, sendNak } from './reply.ts';
import type { DurableSession, Lease } from './state.ts';

/** The address that a client asks for, or says it has. */
export function addressWantedBy({ intent }: AccessDhcp): Ipv4Address | undefined {
  switch (intent.kind) {
    case 'selecting':
    case 'init-reboot':
    case 'discover':
      return intent.requestedAddress;
    case 'extending':
      return intent.clientAddress;
    default:
      return undefined;
  }
}

/** OFFER to a DISCOVER; to a REQUEST, ACK if the LMA gave the address asked for, else NAK and the address waits. */
export function answerFirstDhcp(dhcp: AccessDhcp, durable: DurableSession, context: SessionContext, emit: Emit): Lease {
  const address = durable.addresses[0]!;
  const seconds = leaseSecondsOf(durable, context);
  const offered = offeredLease(dhcp, undefined, context);
  if (dhcp.intent.kind === 'discover') {
    sendGrant(dhcp, 'offer', address, seconds, context, emit);
    return offered;
  }
  const requested = addressWantedBy(dhcp);
  if (requested !== address.address) {
    sendNak(dhcp, address, 'the requested address is not available', context, emit);
    return offered;
  }
  sendGrant(dhcp, 'ack', address, seconds, context, emit);
  return boundLease(seconds, dhcp, undefined, context);
}
