import type { FastPathTable, Place } from '../../forwarding/fast-path/fast-path-table.ts';
import type { FastSession } from '../../forwarding/fast-path/fast-session.ts';
import {
  configAt,
  configOctets,
  countersOctets,
  idKeyOctets,
  macKeyOctets,
  placeOctets,
  sessionOctets,
  stateOctets,
  usageOctets,
  wayOctets,
} from '../../forwarding/fast-path/layout.ts';
import { idKey, macKey, readFastSession } from '../../forwarding/fast-path/session-value.ts';
import { type FastCounters, type FastUsage, sumCounters } from '../../forwarding/fast-path/usage.ts';
import { type Ipv4Address, type MacAddress, macOf } from '../../kernel/address.ts';
import { setU32, setU48, u32At, u48At } from '../../wire/bytes/reader.ts';
import { type BpfMap, u32Octets } from './bpf-map.ts';
import { BpfObject, type MapSpec } from './bpf-object.ts';
import { libbpf } from './libbpf.ts';
import { SharedUsage } from './shared-usage.ts';

/** What the program is loaded with; it stays for as long as it is. */
export interface FastPathConfig {
  /** Where GRE packets of the access side come to, and leave from. */
  readonly accessAddress: Ipv4Address;
  /** The same toward LMAs; another address. */
  readonly s2aAddress: Ipv4Address;
  /** The gateway's MAC address as default router. */
  readonly vmac: MacAddress;
  readonly sessionsMax: number;
  /** How many packets a second one tunnel endpoint may have passed up to the slow path; 0 for any number. */
  readonly puntsPerSecond: number;
  /**
   * For how long, in milliseconds, packets to a tunnel endpoint go the way that the kernel told for one of them: so late may a
   * change of routes, neighbours or ports be followed. 0 to ask for each packet; 50 if left out.
   */
  readonly wayLifetimeMs?: number;
  /** A folder of a BPF file system where the maps, but for the ports, outlive the process; none: they end with it. */
  readonly pinFolder?: string;
}

/** How many entries of the kernel's maps were not what they were to be. */
export interface FastPathAudit {
  readonly sessions: number;
  readonly ids: number;
  readonly macs: number;
}

const wayLifetimeDefaultMs = 50;
const nanosecondsPerMs = 1_000_000;
const nanosecondsPerSecond = 1_000_000_000;

/**
 * The fast path in the kernel: its program and its maps. It forwards nothing before it is attached (`attach`), has ports
 * to send by, and is switched on.
 */
export class FastPathProgram {
  readonly sessionsMax: number;
  readonly #object: BpfObject;
  readonly #usage: SharedUsage;
  readonly #cpus = libbpf().possibleCpus();

  /** @throws XdpError if libbpf is not there, or the kernel refuses the program or a map */
  constructor(config: FastPathConfig) {
    this.sessionsMax = config.sessionsMax;
    this.#object = new BpfObject({
      object: 'samog.bpf.o',
      maps: mapSpecs(config.sessionsMax),
      constants: constantsOf(config),
      ...(config.pinFolder === undefined ? {} : { pinFolder: config.pinFolder }),
    });
    this.#usage = new SharedUsage(this.#object.map('usages'), config.sessionsMax);
  }

  /** The file descriptor of the program that forwards. */
  get forwardProgram(): number {
    return this.#object.program('samog_forward');
  }

  /** The file descriptor of the program that passes everything: for ends of veth pairs that packets only leave by. */
  get passProgram(): number {
    return this.#object.program('samog_pass');
  }

  /** Switches all forwarding on or off at once; off, every packet goes up. Off after loading, unless the map was pinned. */
  setForwarding(forwarding: boolean): void {
    this.#object.map('state').set(u32Octets(0), u32Octets(forwarding ? 1 : 0));
  }

  /** Lets packets leave by an interface: one where XDP can send, else they are lost. */
  addPort(interfaceIndex: number): void {
    this.#object.map('ports').set(u32Octets(interfaceIndex), u32Octets(interfaceIndex));
  }

  /** Packets that would leave by the interface go up from now on. */
  removePort(interfaceIndex: number): void {
    this.#object.map('ports').delete(u32Octets(interfaceIndex));
  }

  /** Carries out what has changed in the table. @throws XdpError if a map is full; what was written until then stays */
  apply(table: FastPathTable): void {
    const { deletedIds, deletedMacs, newPlaces, writtenPlaces, ids, macs } = table.takeChanges();
    const idMap = this.#object.map('places_by_id');
    const macMap = this.#object.map('places_by_mac');
    for (const id of deletedIds) idMap.delete(idKey(id));
    for (const mac of deletedMacs) macMap.delete(macKey(mac));
    for (const place of newPlaces) this.#usage.clear(place);
    this.#writeSessions(table, writtenPlaces);
    idMap.setMany(ids.size, joined([...ids.keys()].map(idKey), idKeyOctets), allU32Octets(ids.values()));
    macMap.setMany(macs.size, joined([...macs.keys()].map(macKey), macKeyOctets), allU32Octets(macs.values()));
  }

  /** The values of all places as the kernel has them: for `FastPathTable.adopt`. */
  readSessions(): DataView {
    const all = new Uint8Array(this.sessionsMax * sessionOctets);
    let at = 0;
    this.#object.map('sessions').visitAll((_, value) => {
      all.set(value, at);
      at += sessionOctets;
    }, true);
    return new DataView(all.buffer);
  }

  /** Compares the kernel's maps with the table, and makes them what it says; all that has changed there is carried out first. */
  audit(table: FastPathTable): FastPathAudit {
    this.apply(table);
    return {
      sessions: this.#auditSessions(table),
      ids: auditIndex(this.#object.map('places_by_id'), table.ids, (key) => u32At(key, 0), idKey),
      macs: auditIndex(this.#object.map('places_by_mac'), table.macs, (key) => macOf(u48At(key, 0)), macKey),
    };
  }

  /** The session in a place, as the kernel has it; undefined for an empty place. */
  readSession(place: number): FastSession | undefined {
    const value = this.#object.map('sessions').get(u32Octets(place), undefined, true);
    return value === undefined ? undefined : readFastSession(new DataView(value.buffer), 0);
  }

  /** What the session in a place has moved, read without a system call. */
  usage(place: number): FastUsage {
    return this.#usage.at(place);
  }

  counters(): FastCounters {
    const values = new Uint8Array(this.#cpus * countersOctets);
    this.#object.map('counters').get(u32Octets(0), values);
    return sumCounters(new DataView(values.buffer));
  }

  /** Lets go of everything; what is attached or pinned goes on in the kernel. */
  close(): void {
    this.#usage.close();
    this.#object.close();
  }

  #auditSessions(table: FastPathTable): number {
    const wanted = new Uint8Array(table.values.buffer);
    const none = new Uint8Array(sessionOctets);
    const wrong: Place[] = [];
    let place = 0;
    const map = this.#object.map('sessions');
    map.visitAll((_, value) => {
      const at = place * sessionOctets;
      const right = at < wanted.length ? wanted.subarray(at, at + sessionOctets) : none;
      if (Buffer.compare(value, right) !== 0) wrong.push(place);
      place += 1;
    }, true);
    for (const each of wrong) {
      const at = each * sessionOctets;
      const right = at < wanted.length ? wanted.slice(at, at + sessionOctets) : none;
      map.setMany(1, u32Octets(each), right, true);
    }
    return wrong.length;
  }

  #writeSessions(table: FastPathTable, written: readonly number[]): void {
    const values = new Uint8Array(written.length * sessionOctets);
    const all = new Uint8Array(table.values.buffer);
    for (const [index, place] of written.entries()) {
      const at = place * sessionOctets;
      values.set(all.subarray(at, at + sessionOctets), index * sessionOctets);
    }
    this.#object.map('sessions').setMany(written.length, allU32Octets(written), values, true);
  }
}

