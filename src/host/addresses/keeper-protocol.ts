import type { ServiceAddress } from '../../operations/config/redundancy-config.ts';

/** What a route hook is told: `HOOK active|standby ROUTE-MODIFIER`. */
export interface RouteChange {
  readonly role: 'active' | 'standby';
  readonly routeModifier: number;
}

/** What the keeper is made for; its argument, as JSON. */
export interface KeeperPlan {
  readonly addresses: readonly ServiceAddress[];
  /** An absolute path. */
  readonly routeHook?: string;
}

/** What the gateway tells its keeper. Anything is a sign of life. */
export type ToKeeper =
  | { readonly kind: 'beat' }
  /**
   * Remove the addresses after `limitMs` without a sign of life, and name `generation` then. Without a limit silence
   * means nothing.
   */
  | { readonly kind: 'watch'; readonly limitMs?: number; readonly generation: number }
  | ({ readonly kind: 'route' } & RouteChange)
  /** Remove the addresses, let the hook do what is due, and end. */
  | { readonly kind: 'end' };

/** What the keeper tells the gateway. */
export type FromKeeper =
  | { readonly kind: 'ready' }
  /** The answer to a beat. */
  | { readonly kind: 'beat' }
  /** The addresses were removed because the gateway showed no life; what it was told last was that generation. */
  | { readonly kind: 'removed'; readonly generation: number }
  /** The answer to `end`: the addresses are removed, and will not be touched again. */
  | { readonly kind: 'done' }
  | { readonly kind: 'problem'; readonly text: string }
  | ({ readonly kind: 'hook-output'; readonly line: string } & RouteChange)
  /** A run of the hook has ended: why it failed, if it did. */
  | ({ readonly kind: 'hook-ended'; readonly failure?: string } & RouteChange);

/** Signs of life in one limit: one may be late or two, before silence has lasted too long. */
export const beatsPerLimit = 4;
