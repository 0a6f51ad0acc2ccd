import { accessListValue } from '../../forwarding/fast-path/access-list-value.ts';
import type { FastPathTable } from '../../forwarding/fast-path/fast-path-table.ts';
import type { FastSession } from '../../forwarding/fast-path/fast-session.ts';
import { homeMaskOf, type Place } from '../../forwarding/fast-path/home-place.ts';
import {
  accessListOctets,
  arrivalOctets,
  configAt,
  configOctets,
  countersOctets,
  limitsOctets,
  placeOctets,
  policerOctets,
  sessionOctets,
  stateAt,
  stateOctets,
  tunnelEndOctets,
  tunnelFiguresOctets,
  wayOctets,
} from '../../forwarding/fast-path/layout.ts';
import { setOctets, setsFor } from '../../forwarding/fast-path/place-index.ts';
import { readFastSession } from '../../forwarding/fast-path/session-value.ts';
import { readTunnelFigures } from '../../forwarding/fast-path/tunnel-value.ts';
import {
  type FastCounters,
  type FastUsage,
  fastUsageAt,
  sumCounters,
  writeCounters,
} from '../../forwarding/fast-path/usage.ts';
import type { AccessRule } from '../../forwarding/filter.ts';
import type { TunnelFigures } from '../../forwarding/tunnel-figures.ts';
import type { Ipv4Address, MacAddress } from '../../kernel/address.ts';
import { setU32, setU48 } from '../../wire/bytes/reader.ts';
import { u32Octets } from './bpf-map.ts';
import { BpfObject, type MapSpec } from './bpf-object.ts';
import type { FastPathAudit } from './fast-path-audit.ts';
import { FastPathMaps, type FastPathMemory } from './fast-path-maps.ts';
import { libbpf } from './libbpf.ts';
import { MapMemory } from './map-memory.ts';

/** What the program is loaded with; it stays for as long as it is. */
export interface FastPathConfig {
  /** Where GRE packets of the access side come to, and leave from. */
  readonly accessAddress: Ipv4Address;
  /** The same toward LMAs; another address. */
  readonly s2aAddress: Ipv4Address;
  /** The gateway's MAC address as default router. */
  readonly vmac: MacAddress;
  readonly sessionsMax: number;
  /** Session manager instances, among which the sessions are dealt by their identifiers; 1 if left out. */
  readonly instances?: number;
  /** How many packets a second one tunnel endpoint may have passed up to the slow path; 0 for any number. */
  readonly puntsPerSecond: number;
  /**
   * How many packets a second all of them together may, and as many again of DHCP and ARP; 0 for any number. More than
   * the slow path can do keeps it from doing what it can. 0 if left out.
   */
  readonly puntsPerSecondInAll?: number;
  /**
   * For how long, in milliseconds, packets to a tunnel endpoint go the way that the kernel told for one of them: so late may a
   * change of routes, neighbours or ports be followed. 0 to ask for each packet; 50 if left out.
   */
  readonly wayLifetimeMs?: number;
  /** By their numbers, from 1 on; each of at most `accessRulesMax` rules. */
  readonly accessLists?: readonly (readonly AccessRule[])[];
  /** The longest packet of a UE that the links carry, in octets: a bucket holds two at least. 1500 if left out. */
  readonly packetOctetsMax?: number;
  /** A folder of a BPF file system where the maps, but for the ports, outlive the process; none: they end with it. */
  readonly pinFolder?: string;
}

/** Of a map read a part at a time: about a fifth of a millisecond. */
const tunnelsPerPage = 256;
const wayLifetimeDefaultMs = 50;
const packetOctetsMaxDefault = 1500;
const nanosecondsPerMs = 1_000_000;
const nanosecondsPerSecond = 1_000_000_000;

/**
 * The fast path in the kernel: its program and its maps. It forwards nothing before it is attached (`attach`), has ports
 * to send by, and is switched on.
 */
export class FastPathProgram {
  readonly sessionsMax: number;
  /** The maps of sessions, as this thread writes them. */
  readonly maps: FastPathMaps;
  /** The same for other threads, as long as this is not closed. */
  readonly memory: FastPathMemory;
  readonly #object: BpfObject;
  readonly #shared: readonly MapMemory[];
  readonly #cpus = libbpf().possibleCpus();

