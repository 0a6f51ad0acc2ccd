import type { AccessPath } from '../../../forwarding/entry.ts';
import { samePath } from '../../../forwarding/entry.ts';
import { formatIp } from '../../../kernel/address.ts';
import { utf8Decode } from '../../../wire/bytes/text.ts';
import type { Counted } from '../accounting/account.ts';
import { identityValue, type TargetIdentity } from '../intercept/target.ts';
import type { SessionEvent } from './event.ts';
import type { DurableSession, Session, SetupSession } from './state.ts';

/** What a session is known by: whoever is a target by one of these is a target. */
export function identitiesOf(session: Session): readonly TargetIdentity[] {
  if (session.kind === 'Live') return identitiesOfLive(session.durable);
  const identities: TargetIdentity[] = [{ kind: 'mac', value: session.mac }];
  if (session.kind === 'Binding' && session.anchor !== undefined) {
    const { nai, subscriber } = session.anchor;
    identities.push({ kind: 'nai', value: nai });
    if (subscriber.imsi !== undefined) identities.push({ kind: 'imsi', value: subscriber.imsi });
  } else if (session.kind === 'Disconnecting') identities.push({ kind: 'nai', value: session.nai });
  return identities;
}

function identitiesOfLive({ mac, nai, subscriber, addresses, radius }: DurableSession): readonly TargetIdentity[] {
  const { imsi, userName, chargeableUserIdentity } = subscriber;
  const identities: TargetIdentity[] = [{ kind: 'mac', value: mac }];
  if (imsi !== undefined) identities.push({ kind: 'imsi', value: imsi });
  const msisdn = chargeableUserIdentity === undefined ? undefined : msisdnOf(chargeableUserIdentity);
  if (msisdn !== undefined) identities.push({ kind: 'msisdn', value: msisdn });
  for (const name of new Set([nai, subscriber.nai, userName, radius?.userName])) {
    if (name !== undefined) identities.push({ kind: 'nai', value: name });
  }
  for (const { address } of addresses) identities.push({ kind: 'address', value: address });
  return identities;
}

/** An operator's AAA says the MSISDN as Chargeable-User-Identity (RFC 4372), if it says it at all: 5 to 15 digits. */
function msisdnOf(chargeableUserIdentity: Uint8Array): string | undefined {
  return /^\+?(\d{5,15})$/.exec(utf8Decode(chargeableUserIdentity))?.[1];
}

/** What a step of a session was, to whoever intercepts it. */
export type OccurrenceName =
  | 'session-begin'
  | 'session-end'
  | 'attach-failed'
  | 'attached'
  | 'handover'
  | 're-authentication'
  | 'authorization-changed'
  | 'address-released'
  | 'deregistered';

/** Undefined for what is no event: a lease or binding that goes on, a record to AAA, a timer. */
export function occurrenceOf(
  before: Session | undefined,
  after: Session | undefined,
  event: SessionEvent | undefined,
): OccurrenceName | undefined {
  if (before?.kind !== 'Live') {
    if (after?.kind === 'Live') return 'session-begin';
    return after === undefined && before !== undefined && isSetup(before) ? 'attach-failed' : undefined;
  }
  if (after?.kind !== 'Live') return 'session-end';
  const [was, is] = [before.durable, after.durable];
  if (!samePath(was.access, is.access)) return was.access === undefined ? 'attached' : 'handover';
  if (event?.kind === 'accessAccepted') return 're-authentication';
  if (was.reauthorization !== is.reauthorization) return 'authorization-changed';
  if (was.phase.kind === is.phase.kind) return undefined;
  if (is.phase.kind === 'Released') return 'address-released';
  return is.phase.kind === 'Deregistered' ? 'deregistered' : undefined;
}

function isSetup(session: Session): session is SetupSession {
  return session.kind === 'Authenticating' || session.kind === 'Binding';
}

/** What an event tells of the session it is about. */
export function factsOf(session: Session, counted: Counted | undefined): Readonly<Record<string, unknown>> {
  const identities = identitiesOf(session).map((identity) => `${identity.kind} ${identityValue(identity)}`);
  if (session.kind !== 'Live') return { identities };
  const { durable } = session;
  return {
    identities,
    apn: durable.subscriber.apn,
    addresses: durable.addresses.map(({ address }) => formatIp(address)),
    access: accessFacts(durable.access),
    accessPoint: durable.radius?.calledStationId,
    lma: formatIp(durable.s2a.peer),
    ...(counted === undefined ? {} : { counted }),
  };
}

/** Where a UE is attached, as events tell it. */
export function accessFacts(path: AccessPath | undefined): Readonly<Record<string, unknown>> | undefined {
  if (path === undefined) return undefined;
  const peer = formatIp(path.peer);
  if (path.kind === 'ip') return { kind: 'ip', peer };
  return path.kind === 'eogre' ? { kind: 'eogre', peer, vlan: path.vlan } : { kind: 'pmipv6', peer };
}

/** The second in which a session began: with its identifier the name of what is intercepted of it. */
export function bornSecondOf(session: Session): number {
  return session.kind === 'Live' ? session.durable.bornSecond : session.bornSecond;
}
