import { formatMac } from '../../kernel/address.ts';
import type { IpAccessPoint } from '../../peers/ip-access-point.ts';
import type { SessionRegistry } from '../../sessmgr/session-registry.ts';
import type { Checker, Observed } from './checker.ts';

/** An access point, and the Acct-Session-Ids whose STOP it has said, and was answered. */
export type StoppedVisits = Pick<IpAccessPoint, 'name' | 'address' | 'said' | 'stopped'>;

/**
 * An access point that was answered the STOP of a visit will not say it again: no session goes on with that visit, however late its START
 * comes. Of a gateway that forgets nothing; `PairVisitsChecker` says what a pair may forget.
 */
export class VisitsChecker implements Checker {
  readonly name = 'visits';
  readonly #accessPoints: readonly StoppedVisits[];

  constructor(accessPoints: readonly StoppedVisits[]) {
    this.#accessPoints = accessPoints;
  }

  check({ manager }: Observed): readonly string[] {
    return goingOn(manager.registry, this.#accessPoints).map(({ text }) => text);
  }
}

/** The sessions that go on with a visit that is stopped, by the name of its access point and its Acct-Session-Id. */
export function goingOn(
  registry: Pick<SessionRegistry, 'sessions'>,
  accessPoints: readonly StoppedVisits[],
): { readonly visit: string; readonly text: string }[] {
  if (accessPoints.length === 0) return [];
  const found: { visit: string; text: string }[] = [];
  for (const { session } of registry.sessions()) {
    if (session.kind !== 'Live' || session.durable.access?.kind !== 'ip') continue;
    const { mac, wlc, handoff } = session.durable;
    if (wlc === undefined || handoff !== undefined) continue;
    const { acctSessionId } = wlc.identity;
    const where = accessPoints.find(({ address }) => address === wlc.nas);
    if (where?.stopped.has(acctSessionId) !== true) continue;
    const text = `${formatMac(mac)} has a session by ${acctSessionId}, which is stopped`;
    found.push({ visit: visitOf(where, acctSessionId), text });
  }
  return found;
}

/** An Acct-Session-Id is its access point's own. */
export function visitOf({ name }: StoppedVisits, acctSessionId: string): string {
  return `${name} ${acctSessionId}`;
}