  /** @throws XdpError if libbpf is not there, or the kernel refuses the program or a map */
  constructor(config: FastPathConfig) {
    const { sessionsMax } = config;
    this.sessionsMax = sessionsMax;
    this.#object = new BpfObject({
      object: 'samog.bpf.o',
      maps: mapSpecs(sessionsMax, config.accessLists?.length ?? 0),
      constants: constantsOf(config),
      ...(config.pinFolder === undefined ? {} : { pinFolder: config.pinFolder }),
    });
    const sets = setsFor(sessionsMax);
    const records = new MapMemory(this.#object.map('sessions'), sessionsMax);
    const limits = new MapMemory(this.#object.map('limits_by_place'), sessionsMax);
    const ids = new MapMemory(this.#object.map('places_by_id'), sets);
    const macs = new MapMemory(this.#object.map('places_by_mac'), sets);
    this.#shared = [records, limits, ids, macs];
    this.memory = {
      ...{ sessionsMax, state: this.#object.map('state').fd },
      ...{ records: records.place, limits: limits.place, ids: ids.place, macs: macs.place },
    };
    this.maps = new FastPathMaps(this.memory);
    for (const [index, rules] of (config.accessLists ?? []).entries()) {
      this.#object.map('access_lists').set(u32Octets(index + 1), accessListValue(rules)!);
    }
  }

  /** As of `FastPathMaps`. */
  get records(): DataView {
    return this.maps.records;
  }

  get limits(): DataView {
    return this.maps.limits;
  }

  /** The file descriptor of the program that forwards. */
  get forwardProgram(): number {
    return this.#object.program('samog_forward');
  }

  /** The file descriptor of the program that passes everything: for ends of veth pairs that packets only leave by. */
  get passProgram(): number {
    return this.#object.program('samog_pass');
  }

  /**
   * Has packets forwarded until a time of the kernel's monotonic clock, in nanoseconds, or from now on none, so that every
   * packet goes up; one word, for all packets at once. Until then it goes on without anybody. None after loading, unless the
   * map was pinned.
   */
  forwardUntil(kernelTime: number): void {
    const value = new Uint8Array(stateOctets);
    new DataView(value.buffer).setBigUint64(stateAt.until, BigInt(Math.floor(Math.min(kernelTime, 2 ** 62))), true);
    this.#object.map('state').set(u32Octets(0), value);
  }

  /** Lets packets leave by an interface: one where XDP can send, else they are lost. */
  addPort(interfaceIndex: number): void {
    this.#object.map('ports').set(u32Octets(interfaceIndex), u32Octets(interfaceIndex));
  }

  /** Packets that would leave by the interface go up from now on. */
  removePort(interfaceIndex: number): void {
    this.#object.map('ports').delete(u32Octets(interfaceIndex));
  }

  /** As of `FastPathMaps`. */
  apply(table: FastPathTable): void {
    this.maps.apply(table);
  }

  write(table: FastPathTable, place: Place): void {
    this.maps.write(table, place);
  }

  /** The whole audit at once. */
  audit(table: FastPathTable): FastPathAudit {
    const slices = this.maps.auditSlices([table]);
    for (let step = slices.next(); ; step = slices.next()) if (step.done) return step.value;
  }

  /** The session in a place, as the kernel has it; undefined for an empty place. */
  readSession(place: number): FastSession | undefined {
    return readFastSession(this.records, place * sessionOctets);
  }

  /** What the session in a place has moved, read without a system call. */
  usage(place: number): FastUsage {
    return fastUsageAt(this.records, place);
  }

  counters(): FastCounters {
    const values = new Uint8Array(this.#cpus * countersOctets);
    this.#object.map('counters').get(u32Octets(0), values);
    return sumCounters(new DataView(values.buffer));
  }

  /** What was seen of tunnels, in the packets that the program forwarded: some at each step. */
  *tunnels(): Generator<readonly TunnelFigures[], undefined> {
    for (const entries of this.#object.map('tunnels').pages(tunnelsPerPage)) {
      yield entries.flatMap(({ key, value }) => readTunnelFigures(key, value) ?? []);
    }
    return undefined;
  }

  /** Begins anew with what is seen of tunnels; some of it is noted again within the lifetime of ways only. */
  forgetTunnels(): void {
    const tunnels = this.#object.map('tunnels');
    const ends = [...tunnels.pages(tunnelsPerPage)].flat();
    for (const { key } of ends) tunnels.delete(new Uint8Array(key.buffer, key.byteOffset, key.byteLength));
  }

  /** What `noteCounted` was given last, by this process or one before it whose maps were pinned; all zero if nobody was. */
  counted(): FastCounters {
    const value = this.#object.map('counted').get(u32Octets(0));
    return sumCounters(new DataView((value ?? new Uint8Array(countersOctets)).buffer));
  }

  /** Keeps beside the counters what of them has been counted elsewhere. */
  noteCounted(counters: FastCounters): void {
    const value = new DataView(new ArrayBuffer(countersOctets));
    writeCounters(value, counters);
    this.#object.map('counted').set(u32Octets(0), new Uint8Array(value.buffer));
  }

  /** Lets go of everything; what is attached or pinned goes on in the kernel. */
  close(): void {
    for (const memory of this.#shared) memory.close();
    this.#object.close();
  }
}

function mapSpecs(sessionsMax: number, accessLists: number): MapSpec[] {
  return [
    { name: 'state', keyOctets: 4, valueOctets: stateOctets },
    { name: 'sessions', keyOctets: placeOctets, valueOctets: sessionOctets, entriesMax: sessionsMax },
    { name: 'limits_by_place', keyOctets: placeOctets, valueOctets: limitsOctets, entriesMax: sessionsMax },
    { name: 'policers', keyOctets: placeOctets, valueOctets: policerOctets, entriesMax: sessionsMax },
    { name: 'access_lists', keyOctets: 4, valueOctets: accessListOctets, entriesMax: accessLists + 1 },
    { name: 'places_by_id', keyOctets: placeOctets, valueOctets: setOctets, entriesMax: setsFor(sessionsMax) },
    { name: 'places_by_mac', keyOctets: placeOctets, valueOctets: setOctets, entriesMax: setsFor(sessionsMax) },
    // The kernel adds a flag of its own to it, by which libbpf would not know it again.
    { name: 'ports', keyOctets: 4, valueOctets: 4, pinned: false },
    { name: 'ways', keyOctets: 4, valueOctets: wayOctets, pinned: false },
    { name: 'arrivals', keyOctets: 4, valueOctets: arrivalOctets, pinned: false },
    { name: 'tunnels', keyOctets: tunnelEndOctets, valueOctets: tunnelFiguresOctets },
    { name: 'punt_budgets', keyOctets: 8, valueOctets: 16 },
    { name: 'punt_totals', keyOctets: 4, valueOctets: 16 },
    { name: 'counters', keyOctets: 4, valueOctets: countersOctets },
    { name: 'counted', keyOctets: 4, valueOctets: countersOctets },
  ];
}

function constantsOf(config: FastPathConfig): Uint8Array {
  const constants = new Uint8Array(configOctets);
  setU32(constants, configAt.access_address, config.accessAddress);
  setU32(constants, configAt.s2a_address, config.s2aAddress);
  setU48(constants, configAt.vmac, config.vmac);
  const view = new DataView(constants.buffer);
  view.setUint32(configAt.punt_interval, intervalOf(config.puntsPerSecond), true);
  view.setUint32(configAt.punt_interval_in_all, intervalOf(config.puntsPerSecondInAll ?? 0), true);
  view.setUint32(configAt.set_mask, setsFor(config.sessionsMax) - 1, true);
  view.setUint32(configAt.way_lifetime, (config.wayLifetimeMs ?? wayLifetimeDefaultMs) * nanosecondsPerMs, true);
  const instances = config.instances ?? 1;
  const placesEach = Math.floor(config.sessionsMax / instances);
  view.setUint32(configAt.instances, instances, true);
  view.setUint32(configAt.places_each, placesEach, true);
  view.setUint32(configAt.home_mask, homeMaskOf(placesEach), true);
  view.setUint32(configAt.weakly_ordered, process.arch === 'x64' ? 0 : 1, true);
  view.setUint32(configAt.burst_min, 2 * (config.packetOctetsMax ?? packetOctetsMaxDefault), true);
  return constants;
}

/** The nanoseconds that one packet takes to be earned; 0 for no limit. */
function intervalOf(perSecond: number): number {
  return perSecond === 0 ? 0 : Math.ceil(nanosecondsPerSecond / perSecond);
}
