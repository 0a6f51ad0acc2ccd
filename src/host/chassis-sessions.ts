import type { IpAddress, MacAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import { type Refusal, refuse } from '../operations/views/view.ts';
import type { InstanceGroup } from '../sessmgr/instances/instance-group.ts';
import type { LookWish } from '../sessmgr/instances/look.ts';
import type { ManagerReader } from '../sessmgr/manager-reader.ts';
import { SubscriberPages } from '../sessmgr/subscriber-pages.ts';
import { now } from './clock.ts';
import type { RuntimeStatistics } from './runtime.ts';
import type { SessionsApart } from './xdp/fast-path.ts';

/** The sessions of a chassis, in whichever threads its session manager instances are. */
export interface ChassisSessions {
  /** All instances as one; another object after one was begun anew: not to be kept. */
  readonly reader: ManagerReader;
  /** Each of them; not to be kept either. */
  readonly readers: readonly ManagerReader[];
  readonly pages: Pick<SubscriberPages, 'next'>;
  /** A connection to an AAA server stands, or could not be made or kept. */
  linkChanged(channel: number, peer: IpAddress, peerPort: number, isUp: boolean, at: Instant): void;
  /** Ends one subscriber's session by the operator's word; false if there is none. */
  clear(mac: MacAddress): boolean | Promise<boolean>;
  /** Ends all sessions, a slice at a time; returns how many there are. */
  clearAll(): number | Promise<number>;
  /**
   * Calls `show` while the readers show what there is at this moment, and whatever is wished for. Absent where they always
   * do: in this thread.
   */
  look?<Shown>(wish: LookWish, show: () => Shown): Promise<Shown>;
  /** Begins an instance anew, counted from 1, with its sessions. */
  restart(place: number): Restarted | Promise<Restarted>;
  /** Instances that serve nobody now, counted from 1: their threads have ended, and others have not begun yet. */
  down?(): readonly number[];
  /** What the fast path is to know of sessions in other threads. */
  readonly forwarded?: SessionsApart;
  /** Of the runtimes of other threads, as they were at the last look. */
  statistics?(): readonly RuntimeStatistics[];
}

/** What became of an instance that was begun anew: `sessions` is null if it serves none, being a standby's. */
export type Restarted =
  | { readonly ok: true; readonly sessions: number | null; readonly lost: number }
  | { readonly ok: false; readonly refusal: Refusal };

/** The refusal of an instance that there is not: `place` was asked for, of `count`. */
export function noInstance(place: number, count: number): Restarted {
  return refuse('not-found', `there is no session manager instance ${place}`, `they are counted from 1 to ${count}`);
}

/**
 * Those of instances in this thread.
 * @param restart begins the one at a place, from 0, anew
 */
export function sessionsOf(group: () => InstanceGroup, restart: (index: number) => Restarted): ChassisSessions {
  const pages = new SubscriberPages();
  return {
    pages,
    get reader() {
      return group().reader;
    },
    get readers() {
      return group().members;
    },
    linkChanged: (...changed) => group().linkChanged(...changed),
    clear: (mac) => group().clear(mac, 'operator', now()),
    clearAll: () => group().clearAll('operator', now()),
    restart: (place) => (place > group().count ? noInstance(place, group().count) : restart(place - 1)),
  };
}
