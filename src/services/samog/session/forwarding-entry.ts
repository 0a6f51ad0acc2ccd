import type { ForwardingEntry } from '../../../forwarding/entry.ts';
import type { AccessLists } from '../../../forwarding/filter.ts';
import type { AccessListNames } from '../grants.ts';
import { packetFilterOf, policeRatesOf } from './enforcement.ts';
import type { Session } from './state.ts';

/**
 * The data path's entry of a session: the one function that says what is forwarded. A session that is not up has
 * none. While the UE has released its address or its MAG has deregistered it, nothing is delivered, but the entry
 * stays, so that its next packet through an RG is known as its own.
 */
export function forwardingEntryOf(session: Session | undefined, accessLists: AccessLists): ForwardingEntry | undefined {
  if (session?.kind !== 'Live') return undefined;
  const { durable } = session;
  const established = durable.phase.kind === 'Established';
  return {
    sessionId: durable.id,
    mac: durable.mac,
    addresses: durable.addresses,
    access: established ? durable.access : undefined,
    previous: established ? durable.moves.previous : undefined,
    previousUntil: durable.moves.previousUntil,
    eogreFlow: durable.eogreFlow,
    s2a: durable.s2a,
    police: policeRatesOf(durable),
    filter: packetFilterOf(durable.accessLists, accessLists),
  };
}

/** The access lists that a session's packets are compared with. */
export function accessListsNamedBy(session: Session): Partial<AccessListNames> {
  return session.kind === 'Live' ? (session.durable.accessLists ?? {}) : {};
}

/** Whether the entry of the later state may differ from that of the earlier one; cheap, and never wrongly false. */
export function forwardingChanged(before: Session | undefined, after: Session | undefined): boolean {
  if (before === after) return false;
  if (before?.kind !== 'Live' || after?.kind !== 'Live') return before?.kind === 'Live' || after?.kind === 'Live';
  const left = before.durable;
  const right = after.durable;
  return (
    left.access !== right.access ||
    left.phase !== right.phase ||
    left.s2a !== right.s2a ||
    left.accessLists !== right.accessLists ||
    left.ambr !== right.ambr ||
    left.bearer !== right.bearer ||
    left.moves.previous !== right.moves.previous ||
    left.moves.previousUntil !== right.moves.previousUntil
  );
}
