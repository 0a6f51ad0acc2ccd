import type { IpAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { SessionIdentification } from '../../services/samog/authorization/request.ts';
import type { PeerNews } from './peer-news.ts';

/** Identifiers of the sessions that are meant, two of them at most; undefined where that cannot be told now. */
export type Sought = readonly number[] | undefined;

/** The other instances of a chassis, as an instance sees them. */
export interface Fellows {
  /** Every instance is to tell its sessions, this one too; `SessionManager.settled` follows when all have. */
  spread(news: PeerNews, now: Instant): void;
  /** Which sessions a request of AAA means: of each instance by its place, this one among them. `done` may be called at once. */
  seek(wanted: SessionIdentification, now: Instant, done: (found: readonly Sought[], now: Instant) => void): void;
  /** Gives a request of AAA to the instance at a place, from 0, for this session of it. The octets are copied. */
  passOn(index: number, sessionId: number, peer: IpAddress, peerPort: number, octets: Uint8Array, now: Instant): void;
}
