import { bool, bytes, bytesView, double, enumOf, mac, ordinal, text, u32, uint } from '../checkpoint/codec.ts';
import { type FieldValues, field, list, optional, recordOf } from '../checkpoint/record.ts';
import { type UnionValue, variant } from '../checkpoint/union.ts';
import {
  alarmSeverities,
  chassisModes,
  chassisStates,
  compressions,
  goodbyeReasons,
  nackReasons,
  resyncReasons,
  storeRoles,
  switchoverPhases,
  switchoverReasons,
} from './names.ts';

/** What both sides say first. The client is the side that opened the TCP connection. */
const greetingFields = {
  /** 32 random octets, new for every connection. */
  nonce: field(1, bytes),
  /** The protocol versions that the side can speak; the highest common one is spoken. */
  versionMin: field(2, u32),
  versionMax: field(3, u32),
  /** Which chassis this is: unlike the peer's, and the same after a restart. */
  chassisId: field(4, text),
  /** Compressions that the side can read, best liked first. */
  compressions: field(5, list(enumOf({ ...compressions, unknown: 0 }, 'unknown'))),
};

const proofFields = {
  /** The version and compression that the sender derived from both greetings: equal on both sides. */
  version: field(1, u32),
  compression: field(2, optional(enumOf(compressions))),
};

const lineageFields = {
  /** By chance, of 32 bits. */
  id: field(1, u32),
  /** Milliseconds since it began, by monotonic clocks. */
  ageMs: field(2, ordinal),
};

const storeFields = {
  /** 0 if nothing was ever served. */
  term: field(1, u32),
  as: field(2, enumOf(storeRoles, 'standby')),
};

const helloFields = {
  state: field(1, enumOf(chassisStates)),
  mode: field(2, enumOf(chassisModes)),
  /** 1..255; lower wins. */
  priority: field(3, u32),
  /** Lower wins, before the priority. */
  routeModifier: field(4, u32),
  tiebreaker: field(5, mac),
  /** True while the sender, as standby, could take over every session. */
  ready: field(6, bool),
  /** Why the sender hands over, while it does. */
  handingOver: field(7, optional(enumOf(switchoverReasons, 'other'))),
  /** Milliseconds since 1970 by the sender's clock: for the clock-skew guard. */
  wallClock: field(8, double),
  /** Digest of the sender's canonical configuration, or empty before it has one. */
  configurationDigest: field(9, bytes),
  /** Sessions that the sender serves or records. */
  sessions: field(10, uint),
  monitorsHealthy: field(11, bool),
  /** Rises with every hello of this connection. */
  number: field(12, ordinal),
  /** The line of sessions that the sender serves, or as READY standby could continue. */
  lineage: field(13, optional(recordOf(lineageFields))),
  /** Session manager instances of the sender; absent means one. */
  instances: field(14, optional(u32)),
  /** Milliseconds by the sender's monotonic clock, which only the sender can read: as TSval of RFC 7323 section 3. */
  saidAt: field(15, optional(double)),
  /** `saidAt` of the last hello that the sender has heard on this connection: as TSecr. */
  heardSaidAt: field(16, optional(double)),
  /** The last service that the sender's call recovery store follows. */
  store: field(17, optional(recordOf(storeFields))),
};

const configurationFields = {
  digest: field(1, bytes),
  /** The canonical configuration as lines `path = value`, sorted, secrets as digests. */
  lines: field(2, list(text)),
  /** The receiver is to send its own in return. */
  answerWanted: field(3, bool),
};

const streamOpenFields = {
  instance: field(1, u32),
  /** What the receiver of the stream holds: the epoch it last followed (0 for none), and the last sequence applied. */
  epoch: field(2, ordinal),
  lastAppliedSequence: field(3, ordinal),
  /** `streamNack`s that it has sent in that epoch. */
  nacks: field(4, ordinal),
  /** Of an instance that serves and has lost its sessions: it asks its equal, the standby, for what that has recorded. */
  refill: field(5, bool),
};

const streamRecordFields = {
  /** The CMD-ID; 0 for the macro-checkpoints, which have none: `nameIndex` tells them apart. */
  cmdId: field(1, u32),
  /** Which of the entries that share a CMD-ID (110), or 0. */
  nameIndex: field(2, u32),
  /** The session, or 0 for what belongs to the instance. */
  callId: field(3, u32),
  /** In a message that was decoded, a view of its body: a receiver copies what it keeps. */
  payload: field(4, bytesView),
  /** Counted per session: each of its checkpoints, whole or part, has the next; 0 where there is none. */
  revision: field(5, u32),
};
const streamRecord = recordOf(streamRecordFields);
/** One checkpoint as it travels; its sequence is the batch's first plus its place in the batch. */
export type StreamRecord = FieldValues<typeof streamRecordFields>;

const streamBatchFields = {
  instance: field(1, u32),
  epoch: field(2, ordinal),
  firstSequence: field(3, ordinal),
  records: field(4, list(streamRecord)),
};

const streamAckFields = {
  instance: field(1, u32),
  epoch: field(2, ordinal),
  /** Everything up to and including this sequence is applied, but for what was refused. */
  sequence: field(3, ordinal),
  /** `streamNack`s of this epoch so far: an acknowledgement of which the sender lacks a refusal says less than it seems. */
  nacks: field(4, ordinal),
  /** What came last was not the next: send again from behind `sequence`. */
  gap: field(5, bool),
};

