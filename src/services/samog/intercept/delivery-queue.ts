/** Events may use all the room, content only so much of it: an end or a loss can still be told behind a flood. */
const contentPart = 0.9;

/**
 * What waits for one delivery function, in the order in which it was made, until that function is known to have it; bounded
 * in octets. What finds no room is not kept: nobody waits here, least of all the packet that was copied.
 *
 * Places are counted from the first PDU on and never begin anew.
 */
export class DeliveryQueue {
  readonly octetsMax: number;
  #pdus: Uint8Array[] = [];
  /** The place of `#pdus[0]`. */
  #begin = 0;
  /** The place of the next one to be sent. */
  #sent = 0;
  #octets = 0;

  constructor(octetsMax: number) {
    this.octetsMax = octetsMax;
  }

  /** Octets that are kept. */
  get octets(): number {
    return this.#octets;
  }

  /** PDUs that are kept. */
  get length(): number {
    return this.#pdus.length;
  }

  /** PDUs that have not been sent on this connection. */
  get unsent(): number {
    return this.#begin + this.#pdus.length - this.#sent;
  }

  /** The place behind the last one that was sent. */
  get sentPlace(): number {
    return this.#sent;
  }

  /** False if there is no room for it. */
  offer(kind: 'event' | 'content', pdu: Uint8Array): boolean {
    const room = kind === 'event' ? this.octetsMax : this.octetsMax * contentPart;
    if (this.#octets + pdu.length > room) return false;
    this.#pdus.push(pdu);
    this.#octets += pdu.length;
    return true;
  }

  /** The next one to be sent, which is kept; undefined if all have been. */
  send(): Uint8Array | undefined {
    const pdu = this.#pdus[this.#sent - this.#begin];
    if (pdu !== undefined) this.#sent += 1;
    return pdu;
  }

  /** The delivery function has all before this place. */
  acknowledge(place: number): void {
    const known = Math.min(place, this.#sent) - this.#begin;
    if (known <= 0) return;
    for (let index = 0; index < known; index += 1) this.#octets -= this.#pdus[index]!.length;
    this.#pdus = this.#pdus.slice(known);
    this.#begin += known;
  }

  /** The connection is lost: what is not known to have come is sent again on the next one. */
  rewind(): void {
    this.#sent = this.#begin;
  }
}
