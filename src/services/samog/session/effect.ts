import type { AccessPath, EogrePath } from '../../../forwarding/entry.ts';
import type { IpAddress, Ipv4Address, MacAddress } from '../../../kernel/address.ts';
import type { DhcpMessage } from '../../../wire/dhcpv4/message.ts';
import type {
  BindingRevocationIndication,
  ProxyBindingAcknowledgement,
  ProxyBindingUpdate,
} from '../../../wire/pmipv6/message.ts';
import type { AnsweredRequest } from '../answered-request.ts';
import type { RadiusAttachment } from '../attachment.ts';
import type { DecisionEvent } from '../event-names.ts';
import type { SamogEvent } from '../events.ts';
import type { SamogCounter } from '../statistics.ts';
import type { Trigger } from '../trigger.ts';

/**
 * When an effect may leave. `after-checkpoint` marks the replies by which a UE learns that it has a session: with a
 * standby they wait until it holds the record.
 */
export type Commit = 'immediate' | 'after-checkpoint';

/** What a session asks of the world: imperatives, as data. */
export type SessionEffect =
  | { readonly kind: 'authenticate'; readonly trigger: Trigger; readonly acctSessionId: string }
  | { readonly kind: 'cancelAuthentication' }
  /** Tells the WLC or access point that has authenticated the UE that its session is over. */
  | { readonly kind: 'disconnectNas'; readonly attachment: RadiusAttachment }
  /**
   * Asks AAA what the subscriber of a live session may do. `authorizeOnly`: with that Service-Type, otherwise as when it
   * attached.
   */
  | { readonly kind: 'reauthorize'; readonly state: Uint8Array | undefined; readonly authorizeOnly: boolean }
  /** What waits for the session goes to the WLC: AAA's challenge or Accept, or else an Access-Reject. */
  | {
      readonly kind: 'answerAccess';
      readonly commit: Commit;
      /** The conversation. */
      readonly id: number;
      readonly granted: boolean;
    }
  /** The Accounting-Response to a WLC: its record is written down (RFC 2866 section 2). */
  | { readonly kind: 'answerRecord'; readonly commit: Commit; readonly request: AnsweredRequest }
  /** A START has begun no session: it may come again. */
  | { readonly kind: 'forgetRecord'; readonly request: AnsweredRequest }
  | {
      readonly kind: 'sendPba';
      readonly commit: Commit;
      readonly mag: IpAddress;
      readonly magPort: number;
      readonly message: ProxyBindingAcknowledgement;
    }
  | {
      readonly kind: 'sendDhcpReply';
      readonly commit: Commit;
      readonly path: EogrePath;
      readonly destinationMac: MacAddress;
      readonly destination: Ipv4Address;
      readonly destinationPort: number;
      readonly source: Ipv4Address;
      readonly message: DhcpMessage;
    }
  | { readonly kind: 'sendS2aPbu'; readonly lma: IpAddress; readonly message: ProxyBindingUpdate }
  | {
      readonly kind: 'sendBri';
      readonly mag: IpAddress;
      readonly magPort: number;
      readonly message: BindingRevocationIndication;
    }
  /**
   * A gratuitous ARP for the default router to the UE, through its current EoGRE path: the reply to a UE that has moved by
   * data. It always waits for the checkpoint of the move.
   */
  | { readonly kind: 'announceRouter' }
  /** A trigger that waited while the session ended: it starts a session of its own. */
  | { readonly kind: 'restart'; readonly trigger: Trigger }
  | { readonly kind: 'count'; readonly counter: SamogCounter }
  | { readonly kind: 'report'; readonly event: SamogEvent };

/** Collects the effects of one step, in order. */
export class Emit {
  readonly effects: SessionEffect[] = [];
  readonly id: number;
  readonly mac: MacAddress;
  readonly reporting: boolean;

  /** @param reporting false leaves reports out, where nobody listens. */
  constructor(id: number, mac: MacAddress, reporting: boolean) {
    this.id = id;
    this.mac = mac;
    this.reporting = reporting;
  }

  push(effect: SessionEffect): void {
    this.effects.push(effect);
  }

  count(counter: SamogCounter): void {
    this.effects.push({ kind: 'count', counter });
  }

  /**
   * Reports a decision; the text is made when somebody reads it.
   *
   * @param to where a decision takes the UE
   */
  decided(name: DecisionEvent, text: () => string, to?: AccessPath): void {
    if (!this.reporting) return;
    this.effects.push({
      kind: 'report',
      event: {
        name,
        mac: this.mac,
        sessionId: this.id,
        peer: to?.peer,
        party: to === undefined ? 'samog' : to.kind === 'eogre' ? 'rg' : 'wlc',
        direction: 'internal',
        text,
      },
    });
  }
}
