import { isIpv4 } from '../../../kernel/address.ts';
import type { WallClock } from '../../../kernel/instant.ts';
import { setU32 } from '../../../wire/bytes/reader.ts';
import { fromHex, utf8Encode } from '../../../wire/bytes/text.ts';
import type { Tlv } from '../../../wire/bytes/tlv.ts';
import {
  correlationOctets,
  encodeLiAttributes,
  liAttribute,
  liDirection,
  liPayloadFormat,
  liPduType,
  sequenceAttribute,
  timestampAttribute,
  writeLiPdu,
} from '../../../wire/li/pdu.ts';
import { identityValue, type Target, type TargetIdentity } from './target.ts';

/** The point in the gateway at which all of it is intercepted (TS 103 221-2 clause 5.3.8). */
const interceptionPoint = 'samog-twan';

/** What all PDUs of one task in one session have in common. */
export interface InterceptionHead {
  readonly xid: Uint8Array;
  /** Of X2 and X3 alike: the session's identifier and the second in which it began, so that each chassis finds the same. */
  readonly correlation: Uint8Array;
  /** Network function, interception point and matched identity, as attributes stand in a PDU. */
  readonly attributes: Uint8Array;
}

/** An event as the delivery function reads it; docs/operations/intercept.md describes the fields. */
export type EventPayload = Readonly<Record<string, unknown>> & { readonly event: string };

/**
 * What the PDUs of `target` in this session will have in common. `bornSecond` is the second, since 1970, in which the
 * session began; `networkFunction` is what the configuration calls this gateway.
 */
export function interceptionHead(
  target: Target,
  sessionId: number,
  bornSecond: number,
  networkFunction: string,
): InterceptionHead {
  const correlation = new Uint8Array(correlationOctets);
  setU32(correlation, 0, bornSecond);
  setU32(correlation, 4, sessionId);
  const attributes = encodeLiAttributes([
    { type: liAttribute.networkFunctionId, data: utf8Encode(networkFunction) },
    { type: liAttribute.interceptionPointId, data: utf8Encode(interceptionPoint) },
    { type: liAttribute.matchedTarget, data: identityFragment(target.identity) },
  ]);
  return { xid: fromHex(target.xid.replaceAll('-', '')), correlation, attributes };
}

/** An X2 PDU. Its payload is JSON, under the format of a proprietary payload: TS 33.128 has no records of a TWAN. */
export function eventPdu(
  { xid, correlation, attributes }: InterceptionHead,
  sequence: number,
  at: WallClock,
  others: readonly TargetIdentity[],
  payload: EventPayload,
): Uint8Array {
  const head = {
    type: liPduType.x2,
    format: liPayloadFormat.proprietary,
    direction: liDirection.notApplicable,
    xid,
    correlation,
  };
  const otherTargets = others.map((identity) => ({ type: liAttribute.otherTarget, data: identityFragment(identity) }));
  const json = utf8Encode(JSON.stringify(payload));
  return writeLiPdu(head, withNumbers(attributes, sequence, at, otherTargets), json, 0, json.length);
}

/** An X3 PDU with a copy of the IPv4 packet at `packetAt`. */
export function contentPdu(
  { xid, correlation, attributes }: InterceptionHead,
  sequence: number,
  at: WallClock,
  direction: 'uplink' | 'downlink',
  bytes: Uint8Array,
  packetAt: number,
  length: number,
): Uint8Array {
  const head = {
    type: liPduType.x3,
    format: liPayloadFormat.ipv4,
    direction: direction === 'uplink' ? liDirection.fromTarget : liDirection.toTarget,
    xid,
    correlation,
  };
  return writeLiPdu(head, withNumbers(attributes, sequence, at, []), bytes, packetAt, length);
}

function withNumbers(common: Uint8Array, sequence: number, at: WallClock, others: readonly Tlv[]): Uint8Array {
  const own = encodeLiAttributes([sequenceAttribute(sequence % 2 ** 32), timestampAttribute(at), ...others]);
  const all = new Uint8Array(own.length + common.length);
  all.set(own);
  all.set(common, own.length);
  return all;
}

/**
 * An identity as clause 5.3.18 wants it: the content of a TargetIdentifier of TS 103 221-1, without its tag. `imsi` is the
 * clause's own example; the other names are those that lippycat's X1 and two open 5G cores have. A MAC address is of six
 * lowercase octets with colons between them (TS 103 280).
 */
function identityFragment(identity: TargetIdentity): Uint8Array {
  const names = { imsi: 'imsi', msisdn: 'e164Number', nai: 'nai', mac: 'macAddress' } as const;
  const name =
    identity.kind === 'address' ? (isIpv4(identity.value) ? 'ipv4Address' : 'ipv6Address') : names[identity.kind];
  return utf8Encode(`<${name}>${escaped(identityValue(identity))}</${name}>`);
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
