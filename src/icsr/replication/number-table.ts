/** Rows of numbers in typed arrays, a million of them without a million objects. A freed row is used again. */
export class NumberTable {
  readonly #width: number;
  readonly #pages: Float64Array[] = [];
  readonly #free: number[] = [];
  #rows = 0;

  /** @param width numbers in a row */
  constructor(width: number) {
    this.#width = width;
  }

  /** A row of zeros. */
  allocate(): number {
    const row = this.#free.pop() ?? this.#rows++;
    if (row >= this.#pages.length * rowsPerPage) this.#pages.push(new Float64Array(rowsPerPage * this.#width));
    return row;
  }

  /** Sets all of a row to 0, and gives it up. */
  free(row: number): void {
    const at = (row & rowMask) * this.#width;
    this.#pages[row >>> pageBits]!.fill(0, at, at + this.#width);
    this.#free.push(row);
  }

  get(row: number, column: number): number {
    return this.#pages[row >>> pageBits]![(row & rowMask) * this.#width + column]!;
  }

  set(row: number, column: number, value: number): void {
    this.#pages[row >>> pageBits]![(row & rowMask) * this.#width + column] = value;
  }

  add(row: number, column: number, by: number): void {
    this.#pages[row >>> pageBits]![(row & rowMask) * this.#width + column]! += by;
  }

  /** Rows from 0 on that there are or have been: one that is free has zeros, as one that was just allocated. */
  get rows(): number {
    return this.#rows;
  }

  clear(): void {
    this.#pages.length = 0;
    this.#free.length = 0;
    this.#rows = 0;
  }
}

const pageBits = 10;
const rowsPerPage = 1 << pageBits;
const rowMask = rowsPerPage - 1;
