import type { EogrePath } from '../../../forwarding/entry.ts';
import type { IpAddress } from '../../../kernel/address.ts';
import type { AccountRecord } from '../accounting/account.ts';
import type { WlcSessionRecord } from '../accounting/wlc-record.ts';
import type { AnsweredRequest } from '../answered-request.ts';
import type { OutstandingChallenge } from '../attachment.ts';
import type { AuthorizationChange } from '../authorization/change.ts';
import type { S2aAcknowledgement } from '../s2a/binding-update.ts';
import type { EndReason } from '../statistics.ts';
import type { AuthenticationOutcome } from '../subscriber.ts';
import type { AccessAccepted, AccessBindingUpdate, AccessDhcp, AccountingStart } from '../trigger.ts';

/** What can happen to a session: facts, in the past tense. */
export type SessionEvent =
  | { readonly kind: 'pbuReceived'; readonly update: AccessBindingUpdate }
  | { readonly kind: 'dhcpReceived'; readonly dhcp: AccessDhcp }
  | { readonly kind: 'dataTriggered'; readonly path: EogrePath; readonly sourceMatches: boolean }
  /** AAA has asked the UE for more, in an authentication at a WLC that speaks RADIUS; and it has answered, or will not. */
  | { readonly kind: 'challenged'; readonly id: number; readonly challenge: OutstandingChallenge }
  | { readonly kind: 'challengeOver' }
  /** AAA has rejected the UE at a WLC that speaks RADIUS. */
  | { readonly kind: 'accessRejected'; readonly nas: IpAddress }
  /** AAA has accepted it. */
  | { readonly kind: 'accessAccepted'; readonly accepted: AccessAccepted }
  | { readonly kind: 'authenticationEnded'; readonly outcome: AuthenticationOutcome }
  | { readonly kind: 's2aAcknowledged'; readonly sequence: number; readonly answer: S2aAcknowledgement }
  /** The LMA has revoked the binding; it has been acknowledged already. */
  | { readonly kind: 's2aRevoked' }
  /** The LMA may not have the binding as it was: it has restarted, or the other chassis of the pair has changed it. */
  | { readonly kind: 'lmaRestarted' }
  | {
      readonly kind: 'revocationAcknowledged';
      readonly mag: IpAddress;
      readonly sequence: number;
      readonly status: number;
    }
  | { readonly kind: 'magRestarted'; readonly mag: IpAddress }
  /** AAA has acknowledged a record of the session's account. */
  | { readonly kind: 'recordAcknowledged'; readonly record: AccountRecord }
  /** A START of an access point whose UEs have sessions by it. */
  | { readonly kind: 'accountingStarted'; readonly start: AccountingStart }
  /** A WLC's accounting says something of the session. */
  | {
      readonly kind: 'wlcRecordReceived';
      readonly nas: IpAddress;
      readonly record: WlcSessionRecord;
      readonly request: AnsweredRequest;
    }
  /** A WLC has begun anew, or ends: it has no session any more. */
  | { readonly kind: 'nasRestarted'; readonly nas: IpAddress }
  /** The NAS has answered that the session is over, or cannot be asked. */
  | { readonly kind: 'nasTold' }
  /** A CoA-Request that was found possible. */
  | { readonly kind: 'authorizationChanged'; readonly change: AuthorizationChange; readonly request: AnsweredRequest }
  /** AAA wants to be asked with this State (RFC 5176 section 3.2). */
  | { readonly kind: 'reauthorizationWanted'; readonly state: Uint8Array }
  | { readonly kind: 'cleared'; readonly reason: EndReason }
  | { readonly kind: 'deadlineReached' };
