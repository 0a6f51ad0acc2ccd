import { formatIp, parseIpv4 } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Timed } from '../kernel/port.ts';
import { decodeGre, describeGre } from '../wire/gre/gre.ts';
import { pmipv6Port } from '../wire/pmipv6/constants.ts';
import { decodeMobility, describeMobility, encodeMobility, type MobilityMessage } from '../wire/pmipv6/message.ts';
import { decodeRadius, describeRadius } from '../wire/radius/packet.ts';
import type { Actor, Datagram, Network } from './actor.ts';

/** An IPv4 address of a test, which writes none that cannot be read. */
export const ip = (text: string) => parseIpv4(text)!;

/** The system clock of the tests is this much ahead of their instants. */
export const wallClockStart = 1_700_000_000_000;

/** One actor alone with a script: what it sends is written down line by line, and the clock visits its deadlines. */
export class Script implements Network {
  now: Instant = 0;
  readonly lines: string[] = [];
  readonly sent: Datagram[] = [];
  readonly wallClock = () => wallClockStart + this.now;

  send(datagram: Datagram): void {
    const copy = { ...datagram, bytes: datagram.bytes.slice() };
    this.sent.push(copy);
    this.lines.push(`${Math.round(this.now)} → ${formatIp(copy.destination)} ${describe(copy)}`);
  }

  note(text: string): void {
    this.lines.push(`${Math.round(this.now)} ${text}`);
  }

  runUntil(end: Instant, timed: Timed): void {
    while (timed.nextDeadline() <= end) {
      this.now = Math.max(this.now, timed.nextDeadline());
      timed.advance(this.now);
    }
    this.now = end;
  }

  /** What was written down since the last call. */
  take(): string[] {
    return this.lines.splice(0);
  }

  tell(actor: Actor, from: string, message: MobilityMessage): void {
    const datagram = { protocol: 'udp', source: ip(from), sourcePort: pmipv6Port } as const;
    const to = { destination: actor.address, destinationPort: pmipv6Port };
    actor.receive({ ...datagram, ...to, bytes: encodeMobility(message) }, this.now);
  }

  tellGre(actor: Actor, from: string, bytes: Uint8Array): void {
    const ports = { sourcePort: 0, destinationPort: 0 };
    actor.receive({ protocol: 'gre', source: ip(from), destination: actor.address, ...ports, bytes }, this.now);
  }
}

/** The message in one line, without what differs from run to run of a seed that is not the point. */
function describe({ protocol, destinationPort, bytes }: Datagram): string {
  if (protocol === 'gre') {
    const gre = decodeGre(bytes);
    return gre.ok ? `${describeGre(gre.value)} ${bytes.length - gre.value.headerLength} octets` : 'no GRE';
  }
  if (destinationPort === pmipv6Port) {
    const message = decodeMobility(bytes);
    return message.ok ? describeMobility(message.value) : 'no mobility message';
  }
  const packet = decodeRadius(bytes);
  return packet.ok ? describeRadius(packet.value) : 'no RADIUS packet';
}
