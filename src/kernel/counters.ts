/**
 * A fixed set of named counters in one typed array: incrementing is an array write, reading is by name, and nothing
 * is allocated. Counters never fall; a renderer that must roll over (Int32 bulk statistics) does so itself.
 */
export class Counters<Name extends string> {
  readonly names: readonly Name[];
  readonly #index: ReadonlyMap<Name, number>;
  readonly #values: Float64Array;

  /** @param values as many as there are names: given where others, such as another thread, are to read them too */
  constructor(names: readonly Name[], values: Float64Array = new Float64Array(names.length)) {
    this.names = names;
    this.#index = new Map(names.map((name, index) => [name, index]));
    this.#values = values;
  }

  /** Throws Error for a name that is none of its own, and would otherwise be lost without a trace. */
  add(name: Name, by = 1): void {
    const index = this.#index.get(name);
    if (index === undefined) throw new Error(`no counter is named ${name}`);
    this.#values[index]! += by;
  }

  get(name: Name): number {
    return this.#values[this.#index.get(name)!]!;
  }

  /** All values by name, as plain data. */
  snapshot(): Record<Name, number> {
    return Object.fromEntries(this.names.map((name, index) => [name, this.#values[index]!])) as Record<Name, number>;
  }

  /** For tests: counters of a gateway never fall. */
  clear(): void {
    this.#values.fill(0);
  }
}
