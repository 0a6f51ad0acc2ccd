import { errnoName } from '../sockets/linux.ts';
import { checked, libbpf, XdpError } from './libbpf.ts';

/** What the kernel remembers between two calls. */
const positionOctets = 4;

/** An entry of a hash table. */
interface MapEntry {
  readonly key: DataView;
  readonly value: DataView;
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
  get(key: Uint8Array, value = new Uint8Array(this.valueOctets)): Uint8Array | undefined {
    if (libbpf().lookup(this.fd, key, value, 0) === 0) return value;
    const reason = errnoName();
    if (reason === 'ENOENT') return undefined;
    throw new XdpError('read', this.name, reason);
  }

  /**
   * All entries of a hash table, some with each step. Those that come or go meanwhile are met or not.
   *
   * @param most how many at each step: more than any part of the table has, because the kernel hands over parts
   */
  *pages(most: number): Generator<readonly MapEntry[], undefined> {
    const { keyOctets, valueOctets } = this;
    const count = new Uint32Array(1);
    const position = new Uint8Array(positionOctets);
    for (let from: Uint8Array | null = null, more = true; more; from = position) {
      const keys = new Uint8Array(most * keyOctets);
      const values = new Uint8Array(most * valueOctets);
      count[0] = most;
      const octets = new Uint8Array(count.buffer);
      if (libbpf().lookupBatch(this.fd, from, position, keys, values, octets, null) < 0) {
        const reason = errnoName();
        if (reason !== 'ENOENT') throw new XdpError('read', this.name, reason);
        more = false;
      }
      yield Array.from({ length: count[0] }, (_, index) => ({
        key: new DataView(keys.buffer, index * keyOctets, keyOctets),
        value: new DataView(values.buffer, index * valueOctets, valueOctets),
      }));
    }
    return undefined;
  }
}

/** A 32-bit number in the machine's order, as a key or a value. */
export function u32Octets(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}
