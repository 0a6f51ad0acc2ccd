import { formatMac } from '../../kernel/address.ts';
import type { IpAccessPoint } from '../../peers/ip-access-point.ts';
import type { Checker, Observed } from './checker.ts';

/**
 * An access point that was answered the STOP of a visit will not say it again: no session goes on with that visit, however late its START
 * comes. Of a gateway that forgets nothing: one that takes another's place knows of the STOPs that its peer was told of.
 */
export class VisitsChecker implements Checker {
  readonly name = 'visits';
  readonly #accessPoints: readonly Pick<IpAccessPoint, 'address' | 'stopped'>[];

  constructor(accessPoints: readonly Pick<IpAccessPoint, 'address' | 'stopped'>[]) {
    this.#accessPoints = accessPoints;
  }

  check({ manager }: Observed): readonly string[] {
    if (this.#accessPoints.length === 0) return [];
    const wrong: string[] = [];
    for (const { session } of manager.registry.sessions()) {
      if (session.kind !== 'Live' || session.durable.access?.kind !== 'ip') continue;
      const { mac, wlc, handoff } = session.durable;
      if (wlc === undefined || handoff !== undefined) continue;
      const { acctSessionId } = wlc.identity;
      const where = this.#accessPoints.find(({ address }) => address === wlc.nas);
      if (where?.stopped.has(acctSessionId))
        wrong.push(`${formatMac(mac)} has a session by ${acctSessionId}, which is stopped`);
    }
    return wrong;
  }
}
