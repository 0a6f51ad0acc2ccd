import { sameEntry } from '../../forwarding/flow-table.ts';
import { formatMac } from '../../kernel/address.ts';
import { forwardingEntryOf } from '../../services/samog/session/forwarding-entry.ts';
import { sessionId, sessionMac } from '../../services/samog/session/state.ts';
import type { SessionManager } from '../../sessmgr/session-manager.ts';
import type { Checker, Observed } from './checker.ts';

/** The forwarding table is the projection of the sessions: each one's entry, no more and no less, found by every key. */
export const forwardingChecker: Checker = {
  name: 'forwarding',
  check: ({ managers }: Observed) => managers.flatMap(check),
};

function check({ registry, flows, accessLists }: SessionManager): string[] {
  const wrong: string[] = [];
  let desired = 0;
  for (const { session } of registry.sessions()) {
    const id = sessionId(session);
    const who = formatMac(sessionMac(session));
    const wanted = forwardingEntryOf(session, accessLists);
    const found = flows.readBack(id);
    if (wanted === undefined) {
      if (found !== undefined) wrong.push(`${who} is ${session.kind} and has a forwarding entry`);
      continue;
    }
    desired += 1;
    if (found === undefined) {
      wrong.push(`${who} has no forwarding entry`);
      continue;
    }
    if (!sameEntry(wanted, found)) wrong.push(`the forwarding entry of ${who} is not that of its session`);
    const slot = flows.slotOfSession(id);
    if (flows.slotOfMac(wanted.mac) !== slot) wrong.push(`the flow of ${who} is not found by its MAC address`);
    if (flows.slotOfDownlinkKey(wanted.s2a.downlinkKey) !== slot) {
      wrong.push(`the flow of ${who} is not found by the key of the LMA's packets`);
    }
    if (wanted.access?.kind === 'pmipv6' && flows.slotOfUplinkKey(wanted.access.uplinkKey) !== slot) {
      wrong.push(`the flow of ${who} is not found by the key of its MAG's packets`);
    }
    if (wanted.access?.kind === 'ip' && flows.slotOfIpPath(wanted.access.peer, wanted.access.address) !== slot) {
      wrong.push(`the flow of ${who} is not found by its address at its access point`);
    }
  }
  if (flows.size !== desired) wrong.push(`${flows.size} forwarding entries for ${desired} sessions that are up`);
  return wrong;
}
