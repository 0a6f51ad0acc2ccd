import type { SessionUsage } from '../../../forwarding/accelerator.ts';
import type { AccessPath } from '../../../forwarding/entry.ts';
import type { IpAddress, MacAddress } from '../../../kernel/address.ts';
import { type Instant, never } from '../../../kernel/instant.ts';

/**
 * What a session owes AAA: no queue of packets, but a state from which the records follow. Counters are cumulative, so that
 * at most a START, the newest INTERIM (RFC 2869 section 2.1 allows one in the queue) and a STOP are owed. An immutable
 * value; `stop` is the end of it.
 */
export interface Account {
  /** From here Acct-Session-Time counts. */
  readonly beganAt: Instant;
  /** What is owed, each until AAA has acknowledged it. */
  readonly start: AccountRecord | undefined;
  readonly interim: AccountRecord | undefined;
  readonly stop: FinalRecord | undefined;
  /** What the newest record says: what follows says no less. */
  readonly told: Counted;
  /** When the newest record was made, as it says: what follows is no older. Undefined if a gateway made it that did not keep it. */
  readonly toldAt: ToldAt | undefined;
  /** When the next INTERIM is due, or `never`. */
  readonly interimAt: Instant;
  /** What changes until then is told at once, at that moment: so no two records are of the same second either. */
  readonly heldUntil: Instant;
  /** Something has changed since the newest record. */
  readonly hasChanged: boolean;
}

/** Event-Timestamp and Acct-Session-Time of a record. */
export type ToldAt = Pick<AccountRecord, 'second' | 'sessionSeconds'>;

/** Packets and octets of the UE's own IP packets since its session began: uplink is AAA's input. */
export type Counted = Omit<SessionUsage, 'lastActivity'>;

/** Where a UE is attached, as far as AAA is told. */
export type Attachment = Pick<AccessPath, 'kind' | 'peer'>;

/** What one record says, but for what all of the session say. */
export interface AccountRecord {
  /** Event-Timestamp: seconds since 1970 (32 bits). */
  readonly second: number;
  /** Acct-Session-Time. */
  readonly sessionSeconds: number;
  readonly counted: Counted;
  readonly attachment: Attachment;
}

/** A STOP: the session may be gone before it is acknowledged, so it says whose it is. */
export interface FinalRecord extends AccountRecord {
  /** Acct-Terminate-Cause. */
  readonly cause: number;
  readonly subject: AccountSubject;
}

/** What every record of a session says. */
export interface AccountSubject {
  readonly mac: MacAddress;
  readonly userName: string;
  readonly apn: string | undefined;
  readonly addresses: readonly IpAddress[];
  /** Class, as AAA gave it and in its order (RFC 2865 section 5.25). */
  readonly classes: readonly Uint8Array[];
  readonly chargeableUserIdentity: Uint8Array | undefined;
  readonly imsi: string | undefined;
  /** Acct-Multi-Session-Id of the WLC where the UE is: what ties its records to ours (RFC 2866 section 5.11). */
  readonly multiSessionId: string | undefined;
}

/** A record that AAA has not acknowledged. */
export type OwedRecord =
  | { readonly status: 'start' | 'interim'; readonly record: AccountRecord }
  | { readonly status: 'stop'; readonly record: FinalRecord };

/** The moment of which a record speaks. */
export interface AccountMoment {
  readonly now: Instant;
  readonly second: number;
  /** What the data path has forwarded until then. */
  readonly counted: Counted;
  readonly attachment: Attachment;
}

export interface AccountPolicy {
  /** `never` for no INTERIM but those of changes. */
  readonly interimIntervalMs: number;
  readonly holdDownMs: number;
}

/** The session is up for its UE: a START is owed. */
export function beginAccount(moment: AccountMoment, policy: AccountPolicy): Account {
  const { now, counted } = moment;
  const start = recordOf(now, moment);
  return {
    beganAt: now,
    start,
    interim: undefined,
    stop: undefined,
    told: counted,
    toldAt: toldAtOf(start),
    interimAt: now + policy.interimIntervalMs,
    heldUntil: now + policy.holdDownMs,
    hasChanged: false,
  };
}

