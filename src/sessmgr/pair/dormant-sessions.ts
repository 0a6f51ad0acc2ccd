import { NumberTable } from '../../icsr/replication/number-table.ts';
import type { MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import { NumberIndex } from '../../kernel/number-index.ts';
import { OctetSlab } from '../../kernel/octet-slab.ts';
import { invariant } from '../../kernel/unreachable.ts';
import { decodeFull, type SessionNames } from '../../services/samog/checkpoints/full-checkpoint.ts';
import type { SessionRecord } from '../../services/samog/checkpoints/saved-session.ts';
import { macOfNai } from '../../services/samog/nai.ts';

type Row = number;

const columns = {
  /** Never 0 but in a row that is free. */
  id: 0,
  place: 1,
  octets: 2,
  /** By this chassis's clock: deadlines in the octets are remaining time from then on. */
  receivedAt: 3,
  mac: 4,
  downlinkKey: 5,
  /** Plus one; 0 stands for none. */
  uplinkKey: 6,
  previousKey: 7,
  /** 0 for an NAI that names the MAC address. */
  nai: 8,
} as const;
const width = Object.keys(columns).length;

/**
 * Sessions as the octets of their full checkpoints, each found by every key that a packet, a message or an operator can name
 * it by: 300 octets a session and no object. Each has been read once, so that what is kept here can be read.
 */
export class DormantSessions {
  readonly #slab = new OctetSlab();
  readonly #table = new NumberTable(width);
  readonly #byId = new NumberIndex();
  readonly #byMac = new NumberIndex();
  /** Only keys that are not the session's identifier, which most are: those are found by it. */
  readonly #byDownlinkKey = new NumberIndex();
  readonly #byUplinkKey = new NumberIndex();
  /** Only NAIs that do not name the UE's own MAC: those are found by it. */
  readonly #byNai = new NumberIndex();
  /** Where `next` goes on. */
  #cursor: Row = 0;

  get size(): number {
    return this.#byId.size;
  }

  /** So many will come. */
  reserve(sessions: number): void {
    for (const index of [this.#byId, this.#byMac]) index.reserve(sessions);
  }

  /**
   * Keeps a live session by its full checkpoint, in place of what was kept under its identifier. False, and it is not kept,
   * if another one has its MAC address, or cannot be told from it by its NAI.
   */
  put(names: SessionNames, payload: Uint8Array, receivedAt: Instant): boolean {
    const { id, mac, access, moves, s2a } = names;
    this.delete(id);
    const nai = macOfNai(names.nai) === mac ? 0 : naiKey(names.nai);
    if (this.#byMac.get(mac) >= 0 || (nai !== 0 && this.#byNai.get(nai) >= 0)) return false;
    const row = this.#table.allocate();
    const uplinkKey = access?.kind === 'pmipv6' ? access.uplinkKey + 1 : 0;
    const previousKey = moves.previous?.kind === 'pmipv6' ? moves.previous.uplinkKey + 1 : 0;
    const table = this.#table;
    table.set(row, columns.id, id);
    table.set(row, columns.place, this.#slab.add(payload));
    table.set(row, columns.octets, payload.length);
    table.set(row, columns.receivedAt, receivedAt);
    table.set(row, columns.mac, mac);
    table.set(row, columns.downlinkKey, s2a.downlinkKey);
    table.set(row, columns.uplinkKey, uplinkKey);
    table.set(row, columns.previousKey, previousKey);
    table.set(row, columns.nai, nai);
    this.#byId.set(id, row);
    this.#byMac.set(mac, row);
    if (s2a.downlinkKey !== id) this.#byDownlinkKey.set(s2a.downlinkKey, row);
    if (previousKey > 0 && previousKey !== id + 1) this.#byUplinkKey.set(previousKey, row);
    if (uplinkKey > 0 && uplinkKey !== id + 1) this.#byUplinkKey.set(uplinkKey, row);
    if (nai !== 0) this.#byNai.set(nai, row);
    return true;
  }

  has(id: number): boolean {
    return this.#byId.get(id) >= 0;
  }

  /** The identifier of the session that a key names; undefined if none of these. */
  idOfMac(mac: MacAddress): number | undefined {
    return this.#idAt(this.#byMac.get(mac));
  }

  /** The session that the LMA's packets with this key are for; undefined if none of these. */
  idOfDownlinkKey(key: number): number | undefined {
    const row = this.#byId.get(key);
    if (row >= 0 && this.#table.get(row, columns.downlinkKey) === key) return key;
    return this.#idAt(this.#byDownlinkKey.get(key));
  }

  /**
   * The session that a MAG's packets with this key come from, be it from the place just left; undefined if none of
   * these.
   */
  idOfUplinkKey(key: number): number | undefined {
    const row = this.#byId.get(key);
    if (row >= 0 && this.#table.get(row, columns.uplinkKey) === key + 1) return key;
    const other = this.#byUplinkKey.get(key + 1);
    // Its own key comes before one that was its own before.
    if (other < 0 && row >= 0 && this.#table.get(row, columns.previousKey) === key + 1) return key;
    return this.#idAt(other);
  }

  /** May be another session's, of an NAI that looks alike. */
  idOfNai(nai: string): number | undefined {
    return this.#idAt(this.#byNai.get(naiKey(nai)));
  }

  /** The session's record, which stays here; undefined if there is none. */
  record(id: number): SessionRecord | undefined {
    const row = this.#byId.get(id);
    if (row < 0) return undefined;
    const octets = this.#slab.get(this.#table.get(row, columns.place), this.#table.get(row, columns.octets));
    const read = decodeFull(octets, this.#table.get(row, columns.receivedAt));
    invariant(read.ok, 'what was read once can be read again');
    const { unknownFields: _, ...record } = read.value;
    return record;
  }

  /** The session's record, which is no more here; undefined if there is none. */
  take(id: number): SessionRecord | undefined {
    const record = this.record(id);
    if (record !== undefined) this.delete(id);
    return record;
  }

  delete(id: number): void {
    const row = this.#byId.get(id);
    if (row < 0) return;
    const value = (column: keyof typeof columns) => this.#table.get(row, columns[column]);
    this.#byId.delete(id);
    deleteOwn(this.#byMac, value('mac'), row);
    deleteOwn(this.#byDownlinkKey, value('downlinkKey'), row);
    deleteOwn(this.#byUplinkKey, value('uplinkKey'), row);
    deleteOwn(this.#byUplinkKey, value('previousKey'), row);
    deleteOwn(this.#byNai, value('nai'), row);
    this.#slab.free(value('place'));
    this.#table.free(row);
  }

  /** The identifier of one of them, each once before any comes again; undefined if there is none. */
  next(): number | undefined {
    if (this.size === 0) return undefined;
    for (;;) {
      if (this.#cursor >= this.#table.rows) this.#cursor = 0;
      const id = this.#table.get(this.#cursor, columns.id);
      this.#cursor += 1;
      if (id !== 0) return id;
    }
  }

  /** All of them, which stay here. */
  *records(): Generator<readonly [number, SessionRecord]> {
    for (let row = 0; row < this.#table.rows; row += 1) {
      const id = this.#table.get(row, columns.id);
      if (id !== 0) yield [id, this.record(id)!];
    }
  }

  #idAt(row: Row): number | undefined {
    return row < 0 ? undefined : this.#table.get(row, columns.id);
  }
}

/** Deletes a key unless another session has taken it over. */
function deleteOwn(index: NumberIndex, key: number, row: Row): void {
  if (index.get(key) === row) index.delete(key);
}

/** An NAI as a number of 52 bits, never 0 (FNV-1a over its UTF-16 units, twice). */
function naiKey(nai: string): number {
  let low = 0x811c9dc5;
  let high = 0x050c5d1f;
  for (let index = 0; index < nai.length; index += 1) {
    const unit = nai.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x01000193) ^ low;
  }
  return (low >>> 0) + ((high >>> 12) + 1) * 0x100000000;
}
