import type { Seal } from '../../../kernel/context.ts';
import { setU32, u32At } from '../../../wire/bytes/reader.ts';
import { bool, enumOf, ipAddress, mac, ordinal, text, u32, uint } from '../../../wire/checkpoint/codec.ts';
import { payloadHeaderOctets, payloadOf } from '../../../wire/checkpoint/payload.ts';
import { field, list, optional, recordOf } from '../../../wire/checkpoint/record.ts';
import { unionOf, variant } from '../../../wire/checkpoint/union.ts';
import type { TargetEntry } from './target-table.ts';

/** How far the interception of one session by one task has come: what another chassis has to know to go on with it. */
export interface InterceptionState {
  readonly sessionId: number;
  readonly bornSecond: number;
  readonly xid: string;
  /** `campOn`: the target was there before the session; `active`: it came to a session that was up. */
  readonly mode: 'campOn' | 'active';
  /** From where on no number was given to an X2 and an X3 PDU. */
  readonly events: number;
  readonly content: number;
  /** Whether every number before was given. */
  readonly isExact: boolean;
  /** The session is over: nothing has to be known any more. */
  readonly isOver: boolean;
}

const product = enumOf({ events: 1, content: 2, both: 3 });
const identity = unionOf('kind', {
  imsi: variant(1, recordOf({ value: field(1, text) })),
  msisdn: variant(2, recordOf({ value: field(1, text) })),
  nai: variant(3, recordOf({ value: field(1, text) })),
  mac: variant(4, recordOf({ value: field(1, mac) })),
  address: variant(5, recordOf({ value: field(1, ipAddress) })),
});
const target = recordOf({
  identity: field(1, identity),
  product: field(2, product),
  delivery: field(3, text),
  from: field(4, uint),
});
const entry = recordOf({
  xid: field(1, text),
  revision: field(2, ordinal),
  until: field(3, uint),
  target: field(4, optional(target)),
});
const state = recordOf({
  sessionId: field(1, u32),
  bornSecond: field(2, u32),
  xid: field(3, text),
  mode: field(4, enumOf({ campOn: 1, active: 2 })),
  events: field(5, ordinal),
  content: field(6, ordinal),
  isExact: field(7, bool),
  isOver: field(8, bool),
});

const entriesPayload = payloadOf(1, recordOf({ entries: field(1, list(entry)) }));
const statesPayload = payloadOf(1, recordOf({ states: field(1, list(state)) }));

/** Octets of the targets, or of some of them. */
export function encodeEntries(entries: readonly TargetEntry[]): Uint8Array {
  return entriesPayload.encode({ entries: [...entries] }, 0, 0);
}

/** Undefined for octets that are none. */
export function decodeEntries(bytes: Uint8Array): TargetEntry[] | undefined {
  const read = entriesPayload.decode(bytes);
  if (!read.ok) return undefined;
  return read.value.value.entries.map(({ xid, revision, until, target: said }) => ({
    xid,
    revision,
    until,
    target: said && { xid, until, ...said },
  }));
}

/** Where interceptions are with their sequence numbers, as one chassis tells the other. */
export function encodeStates(states: readonly InterceptionState[]): Uint8Array {
  return statesPayload.encode({ states: [...states] }, 0, 0);
}

/** Undefined for octets that are none. */
export function decodeStates(bytes: Uint8Array): InterceptionState[] | undefined {
  const read = statesPayload.decode(bytes);
  return read.ok ? [...read.value.value.states] : undefined;
}

const lengthOctets = 4;

/**
 * Seals octets so that their length tells nothing: with what is left of `capacity` as zeros. Undefined if they are longer.
 */
export function sealPadded(seal: Seal, clear: Uint8Array, capacity: number): Uint8Array | undefined {
  if (clear.length > capacity) return undefined;
  const padded = new Uint8Array(lengthOctets + capacity);
  setU32(padded, 0, clear.length);
  padded.set(clear, lengthOctets);
  return seal.seal(padded);
}

/** What was sealed; undefined if it was sealed with another key, changed, or is nothing of this. */
export function openPadded(seal: Seal, sealed: Uint8Array): Uint8Array | undefined {
  const padded = seal.open(sealed);
  if (padded === undefined || padded.length < lengthOctets) return undefined;
  const length = u32At(padded, 0);
  return length > padded.length - lengthOctets ? undefined : padded.subarray(lengthOctets, lengthOctets + length);
}

/** How many of the first items fit into one record of a capacity, by what each of them takes alone. */
export function fitting<Item>(
  items: readonly Item[],
  encode: (items: readonly Item[]) => Uint8Array,
  capacity: number,
): number {
  let octets = payloadHeaderOctets;
  for (const [index, item] of items.entries()) {
    octets += encode([item]).length - payloadHeaderOctets;
    if (octets > capacity) return index;
  }
  return items.length;
}
