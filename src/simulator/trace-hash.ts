/** A running hash (FNV-1a, 32 bits) of everything that happened: two runs that did the same have the same one. */
export class TraceHash {
  #value = 0x811c9dc5;

  get value(): number {
    return this.#value >>> 0;
  }

  /** Mixes in a number: its integer part, and fractions down to a 1024th. */
  number(value: number): void {
    const scaled = Math.floor(value * 1024);
    this.#mix(scaled);
    this.#mix(Math.floor(scaled / 0x100000000));
  }

  bytes(bytes: Uint8Array): void {
    for (const octet of bytes) this.#octet(octet);
    this.#mix(bytes.length);
  }

  text(text: string): void {
    for (let index = 0; index < text.length; index += 1) this.#octet(text.charCodeAt(index));
  }

  #mix(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.#octet(value >>> shift);
  }

  #octet(value: number): void {
    this.#value = Math.imul(this.#value ^ (value & 255), 0x01000193);
  }
}
