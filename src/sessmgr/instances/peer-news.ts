import type { IpAddress } from '../../kernel/address.ts';
import type { SessionEvent } from '../../services/samog/session/event.ts';
import { nasOf } from '../../services/samog/session/live-wlc.ts';
import type { Session } from '../../services/samog/session/state.ts';
import { lmaOf } from '../anchor.ts';

/** What concerns all sessions of a peer, whichever instance has them. */
export interface PeerNews {
  readonly kind: 'mag-restarted' | 'lma-restarted' | 'lma-revoked' | 'nas-restarted' | ServiceNews;
  /** Of `ServiceNews` the gateway itself, as a NAS. */
  readonly peer: IpAddress;
}

/**
 * The service begins without sessions, its Accounting-On is settled or not to be sent, or it ends and keeps none. On a chassis
 * of a pair it begins in two steps: records are held, and Accounting-On is said when no other chassis has sessions.
 */
export type ServiceNews =
  | 'accounting-begins'
  | 'accounting-held'
  | 'accounting-announced'
  | 'accounting-begun'
  | 'accounting-ends';

/** Which sessions it concerns, and what each of them is told; of `ServiceNews` none. */
export function tidingsOf({ kind, peer }: PeerNews):
  | {
      readonly picks: (session: Session) => boolean;
      readonly event: SessionEvent;
    }
  | ServiceNews {
  switch (kind) {
    case 'mag-restarted':
      return { picks: () => true, event: { kind: 'magRestarted', mag: peer } };
    case 'lma-restarted':
      return { picks: (session) => lmaOf(session) === peer, event: { kind: 'lmaRestarted' } };
    case 'nas-restarted':
      return { picks: (session) => nasOf(session) === peer, event: { kind: 'nasRestarted', nas: peer } };
    case 'accounting-begins':
    case 'accounting-held':
    case 'accounting-announced':
    case 'accounting-begun':
    case 'accounting-ends':
      return kind;
    case 'lma-revoked':
      return { picks: (session) => lmaOf(session) === peer, event: { kind: 's2aRevoked' } };
  }
}
