import type { PortName } from '../../kernel/port.ts';
import { withoutHiddenValues } from '../../wire/radius/hidden-values.ts';

/**
 * A control message as it went over the wire, without secrets. Its octets may be of a buffer that is used again: whoever keeps
 * them copies them.
 */
export type EventMessage =
  /** The payload of a UDP datagram of a port's channel; the other end's address is the event's. */
  | {
      readonly kind: 'datagram';
      readonly port: PortName;
      readonly channel: number;
      readonly peerPort: number;
      readonly octets: Uint8Array;
    }
  /** An IPv4 packet of a UE, or to it, as it was within its tunnel. */
  | { readonly kind: 'packet'; readonly octets: Uint8Array };

/** Makes a message for whoever keeps the event. Called within the report or never: what it reads may change afterwards. */
export type MessageSource = () => EventMessage;

/** A message without secrets. */
export function datagramOf(port: PortName, peerPort: number, octets: Uint8Array): MessageSource {
  return () => ({ kind: 'datagram', port, channel: 0, peerPort, octets });
}

/** A RADIUS packet; `octets` makes it. */
export function radiusDatagramOf(
  port: PortName,
  channel: number,
  peerPort: number,
  octets: () => Uint8Array,
): MessageSource {
  return () => ({ kind: 'datagram', port, channel, peerPort, octets: withoutHiddenValues(octets()) });
}

/** An IP packet that came or went within an EoGRE tunnel. */
export function tunnelledPacketOf(octets: Uint8Array): MessageSource {
  return () => ({ kind: 'packet', octets });
}
