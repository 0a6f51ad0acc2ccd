import type { IpAddress } from '../kernel/address.ts';
import type { Session } from '../services/samog/session/state.ts';

/** The LMA that anchors a session, or is being asked to. */
export function lmaOf(session: Session): IpAddress | undefined {
  if (session.kind === 'Live') return session.durable.s2a.peer;
  if (session.kind === 'Owing') return undefined;
  return session.kind === 'Disconnecting' ? session.s2a.peer : session.anchor?.lma;
}
