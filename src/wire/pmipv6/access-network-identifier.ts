import { setU16 } from '../bytes/reader.ts';
import { toHex, utf8Decode, utf8Encode } from '../bytes/text.ts';

/**
 * Where the mobile node attached (RFC 6757): the value of mobility option 52, a list of sub-options of which each is
 * present at most once here. Sub-options with other numbers are skipped.
 */
export interface AccessNetworkIdentifier {
  /** Section 3.1.1: the SSID and the name of the access point (often its MAC address), each at most 64 octets when written. */
  readonly network?: { readonly networkName: string; readonly accessPointName: string };
  /** Section 3.1.2, in degrees; a step is 2^-15 degree. */
  readonly location?: { readonly latitudeDegrees: number; readonly longitudeDegrees: number };
  /** Section 3.1.3: type 1 is a private enterprise number, type 2 a realm. */
  readonly operator?: { readonly type: number; readonly identifier: Uint8Array };
}

const networkIdentifier = 1;
const geoLocation = 2;
const operatorIdentifier = 3;
/** The E bit: the network name is UTF-8. */
const utf8Flag = 0x80;
/** Both names, the operator identifier and the location then fit into one option of 255 octets. */
const nameOctetsMax = 64;
const operatorOctetsMax = 64;
const stepsPerDegree = 2 ** 15;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The value, or undefined if a sub-option overruns the option or contradicts its own length. */
export function decodeAccessNetworkIdentifier(data: Uint8Array): AccessNetworkIdentifier | undefined {
  const value: Mutable<AccessNetworkIdentifier> = {};
  let at = 0;
  while (at < data.length) {
    if (at + 2 > data.length) return undefined;
    const type = data[at]!;
    const end = at + 2 + data[at + 1]!;
    if (end > data.length) return undefined;
    const body = data.subarray(at + 2, end);
    at = end;
    if (type === networkIdentifier) {
      const network = decodeNetwork(body);
      if (network === undefined) return undefined;
      value.network = network;
    } else if (type === geoLocation) {
      if (body.length !== 6) return undefined;
      value.location = { latitudeDegrees: degreesAt(body, 0), longitudeDegrees: degreesAt(body, 3) };
    } else if (type === operatorIdentifier) {
      if (body.length < 2) return undefined;
      value.operator = { type: body[0]!, identifier: body.subarray(1) };
    }
  }
  return value;
}

/** The option's data. Names and identifiers are cut to 64 octets, degrees to [-256, 256). */
export function encodeAccessNetworkIdentifier(value: AccessNetworkIdentifier): Uint8Array {
  const octets: number[] = [];
  if (value.network !== undefined) {
    const networkName = utf8Encode(value.network.networkName).subarray(0, nameOctetsMax);
    const accessPointName = utf8Encode(value.network.accessPointName).subarray(0, nameOctetsMax);
    octets.push(networkIdentifier, 3 + networkName.length + accessPointName.length, utf8Flag);
    octets.push(networkName.length, ...networkName, accessPointName.length, ...accessPointName);
  }
  if (value.location !== undefined) {
    octets.push(geoLocation, 6, ...degreeOctets(value.location.latitudeDegrees));
    octets.push(...degreeOctets(value.location.longitudeDegrees));
  }
  if (value.operator !== undefined) {
    const identifier = value.operator.identifier.subarray(0, operatorOctetsMax);
    octets.push(operatorIdentifier, 1 + identifier.length, value.operator.type, ...identifier);
  }
  return Uint8Array.from(octets);
}

/** One line for logs and monitoring; empty for a value without sub-options. */
export function describeAccessNetworkIdentifier(value: AccessNetworkIdentifier): string {
  const parts: string[] = [];
  if (value.network !== undefined) parts.push(`${value.network.networkName} at ${value.network.accessPointName}`);
  if (value.location !== undefined) {
    parts.push(`${value.location.latitudeDegrees.toFixed(5)},${value.location.longitudeDegrees.toFixed(5)}`);
  }
  if (value.operator !== undefined) {
    const { type, identifier } = value.operator;
    parts.push(`operator ${type === 2 ? utf8Decode(identifier) : `${type}/${toHex(identifier)}`}`);
  }
  return parts.join(' ');
}

function decodeNetwork(body: Uint8Array): AccessNetworkIdentifier['network'] {
  if (body.length < 3) return undefined;
  const nameEnd = 2 + body[1]!;
  if (nameEnd >= body.length || nameEnd + 1 + body[nameEnd]! !== body.length) return undefined;
  return {
    networkName: utf8Decode(body.subarray(2, nameEnd)),
    accessPointName: utf8Decode(body.subarray(nameEnd + 1)),
  };
}

/** A 24-bit two's complement number with 15 bits behind the binary point. */
function degreesAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8)) / 256 / stepsPerDegree;
}

function degreeOctets(degrees: number): Uint8Array {
  const steps = Math.min(Math.max(Math.round(degrees * stepsPerDegree), -0x800000), 0x7fffff);
  const octets = new Uint8Array(3);
  octets[0] = steps >> 16;
  setU16(octets, 1, steps & 0xffff);
  return octets;
}
