import type { AwaitedConfirmation } from './configuration/reader.ts';
import { alarmsNow } from './views/alarms.ts';
import { stateWords } from './views/srp/words.ts';
import type { Moment, ViewSource } from './views/view.ts';

/** What `GET /v1/health` answers: enough for a prompt, a probe and whoever has to find the process. */
export interface Health {
  readonly status: 'ok';
  readonly chassis: string;
  readonly uptimeSeconds: number;
  readonly sessions: number;
  /** Session manager instances, counted from 1. */
  readonly instances: number;
  /** What the chassis is in its pair, such as `Active`; null for one that is alone. */
  readonly role: string | null;
  /** Alarms that stand, by name. */
  readonly alarms: readonly string[];
  /** A commit that waits to be confirmed; null if none does. */
  readonly unconfirmed: AwaitedConfirmation | null;
}

/** The commit that waits to be confirmed, as far as everybody may know of it. */
export function unconfirmedOf({ configuration }: ViewSource): AwaitedConfirmation | null {
  const waits = configuration?.status().unconfirmed ?? null;
  return waits && { who: waits.who, until: waits.until, secondsLeft: waits.secondsLeft };
}

/** How the gateway is at this moment. It always answers `ok`: one that is not does not answer. */
export function healthOf(source: ViewSource, at: Moment): Health {
  const { config, startedAt, manager, redundancy } = source;
  const chassis = redundancy?.pair.chassis;
  return {
    status: 'ok',
    chassis: config.chassis.name,
    uptimeSeconds: Math.floor((at.now - startedAt) / 1000),
    sessions: manager.registry.size,
    instances: source.managers?.length ?? 1,
    role: chassis === undefined ? null : stateWords[chassis.state.kind],
    alarms: alarmsNow(source, at).map(({ alarm }) => alarm),
    unconfirmed: unconfirmedOf(source),
  };
}
