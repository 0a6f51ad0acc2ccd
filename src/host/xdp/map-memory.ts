import koffi from 'koffi';
import { errnoName } from '../sockets/linux.ts';
import type { BpfMap } from './bpf-map.ts';
import { XdpError } from './libbpf.ts';

const protectionReadWrite = 3;
const mapShared = 1;
const pageOctets = 4096;
const mapFailed = -1;

/** Where the values of a map are in the memory of this process: for other threads of it. */
export interface MemoryPlace {
  readonly address: number;
  readonly octets: number;
}

/** What is there; not to be touched after `close` of the memory. */
export function memoryAt({ address, octets }: MemoryPlace): ArrayBuffer {
  return koffi.view(address, octets);
}

/** The values of a map, in memory shared with the kernel. Not to be touched after `close`. */
export class MapMemory {
  readonly place: MemoryPlace;

  /** @param entries of the map, which has to be one that can be shared (BPF_F_MMAPABLE) */
  constructor(map: BpfMap, entries: number) {
    const octets = Math.ceil((entries * map.valueOctets) / pageOctets) * pageOctets;
    const { mmap } = memoryCalls();
    const address = mmap(0, octets, protectionReadWrite, mapShared, map.fd, 0);
    if (address === mapFailed) throw new XdpError('share', `map ${map.name}`, errnoName());
    this.place = { address, octets };
  }

  close(): void {
    memoryCalls().munmap(this.place.address, this.place.octets);
  }
}

type Call<Arguments extends readonly unknown[]> = (...args: Arguments) => number;

let calls: ReturnType<typeof bindings> | undefined;

function memoryCalls() {
  calls ??= bindings();
  return calls;
}

function bindings() {
  const libc = koffi.load(null);
  return {
    mmap: libc.func('intptr_t mmap(intptr_t, size_t, int, int, int, int64_t)') as Call<
      [number, number, number, number, number, number]
    >,
    munmap: libc.func('int munmap(intptr_t, size_t)') as Call<[number, number]>,
  };
}
