import type { FastPathTable } from '../../forwarding/fast-path/fast-path-table.ts';
import type { Place } from '../../forwarding/fast-path/home-place.ts';
import type { PlaceIndex } from '../../forwarding/fast-path/place-index.ts';
import { hasSession, replaceSession } from '../../forwarding/fast-path/session-value.ts';
import type { MacAddress } from '../../kernel/address.ts';

/** How many entries of the kernel's maps were not what they were to be. */
export interface FastPathAudit {
  readonly sessions: number;
  readonly ids: number;
  readonly macs: number;
}

export interface AuditedMaps {
  /** The memory of the places. */
  readonly sessions: Int32Array;
  readonly ids: PlaceIndex<number>;
  readonly macs: PlaceIndex<MacAddress>;
}

/**
 * In one slice: places compared, each of some thirty words; places looked up in an index; sets of one looked
 * through, of sixteen slots each, of which not half are taken where every place is.
 */
const placesPerSlice = 128;
const lookUpsPerSlice = 256;
const setsPerSlice = 96;

/**
 * Compares the maps with what the tables say and makes them so, some hundred entries at each step. Between two steps packets
 * are served and the tables change; what has changed is carried out at the beginning of each, so that a step compares what
 * is to be the same.
 *
 * @param tables each with places of its own; what leads to other places is left alone
 * @param settle carries out what has changed in the tables
 */
export function* auditSlices(
  maps: AuditedMaps,
  tables: readonly FastPathTable[],
  settle: () => void,
): Generator<undefined, FastPathAudit> {
  const sessions = yield* auditSessions(maps.sessions, tables, settle);
  const ids = yield* auditIndex(maps.ids, tables, settle, (table, place) => table.idAt(place) || undefined);
  const macs = yield* auditIndex(maps.macs, tables, settle, (table, place) => table.macAt(place));
  return { sessions, ids, macs };
}

function* auditSessions(
  words: Int32Array,
  tables: readonly FastPathTable[],
  settle: () => void,
): Generator<undefined, number> {
  let wrong = 0;
  for (const table of tables) {
    for (let place = table.firstPlace; place < table.firstPlace + table.placesMax; place += 1) {
      if ((place - table.firstPlace) % placesPerSlice === 0) {
        yield;
        settle();
      }
      const right = table.valueOf(place);
      if (hasSession(words, place, right)) continue;
      replaceSession(words, place, right);
      wrong += 1;
    }
  }
  return wrong;
}

/** @param nameOf what leads to a place of a table; undefined if nothing does */
function* auditIndex<Name extends number>(
  index: PlaceIndex<Name>,
  tables: readonly FastPathTable[],
  settle: () => void,
  nameOf: (table: FastPathTable, place: Place) => Name | undefined,
): Generator<undefined, number> {
  let wrong = 0;
  const nameAt = (place: Place): Name | undefined => {
    const table = tableOf(tables, place);
    return table === undefined ? undefined : nameOf(table, place);
  };
  const isOurs = (place: Place): boolean => tableOf(tables, place) !== undefined;
  for (const table of tables) {
    for (let place = table.firstPlace; place < table.firstPlace + table.placesMax; place += 1) {
      if ((place - table.firstPlace) % lookUpsPerSlice === 0) {
        yield;
        settle();
      }
      const name = nameOf(table, place);
      if (name === undefined || index.get(name) === place) continue;
      // Another thread may have made room.
      if (!index.isLeftOut(name)) wrong += 1;
      index.set(name, place);
    }
  }
  for (let set = 0; set < index.sets; set += setsPerSlice) {
    settle();
    wrong += index.clearStrangers(set, Math.min(set + setsPerSlice, index.sets), nameAt, isOurs);
    yield;
  }
  return wrong;
}

function tableOf(tables: readonly FastPathTable[], place: Place): FastPathTable | undefined {
  return tables.find(({ firstPlace, placesMax }) => place >= firstPlace && place < firstPlace + placesMax);
}
