import type { Counters } from '../kernel/counters.ts';
import type { Instant } from '../kernel/instant.ts';
import type { CongestionConfig } from '../services/samog/config.ts';
import type { EventSink } from '../services/samog/events.ts';
import type { SamogCounter } from '../services/samog/statistics.ts';

/** How much of something is in use. */
export interface Load {
  readonly inUse: number;
  readonly most: number;
}

export interface CongestionDependencies {
  readonly counters: Counters<SamogCounter>;
  readonly report?: EventSink | undefined;
  /** Of the whole chassis. */
  sessions(): Load;
  /** Requests on their way to AAA servers or waiting, and how many may be on their way to those that live. */
  requests(now: Instant): Load;
}

/** Requests have to fall by so much below the threshold before new UEs are served again. */
const hysteresisPercent = 5;

/**
 * Refuses new UEs under load, so that those that are served stay served: UEs that have a session, and authentications that
 * have begun, never ask here (RFC 5080 section 2.2.3: what was begun is worth more than what would be begun).
 */
export class Congestion {
  /** Undefined for none. */
  config: CongestionConfig | undefined;
  readonly #dependencies: CongestionDependencies;
  #isCongested = false;

  constructor(config: CongestionConfig | undefined, dependencies: CongestionDependencies) {
    this.config = config;
    this.#dependencies = dependencies;
  }

  /** Whether a new UE is refused; to be asked once for each, because it is counted. */
  refuses(now: Instant): boolean {
    if (this.config === undefined) return false;
    const why = this.#reason(this.config, now);
    if ((why !== undefined) !== this.#isCongested) this.#changed(why);
    if (why !== undefined) this.#dependencies.counters.add('congestion.applied');
    return why !== undefined;
  }

  #reason({ sessionsPercent, requestsPercent }: CongestionConfig, now: Instant): string | undefined {
    const sessions = this.#dependencies.sessions();
    // At the limit itself the session is refused for that reason, and counted by it.
    if (sessions.inUse < sessions.most && reaches(sessions, sessionsPercent)) return `${sessions.inUse} sessions`;
    const threshold = this.#isCongested ? requestsPercent - hysteresisPercent : requestsPercent;
    const requests = this.#dependencies.requests(now);
    return reaches(requests, threshold) ? `${requests.inUse} requests to AAA servers` : undefined;
  }

  #changed(why: string | undefined): void {
    this.#isCongested = why !== undefined;
    this.#dependencies.report?.({
      name: why === undefined ? 'congestion-cleared' : 'congestion-entered',
      mac: undefined,
      sessionId: undefined,
      peer: undefined,
      party: 'samog',
      direction: 'internal',
      text: () => (why === undefined ? 'new UEs are served again' : `new UEs are refused: ${why}`),
    });
  }
}

function reaches({ inUse, most }: Load, percent: number): boolean {
  return inUse * 100 >= most * percent;
}
