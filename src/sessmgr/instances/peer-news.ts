import type { IpAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { SessionEvent } from '../../services/samog/session/event.ts';
import { nasOf } from '../../services/samog/session/live-wlc.ts';
import type { Session } from '../../services/samog/session/state.ts';
import { lmaOf } from '../anchor.ts';

/** What concerns all sessions of a peer, whichever instance has them. */
export interface PeerNews {
  readonly kind: 'mag-restarted' | 'lma-restarted' | 'lma-revoked' | 'nas-restarted' | 'accounting-begun';
  /** The gateway itself, as a NAS, where its Accounting-On is settled. */
  readonly peer: IpAddress;
}

/** Which sessions it concerns, and what each of them is told; undefined for what concerns the instances only. */
export function tidingsOf({ kind, peer }: PeerNews):
  | {
      readonly picks: (session: Session) => boolean;
      readonly event: SessionEvent;
    }
  | undefined {
  switch (kind) {
    case 'mag-restarted':
      return { picks: () => true, event: { kind: 'magRestarted', mag: peer } };
    case 'lma-restarted':
      return { picks: (session) => lmaOf(session) === peer, event: { kind: 'lmaRestarted' } };
    case 'nas-restarted':
      return { picks: (session) => nasOf(session) === peer, event: { kind: 'nasRestarted', nas: peer } };
    case 'accounting-begun':
      return undefined;
    case 'lma-revoked':
      return { picks: (session) => lmaOf(session) === peer, event: { kind: 's2aRevoked' } };
  }
}

/** The other instances of a chassis, as an instance sees them. */
export interface Fellows {
  /** Every instance is to tell its sessions, this one too; `SessionManager.settled` follows when all have. */
  spread(news: PeerNews, now: Instant): void;
}
