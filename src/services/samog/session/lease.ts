import type { Instant } from '../../../kernel/instant.ts';
import { dhcpOption } from '../../../wire/dhcpv4/options.ts';
import type { AccessDhcp } from '../trigger.ts';
import type { SessionContext } from './context.ts';
import type { Lease } from './state.ts';

/** A lease runs no longer than what it stands on: the binding at the LMA, and the time AAA gave the subscriber. */
export function leaseSecondsOf(
  anchor: { readonly s2a: { readonly lifetimeSeconds: number }; readonly expiresAt: Instant },
  context: SessionContext,
): number {
  const left = Math.max(1, Math.floor((anchor.expiresAt - context.now) / 1000));
  return Math.min(context.config.dhcpService.leaseTimeSeconds, anchor.s2a.lifetimeSeconds, left);
}

/** An address that waits for its REQUEST. */
export function offeredLease(dhcp: AccessDhcp, before: Lease | undefined, context: SessionContext): Lease {
  return {
    state: 'offered',
    expiresAt: context.now + context.config.dhcpService.offerTimeMs,
    relayInformation: relayInformationOf(dhcp) ?? before?.relayInformation,
  };
}

/** An address in use. Without a message the UE has moved by its data, and goes on using what it has. */
export function boundLease(
  seconds: number,
  dhcp: AccessDhcp | undefined,
  before: Lease | undefined,
  context: SessionContext,
): Lease {
  return {
    state: 'bound',
    expiresAt: context.now + seconds * 1000,
    relayInformation: (dhcp && relayInformationOf(dhcp)) ?? before?.relayInformation,
  };
}

/** A copy: the message's buffer must not live as long as the lease. */
function relayInformationOf(dhcp: AccessDhcp): Uint8Array | undefined {
  const { type } = dhcpOption.relayAgentInformation;
  return dhcp.message.options.find((option) => option.type === type)?.data.slice();
}
