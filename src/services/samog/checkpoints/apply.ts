import type { Instant } from '../../../kernel/instant.ts';
import type { DecodeReason } from '../../../wire/bytes/decoded.ts';
import { decodePayloadHeader, type PayloadHeader } from '../../../wire/checkpoint/payload.ts';
import { type AccessListNames, unknownAccessList } from '../grants.ts';
import type { DurableSession, OwingSession } from '../session/state.ts';
import { command } from './commands.ts';
import { decodeFull } from './full-checkpoint.ts';
import { decodeAt } from './instant-codec.ts';
import { deletePdn, factCommand, factCommands, invalidate } from './micro-checkpoints.ts';
import type { Fact, SavedEnding, SavedLive, SessionRecord } from './saved-session.ts';

/** What became of a micro-checkpoint. A record that is not `applied` to is as it was. */
export type Applied =
  | { readonly kind: 'applied'; readonly record: SessionRecord; readonly unknownFields: number }
  /** The session is over: the record is to be deleted. */
  | { readonly kind: 'deleted' }
  /** It came before. */
  | { readonly kind: 'unchanged' }
  /** What it says has been overtaken. */
  | { readonly kind: 'stale' }
  /**
   * The session is to be asked for whole: `missing-base` if the micro-checkpoint builds on a full one that never came,
   * `unresolved-name` if it names an access list that there is not here.
   */
  | {
      readonly kind: 'refused';
      readonly reason: DecodeReason | 'unknown-command' | 'missing-base' | 'unresolved-name';
    };

const unchanged: Applied = { kind: 'unchanged' };
const stale: Applied = { kind: 'stale' };

/**
 * Applies a micro-checkpoint to a record, whole or not at all. Every fact has a revision of its own, so that the outcome
 * does not depend on how often or in which order micro-checkpoints come.
 * @param now the clock of the chassis that holds the record
 * @param lists the access lists of the chassis, where one that is not among them is to be refused
 */
export function applyMicro(
  record: SessionRecord,
  cmdId: number,
  payload: Uint8Array,
  now: Instant,
  lists?: { has(name: string): boolean },
): Applied {
  const header = decodePayloadHeader(payload);
  if (!header.ok) return { kind: 'refused', reason: header.reason };
  if (header.value.baseRevision > record.baseRevision) return { kind: 'refused', reason: 'missing-base' };
  if (cmdId === command.invalidate.cmdId) return applyInvalidate(record, payload, now);
  if (cmdId === command.deletePdn.cmdId) return applyDeletePdn(record, payload, now);
  return applyFacts(record, cmdId, payload, now, lists);
}

/** A checkpoint as it was kept, undecoded. */
export interface KeptCheckpoint {
  readonly cmdId: number;
  readonly payload: Uint8Array;
  /** When it came, by the clock of the chassis that keeps it: its remaining times count from then. */
  readonly receivedAt: Instant;
}

/**
 * The record that kept checkpoints amount to: a full one, and the newest micro-checkpoint of each command since, in any
 * order. Undefined if the session is over; fails if one of them is refused.
 */
export function recordOfKept(
  full: Omit<KeptCheckpoint, 'cmdId'>,
  micros: Iterable<KeptCheckpoint>,
): SessionRecord | Extract<Applied, { kind: 'refused' }> | undefined {
  const read = decodeFull(full.payload, full.receivedAt);
  if (!read.ok) return { kind: 'refused', reason: read.reason };
  const { unknownFields: _, ...base } = read.value;
  let record: SessionRecord = base;
  for (const { cmdId, payload, receivedAt } of micros) {
    const applied = applyMicro(record, cmdId, payload, receivedAt);
    if (applied.kind === 'refused') return applied;
    if (applied.kind === 'deleted') return undefined;
    if (applied.kind === 'applied') record = applied.record;
  }
  return record;
}

function revisionOf(record: SessionRecord, fact: Fact): number {
  return record.newer?.[fact] ?? record.baseRevision;
}

function applyInvalidate(record: SessionRecord, payload: Uint8Array, now: Instant): Applied {
  const read = decodeAt(now, invalidate, payload);
  if (!read.ok) return { kind: 'refused', reason: read.reason };
  return read.value.revision < record.baseRevision ? stale : { kind: 'deleted' };
}

