const stepOctets = 32;
const steppedUpTo = 2048;
const chunkOctets = 65536;
/** Cells of a chunk are numbered below this. */
const cellsMax = chunkOctets / stepOctets;

/**
 * Octet strings in large blocks: a typed array of its own costs some two hundred octets besides its content. A string
 * lies in a cell of the next size (steps of 32 octets up to 2048, then powers of two), so freeing leaves no holes that
 * only a smaller one could fill.
 *
 * The owner keeps the handle and the length; both name the place.
 */
export class PayloadArena {
  readonly #chunks: Uint8Array[] = [];
  /** Free cells by cell size. */
  readonly #free = new Map<number, number[]>();
  #octets = 0;

  /** Octets in use, rounded up to cells. */
  get octets(): number {
    return this.#octets;
  }

  /** Octets that a string of this length would take. */
  static cellOf(length: number): number {
    if (length <= steppedUpTo) return Math.max(1, Math.ceil(length / stepOctets)) * stepOctets;
    return 2 ** Math.ceil(Math.log2(length));
  }

  /** Copies the bytes and returns their handle. */
  store(bytes: Uint8Array): number {
    const cell = PayloadArena.cellOf(bytes.length);
    const free = this.#freeCells(cell);
    if (free.length === 0) this.#addChunk(cell, free);
    const handle = free.pop()!;
    this.#octets += cell;
    this.#chunks[Math.floor(handle / cellsMax)]!.set(bytes, (handle % cellsMax) * cell);
    return handle;
  }

  /** A view, valid until the string is freed. */
  view(handle: number, length: number): Uint8Array {
    const at = (handle % cellsMax) * PayloadArena.cellOf(length);
    return this.#chunks[Math.floor(handle / cellsMax)]!.subarray(at, at + length);
  }

  free(handle: number, length: number): void {
    const cell = PayloadArena.cellOf(length);
    this.#freeCells(cell).push(handle);
    this.#octets -= cell;
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#free.clear();
    this.#octets = 0;
  }

  #freeCells(cell: number): number[] {
    let free = this.#free.get(cell);
    if (free === undefined) {
      free = [];
      this.#free.set(cell, free);
    }
    return free;
  }

  #addChunk(cell: number, free: number[]): void {
    const cells = Math.max(1, Math.floor(chunkOctets / cell));
    const first = this.#chunks.length * cellsMax;
    this.#chunks.push(new Uint8Array(cells * cell));
    for (let index = cells - 1; index >= 0; index -= 1) free.push(first + index);
  }
}
