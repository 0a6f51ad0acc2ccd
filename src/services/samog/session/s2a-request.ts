import type { IpAddress, MacAddress } from '../../../kernel/address.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { S2aSideConfig } from '../config.ts';
import { type S2aAcknowledgement, s2aBindingUpdate } from '../s2a/binding-update.ts';
import type { SessionContext } from './context.ts';
import type { Emit } from './effect.ts';
import type { S2aBinding, S2aRequest } from './state.ts';

/** Whom a PBU of the MAG role is about, and what it asks for. */
export interface S2aSubject {
  readonly id: number;
  readonly mac: MacAddress;
  readonly nai: string;
  readonly apn: string | undefined;
  readonly lma: IpAddress;
  readonly address: IpAddress | undefined;
}

/** Sends the first PBU of an exchange and returns the exchange. */
export function startRequest(
  purpose: S2aRequest['purpose'],
  sequence: number,
  subject: S2aSubject,
  context: SessionContext,
  emit: Emit,
): S2aRequest {
  emit.count(`s2a.pbu.${purpose}.sent`);
  return transmit({ purpose, firstSequence: sequence, sequence, attempt: 1, retryAt: 0 }, subject, context, emit);
}

/** Sends the PBU again, with a new sequence number and timestamp (RFC 6275 section 11.8, RFC 5213 section 6.9.4). */
export function retryRequest(
  request: S2aRequest,
  subject: S2aSubject,
  context: SessionContext,
  emit: Emit,
): S2aRequest {
  emit.count(`s2a.pbu.${request.purpose}.retransmitted`);
  const next = { ...request, sequence: (request.sequence + 1) & 0xffff, attempt: request.attempt + 1 };
  return transmit(next, subject, context, emit);
}

function transmit(request: S2aRequest, subject: S2aSubject, context: SessionContext, emit: Emit): S2aRequest {
  const { s2a } = context.config.cgwService;
  const message = s2aBindingUpdate(
    {
      purpose: request.purpose,
      sequence: request.sequence,
      nai: subject.nai,
      mac: subject.mac,
      apn: subject.apn ?? s2a.apn,
      address: subject.address,
      downlinkKey: subject.id,
      lifetimeSeconds: s2a.lifetimeSeconds,
    },
    context.wallClock,
  );
  emit.push({ kind: 'sendS2aPbu', lma: subject.lma, message });
  return { ...request, retryAt: retryAfter(request.attempt, s2a, context.now) };
}

/** 1 s doubling to 32 s, or as configured (RFC 6275 sections 11.8 and 12: INITIAL_BINDACK_TIMEOUT, MAX_BINDACK_TIMEOUT). */
function retryAfter(attempt: number, options: S2aSideConfig, now: Instant): Instant {
  return now + Math.min(options.retransmission.initialMs * 2 ** (attempt - 1), options.retransmission.maxMs);
}

/** Whether a PBA's sequence number is that of the exchange's PBU or of one of its retransmissions. */
export function answersRequest(request: S2aRequest | undefined, sequence: number): request is S2aRequest {
  if (request === undefined) return false;
  return ((sequence - request.firstSequence) & 0xffff) <= ((request.sequence - request.firstSequence) & 0xffff);
}

/** What an accepting PBA of the LMA makes of the binding; a refresh begins before it expires. */
export function s2aBindingOf(
  lma: S2aBinding['peer'],
  downlinkKey: number,
  sequence: number,
  answer: Extract<S2aAcknowledgement, { kind: 'accepted' }>,
  context: SessionContext,
): S2aBinding {
  const lifetimeMs = answer.lifetimeSeconds * 1000;
  const before = Math.min(context.config.cgwService.s2a.refreshBeforeSeconds * 1000, lifetimeMs / 2);
  return {
    peer: lma,
    uplinkKey: answer.uplinkKey,
    downlinkKey,
    sequence,
    lifetimeSeconds: answer.lifetimeSeconds,
    refreshAt: context.now + lifetimeMs - before,
    expiresAt: context.now + lifetimeMs,
  };
}
