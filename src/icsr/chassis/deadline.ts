import { type Instant, never } from '../../kernel/instant.ts';
import type { ChassisOptions } from './options.ts';
import { type Chassis, isReached, type Monitor } from './state.ts';
import { mayBeOlder } from './store-standing.ts';

/** When the chassis next has something to do: a function of its state, which is why there are no timers. */
export function nextDeadline(chassis: Chassis, options: ChassisOptions): Instant {
  const hello = chassis.peer.link.kind === 'up' ? chassis.helloDueAt : never;
  const silence = chassis.peer.silent ? never : silentAt(chassis, options);
  return Math.min(hello, silence, stateDeadline(chassis, options));
}

function stateDeadline(chassis: Chassis, options: ChassisOptions): Instant {
  const { state } = chassis;
  switch (state.kind) {
    case 'INIT':
      return isAwaited(chassis) ? aloneAt(chassis, options) : deadAt(chassis, options);
    case 'PENDING_STANDBY':
      return state.purpose === 'filling' ? Math.min(state.deadline, deadAt(chassis, options)) : state.deadline;
    case 'STANDBY':
      return Math.min(state.takingOver?.deadline ?? never, deadAt(chassis, options));
    case 'PENDING_ACTIVE':
      return state.deadline;
    case 'ACTIVE': {
      let at = state.heldUntil ?? never;
      for (const monitor of chassis.monitors) {
        const acts = failureActsAt(chassis, monitor, options);
        if (acts > state.causesSeenAt && acts < at) at = acts;
      }
      return at;
    }
  }
}

/** When the dead interval is over; `never` while a monitor still hears the peer. */
export function silentAt({ peer, monitors }: Chassis, options: ChassisOptions): Instant {
  return monitors.some(({ kind, healthy }) => kind === 'bfd' && healthy)
    ? never
    : peer.silentFrom + options.deadIntervalMs;
}

/**
 * When a chassis that does not serve takes over from a silent peer. With a failed monitor of its own it is probably
 * itself that is cut off, and it waits for the damping period; after that half a service is better than none.
 */
export function deadAt(chassis: Chassis, options: ChassisOptions): Instant {
  return silentAt(chassis, options) + (isReached(chassis) ? 0 : options.dampingPeriodMs);
}

/**
 * When a chassis that has heard nobody since its start serves alone, with what is on its disk. Should the peer have served last, what has
 * ended since is on that disk still, and its addresses may be others' by now: so it is given the time to come, too.
 */
export function aloneAt(chassis: Chassis, options: ChassisOptions): Instant {
  return deadAt(chassis, options) + (mayBeOlder(chassis.store) ? options.olderStoreLimitMs : 0);
}

/** Whether it has been seen, and said, that the peer is waited for beyond the dead interval. */
export function isAwaited({ alarms }: Chassis): boolean {
  return alarms.includes('older-store');
}

/** Whether it serves alone at once, should an operator say so: it waits for nothing but the peer that may have the newer sessions. */
export function mayServeAlone(chassis: Chassis, now: Instant, options: ChassisOptions): boolean {
  return chassis.state.kind === 'INIT' && isAwaited(chassis) && now >= deadAt(chassis, options);
}

/**
 * When a monitor's failure begins to be a cause of switchover; `never` if it is none. Within the guard period after a
 * switchover, while the network settles, it must have lasted for the damping period.
 */
export function failureActsAt({ lastSwitchoverAt }: Chassis, monitor: Monitor, options: ChassisOptions): Instant {
  if (monitor.healthy || monitor.kind === 'bfd') return never;
  const guarded = lastSwitchoverAt !== undefined && monitor.since < lastSwitchoverAt + options.guardPeriodMs;
  return guarded ? Math.max(monitor.since, lastSwitchoverAt) + options.dampingPeriodMs : monitor.since;
}
