import { formatIp, type IpAddress, parseIpv4 } from '../../../kernel/address.ts';
import type { Digests, RandomSource } from '../../../kernel/context.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { PacketOutput, PortName, Timed } from '../../../kernel/port.ts';
import { nameIn } from '../../../wire/bytes/names.ts';
import { utf8Encode } from '../../../wire/bytes/text.ts';
import type { Tlv } from '../../../wire/bytes/tlv.ts';
import { signResponse } from '../../../wire/radius/authenticator.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import { decodeRadius, type RadiusPacket } from '../../../wire/radius/packet.ts';

export const serverA = parseIpv4('192.0.2.10')!;
export const serverB = parseIpv4('192.0.2.11')!;
export const serverC = parseIpv4('192.0.2.12')!;
export const secret = utf8Encode('xyzzy5461');

/** Draws the middle of every range, so that a wait is its nominal value; authenticators differ all the same. */
export function evenRandom(): RandomSource {
  let drawn = 0;
  return {
    u32: () => 0x80000000,
    bytes: (length) => {
      drawn += 1;
      return new Uint8Array(length).fill(drawn);
    },
  };
}

export interface SentPacket {
  readonly at: Instant;
  readonly port: PortName;
  readonly channel: number;
  readonly server: IpAddress;
  readonly serverPort: number;
  readonly bytes: Uint8Array;
  readonly packet: RadiusPacket;
}

/** What was sent, in order, with servers played by the test, and a clock that visits deadlines. */
export class TestWire implements PacketOutput {
  readonly sent: SentPacket[] = [];
  readonly #digests: Digests;
  now: Instant = 0;

  constructor(digests: Digests) {
    this.#digests = digests;
  }

  send(port: PortName, channel: number, server: IpAddress, serverPort: number, bytes: Uint8Array): void {
    const copy = bytes.slice();
    const packet = decodeRadius(copy);
    if (!packet.ok) throw new Error(packet.reason);
    this.sent.push({ at: this.now, port, channel, server, serverPort, bytes: copy, packet: packet.value });
  }

  /** Everything sent, as `time address:port channel/identifier code`. */
  get script(): string[] {
    return this.sent.map(({ at, server, serverPort, channel, packet: { code, identifier } }) => {
      const what = nameIn(radiusCode, code);
      return `${Math.round(at)} ${formatIp(server)}:${serverPort} ${channel}/${identifier} ${what}`;
    });
  }

  /** The octets of a server's answer. */
  answerTo({ packet }: SentPacket, code: number, attributes: readonly Tlv[] = []): Uint8Array {
    const { identifier, authenticator } = packet;
    return signResponse({ code, identifier, authenticator, attributes }, authenticator, secret, this.#digests);
  }

  /** Lets time pass, stopping at every deadline on the way. */
  until(end: Instant, timed: Timed): void {
    for (let at = timed.nextDeadline(); at <= end; at = timed.nextDeadline()) {
      this.now = Math.max(this.now, at);
      timed.advance(this.now);
    }
    this.now = end;
  }
}
