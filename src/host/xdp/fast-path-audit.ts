import type { FastPathTable, Place } from '../../forwarding/fast-path/fast-path-table.ts';
import { sessionOctets } from '../../forwarding/fast-path/layout.ts';
import { idKey, macKey } from '../../forwarding/fast-path/session-value.ts';
import { macOf } from '../../kernel/address.ts';
import { u32At, u48At } from '../../wire/bytes/reader.ts';
import { type BpfMap, u32Octets } from './bpf-map.ts';

/** How many entries of the kernel's maps were not what they were to be. */
export interface FastPathAudit {
  readonly sessions: number;
  readonly ids: number;
  readonly macs: number;
}

export interface AuditedMaps {
  readonly sessions: BpfMap;
  readonly ids: BpfMap;
  readonly macs: BpfMap;
}

/** Places whose entry is looked for by itself in one slice: a system call each. */
const lookUpsPerSlice = 256;

/**
 * Compares the maps with what the tables say and makes them so, some thousand entries at each step. Between two steps packets
 * are served and the tables change; what has changed is carried out at the beginning of each, so that a step compares what
 * is to be the same.
 *
 * @param tables each with places of its own
 * @param settle carries out what has changed in the tables
 */
export function* auditSlices(
  maps: AuditedMaps,
  tables: readonly FastPathTable[],
  settle: () => void,
): Generator<undefined, FastPathAudit> {
  const sessions = yield* auditSessions(maps.sessions, tables, settle);
  const ids = yield* auditIndex(maps.ids, tables, settle, {
    namesOf: (table) => table.ids,
    nameOf: (table, place) => table.idAt(place) || undefined,
    nameIn: (octets, at) => u32At(octets, at),
    keyOf: idKey,
  });
  const macs = yield* auditIndex(maps.macs, tables, settle, {
    namesOf: (table) => table.macs,
    nameOf: (table, place) => table.macAt(place),
    nameIn: (octets, at) => macOf(u48At(octets, at)),
    keyOf: macKey,
  });
  return { sessions, ids, macs };
}

function* auditSessions(
  map: BpfMap,
  tables: readonly FastPathTable[],
  settle: () => void,
): Generator<undefined, number> {
  const empty = new Uint8Array(sessionOctets);
  let wrong = 0;
  let place = 0;
  const batches = map.batches(true);
  for (;;) {
    settle();
    const batch = batches.next();
    if (batch.done) return wrong;
    const { count, values } = batch.value;
    for (let index = 0; index < count; index += 1) {
      const found = values.subarray(index * sessionOctets, (index + 1) * sessionOctets);
      const right = tableOf(tables, place)?.valueOf(place) ?? empty;
      if (Buffer.compare(found, right) !== 0) {
        map.setMany(1, u32Octets(place), right.slice(), true);
        wrong += 1;
      }
      place += 1;
    }
    yield;
  }
}

/** What leads to places: by an identifier, or by a MAC address. */
interface IndexNames<Name> {
  namesOf(table: FastPathTable): ReadonlyMap<Name, Place>;
  /** What leads to the place; undefined if nothing does. */
  nameOf(table: FastPathTable, place: Place): Name | undefined;
  nameIn(octets: Uint8Array, at: number): Name;
  keyOf(name: Name): Uint8Array;
}

function* auditIndex<Name>(
  map: BpfMap,
  tables: readonly FastPathTable[],
  settle: () => void,
  { namesOf, nameOf, nameIn, keyOf }: IndexNames<Name>,
): Generator<undefined, number> {
  const last = tables.at(-1)!;
  const seen = new Uint8Array(last.firstPlace + last.placesMax);
  let wrong = 0;
  const batches = map.batches();
  for (;;) {
    settle();
    const batch = batches.next();
    if (batch.done) break;
    const { count, keys, values } = batch.value;
    const places = new DataView(values.buffer);
    for (let index = 0; index < count; index += 1) {
      const place = places.getUint32(index * map.valueOctets, true);
      const name = nameIn(keys, index * map.keyOctets);
      const table = tableOf(tables, place);
      if (table !== undefined && nameOf(table, place) === name) seen[place] = 1;
      // One that leads elsewhere than it is to be is overwritten below.
      else if (!tables.some((each) => namesOf(each).has(name)) && map.delete(keyOf(name))) wrong += 1;
    }
    yield;
  }
  // What was not met is missing, or has come or moved meanwhile.
  let lookUps = 0;
  for (const table of tables) {
    for (let place = table.firstPlace; place < table.firstPlace + table.placesMax; place += 1) {
      if (seen[place] === 1 || nameOf(table, place) === undefined) continue;
      if (lookUps % lookUpsPerSlice === 0) {
        yield;
        settle();
      }
      lookUps += 1;
      const name = nameOf(table, place);
      if (name === undefined || leadsTo(map, keyOf(name), place)) continue;
      map.set(keyOf(name), u32Octets(place));
      wrong += 1;
    }
  }
  return wrong;
}

function leadsTo(map: BpfMap, key: Uint8Array, place: Place): boolean {
  const value = map.get(key);
  return value !== undefined && new DataView(value.buffer).getUint32(0, true) === place;
}

function tableOf(tables: readonly FastPathTable[], place: Place): FastPathTable | undefined {
  return tables.find(({ firstPlace, placesMax }) => place >= firstPlace && place < firstPlace + placesMax);
}
