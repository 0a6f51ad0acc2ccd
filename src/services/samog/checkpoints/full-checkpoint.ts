import type { Instant } from '../../../kernel/instant.ts';
import { type Decoded, decoded, failed } from '../../../wire/bytes/decoded.ts';
import { mac, text, u32 } from '../../../wire/checkpoint/codec.ts';
import { type PayloadCodec, payloadHeaderOctets, payloadOf } from '../../../wire/checkpoint/payload.ts';
import { field, optional, recordOf, type Selected } from '../../../wire/checkpoint/record.ts';
import { unionOf, variant } from '../../../wire/checkpoint/union.ts';
import type { DurableSession, OwingSession } from '../session/state.ts';
import { account, durableFields, endReason, type FieldsOf, s2aRequest, untoldNas, usage } from './fields.ts';
import { decodeAt, encodeAt, instant } from './instant-codec.ts';
import type { SavedEnding, SavedLive, SavedSession, SessionRecord } from './saved-session.ts';

const live = {
  durable: field(1, recordOf(durableFields)),
  request: field(2, optional(s2aRequest)),
  usage: field(3, usage),
  idleAt: field(4, optional(instant)),
} satisfies FieldsOf<Omit<SavedLive, 'kind'>>;

const ending = {
  id: field(1, u32),
  mac: field(2, mac),
  nai: field(3, text),
  reason: field(4, endReason),
  s2a: durableFields.s2a,
  request: field(5, optional(s2aRequest)),
  nas: field(6, optional(untoldNas)),
  cleanups: durableFields.cleanups,
  bornSecond: durableFields.bornSecond,
  account: durableFields.account,
} satisfies FieldsOf<Omit<SavedEnding, 'kind'>>;

const owing = {
  id: field(1, u32),
  bornSecond: field(2, u32),
  mac: field(3, mac),
  account: field(4, account),
} satisfies FieldsOf<Omit<OwingSession, 'kind'>>;

/** Where the session stands in the payload: a field of its own leaves room for others beside it. */
const sessionTag = 1;

const liveRecord = recordOf(live);
const endingRecord = recordOf(ending);
const owingRecord = recordOf(owing);

const payload: PayloadCodec<{ readonly session: SavedSession }> = payloadOf(
  1,
  recordOf({
    session: field(
      sessionTag,
      unionOf('kind', {
        Live: variant(1, liveRecord),
        Disconnecting: variant(2, endingRecord),
        Owing: variant(3, owingRecord),
      }),
    ),
  }),
);

/** What a live session is found by. */
const names = {
  id: true,
  mac: true,
  nai: true,
  addresses: true,
  access: true,
  moves: { previous: true },
  s2a: { downlinkKey: true },
} as const;

const namesPayload = payloadOf(
  1,
  recordOf({
    session: field(
      sessionTag,
      unionOf('kind', {
        Live: variant(1, liveRecord.only({ durable: names })),
        Disconnecting: variant(2, endingRecord.only({})),
        Owing: variant(3, owingRecord.only({})),
      }),
    ),
  }),
);

/** A live session as far as a packet, a message or an operator can name it. */
export type SessionNames = Selected<DurableSession, typeof names>;

/** The whole of a session. Its base revision is its own. */
export function encodeFull(saved: SavedSession, revision: number, now: Instant): Uint8Array {
  return encodeAt(now, payload, { session: saved }, { baseRevision: revision, revision });
}

/**
 * Reads a full checkpoint into a record, in place of whatever was held of the session before.
 * @param now the reader's clock, in which the deadlines of the record will be
 */
export function decodeFull(
  bytes: Uint8Array,
  now: Instant,
): Decoded<SessionRecord & { readonly unknownFields: number }> {
  const read = decodeAt(now, payload, bytes);
  if (!read.ok) return read;
  const { value, revision, unknownFields } = read.value;
  const saved = value.session;
  if (saved.kind === 'Live' && !hasAddress(saved.durable)) return failed('bad-value', payloadHeaderOctets);
  return decoded({ saved, baseRevision: revision, newer: undefined, unknownFields });
}

/**
 * What a full checkpoint's session is found by, of which nothing else is made; undefined if it is not live. Fails where
 * `decodeFull` does: all of it has been looked at.
 */
export function namesOfFull(bytes: Uint8Array): Decoded<SessionNames | undefined> {
  // No deadline is among them.
  const read = decodeAt(0, namesPayload, bytes);
  if (!read.ok) return read;
  const { session } = read.value.value;
  if (session.kind !== 'Live') return decoded(undefined);
  return hasAddress(session.durable) ? decoded(session.durable) : failed('bad-value', payloadHeaderOctets);
}

/** What serves a session takes its first address for granted. */
function hasAddress({ addresses }: Pick<DurableSession, 'addresses'>): boolean {
  return addresses.length > 0;
}
