import type { Digests } from '../../../kernel/context.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { findAll } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import type { RadiusPacket } from '../../../wire/radius/packet.ts';
import type { MrmeServiceConfig } from '../config.ts';
import type { EventSink } from '../events.ts';
import type { AuthenticationOutcome } from '../subscriber.ts';
import {
  type AccessRequestWriter,
  type AuthenticationRequest,
  accessRequestWriter,
  callingStation,
} from './access-request.ts';
import type { GroupOutcome, ServerGroup, Ticket } from './server-group.ts';
import { readSubscriberProfile, SharedTexts } from './subscriber-profile.ts';

export interface RadiusClientDependencies {
  readonly servers: ServerGroup;
  readonly digests: Digests;
  /** Absent where nobody listens: no text is made then. */
  readonly report?: EventSink | undefined;
  /** Called once per request that was not cancelled or refused; may call back into the client. */
  onOutcome(sessionId: number, outcome: AuthenticationOutcome, now: Instant): void;
}

/** APNs that subscribers share, at most so many. */
const sharedTextsMax = 256;

/** Authenticates UEs by their MAC addresses: one request of a session at a time. */
export class RadiusClient {
  readonly #dependencies: RadiusClientDependencies;
  #write: AccessRequestWriter;
  readonly #tickets = new Map<number, Ticket>();
  readonly #shared = new SharedTexts(sharedTextsMax);

  constructor(config: MrmeServiceConfig, dependencies: RadiusClientDependencies) {
    this.#dependencies = dependencies;
    this.#write = accessRequestWriter(config, dependencies.digests);
  }

  /** Requests say from now on what another configuration has them say. */
  reconfigure(config: MrmeServiceConfig): void {
    this.#write = accessRequestWriter(config, this.#dependencies.digests);
  }

  /**
   * Asks for a session's authentication; an earlier request of the same session is cancelled. The outcome follows by
   * `onOutcome`, never within this call, and never for `refused`: then too many requests wait already.
   */
  authenticate(sessionId: number, request: AuthenticationRequest, now: Instant): 'sent' | 'queued' | 'refused' {
    this.cancel(sessionId);
    const kept = lasting(request);
    const ticket = this.#dependencies.servers.send(
      {
        code: radiusCode.accessRequest,
        about: { mac: kept.mac, sessionId },
        hash: () => callingStation(kept),
        urgency: kept.authorizeOnly === undefined ? 'new' : 'continuing',
        attributes: (to) => this.#write(kept, to),
      },
      (outcome, at) => this.#ended(sessionId, kept, outcome, at),
      now,
    );
    if (ticket === undefined) return 'refused';
    this.#tickets.set(sessionId, ticket);
    return ticket.waits ? 'queued' : 'sent';
  }

  /** Forgets a session's request: no outcome follows. */
  cancel(sessionId: number): void {
    const ticket = this.#tickets.get(sessionId);
    if (ticket === undefined) return;
    this.#tickets.delete(sessionId);
    this.#dependencies.servers.cancel(ticket);
  }

  #ended(sessionId: number, request: AuthenticationRequest, outcome: GroupOutcome, now: Instant): void {
    this.#tickets.delete(sessionId);
    if (outcome.kind === 'unanswered') {
      this.#dependencies.report?.({
        name: 'authentication-timed-out',
        mac: request.mac,
        sessionId,
        peer: undefined,
        party: 'aaa',
        direction: 'internal',
        text: () => 'no AAA server answered',
      });
      this.#dependencies.onOutcome(sessionId, { kind: 'timeout' }, now);
    } else this.#dependencies.onOutcome(sessionId, this.#outcomeOf(outcome.packet), now);
  }

  #outcomeOf({ code, attributes }: RadiusPacket): AuthenticationOutcome {
    if (code === radiusCode.accessAccept) {
      return { kind: 'accepted', profile: readSubscriberProfile(attributes, this.#shared) };
    }
    // There is nobody to put a challenge to: it counts as a rejection (RFC 2865 section 4.4).
    const messages = findAll(attributes, radiusAttribute.replyMessage);
    return { kind: 'rejected', replyMessage: messages.length === 0 ? undefined : messages.join(' ') };
  }
}

/** The request without views of buffers that the caller uses again. */
function lasting(request: AuthenticationRequest): AuthenticationRequest {
  if (request.circuitId === undefined && request.remoteId === undefined) return request;
  return { ...request, circuitId: request.circuitId?.slice(), remoteId: request.remoteId?.slice() };
}
