import { formatMac, isIpv4 } from '../../kernel/address.ts';
import { type SessionStateName, sessionId, sessionMac, stateName } from '../../services/samog/session/state.ts';
import { handoffKinds } from '../../services/samog/statistics.ts';
import { naiOf, type SessionPlace, type SessionRegistry } from '../../sessmgr/session-registry.ts';
import type { Checker, Observed } from './checker.ts';

/** Every session is found by each of its keys, and the gauges are what a recount gives. */
export const registryChecker: Checker = {
  name: 'registry',
  check: ({ managers }: Observed) => managers.flatMap(({ registry }) => check(registry)),
};

function check(registry: SessionRegistry): string[] {
  const wrong: string[] = [];
  const inState: Record<SessionStateName, number> = {
    Authenticating: 0,
    Binding: 0,
    Admitted: 0,
    Established: 0,
    Released: 0,
    Deregistered: 0,
    Disconnecting: 0,
    Owing: 0,
  };
  const ofType = { pmipv6: 0, dhcp: 0, accounting: 0 };
  const waiting = Object.fromEntries(handoffKinds.map((kind) => [kind, 0])) as typeof registry.handoffsInProgress;
  let size = 0;
  for (const place of registry.sessions()) {
    const { session } = place;
    if (session.kind !== 'Owing') size += 1;
    inState[stateName(session)] += 1;
    if (session.kind === 'Live') ofType[session.durable.sessionType] += 1;
    else if (session.kind !== 'Owing' && session.queued?.handoff !== undefined) waiting[session.queued.handoff] += 1;
    wrong.push(...lost(place, registry));
  }
  const counted = { size, ...inState, ...ofType, ...waiting };
  // Those that are not made yet are in no state, and found by nobody without being made.
  const made = registry.size - (registry.dormant?.size ?? 0);
  const kept = { size: made, ...registry.inState, ...registry.ofType, ...registry.handoffsInProgress };
  for (const name of Object.keys(counted) as (keyof typeof counted)[]) {
    if (counted[name] !== kept[name]) wrong.push(`gauge ${name} is ${kept[name]}, a recount gives ${counted[name]}`);
  }
  return wrong;
}

function lost(place: SessionPlace, registry: SessionRegistry): string[] {
  const { session } = place;
  const nai = naiOf(session);
  const wrong: string[] = [];
  const who = formatMac(sessionMac(session));
  if (registry.ofId(sessionId(session)) !== place) wrong.push(`${who} is not found by its identifier`);
  if (session.kind !== 'Owing' && registry.ofMac(sessionMac(session)) !== place)
    wrong.push(`${who} is not found by its MAC address`);
  if (nai !== undefined && registry.ofNai(nai) !== place) wrong.push(`${who} is not found by its NAI ${nai}`);
  for (const { address } of session.kind === 'Live' ? session.durable.addresses : []) {
    const isFound = !isIpv4(address) || [...registry.ofAddress(address)].includes(place);
    if (!isFound) wrong.push(`${who} is not found by its address`);
  }
  return wrong;
}
