import koffi from 'koffi';
import { errnoName } from '../sockets/linux.ts';

/**
 * The calls of Debian's libbpf1 that the fast path needs. Objects of the library are plain addresses here; file
 * descriptors are numbers. Calls that fail return a negative number or a null address and set errno, which
 * `libbpf 1.0` promises for all of them.
 */

/** The address of something of the library's. */
type Address = number;
type Library = ReturnType<typeof koffi.load>;
type Call<Arguments extends readonly unknown[]> = (...args: Arguments) => number;

/** BPF_F_TEST_XDP_LIVE_FRAMES: packets of a test run are sent where the program says. */
export const testLiveFrames = 2;

export type Libbpf = ReturnType<typeof bindings>;

let loaded: Libbpf | undefined;

/** The library. @throws XdpError if it is not installed */
export function libbpf(): Libbpf {
  if (loaded === undefined) {
    let library: Library;
    try {
      library = koffi.load('libbpf.so.1');
    } catch {
      throw new XdpError('load', 'libbpf.so.1', 'the Debian package libbpf1 has it');
    }
    loaded = bindings(library);
    // What it has to say on failures is read from the verifier's log instead.
    loaded.setPrint(null);
  }
  return loaded;
}

/** Something about XDP that the kernel or the library refuses. `reason` is an errno name or a sentence. */
export class XdpError extends Error {
  override readonly name = 'XdpError';
  readonly operation: string;
  readonly subject: string;
  readonly reason: string;

  constructor(operation: string, subject: string, reason: string) {
    super(`cannot ${operation} ${subject}: ${reason}`);
    this.operation = operation;
    this.subject = subject;
    this.reason = reason;
  }
}

/** @throws XdpError if the result of a call is negative, or a null address */
export function checked(result: number, operation: string, subject: string): number {
  if (result < 0) throw new XdpError(operation, subject, errnoName());
  return result;
}

function bindings(library: Library) {
  const bind = <Arguments extends readonly unknown[]>(signature: string): Call<Arguments> =>
    library.func(signature) as Call<Arguments>;
  return {
    setPrint: bind<[null]>('intptr_t libbpf_set_print(void *)'),
    possibleCpus: bind<[]>('int libbpf_num_possible_cpus()'),
    /** `open(path, options)` */
    openFile: bind<[string, Uint8Array]>('intptr_t bpf_object__open_file(const char *, const void *)'),
    load: bind<[Address]>('int bpf_object__load(intptr_t)'),
    closeObject: bind<[Address]>('void bpf_object__close(intptr_t)'),
    findMap: bind<[Address, string]>('intptr_t bpf_object__find_map_by_name(intptr_t, const char *)'),
    findProgram: bind<[Address, string]>('intptr_t bpf_object__find_program_by_name(intptr_t, const char *)'),
    mapFd: bind<[Address]>('int bpf_map__fd(intptr_t)'),
    programFd: bind<[Address]>('int bpf_program__fd(intptr_t)'),
    valueSize: bind<[Address]>('uint32_t bpf_map__value_size(intptr_t)'),
    setMaxEntries: bind<[Address, number]>('int bpf_map__set_max_entries(intptr_t, uint32_t)'),
    setInitialValue: bind<[Address, Uint8Array, number]>(
      'int bpf_map__set_initial_value(intptr_t, const void *, size_t)',
    ),
    setPinPath: bind<[Address, string]>('int bpf_map__set_pin_path(intptr_t, const char *)'),
    /** `update(map, key, value, flags)` */
    update: bind<[number, Uint8Array, Uint8Array, number]>(
      'int bpf_map_update_elem(int, const void *, const void *, uint64_t)',
    ),
    lookup: bind<[number, Uint8Array, Uint8Array, number]>(
      'int bpf_map_lookup_elem_flags(int, const void *, void *, uint64_t)',
    ),
    /** `lookupBatch(map, from, next, keys, values, count, null)`: some entries at once; ENOENT with the last of them. */
    lookupBatch: bind<[number, Uint8Array | null, Uint8Array, Uint8Array, Uint8Array, Uint8Array, null]>(
      'int bpf_map_lookup_batch(int, void *, void *, void *, void *, uint32_t *, const void *)',
    ),
    remove: bind<[number, Uint8Array]>('int bpf_map_delete_elem(int, const void *)'),
    /** `createLink(program, interface index, BPF_XDP, options)` */
    createLink: bind<[number, number, number, Uint8Array]>('int bpf_link_create(int, int, int, const void *)'),
    /** `updateLink(link, program, options)`: one program takes the place of another between two packets. */
    updateLink: bind<[number, number, null]>('int bpf_link_update(int, int, const void *)'),
    pin: bind<[number, string]>('int bpf_obj_pin(int, const char *)'),
    get: bind<[string]>('int bpf_obj_get(const char *)'),
    testRun: bind<[number, Address]>('int bpf_prog_test_run_opts(int, intptr_t)'),
  };
}