/** Makes an index what it is to be; how many entries were not. */
function auditIndex<Key>(
  map: BpfMap,
  wanted: ReadonlyMap<Key, Place>,
  keyOf: (octets: Uint8Array) => Key,
  octetsOf: (key: Key) => Uint8Array,
): number {
  const surplus: Key[] = [];
  let right = 0;
  const visitAll = (visit: (key: Key, isRight: boolean) => void): void =>
    map.visitAll((octets, value) => {
      const key = keyOf(octets);
      visit(key, wanted.get(key) === new DataView(value.buffer, value.byteOffset).getUint32(0, true));
    });
  visitAll((key, isRight) => {
    if (isRight) right += 1;
    else if (!wanted.has(key)) surplus.push(key);
  });
  for (const key of surplus) map.delete(octetsOf(key));
  if (right === wanted.size) return surplus.length;
  // Which are missing is worth finding out only where any are.
  const missing = new Map(wanted);
  visitAll((key, isRight) => {
    if (isRight) missing.delete(key);
  });
  for (const [key, place] of missing) map.set(octetsOf(key), u32Octets(place));
  return surplus.length + missing.size;
}

function mapSpecs(sessionsMax: number): MapSpec[] {
  return [
    { name: 'state', keyOctets: 4, valueOctets: stateOctets },
    { name: 'sessions', keyOctets: placeOctets, valueOctets: sessionOctets, entriesMax: sessionsMax },
    { name: 'usages', keyOctets: placeOctets, valueOctets: usageOctets, entriesMax: sessionsMax },
    { name: 'places_by_id', keyOctets: idKeyOctets, valueOctets: placeOctets, entriesMax: sessionsMax },
    { name: 'places_by_mac', keyOctets: macKeyOctets, valueOctets: placeOctets, entriesMax: sessionsMax },
    // The kernel adds a flag of its own to it, by which libbpf would not know it again.
    { name: 'ports', keyOctets: 4, valueOctets: 4, pinned: false },
    { name: 'ways', keyOctets: 4, valueOctets: wayOctets, pinned: false },
    { name: 'punt_budgets', keyOctets: 4, valueOctets: 16 },
    { name: 'counters', keyOctets: 4, valueOctets: countersOctets },
  ];
}

function constantsOf(config: FastPathConfig): Uint8Array {
  const constants = new Uint8Array(configOctets);
  setU32(constants, configAt.access_address, config.accessAddress);
  setU32(constants, configAt.s2a_address, config.s2aAddress);
  setU48(constants, configAt.vmac, config.vmac);
  const view = new DataView(constants.buffer);
  const interval = config.puntsPerSecond === 0 ? 0 : Math.ceil(nanosecondsPerSecond / config.puntsPerSecond);
  view.setUint32(configAt.punt_interval, interval, true);
  view.setUint32(configAt.way_lifetime, (config.wayLifetimeMs ?? wayLifetimeDefaultMs) * nanosecondsPerMs, true);
  return constants;
}

function joined(keys: readonly Uint8Array[], octets: number): Uint8Array {
  const all = new Uint8Array(keys.length * octets);
  for (const [index, key] of keys.entries()) all.set(key, index * octets);
  return all;
}

function allU32Octets(values: Iterable<number>): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}