const streamNackFields = {
  instance: field(1, u32),
  epoch: field(2, ordinal),
  callId: field(3, u32),
  cmdId: field(4, u32),
  nameIndex: field(5, u32),
  reason: field(6, enumOf(nackReasons, 'other')),
  /** Of the record that was refused. */
  sequence: field(7, ordinal),
  /** Counts the refusals of the epoch from 1. */
  serial: field(8, ordinal),
};

const resyncBeginFields = {
  instance: field(1, u32),
  epoch: field(2, ordinal),
  /** Sessions that will come. */
  sessions: field(3, uint),
  reason: field(4, enumOf(resyncReasons, 'other')),
  /** Has a place of its own in the stream. */
  sequence: field(5, ordinal),
  /** The buckets that are sent whole; empty for all sessions, and then an epoch begins here. */
  buckets: field(6, list(u32)),
};

const resyncEndFields = {
  instance: field(1, u32),
  epoch: field(2, ordinal),
  /** Sessions that came: whatever the receiver holds besides is gone. */
  sessions: field(3, uint),
  /** Has a place of its own in the stream. */
  sequence: field(4, ordinal),
};

const digestBucketFields = {
  index: field(1, u32),
  /** The 64 bits of the digest. */
  high: field(2, u32),
  low: field(3, u32),
  /** Sessions in the bucket. */
  count: field(4, u32),
};
/** A bucket of sessions in the comparison of the two tables. */
export type DigestBucket = FieldValues<typeof digestBucketFields>;

const digestFields = {
  instance: field(1, u32),
  /** The epoch and sequence at which the sender had these sessions: compare after applying up to there. */
  epoch: field(2, ordinal),
  sequence: field(3, ordinal),
  buckets: field(4, list(recordOf(digestBucketFields))),
};

const digestMismatchFields = {
  instance: field(1, u32),
  /** Indexes of the buckets that differ. */
  buckets: field(2, list(u32)),
  /** Of the digest that this answers. */
  epoch: field(3, ordinal),
  sequence: field(4, ordinal),
};

const conditionFields = { name: field(1, text), passed: field(2, bool), detail: field(3, text) };
/** A condition of a switchover, as validated. */
export type SwitchoverCondition = FieldValues<typeof conditionFields>;

const barrierFields = { instance: field(1, u32), epoch: field(2, ordinal), sequence: field(3, ordinal) };
/** The last sequence that a stream will carry under the term that ends. */
export type StreamPosition = FieldValues<typeof barrierFields>;

const switchoverFields = {
  phase: field(1, enumOf(switchoverPhases)),
  reason: field(2, enumOf(switchoverReasons, 'other')),
  /** In a request: hand over although conditions fail. */
  force: field(3, bool),
  /** In a refusal: what was checked. */
  conditions: field(4, list(recordOf(conditionFields))),
  /** In a barrier: where each stream ends. */
  positions: field(5, list(recordOf(barrierFields))),
};

const acknowledgementFields = {
  /** The alarm's name in the catalogue of the sender's release. */
  alarm: field(1, text),
  /** What it is about, such as a server; absent for the chassis as a whole. */
  about: field(2, optional(text)),
  severity: field(3, enumOf(alarmSeverities, 'critical')),
  by: field(4, text),
  /** Milliseconds since 1970 by the sender's clock. */
  wallClock: field(5, double),
  note: field(6, optional(text)),
};
/** That an operator has taken an alarm on. */
export type TakenOn = FieldValues<typeof acknowledgementFields>;

/** All that stand acknowledged at the sender: what is not among them is not, or not any more. */
const acknowledgementsFields = { taken: field(1, list(recordOf(acknowledgementFields))) };

/** Log-ins that have ended, by their identifiers: whatever followed from one of them ends, too. */
const logOutFields = { logIns: field(1, list(text)) };

const goodbyeFields = { reason: field(1, enumOf(goodbyeReasons, 'other')) };

/** The messages of SRP under their type octets. 1..3 are the handshake, in this order. */
export const srpMessages = {
  clientHello: variant(1, recordOf(greetingFields)),
  serverHello: variant(2, recordOf(greetingFields)),
  proof: variant(3, recordOf(proofFields)),
  hello: variant(4, recordOf(helloFields)),
  configuration: variant(5, recordOf(configurationFields)),
  streamOpen: variant(6, recordOf(streamOpenFields)),
  streamBatch: variant(7, recordOf(streamBatchFields)),
  streamAck: variant(8, recordOf(streamAckFields)),
  streamNack: variant(9, recordOf(streamNackFields)),
  resyncBegin: variant(10, recordOf(resyncBeginFields)),
  resyncEnd: variant(11, recordOf(resyncEndFields)),
  digest: variant(12, recordOf(digestFields)),
  digestMismatch: variant(13, recordOf(digestMismatchFields)),
  switchover: variant(14, recordOf(switchoverFields)),
  goodbye: variant(15, recordOf(goodbyeFields)),
  acknowledgements: variant(16, recordOf(acknowledgementsFields)),
  logOut: variant(17, recordOf(logOutFields)),
} as const;

export type SrpMessage = UnionValue<'kind', typeof srpMessages>;
export type SrpMessageKind = SrpMessage['kind'];
/** The message of one kind. */
export type SrpMessageOf<K extends SrpMessageKind> = Extract<SrpMessage, { readonly kind: K }>;

/** Everything that a party to the pair says, with the term under which it says it. */
export interface SrpEnvelope {
  /** The sender's term: whoever serves and meets a higher one of another that does stops, unless its lineage is older. */
  readonly term: number;
  readonly message: SrpMessage;
}
