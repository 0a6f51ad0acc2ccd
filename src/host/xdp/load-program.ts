import { u64At } from '../../forwarding/fast-path/session-value.ts';
import type { Ipv4Address, MacAddress } from '../../kernel/address.ts';
import { ipv4Offset } from '../../wire/ipv4/ipv4.ts';
import { u32Octets } from './bpf-map.ts';
import { BpfObject } from './bpf-object.ts';
import { libbpf } from './libbpf.ts';
import { TestRun } from './test-run.ts';

/** Where `struct load` of `bpf/load.bpf.c` has its fields, in octets. */
const loadAt = { headers: 0, sessions: 80, mac: 84, address: 88, key: 92, keyStep: 96, sum: 100 } as const;
const loadOctets = 104;
/** `struct pace` */
const paceOctets = 24;
const madeAt = 16;
const nanosecondsPerSecond = 1e9;
/** Packets that the kernel makes before it sends them, as it would by itself; at low rates fewer, not to send in bursts. */
const batchMost = 64;
const batchMostMs = 0.1;
/** The octets of each packet that are written for it: no packet may be shorter. */
export const loadHeadersOctets = 80;
const sunkOctets = 16;
/** Where the UE's packet begins, and where in it the address is that differs. */
const innerAt = { uplink: 52, downlink: 42 } as const;
const addressAt = { uplink: ipv4Offset.source, downlink: ipv4Offset.destination } as const;

export interface LoadSpec {
  readonly direction: 'uplink' | 'downlink';
  /**
   * A packet of the first session, from the Ethernet header on, of at least `loadHeadersOctets`. Uplink: EoGRE without key or
   * VLAN. Downlink: IP over GRE with a key.
   */
  readonly frame: Uint8Array;
  /** How many sessions packets are drawn from; their MAC addresses and addresses follow those of the first. */
  readonly sessions: number;
  readonly mac: MacAddress;
  readonly address: Ipv4Address;
  readonly key: number;
  /** What each session's key is more than the one's before it, modulo 2^32. */
  readonly keyStep: number;
}

/** A generator of packets in the kernel, and what to receive them with. */
export class LoadProgram {
  readonly #object: BpfObject;
  readonly #generator: TestRun;
  readonly #frame: Uint8Array;
  readonly #direction: LoadSpec['direction'];
  readonly #cpus = libbpf().possibleCpus();
  #pace: number | undefined;

  /** @throws XdpError if libbpf is not there or the kernel refuses */
  constructor(spec: LoadSpec) {
    this.#frame = spec.frame;
    this.#object = new BpfObject({
      object: 'load.bpf.o',
      maps: [
        { name: 'load_ports', keyOctets: 4, valueOctets: 4 },
        { name: 'pace', keyOctets: 4, valueOctets: paceOctets },
        { name: 'sunk', keyOctets: 4, valueOctets: sunkOctets },
      ],
      constants: constantsOf(spec),
    });
    this.#direction = spec.direction;
    this.#generator = new TestRun(this.generatorProgram);
  }

  /**
   * The program that makes packets. While it is on an interface besides, be it one that nothing comes by, `send` begins at once; else
   * the kernel waits until no processor can be running former programs, at the beginning of each call and at its end.
   */
  get generatorProgram(): number {
    return this.#object.program(`load_${this.#direction}`);
  }

  /** The program that redirects what comes to the second port, and does nothing else. */
  get bareRedirectProgram(): number {
    return this.#object.program('bare_redirect');
  }

  /** The program that leaves all to the kernel's stack. */
  get passProgram(): number {
    return this.#object.program('pass_all');
  }

  /** The program that counts what comes, and drops it. */
  get sinkProgram(): number {
    return this.#object.program('load_sink');
  }

  /** @param port 0: where the generator sends; 1: where the bare redirect does */
  setPort(port: 0 | 1, interfaceIndex: number): void {
    this.#object.map('load_ports').set(u32Octets(port), u32Octets(interfaceIndex));
  }

  /**
   * Makes and sends packets; returns when they are under way.
   *
   * @param ratePerSecond how fast they follow one another, over calls that follow one another, too; as fast as one processor can
   *   without. The processor is busy while it waits: the longer a call, the longer nothing else runs there.
   */
  send(packets: number, ratePerSecond?: number): void {
    const loopback = 1;
    this.#setPace(ratePerSecond);
    const batch = ratePerSecond === undefined ? batchMost : Math.floor((ratePerSecond / 1000) * batchMostMs);
    const end = this.made() + packets;
    for (let missing = packets; missing > 0; missing = end - this.made()) {
      this.#generator.send(this.#frame, loopback, missing, Math.min(Math.max(batch, 1), batchMost));
    }
  }

  /** The length of each, Ethernet header included. */
  get frameOctets(): number {
    return this.#frame.length;
  }

  /** Packets that were made since the program was loaded. */
  made(): number {
    return u64At(new DataView(this.#object.map('pace').get(u32Octets(0))!.buffer), madeAt);
  }

  /** Packets and octets, Ethernet headers included, that the sink has counted. */
  sunk(): { readonly packets: number; readonly octets: number } {
    const values = new Uint8Array(this.#cpus * sunkOctets);
    this.#object.map('sunk').get(u32Octets(0), values);
    const view = new DataView(values.buffer);
    let packets = 0;
    let octets = 0;
    for (let at = 0; at < values.length; at += sunkOctets) {
      packets += u64At(view, at);
      octets += u64At(view, at + 8);
    }
    return { packets, octets };
  }

  close(): void {
    this.#object.close();
  }

  /** When the next packet is due stays as it is, unless the pace is another one. */
  #setPace(ratePerSecond: number | undefined): void {
    if (this.#pace === ratePerSecond) return;
    this.#pace = ratePerSecond;
    const interval = ratePerSecond === undefined ? 0 : Math.round(nanosecondsPerSecond / ratePerSecond);
    const value = new BigUint64Array([BigInt(interval), 0n, BigInt(this.made())]);
    this.#object.map('pace').set(u32Octets(0), new Uint8Array(value.buffer));
  }
}

function constantsOf({ direction, frame, sessions, mac, address, key, keyStep }: LoadSpec): Uint8Array {
  const constants = new Uint8Array(loadOctets);
  const view = new DataView(constants.buffer);
  constants.set(frame.subarray(0, loadHeadersOctets), loadAt.headers);
  view.setUint32(loadAt.sessions, sessions, true);
  view.setUint32(loadAt.mac, mac % 0x1_0000_0000, true);
  view.setUint32(loadAt.address, address, true);
  view.setUint32(loadAt.key, key, true);
  view.setUint32(loadAt.keyStep, keyStep, true);
  view.setUint32(loadAt.sum, sumWithoutAddress(frame, innerAt[direction], addressAt[direction]), true);
  return constants;
}

/** The sum of the words of an IPv4 header as the machine reads them, but for the checksum and one address; not folded. */
function sumWithoutAddress(frame: Uint8Array, at: number, address: number): number {
  const words = new DataView(frame.buffer, frame.byteOffset + at, 20);
  let sum = 0;
  for (let word = 0; word < 20; word += 2) {
    const left = word === ipv4Offset.checksum || word === address || word === address + 2;
    if (!left) sum += words.getUint16(word, true);
  }
  return sum;
}
