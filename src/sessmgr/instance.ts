import type { FlowTable } from '../forwarding/flow-table.ts';
import type { MacAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { RadiusClient } from '../services/samog/aaa/radius-client.ts';
import type { TwanProfiles } from '../services/samog/access/twan-profiles.ts';
import type { SamogConfig } from '../services/samog/config.ts';
import type { SessionEvent } from '../services/samog/session/event.ts';
import type { Session } from '../services/samog/session/state.ts';
import type { Trigger } from '../services/samog/trigger.ts';
import type { SessionPlace, SessionRegistry } from './session-registry.ts';

/** A session manager instance as its own parts see it: what messages are routed by, and how a session is reached. */
export interface Instance {
  readonly config: SamogConfig;
  readonly profiles: TwanProfiles;
  readonly registry: SessionRegistry;
  readonly flows: FlowTable;
  readonly radius: RadiusClient;
  /** Delivers a trigger to the UE's session, or starts one. Returns whether there is a session to answer it. */
  trigger(mac: MacAddress, trigger: Trigger, now: Instant): TriggerResult;
  /** Lets one session take a step. */
  dispatch(place: SessionPlace, event: SessionEvent, now: Instant): void;
  /** Dispatches an event to every session that a predicate picks, a slice at a time; then calls `done`. */
  sweep(picks: (session: Session) => boolean, event: SessionEvent, now: Instant, done?: (now: Instant) => void): void;
  /** The Restart Counters that this gateway and its peers know of each other have changed. */
  restartCountersChanged(now: Instant): void;
}

export type TriggerResult = 'delivered' | 'started' | 'no-session' | 'limit';
