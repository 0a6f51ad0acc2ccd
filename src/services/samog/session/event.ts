import type { EogrePath } from '../../../forwarding/entry.ts';
import type { IpAddress } from '../../../kernel/address.ts';
import type { EndReason } from '../statistics.ts';
import type { AuthenticationOutcome } from '../subscriber.ts';
import type { AccessBindingUpdate, AccessDhcp } from '../trigger.ts';

/** An LMA's answer to a PBU of ours, as `s2a/acknowledgement.ts` reads it. */
export type S2aAnswer =
  | {
      readonly kind: 'accepted';
      readonly lifetimeSeconds: number;
      readonly address: IpAddress;
      readonly prefixLength: number;
      readonly router: IpAddress;
      /** The key in packets from us to the LMA. */
      readonly uplinkKey: number;
    }
  /** A deregistration (lifetime 0) that was accepted. */
  | { readonly kind: 'deregistered' }
  | { readonly kind: 'denied'; readonly status: number; readonly text: string };

/** What can happen to a session: facts, in the past tense. */
export type SessionEvent =
  | { readonly kind: 'pbuReceived'; readonly update: AccessBindingUpdate }
  | { readonly kind: 'dhcpReceived'; readonly dhcp: AccessDhcp }
  | { readonly kind: 'dataTriggered'; readonly path: EogrePath; readonly sourceMatches: boolean }
  | { readonly kind: 'authenticationEnded'; readonly outcome: AuthenticationOutcome }
  | { readonly kind: 's2aAcknowledged'; readonly sequence: number; readonly answer: S2aAnswer }
  /** The LMA has revoked the binding; it has been acknowledged already. */
  | { readonly kind: 's2aRevoked' }
  | { readonly kind: 'lmaRestarted' }
  | {
      readonly kind: 'revocationAcknowledged';
      readonly mag: IpAddress;
      readonly sequence: number;
      readonly status: number;
    }
  | { readonly kind: 'magRestarted'; readonly mag: IpAddress }
  | { readonly kind: 'cleared'; readonly reason: EndReason }
  | { readonly kind: 'deadlineReached' };
