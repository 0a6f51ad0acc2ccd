import { type AccessPath, samePath } from '../../forwarding/entry.ts';
import { formatIp, formatMac } from '../../kernel/address.ts';
import type { Checker, Observed } from './checker.ts';

/** How long after a UE has left a place what it said there may still arrive: clogs, delays and retransmissions. */
const echoMsMax = 60_000;

/** A session goes only where its UE is, or has just been: nobody else can move it. */
export class PlacesChecker implements Checker {
  readonly name = 'places';
  #paths = new Map<number, AccessPath>();

  check({ now, manager, lastSeenAt }: Observed): readonly string[] {
    const wrong: string[] = [];
    const paths = new Map<number, AccessPath>();
    for (const { session } of manager.registry.sessions()) {
      if (session.kind !== 'Live' || session.durable.access === undefined) continue;
      const { id, mac, access } = session.durable;
      paths.set(id, access);
      const before = this.#paths.get(id);
      if (before === access || samePath(before, access)) continue;
      const seenAt = lastSeenAt(mac, access.peer);
      if (seenAt !== undefined && now - seenAt <= echoMsMax) continue;
      wrong.push(`the session of ${formatMac(mac)} went to ${formatIp(access.peer)}, where its UE is not`);
    }
    this.#paths = paths;
    return wrong;
  }
}
