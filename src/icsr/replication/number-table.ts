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
    const at = (row % rowsPerPage) * this.#width;
    this.#pages[Math.floor(row / rowsPerPage)]!.fill(0, at, at + this.#width);
    return row;
  }

  free(row: number): void {
    this.#free.push(row);
  }

  get(row: number, column: number): number {
    return this.#pages[Math.floor(row / rowsPerPage)]![(row % rowsPerPage) * this.#width + column]!;
  }

  set(row: number, column: number, value: number): void {
    this.#pages[Math.floor(row / rowsPerPage)]![(row % rowsPerPage) * this.#width + column] = value;
  }

  add(row: number, column: number, by: number): void {
    this.#pages[Math.floor(row / rowsPerPage)]![(row % rowsPerPage) * this.#width + column]! += by;
  }

  clear(): void {
    this.#pages.length = 0;
    this.#free.length = 0;
    this.#rows = 0;
  }
}

const rowsPerPage = 1024;
