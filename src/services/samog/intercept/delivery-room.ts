/** Events may use all the room, content only so much of it: an end or a loss can still be told behind a flood. */
const contentPart = 0.9;

/**
 * How much of what waits for one delivery function is taken, in octets: by what is queued, and by what session manager instances in
 * threads of their own have made and the queue has not yet. In shared memory, so that whoever makes something knows at once whether
 * there is room for it.
 */
export class DeliveryRoom {
  readonly octetsMax: number;
  /** To be handed to other threads. */
  readonly buffer: SharedArrayBuffer;
  /** All that is taken; behind it for each instance what of that is on its way to the queue. */
  readonly #cells: Int32Array;

  private constructor(octetsMax: number, buffer: SharedArrayBuffer) {
    this.octetsMax = octetsMax;
    this.buffer = buffer;
    this.#cells = new Int32Array(buffer);
  }

  /**
   * @param octetsMax below 2^30
   * @param instances how many in threads of their own there are
   */
  static for(octetsMax: number, instances = 0): DeliveryRoom {
    return new DeliveryRoom(octetsMax, new SharedArrayBuffer((1 + instances) * Int32Array.BYTES_PER_ELEMENT));
  }

  /** The same room, in another thread. */
  static of(octetsMax: number, buffer: SharedArrayBuffer): DeliveryRoom {
    return new DeliveryRoom(octetsMax, buffer);
  }

  get taken(): number {
    return Atomics.load(this.#cells, 0);
  }

  /** Takes room; false, and none is taken, if there is not enough. */
  take(kind: 'event' | 'content', octets: number): boolean {
    const room = kind === 'event' ? this.octetsMax : this.octetsMax * contentPart;
    if (Atomics.add(this.#cells, 0, octets) + octets <= room) return true;
    Atomics.sub(this.#cells, 0, octets);
    return false;
  }

  /** As `take`, for something that an instance is to pass on to the queue. */
  takeFor(instance: number, kind: 'event' | 'content', octets: number): boolean {
    if (!this.take(kind, octets)) return false;
    Atomics.add(this.#cells, 1 + instance, octets);
    return true;
  }

  /** What an instance has passed on is in the queue. */
  arrived(instance: number, octets: number): void {
    Atomics.sub(this.#cells, 1 + instance, octets);
  }

  /** What an instance has not passed on will never come: its thread has ended. */
  lost(instance: number): void {
    this.free(Atomics.exchange(this.#cells, 1 + instance, 0));
  }

  /** Gives back what `take` has given, once it is delivered or dropped. */
  free(octets: number): void {
    Atomics.sub(this.#cells, 0, octets);
  }
}
