import { DeliveryRoom } from './delivery-room.ts';

/**
 * What waits for one delivery function, in the order in which it was made, until that function is known to have it; bounded
 * in octets. What finds no room is not kept: nobody waits here, least of all the packet that was copied.
 *
 * Places are counted from the first PDU on and never begin anew.
 */
export class DeliveryQueue {
  readonly #room: DeliveryRoom;
  #pdus: Uint8Array[] = [];
  /** The place of `#pdus[0]`. */
  #begin = 0;
  /** The place of the next one to be sent. */
  #sent = 0;

  /** @param room shared with others that fill it by `put`; all of it is its own if a number is given */
  constructor(room: DeliveryRoom | number) {
    this.#room = typeof room === 'number' ? DeliveryRoom.for(room) : room;
  }

  get octetsMax(): number {
    return this.#room.octetsMax;
  }

  /** Octets that are kept, or on their way here. */
  get octets(): number {
    return this.#room.taken;
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
    if (!this.#room.take(kind, pdu.length)) return false;
    this.#pdus.push(pdu);
    return true;
  }

  /** Takes one for which somebody else has taken room. */
  put(pdu: Uint8Array): void {
    this.#pdus.push(pdu);
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
    for (let index = 0; index < known; index += 1) this.#room.free(this.#pdus[index]!.length);
    this.#pdus = this.#pdus.slice(known);
    this.#begin += known;
  }

  /** The connection is lost: what is not known to have come is sent again on the next one. */
  rewind(): void {
    this.#sent = this.#begin;
  }
}
