import { setU16, setU32 } from '../../wire/bytes/reader.ts';
import { fromHex } from '../../wire/bytes/text.ts';
import type { EventRow } from '../views/events.ts';
import { legNames } from './capture-file.ts';
import type { Leg } from './event-packet.ts';

/** The messages of one leg as a file of libpcap. */
export interface PlainCapture {
  readonly leg: Leg;
  readonly packets: number;
  readonly file: Uint8Array;
}

const headLength = 24;
const recordLength = 16;
/** In microseconds. */
const magic = 0xa1b2c3d4;
const linkTypeIpv4 = 228;
const snapLength = 262_144;

/**
 * Events as plain capture files (draft-ietf-opsawg-pcap-05 sections 4 and 5), one for each leg that has messages: for tools of libpcap,
 * which take neither comments nor several interfaces.
 *
 * @param events oldest first; those without a message are left out
 */
export function plainCapturesOf(events: readonly EventRow[]): PlainCapture[] {
  return legNames.flatMap((leg) => {
    const packets = events.flatMap(({ epochMs, message }) =>
      message?.leg === leg ? [{ microseconds: Math.round(epochMs * 1000), octets: fromHex(message.packet) }] : [],
    );
    if (packets.length === 0) return [];
    const length = packets.reduce((sum, { octets }) => sum + recordLength + octets.length, headLength);
    const file = new Uint8Array(length);
    setU32(file, 0, magic);
    setU16(file, 4, 2);
    setU16(file, 6, 4);
    setU32(file, 16, snapLength);
    setU32(file, 20, linkTypeIpv4);
    let at = headLength;
    for (const { microseconds, octets } of packets) {
      setU32(file, at, Math.floor(microseconds / 1_000_000));
      setU32(file, at + 4, microseconds % 1_000_000);
      setU32(file, at + 8, octets.length);
      setU32(file, at + 12, octets.length);
      file.set(octets, at + recordLength);
      at += recordLength + octets.length;
    }
    return [{ leg, packets: packets.length, file }];
  });
}
