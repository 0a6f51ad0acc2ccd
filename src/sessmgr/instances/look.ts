import type { SessionUsage } from '../../forwarding/accelerator.ts';
import type { ForwardingEntry } from '../../forwarding/entry.ts';
import type { LeftToSlowPath } from '../../forwarding/fast-path/fast-path-table.ts';
import { noTunnelPage, type TunnelPage } from '../../forwarding/tunnel-figures.ts';
import type { MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import { type Session, type SessionStateName, sessionId } from '../../services/samog/session/state.ts';
import type { HandoffKind } from '../../services/samog/statistics.ts';
import type { ManagerReader } from '../manager-reader.ts';
import type { MemberLook } from '../pair/member-messages.ts';
import type { RecoveryWriterStatistics } from '../recovery/recovery-writer.ts';
import type { SubscriberPages } from '../subscriber-pages.ts';

/** About a third of a millisecond, where they come from another thread. */
export const tunnelsPerPage = 256;

/** Sessions of one kind of trigger, or of both. */
export type SessionType = 'pmipv6' | 'dhcp' | 'accounting';

/** A page of sessions: `SubscriberPages`. */
export interface PageWish {
  readonly cursor: string | undefined;
  readonly limit: number;
  readonly type: SessionType | undefined;
}

/** Which sessions whoever looks at an instance wants to see, beside what is told of all of them together. */
export interface LookWish {
  readonly mac?: MacAddress;
  readonly callId?: number;
  /** Others, each of which may be of any instance. */
  readonly macs?: readonly MacAddress[];
  readonly page?: PageWish;
  /** Whether what their packets are forwarded by is to be seen, too. */
  readonly forwarding?: true;
  /** Also what was seen of tunnels: a page of them, from this place on. */
  readonly tunnelsFrom?: number;
}

export interface FoundSession {
  readonly session: Session;
  readonly usage: SessionUsage | undefined;
  readonly forwarded?: ForwardedSession | undefined;
}

/** How packets of a session are forwarded. */
export interface ForwardedSession {
  /** Without its lists. */
  readonly entry: ForwardingEntry;
  /** Why none is in the kernel; undefined if they are. */
  readonly whyNot: WhyNotInKernel;
}

/** `off` where there is no fast path. */
export type WhyNotInKernel = LeftToSlowPath | 'off' | undefined;

/**
 * What a session manager instance shows of itself at one moment, as plain data: as much whatever the number of its
 * sessions, and those that were wished for.
 */
export interface InstanceLook {
  readonly inState: Readonly<Record<SessionStateName, number>>;
  readonly ofType: Readonly<Record<SessionType, number>>;
  readonly handoffsInProgress: Readonly<Record<HandoffKind, number>>;
  readonly flows: number;
  readonly unresolved: number;
  /** None, unless they were wished for. */
  readonly tunnels: TunnelPage;
  readonly crashes: ManagerReader['crashes'];
  readonly aaa: ReturnType<ManagerReader['aaa']['status']>;
  readonly accounting: ReturnType<ManagerReader['accounting']['status']>;
  readonly s2a: ReturnType<ManagerReader['s2a']['monitor']['status']>;
  readonly found: readonly FoundSession[];
  /** Where the page that was wished for ends; undefined if none was, or its cursor is not known. */
  readonly page: { readonly nextCursor: string | undefined } | undefined;
  /** Undefined where nothing is kept on disk. */
  readonly writer: RecoveryWriterStatistics | undefined;
  /** Undefined on a chassis that is alone. */
  readonly member: MemberLook | undefined;
}

/** Which sessions are on a page: a session that only owes AAA something is nobody's any more. */
export function picksOf(type: SessionType | undefined): (session: Session) => boolean {
  return (session) =>
    type === undefined ? session.kind !== 'Owing' : session.kind === 'Live' && session.durable.sessionType === type;
}

/**
 * Makes a copy of what views want of an instance at this moment, which can be sent to another thread. Whether a
 * session's entry is in the kernel, and why not, `whyNot` tells.
 */
export function lookAt(
  manager: ManagerReader,
  pages: SubscriberPages,
  wish: LookWish,
  now: Instant,
  whyNot: (entry: ForwardingEntry) => WhyNotInKernel = () => 'off',
): Omit<InstanceLook, 'writer' | 'member'> {
  const { registry, flows } = manager;
  const { mac, macs = [], callId, page, tunnelsFrom } = wish;
  const one = mac !== undefined ? registry.ofMac(mac) : callId !== undefined ? registry.ofId(callId) : undefined;
  const places = [one, ...macs.map((other) => registry.ofMac(other))];
  const paged = page && pages.next(registry, page.cursor, page.limit, picksOf(page.type));
  const asked = places.flatMap((place) => (place === undefined ? [] : [place.session]));
  const sessions = [...asked, ...(paged?.sessions ?? [])];
  return {
    inState: { ...registry.inState },
    ofType: { ...registry.ofType },
    handoffsInProgress: { ...registry.handoffsInProgress },
    flows: flows.size,
    unresolved: flows.unresolved,
    tunnels: tunnelsFrom === undefined ? noTunnelPage : flows.tunnels.page(tunnelsFrom, tunnelsPerPage),
    crashes: [...manager.crashes],
    aaa: manager.aaa.status(now),
    accounting: manager.accounting.status(now),
    s2a: manager.s2a.monitor.status(now),
    found: sessions.map((session) => {
      const id = sessionId(session);
      const entry = wish.forwarding ? flows.readBack(id) : undefined;
      const forwarded = entry && { entry: { ...entry, filter: undefined }, whyNot: whyNot(entry) };
      return { session, usage: flows.usage(id), forwarded };
    }),
    page: paged && { nextCursor: paged.nextCursor },
  };
}
