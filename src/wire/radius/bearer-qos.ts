import { setU32, u32At } from '../bytes/reader.ts';
import { toHex, utf8Decode, utf8Encode } from '../bytes/text.ts';
import type { RadiusValue } from './values.ts';

/**
 * QoS of a bearer as 3GPP-GPRS-Negotiated-QoS-Profile tells it from release 8 on (TS 29.061 section 16.4.7.2): `08-`,
 * then in hexadecimal digits the ARP, the QCI, and the rates in the forms of TS 29.274 sections 8.7, 8.15 and 8.16.
 */
export interface BearerQos {
  /** QoS class identifier, 1..254 (TS 23.203 table 6.1.7). */
  readonly qci: number;
  /** Of allocation and retention, 1 (highest) to 15. */
  readonly priorityLevel: number;
  /** Whether this bearer may take the resources of one of lower priority. */
  readonly mayPreempt: boolean;
  readonly mayBePreempted: boolean;
  readonly rates: BearerRates;
}

/** Kilobits a second: APN-AMBR for all bearers without a guaranteed rate together, or the rates of one that has it. */
export type BearerRates =
  | { readonly kind: 'aggregate'; readonly uplinkKbps: number; readonly downlinkKbps: number }
  | {
      readonly kind: 'guaranteed';
      readonly uplinkKbps: number;
      readonly downlinkKbps: number;
      readonly uplinkGuaranteedKbps: number;
      readonly downlinkGuaranteedKbps: number;
    };

const indicator = '08-';
const headOctets = 2;
const aggregateOctets = headOctets + 2 * 4;
const guaranteedOctets = headOctets + 4 * 5;
/** Both are disabled where the bit is set (TS 29.274 section 8.15). */
const preemptionCapability = 0x40;
const preemptionVulnerability = 0x01;

/** No value in the profiles of earlier releases, which are those of TS 24.008. */
export const bearerQos: RadiusValue<BearerQos> = {
  valid: (data) => decodeProfile(data) !== undefined,
  decode: decodeProfile,
  encode: (value) => utf8Encode(indicator + toHex(octetsOfQos(value))),
  describe: ({ qci, priorityLevel, rates }) =>
    `QCI ${qci} priority ${priorityLevel} ${rates.kind} ${rates.uplinkKbps}/${rates.downlinkKbps} kbit/s`,
};

function decodeProfile(data: Uint8Array): BearerQos | undefined {
  const profile = utf8Decode(data);
  const digits = profile.slice(indicator.length);
  if (!profile.startsWith(indicator) || !/^([0-9a-f]{2})+$/i.test(digits)) return undefined;
  const bytes = Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16),
  );
  const rates = ratesIn(bytes);
  if (rates === undefined) return undefined;
  const arp = bytes[0]!;
  return {
    qci: bytes[1]!,
    priorityLevel: (arp >>> 2) & 0x0f,
    mayPreempt: (arp & preemptionCapability) === 0,
    mayBePreempted: (arp & preemptionVulnerability) === 0,
    rates,
  };
}

function ratesIn(bytes: Uint8Array): BearerRates | undefined {
  if (bytes.length === aggregateOctets) {
    return { kind: 'aggregate', uplinkKbps: u32At(bytes, 2), downlinkKbps: u32At(bytes, 6) };
  }
  if (bytes.length !== guaranteedOctets) return undefined;
  return {
    kind: 'guaranteed',
    uplinkKbps: u40At(bytes, 2),
    downlinkKbps: u40At(bytes, 7),
    uplinkGuaranteedKbps: u40At(bytes, 12),
    downlinkGuaranteedKbps: u40At(bytes, 17),
  };
}

function octetsOfQos({ qci, priorityLevel, mayPreempt, mayBePreempted, rates }: BearerQos): Uint8Array {
  const bytes = new Uint8Array(rates.kind === 'aggregate' ? aggregateOctets : guaranteedOctets);
  bytes[0] =
    (mayPreempt ? 0 : preemptionCapability) |
    ((priorityLevel & 0x0f) << 2) |
    (mayBePreempted ? 0 : preemptionVulnerability);
  bytes[1] = qci;
  if (rates.kind === 'aggregate') {
    setU32(bytes, 2, rates.uplinkKbps);
    setU32(bytes, 6, rates.downlinkKbps);
  } else {
    setU40(bytes, 2, rates.uplinkKbps);
    setU40(bytes, 7, rates.downlinkKbps);
    setU40(bytes, 12, rates.uplinkGuaranteedKbps);
    setU40(bytes, 17, rates.downlinkGuaranteedKbps);
  }
  return bytes;
}

function u40At(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 0x100000000 + u32At(bytes, at + 1);
}

function setU40(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = Math.floor(value / 0x100000000);
  setU32(bytes, at + 1, value % 0x100000000);
}
