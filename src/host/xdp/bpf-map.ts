import { checked, errnoName, libbpf, updateLocked, XdpError } from './libbpf.ts';

/** linux/bpf.h: `struct bpf_map_batch_opts` of libbpf: its size, flags of each element, flags. */
const batchOptionsOctets = 24;

const batchMax = 1024;

/** Some of a map: keys and values follow one another. */
export interface MapBatch {
  readonly count: number;
  readonly keys: Uint8Array;
  readonly values: Uint8Array;
}

/** A map of the kernel's, of keys and values of fixed lengths. */
export class BpfMap {
  readonly name: string;
  readonly fd: number;
  readonly keyOctets: number;
  readonly valueOctets: number;

  constructor(name: string, fd: number, keyOctets: number, valueOctets: number) {
    this.name = name;
    this.fd = fd;
    this.keyOctets = keyOctets;
    this.valueOctets = valueOctets;
  }

  /** @throws XdpError, with E2BIG if the map is full */
  set(key: Uint8Array, value: Uint8Array): void {
    checked(libbpf().update(this.fd, key, value, 0), 'write', this.name);
  }

  /** Returns whether the key was there. */
  delete(key: Uint8Array): boolean {
    if (libbpf().remove(this.fd, key) === 0) return true;
    const reason = errnoName();
    if (reason === 'ENOENT') return false;
    throw new XdpError('delete from', this.name, reason);
  }

  /** The value of a key as it is now, in the octets given or new ones; undefined if there is none. */
  get(key: Uint8Array, value = new Uint8Array(this.valueOctets), locked = false): Uint8Array | undefined {
    if (libbpf().lookup(this.fd, key, value, locked ? updateLocked : 0) === 0) return value;
    const reason = errnoName();
    if (reason === 'ENOENT') return undefined;
    throw new XdpError('read', this.name, reason);
  }

  /**
   * Writes many by one system call; keys and values follow one another. Each is written at once, all of them are not.
   *
   * @param locked whether each value is replaced under the spin lock in it
   */
  setMany(count: number, keys: Uint8Array, values: Uint8Array, locked = false): void {
    if (count === 0) return;
    checked(libbpf().updateBatch(this.fd, keys, values, u32Octets(count), batchOptions(locked)), 'write', this.name);
  }

  /**
   * All that is in the map, about a thousand at a time by a system call; keys and values are valid only until the next. What
   * changes meanwhile may be met or not.
   */
  *batches(locked = false): Generator<MapBatch, undefined> {
    const keys = new Uint8Array(batchMax * this.keyOctets);
    const values = new Uint8Array(batchMax * this.valueOctets);
    const options = batchOptions(locked);
    const count = new Uint32Array(1);
    const place = new Uint8Array(8);
    for (let first = true, more = true; more; first = false) {
      count[0] = batchMax;
      const counts = new Uint8Array(count.buffer);
      if (libbpf().lookupBatch(this.fd, first ? null : place, place, keys, values, counts, options) < 0) {
        const reason = errnoName();
        if (reason !== 'ENOENT') throw new XdpError('read', this.name, reason);
        more = false;
      }
      yield { count: count[0]!, keys, values };
    }
    return undefined;
  }
}

function batchOptions(locked: boolean): Uint8Array {
  const options = new Uint8Array(batchOptionsOctets);
  options[0] = batchOptionsOctets;
  options[8] = locked ? updateLocked : 0;
  return options;
}

/** A 32-bit number in the machine's order, as a key or a value. */
export function u32Octets(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}
