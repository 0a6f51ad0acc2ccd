import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errnoName, FixedMemory } from '../sockets/linux.ts';
import { BpfMap } from './bpf-map.ts';
import { checked, libbpf, XdpError } from './libbpf.ts';

/** What clang made of `bpf/`, committed beside its sources. */
const objects = new URL('../../../bpf/', import.meta.url);

/** `struct bpf_object_open_opts`: where its size and the place for the verifier's words are. */
const openOptions = { octets: 80, sizeAt: 0, logAt: 56, logOctetsAt: 64 } as const;
const logOctets = 1 << 20;

/** What one map of the object is given before it is made. */
export interface MapSpec {
  readonly name: string;
  readonly keyOctets: number;
  readonly valueOctets: number;
  /** What the object says if left out. */
  readonly entriesMax?: number;
  /** Whether it is left in the folder given; true if left out. */
  readonly pinned?: boolean;
}

export interface ObjectSpec {
  /** The name of the object file. */
  readonly object: 'samog.bpf.o' | 'load.bpf.o';
  readonly maps: readonly MapSpec[];
  /** The value of the program's constants. */
  readonly constants: Uint8Array;
  /** A folder of a BPF file system: maps there are taken as they are, others are left there. None: they go with the process. */
  readonly pinFolder?: string;
}

/** Programs and maps of the object file, in the kernel. */
export class BpfObject {
  readonly #object: number;
  readonly #maps: ReadonlyMap<string, BpfMap>;

  /** @throws XdpError if anything of it is refused; with the verifier's last words if it was the verifier */
  constructor(spec: ObjectSpec) {
    const log = new FixedMemory(logOctets);
    const options = new FixedMemory(openOptions.octets);
    options.view.setUint32(openOptions.sizeAt, openOptions.octets, true);
    options.setPointer(openOptions.logAt, log, 0);
    options.view.setUint32(openOptions.logOctetsAt, logOctets, true);
    this.#object = libbpf().openFile(fileURLToPath(new URL(spec.object, objects)), options.bytes);
    if (this.#object === 0) throw new XdpError('open', 'the BPF object', errnoName());
    try {
      if (spec.pinFolder !== undefined) mkdirSync(spec.pinFolder, { recursive: true });
      for (const map of spec.maps) this.#prepare(map, spec.pinFolder);
      const constants = this.#find('.rodata');
      checked(
        libbpf().setInitialValue(constants, spec.constants, spec.constants.length),
        'set the constants of',
        'the BPF object',
      );
      if (libbpf().load(this.#object) < 0)
        throw new XdpError('load', 'the BPF object', lastWords(errnoName(), log, spec.pinFolder));
      this.#maps = new Map(spec.maps.map((map) => [map.name, this.#made(map)]));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  map(name: string): BpfMap {
    return this.#maps.get(name)!;
  }

  /** The file descriptor of a program, valid until `close`. */
  program(name: string): number {
    const program = libbpf().findProgram(this.#object, name);
    if (program === 0) throw new XdpError('find', `program ${name}`, errnoName());
    return checked(libbpf().programFd(program), 'find', `program ${name}`);
  }

  /** Lets go of everything; what is attached or pinned stays in the kernel. */
  close(): void {
    libbpf().closeObject(this.#object);
  }

  #prepare({ name, valueOctets, entriesMax, pinned }: MapSpec, pinFolder: string | undefined): void {
    const map = this.#find(name);
    // A value of another length would be read and written beyond its end.
    const octets = libbpf().valueSize(map);
    if (octets !== valueOctets) {
      throw new XdpError('use', `map ${name}`, `its values have ${octets} octets, not ${valueOctets}`);
    }
    if (entriesMax !== undefined) checked(libbpf().setMaxEntries(map, entriesMax), 'size', `map ${name}`);
    if (pinFolder !== undefined && pinned !== false)
      checked(libbpf().setPinPath(map, `${pinFolder}/${name}`), 'pin', `map ${name}`);
  }

  #made({ name, keyOctets, valueOctets }: MapSpec): BpfMap {
    return new BpfMap(name, libbpf().mapFd(this.#find(name)), keyOctets, valueOctets);
  }

  #find(name: string): number {
    const map = libbpf().findMap(this.#object, name);
    if (map === 0) throw new XdpError('find', `map ${name}`, errnoName());
    return map;
  }
}

/** The errno, and the end of what the verifier said, if it said anything. */
function lastWords(errno: string, log: FixedMemory, pinFolder: string | undefined): string {
  const text = new TextDecoder().decode(log.bytes.subarray(0, log.bytes.indexOf(0))).trimEnd();
  if (text === '' && pinFolder !== undefined) return `${errno}; maps in ${pinFolder} may be of other sizes`;
  return text === '' ? errno : `${errno}; ${text.split('\n').slice(-8).join('\n')}`;
}
