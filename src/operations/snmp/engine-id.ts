import { toHex, utf8Encode } from '../../wire/bytes/text.ts';

/** For examples and documentation (RFC 5612): the project has no number of its own. */
const enterprise = 32473;
/** RFC 3411 section 5, SnmpEngineID: "administratively assigned text". */
const textFormat = 4;
const textMax = 27;

/**
 * The identifier of a chassis's SNMP engine (RFC 3411), by which receivers of its traps know whose keys to use: 5 octets and its name, as
 * far as there is room.
 *
 * @returns hexadecimal, without `0x`
 */
export function engineIdOf(chassis: string): string {
  const head = (0x80000000 + enterprise).toString(16);
  return `${head}${toHex(Uint8Array.of(textFormat, ...utf8Encode(chassis).subarray(0, textMax)))}`;
}
