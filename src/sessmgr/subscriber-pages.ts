import type { Session } from '../services/samog/session/state.ts';
import type { SessionPlace, SessionRegistry } from './session-registry.ts';

export interface SubscriberPage {
  readonly sessions: readonly Session[];
  /** Where the next page begins; undefined after the last session. */
  readonly nextCursor: string | undefined;
}

/** Operators who page at the same time; the one idle for longest has to start again. */
const openMax = 32;
/** Sessions looked at for one page: a filter that matches few must not stop the packets. Some tenths of a millisecond. */
const examinedMax = 2000;

/**
 * Pages through all sessions, oldest first, at a cost that does not grow with their number. A cursor is a place in the
 * registry's own order: sessions that come meanwhile are seen, those that go are not. It serves one page.
 */
export class SubscriberPages {
  readonly #open = new Map<string, Iterator<SessionPlace>>();
  #opened = 0;

  /**
   * The next page, or undefined for a cursor that is not (or no longer) known.
   *
   * @param picks which sessions to show; must be the same for every page of a series
   */
  next(
    registry: Pick<SessionRegistry, 'sessions'>,
    cursor: string | undefined,
    limit: number,
    picks: (session: Session) => boolean,
  ): SubscriberPage | undefined {
    const iterator = cursor === undefined ? registry.sessions()[Symbol.iterator]() : this.#open.get(cursor);
    if (iterator === undefined) return undefined;
    if (cursor !== undefined) this.#open.delete(cursor);
    const sessions: Session[] = [];
    for (let examined = 0; examined < examinedMax && sessions.length < limit; examined += 1) {
      const next = iterator.next();
      if (next.done === true) return { sessions, nextCursor: undefined };
      if (picks(next.value.session)) sessions.push(next.value.session);
    }
    return { sessions, nextCursor: this.#keep(iterator) };
  }

  #keep(iterator: Iterator<SessionPlace>): string {
    if (this.#open.size >= openMax) {
      for (const oldest of this.#open.keys()) {
        this.#open.delete(oldest);
        break;
      }
    }
    this.#opened += 1;
    const cursor = `c${this.#opened}`;
    this.#open.set(cursor, iterator);
    return cursor;
  }
}
