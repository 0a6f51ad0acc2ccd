/**
 * Words of 32 bits: whether it forwards; and of each instance how many sessions it knows, what failed, and whether its places are
 * in use.
 */
const ofAll = 1;
const ofInstance = 3;
const at = { sessions: 0, failures: 1, inUse: 2 } as const;

/**
 * What the fast path of a chassis and the session manager instances tell each other of it, in whichever threads they are. Each word
 * has one writer: the chassis that which stands first, and an instance its own. It outlives the threads.
 */
export class FastPathState {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  private constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  static of(buffer: SharedArrayBuffer): FastPathState {
    return new FastPathState(buffer);
  }

  /**
   * @param instances how many there are
   * @param inUse whether a process before this one may have left sessions in the maps
   */
  static for(instances: number, inUse: boolean): FastPathState {
    const words = ofAll + instances * ofInstance;
    const state = new FastPathState(new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT));
    for (let instance = 0; inUse && instance < instances; instance += 1) state.use(instance);
    return state;
  }

  /** False while everything goes up, and nothing is counted in the kernel. */
  get forwards(): boolean {
    return Atomics.load(this.#words, 0) === 1;
  }

  set forwards(forwards: boolean) {
    Atomics.store(this.#words, 0, forwards ? 1 : 0);
  }

  /** Sessions that are known, of all instances. */
  get sessions(): number {
    return this.#sum(at.sessions);
  }

  /** Changes that the kernel has refused. */
  get failures(): number {
    return this.#sum(at.failures);
  }

  setSessions(instance: number, sessions: number): void {
    Atomics.store(this.#words, this.#of(instance) + at.sessions, sessions);
  }

  failed(instance: number): void {
    Atomics.add(this.#words, this.#of(instance) + at.failures, 1);
  }

  /** Takes the places of an instance into use; true if they were before, by another thread or process. */
  use(instance: number): boolean {
    return Atomics.exchange(this.#words, this.#of(instance) + at.inUse, 1) === 1;
  }

  #of(instance: number): number {
    return ofAll + instance * ofInstance;
  }

  #sum(offset: number): number {
    let sum = 0;
    for (let word = ofAll + offset; word < this.#words.length; word += ofInstance) {
      sum += Atomics.load(this.#words, word);
    }
    return sum;
  }
}