/** Something of the session has changed that AAA is to know of: an INTERIM is owed now, or when the hold-down is over. */
export function noteChange(account: Account): Account {
  return account.hasChanged ? account : { ...account, hasChanged: true };
}

/** When the account has something to do; `never` if it has not. */
export function accountDeadline(account: Account): Instant {
  const changeAt = account.hasChanged ? account.heldUntil : never;
  return Math.min(account.interimAt, changeAt);
}

/** An INTERIM is owed; one that was not acknowledged is superseded: the new one says more. */
export function oweInterim(account: Account, moment: AccountMoment, policy: AccountPolicy): Account {
  const interim = nextRecord(account, moment, 1);
  return {
    ...account,
    interim,
    told: interim.counted,
    toldAt: toldAtOf(interim),
    interimAt: moment.now + policy.interimIntervalMs,
    heldUntil: moment.now + policy.holdDownMs,
    hasChanged: false,
  };
}

/** The session is over: a STOP is owed, before it a START that is still owed, and no INTERIM. */
export function endAccount(account: Account, cause: number, subject: AccountSubject, moment: AccountMoment): Account {
  // An INTERIM that it supersedes may be on its way still.
  const record = nextRecord(account, moment, account.interim === undefined ? 0 : 1);
  return {
    ...account,
    interim: undefined,
    stop: { ...record, cause, subject },
    told: record.counted,
    toldAt: toldAtOf(record),
    interimAt: never,
    heldUntil: never,
    hasChanged: false,
  };
}

/** AAA has acknowledged a record. One that has been superseded meanwhile changes nothing. */
export function acknowledgeRecord(account: Account, record: AccountRecord): Account {
  if (account.start === record) return { ...account, start: undefined };
  if (account.interim === record) return { ...account, interim: undefined };
  return account.stop === record ? { ...account, stop: undefined } : account;
}

/** The record that goes to AAA next, of which there is one on its way at a time; undefined if nothing is owed. */
export function owedRecord({ start, interim, stop }: Account): OwedRecord | undefined {
  if (start !== undefined) return { status: 'start', record: start };
  if (interim !== undefined) return { status: 'interim', record: interim };
  return stop === undefined ? undefined : { status: 'stop', record: stop };
}

/** Of two counts of one session what both have seen. */
export function mostCounted(left: Counted, right: Counted): Counted {
  return {
    uplinkPackets: Math.max(left.uplinkPackets, right.uplinkPackets),
    uplinkOctets: Math.max(left.uplinkOctets, right.uplinkOctets),
    downlinkPackets: Math.max(left.downlinkPackets, right.downlinkPackets),
    downlinkOctets: Math.max(left.downlinkOctets, right.downlinkOctets),
  };
}

/**
 * Says no less than the former record, and is no older. Another chassis may have made that one, whose wall clock is ahead: AAA
 * takes what has an earlier Event-Timestamp for older, and another INTERIM of one second for a repetition.
 * @param apartSeconds by how much it is later at least
 */
function nextRecord(account: Account, moment: AccountMoment, apartSeconds: 0 | 1): AccountRecord {
  const { beganAt, told, toldAt } = account;
  const record = recordOf(beganAt, moment);
  const counted = mostCounted(record.counted, told);
  if (toldAt === undefined) return { ...record, counted };
  return {
    ...record,
    counted,
    second: Math.max(record.second, (toldAt.second + apartSeconds) >>> 0),
    sessionSeconds: Math.max(record.sessionSeconds, toldAt.sessionSeconds),
  };
}

function recordOf(beganAt: Instant, { now, second, counted, attachment }: AccountMoment): AccountRecord {
  return {
    second,
    sessionSeconds: Math.max(0, Math.floor((now - beganAt) / 1000)),
    counted,
    attachment: { kind: attachment.kind, peer: attachment.peer },
  };
}

function toldAtOf({ second, sessionSeconds }: AccountRecord): ToldAt {
  return { second, sessionSeconds };
}
