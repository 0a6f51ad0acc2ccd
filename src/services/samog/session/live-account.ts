import { never } from '../../../kernel/instant.ts';
import { secondOf } from '../account-id.ts';
import {
  type Account,
  type AccountMoment,
  type AccountPolicy,
  type AccountRecord,
  type AccountSubject,
  accountDeadline,
  acknowledgeRecord,
  beginAccount,
  endAccount,
  noteChange,
  owedRecord,
  oweInterim,
} from '../accounting/account.ts';
import { terminateCauseOf } from '../accounting/terminate-cause.ts';
import { naiOfMac } from '../nai.ts';
import type { EndReason } from '../statistics.ts';
import type { SessionContext } from './context.ts';
import type { Emit } from './effect.ts';
import type { DisconnectingSession, DurableSession, OwingSession, Session } from './state.ts';

/**
 * Keeps the account of a live session in step with it: begins it when the UE is first told that it has its address, and owes
 * an INTERIM when its interval is over or something that AAA is told has changed.
 */
export function keepAccount(
  before: Session,
  after: Session | undefined,
  context: SessionContext,
  emit: Emit,
): Session | undefined {
  if (after?.kind !== 'Live') return after;
  const { durable } = after;
  const { account } = durable;
  const next =
    account === undefined ? begun(durable, context, emit) : continued(before, durable, account, context, emit);
  return next === account ? after : { ...after, durable: { ...durable, account: next } };
}

function begun(durable: DurableSession, context: SessionContext, emit: Emit): Account | undefined {
  const isTold = durable.binding !== undefined || durable.lease?.state === 'bound' || durable.access?.kind === 'ip';
  if (!isTold || !context.config.mrmeService.accounting.own) return undefined;
  emit.count('accounting.start.owed');
  return beginAccount(momentOf(durable, context), policyOf(durable, context));
}

function continued(
  before: Session,
  durable: DurableSession,
  account: Account,
  context: SessionContext,
  emit: Emit,
): Account {
  const noted = before.kind === 'Live' && hasChanged(before.durable, durable) ? noteChange(account) : account;
  if (accountDeadline(noted) > context.now) return noted;
  emit.count('accounting.interim.owed');
  if (noted.interim !== undefined) emit.count('accounting.interim.superseded');
  return oweInterim(noted, momentOf(durable, context), policyOf(durable, context));
}

/** What AAA is told again: where the UE is attached, and what AAA itself has changed. */
function hasChanged(left: DurableSession, right: DurableSession): boolean {
  return (
    left.moves.count !== right.moves.count ||
    left.subscriber !== right.subscriber ||
    left.accessLists !== right.accessLists ||
    left.ambr !== right.ambr ||
    left.bearer !== right.bearer
  );
}

/** The account of a session that ends, to be kept until AAA has acknowledged what is owed; undefined if nothing is. */
export function closedAccount(
  durable: DurableSession,
  reason: EndReason | undefined,
  context: SessionContext,
  emit: Pick<Emit, 'count'>,
): Account | undefined {
  const { account } = durable;
  if (account === undefined) return undefined;
  emit.count('accounting.stop.owed');
  if (account.interim !== undefined) emit.count('accounting.interim.superseded');
  const subject = accountSubjectOf(durable, context.config.mrmeService.userName);
  const cause = reason === 'nas-stop' ? durable.handoff?.cause : undefined;
  const moment = momentOf(durable, context, context.finalCountOf(durable.id));
  return endAccount(account, cause ?? terminateCauseOf(reason), subject, moment);
}

/** What is left of a session that serves its UE no more and has told everybody but AAA. */
export function owingOf({ id, bornSecond, mac, account }: DisconnectingSession): OwingSession | undefined {
  if (account === undefined || owedRecord(account) === undefined) return undefined;
  return { kind: 'Owing', id, bornSecond, mac, account };
}

/** AAA has acknowledged a record: what was owed until then, and is no more. */
export function recordAcknowledged(
  account: Account | undefined,
  record: AccountRecord,
  emit: Emit,
): Account | undefined {
  const owed = account && owedRecord(account);
  if (account === undefined || owed === undefined) return account;
  const next = acknowledgeRecord(account, record);
  if (next !== account) emit.count(`accounting.${owed.status}.acknowledged`);
  return next;
}

/** The account of a session in any state, and whose it is. */
export function accountOf(session: Session | undefined): Account | undefined {
  switch (session?.kind) {
    case 'Live':
      return session.durable.account;
    case 'Disconnecting':
    case 'Owing':
      return session.account;
    default:
      return undefined;
  }
}

/** What is left of a session that a fault of ours has ended, if it had an account. */
export function owingAfterFault(
  session: Session,
  context: SessionContext,
  emit: Pick<Emit, 'count'>,
): OwingSession | undefined {
  if (session.kind !== 'Live') return session.kind === 'Disconnecting' ? owingOf(session) : undefined;
  const { id, bornSecond, mac } = session.durable;
  const account = closedAccount(session.durable, undefined, context, emit);
  return account === undefined ? undefined : { kind: 'Owing', id, bornSecond, mac, account };
}

/** What every record of a session says; undefined for one that has no account. */
export function recordSubjectOf(
  session: Session,
  userName: Parameters<typeof naiOfMac>[1],
): AccountSubject | undefined {
  return session.kind === 'Live' ? accountSubjectOf(session.durable, userName) : accountOf(session)?.stop?.subject;
}

function accountSubjectOf(
  { mac, subscriber, addresses, wlc }: DurableSession,
  userName: Parameters<typeof naiOfMac>[1],
): AccountSubject {
  const { apn, classes, chargeableUserIdentity, imsi } = subscriber;
  return {
    mac,
    userName: subscriber.userName ?? naiOfMac(mac, userName),
    apn,
    addresses: addresses.map(({ address }) => address),
    classes,
    chargeableUserIdentity,
    imsi,
    multiSessionId: wlc?.multiSessionId,
  };
}

function momentOf(
  durable: DurableSession,
  context: SessionContext,
  counted = context.countedOf(durable.id),
): AccountMoment {
  const { now, wallClock } = context;
  return { now, second: secondOf(wallClock), counted, attachment: durable.access! };
}

function policyOf(durable: DurableSession, context: SessionContext): AccountPolicy {
  const { interimIntervalSeconds: configured, holdDownMs } = context.config.mrmeService.accounting;
  // The NAS's own setting wins (RFC 2869 section 2.1).
  const seconds = configured ?? durable.subscriber.interimIntervalSeconds;
  return { interimIntervalMs: seconds === undefined ? never : seconds * 1000, holdDownMs };
}