function applyFacts(
  record: SessionRecord,
  cmdId: number,
  payload: Uint8Array,
  now: Instant,
  lists: { has(name: string): boolean } | undefined,
): Applied {
  const which = factCommands.get(cmdId);
  if (which === undefined) return { kind: 'refused', reason: 'unknown-command' };
  const read = decodeAt(now, which.payload, payload);
  if (!read.ok) return { kind: 'refused', reason: read.reason };
  const { value, revision, unknownFields } = read.value;
  // Also where 173 has said it before: the active is to hear of it.
  const isCurrent = revision >= revisionOf(record, 'accessLists');
  if (which === factCommand.accessLists && isCurrent && lists !== undefined) {
    const named = value.accessLists as AccessListNames | undefined;
    if (unknownAccessList(named, lists) !== undefined) return { kind: 'refused', reason: 'unresolved-name' };
  }
  const fresh = which.facts.filter((fact) => holds(record, fact) && revision > revisionOf(record, fact));
  if (fresh.length === 0) return overtaken(record, which.facts, read.value);
  const saved =
    record.saved.kind === 'Live' ? withFacts(record.saved, fresh, value) : withOwed(record.saved, fresh, value);
  const newer = { ...record.newer, ...Object.fromEntries(fresh.map((fact) => [fact, revision])) };
  return { kind: 'applied', record: { ...record, saved, newer }, unknownFields };
}

/** Of a session that is over nothing is left to change but what it owes. */
function holds({ saved }: SessionRecord, fact: Fact): boolean {
  return saved.kind === 'Live' || fact === 'account' || (fact === 'cleanups' && saved.kind === 'Disconnecting');
}

function overtaken(record: SessionRecord, facts: readonly Fact[], { revision }: PayloadHeader): Applied {
  return facts.every((fact) => holds(record, fact) && revisionOf(record, fact) === revision) ? unchanged : stale;
}

type Values = Readonly<Record<string, unknown>>;

function withFacts(saved: SavedLive, facts: readonly Fact[], value: Values): SavedLive {
  const beside: Record<string, unknown> = {};
  const durable: Record<string, unknown> = {};
  for (const fact of facts) (isBeside(fact) ? beside : durable)[fact] = value[fact];
  return { ...saved, ...beside, durable: { ...saved.durable, ...(durable as Partial<DurableSession>) } };
}

/** Facts that stand beside the durable state. */
function isBeside(fact: Fact): boolean {
  return fact === 'request' || fact === 'usage' || fact === 'idleAt';
}

function withOwed(
  saved: SavedEnding | OwingSession,
  facts: readonly Fact[],
  value: Values,
): SavedEnding | OwingSession {
  const owed = Object.fromEntries(facts.map((fact) => [fact, value[fact]])) as Partial<SavedEnding>;
  if (saved.kind === 'Disconnecting') return { ...saved, ...owed };
  return owed.account === undefined ? saved : { ...saved, account: owed.account };
}

function applyDeletePdn(record: SessionRecord, payload: Uint8Array, now: Instant): Applied {
  const read = decodeAt(now, deletePdn, payload);
  if (!read.ok) return { kind: 'refused', reason: read.reason };
  const { value, revision, unknownFields } = read.value;
  const held = revisionOf(record, 'ending');
  if (revision <= held) return revision === held ? unchanged : stale;
  const { saved } = record;
  // It tells nobody anything any more: what it owes to AAA came with its full checkpoint.
  if (saved.kind === 'Owing') return stale;
  const { id, bornSecond, mac, nai, account } = saved.kind === 'Live' ? saved.durable : saved;
  const cleanupsHeld = saved.kind === 'Live' ? saved.durable.cleanups : saved.cleanups;
  const cleanupsAreNewer = revision > revisionOf(record, 'cleanups');
  const accountIsNewer = revision > revisionOf(record, 'account');
  const ending: SavedEnding = {
    kind: 'Disconnecting',
    id,
    bornSecond,
    mac,
    nai,
    reason: value.reason,
    s2a: value.s2a,
    request: requestOf(value.pdn),
    cleanups: cleanupsAreNewer ? value.cleanups : cleanupsHeld,
    nas: value.nas,
    account: accountIsNewer ? value.account : account,
  };
  const newer = {
    ...record.newer,
    ending: revision,
    ...(cleanupsAreNewer ? { cleanups: revision } : {}),
    ...(accountIsNewer ? { account: revision } : {}),
  };
  return { kind: 'applied', record: { ...record, saved: ending, newer }, unknownFields };
}

type Pdn = NonNullable<ReturnType<typeof deletePdn.decode> & { ok: true }>['value']['value']['pdn'];

function requestOf(pdn: Pdn): SavedEnding['request'] {
  if (pdn.phase === 'deleted') return undefined;
  const { phase: _, ...request } = pdn;
  return request;
}
