import type { Instant } from '../../../kernel/instant.ts';
import { type Decoded, decoded, failed } from '../../../wire/bytes/decoded.ts';
import { mac, text, u32 } from '../../../wire/checkpoint/codec.ts';
import { type PayloadCodec, payloadHeaderOctets, payloadOf } from '../../../wire/checkpoint/payload.ts';
import { field, optional, recordOf } from '../../../wire/checkpoint/record.ts';
import { unionOf, variant } from '../../../wire/checkpoint/union.ts';
import type { OwingSession } from '../session/state.ts';
import { account, durableFields, endReason, type FieldsOf, s2aRequest, usage } from './fields.ts';
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

const payload: PayloadCodec<{ readonly session: SavedSession }> = payloadOf(
  1,
  recordOf({
    session: field(
      sessionTag,
      unionOf('kind', {
        Live: variant(1, recordOf(live)),
        Disconnecting: variant(2, recordOf(ending)),
        Owing: variant(3, recordOf(owing)),
      }),
    ),
  }),
);

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
  // What serves a session takes its first address for granted.
  if (saved.kind === 'Live' && saved.durable.addresses.length === 0) return failed('bad-value', payloadHeaderOctets);
  return decoded({ saved, baseRevision: revision, newer: undefined, unknownFields });
}
