import type { FlowTable } from '../forwarding/flow-table.ts';
import type { MacAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { RadiusClient } from '../services/samog/aaa/radius-client.ts';
import type { TwanProfiles } from '../services/samog/access/twan-profiles.ts';
import type { AnsweredRequest } from '../services/samog/answered-request.ts';
import type { SamogConfig } from '../services/samog/config.ts';
import type { SessionEvent } from '../services/samog/session/event.ts';
import type { Trigger } from '../services/samog/trigger.ts';
import type { Congestion } from './congestion.ts';
import type { PeerNews } from './instances/peer-news.ts';
import type { NasDisconnects } from './radius/nas-disconnects.ts';
import type { SessionPlace, SessionRegistry } from './session-registry.ts';

/** A session manager instance as its own parts see it: what messages are routed by, and how a session is reached. */
export interface Instance {
  readonly config: SamogConfig;
  readonly profiles: TwanProfiles;
  readonly registry: SessionRegistry;
  readonly flows: FlowTable;
  readonly congestion: Congestion;
  readonly radius: RadiusClient;
  readonly nasDisconnects: NasDisconnects;
  /** Delivers a trigger to the UE's session, or starts one. Returns whether there is a session to answer it. */
  trigger(mac: MacAddress, trigger: Trigger, now: Instant): TriggerResult;
  /** A session identifier, which is also its GRE key: 32 random bits, not zero, not in use. */
  newId(): number;
  /** What waits for a session goes to the WLC: it is granted, or refused. */
  answerAccess(id: number, granted: boolean, now: Instant): void;
  /** What a WLC's accounting has said is recorded. */
  answerRecord(request: AnsweredRequest, now: Instant): void;
  /** What a WLC's accounting has said is not recorded: it may come again. */
  forgetRecord(request: AnsweredRequest): void;
  /** Lets one session take a step. */
  dispatch(place: SessionPlace, event: SessionEvent, now: Instant): void;
  /** Looks at every session of this instance that is not dormant, a slice at a time; then calls `done`. */
  survey(look: (place: SessionPlace) => void, now: Instant, done: (now: Instant) => void): void;
  /** Tells all sessions of a peer, whichever instance has them, what has become of it. */
  spread(news: PeerNews, now: Instant): void;
  /** The Restart Counters that this gateway and its peers know of each other have changed. */
  restartCountersChanged(now: Instant): void;
}

/** `not-admitted`: the access node's profile has UEs authenticated by RADIUS, and this one was not. */
export type TriggerResult = 'delivered' | 'started' | 'no-session' | 'not-admitted' | 'limit';
