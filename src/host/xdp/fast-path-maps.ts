import type { FastPathTable } from '../../forwarding/fast-path/fast-path-table.ts';
import type { Place } from '../../forwarding/fast-path/home-place.ts';
import { sessionOctets, stateOctets } from '../../forwarding/fast-path/layout.ts';
import { PlaceIndex, setsFor, wordsOfSet } from '../../forwarding/fast-path/place-index.ts';
import { replaceSession } from '../../forwarding/fast-path/session-value.ts';
import type { MacAddress } from '../../kernel/address.ts';
import { BpfMap, u32Octets } from './bpf-map.ts';
import { auditSlices, type FastPathAudit } from './fast-path-audit.ts';
import { type MemoryPlace, memoryAt } from './map-memory.ts';

/** The maps of sessions and where they are in this process: what any thread of it needs to write them. */
export interface FastPathMemory {
  readonly sessionsMax: number;
  readonly records: MemoryPlace;
  readonly limits: MemoryPlace;
  readonly ids: MemoryPlace;
  readonly macs: MemoryPlace;
  /** The file descriptor of the map `state`. */
  readonly state: number;
}

/**
 * The kernel's maps of sessions, written and read in shared memory. Each thread that has sessions has one of these: a place has one
 * writer, that of its table, and an index takes names from several.
 */
export class FastPathMaps {
  /** The sessions of all places, `sessionOctets` each; not to be touched after the program is closed. */
  readonly records: DataView;
  /** The limits of all places, likewise. */
  readonly limits: DataView;
  readonly #words: Int32Array;
  readonly #ids: PlaceIndex<number>;
  readonly #macs: PlaceIndex<MacAddress>;
  readonly #state: BpfMap;

  constructor({ sessionsMax, records, limits, ids, macs, state }: FastPathMemory) {
    const sets = setsFor(sessionsMax);
    const buffer = memoryAt(records);
    this.records = new DataView(buffer, 0, sessionsMax * sessionOctets);
    this.limits = new DataView(memoryAt(limits));
    this.#words = new Int32Array(buffer, 0, (sessionsMax * sessionOctets) / 4);
    this.#ids = new PlaceIndex(new Int32Array(memoryAt(ids), 0, sets * wordsOfSet));
    this.#macs = new PlaceIndex(new Int32Array(memoryAt(macs), 0, sets * wordsOfSet));
    this.#state = new BpfMap('state', state, 4, stateOctets);
  }

  /** Carries out what has changed in the table. */
  apply(table: FastPathTable): void {
    const { deletedIds, deletedMacs, writtenPlaces, ids, macs } = table.takeChanges();
    for (const id of deletedIds) this.#ids.delete(id);
    for (const mac of deletedMacs) this.#macs.delete(mac);
    for (const place of writtenPlaces) replaceSession(this.#words, place, table.valueOf(place));
    for (const [id, place] of ids) this.#ids.set(id, place);
    for (const [mac, place] of macs) this.#macs.set(mac, place);
  }

  /**
   * Writes what the table has in one place. When it returns, the packets that met what was there before are forwarded and
   * counted: none is looked at for as long as a system call takes.
   */
  write(table: FastPathTable, place: Place): void {
    replaceSession(this.#words, place, table.valueOf(place));
    this.#state.get(u32Octets(0));
  }

  /** Compares the maps with the tables, a slice at each step, and makes them what those say. */
  auditSlices(tables: readonly FastPathTable[]): Generator<undefined, FastPathAudit> {
    return auditSlices({ sessions: this.#words, ids: this.#ids, macs: this.#macs }, tables, () => {
      for (const table of tables) if (table.changed) this.apply(table);
    });
  }
}
