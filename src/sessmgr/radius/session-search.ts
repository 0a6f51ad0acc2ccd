import type { Instant } from '../../kernel/instant.ts';
import { identifies, type SessionIdentification } from '../../services/samog/authorization/request.ts';
import { identityOf } from '../../services/samog/session/identity.ts';
import { sessionId } from '../../services/samog/session/state.ts';
import type { Instance } from '../instance.ts';
import type { Sought } from '../instances/fellows.ts';
import type { SessionPlace } from '../session-registry.ts';

/** Sessions of one address that are looked at to find the one that is meant. */
const sharingMax = 64;
/** Two are as many as very many: neither is meant more than the other. */
const enough = 2;
/** Searches by a name alone that may wait for one another; each looks at every session. */
export const searchesMax = 8;

/**
 * Finds the sessions of one instance that AAA means where neither account nor UE is named: by their address, or by a name
 * that no index has (User-Name, IMSI, Chargeable-User-Identity), for which all sessions are looked at, a slice at a time.
 */
export class SessionSearch {
  readonly #instance: Pick<Instance, 'config' | 'registry' | 'survey'>;
  #running = 0;

  constructor(instance: Pick<Instance, 'config' | 'registry' | 'survey'>) {
    this.#instance = instance;
  }

  /** `done` may be called before this returns. Sessions found may be gone by then. */
  search(wanted: SessionIdentification, now: Instant, done: (found: Sought, now: Instant) => void): void {
    const { registry } = this.#instance;
    // Those that are still to be made have names and addresses, too.
    if (registry.dormant !== undefined) return done(undefined, now);
    if (wanted.framedIpAddress !== undefined) return done(this.#amongSharing(wanted), now);
    if (this.#running >= searchesMax) return done(undefined, now);
    this.#running += 1;
    const found: number[] = [];
    const look = (place: SessionPlace): void => {
      if (found.length < enough && this.isMeant(wanted, place)) found.push(sessionId(place.session));
    };
    this.#instance.survey(look, now, (at) => {
      this.#running -= 1;
      done(registry.dormant === undefined ? found : undefined, at);
    });
  }

  /** Whether a session is up, and all that is given is true of it. */
  isMeant(wanted: SessionIdentification, { session }: SessionPlace): boolean {
    if (session.kind !== 'Live') return false;
    // The most selective first: a search looks at very many.
    if (wanted.imsi !== undefined && wanted.imsi !== session.durable.subscriber.imsi) return false;
    return identifies(wanted, identityOf(session, this.#instance.config));
  }

  #amongSharing(wanted: SessionIdentification): Sought {
    const found: number[] = [];
    let looks = 0;
    for (const place of this.#instance.registry.ofAddress(wanted.framedIpAddress!)) {
      looks += 1;
      if (looks > sharingMax) return undefined;
      if (this.isMeant(wanted, place)) found.push(sessionId(place.session));
      if (found.length === enough) break;
    }
    return found;
  }
}
