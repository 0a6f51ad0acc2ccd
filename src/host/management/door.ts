import type { Socket } from 'node:net';
import type { Principal } from '../../operations/access/role.ts';
import type { Refusal } from '../../operations/views/view.ts';

/** A request as its door sees it. */
export interface Knock {
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
  readonly method: string;
  readonly path: string;
  /** Undefined where no socket is behind it, as in a test. */
  readonly socket: Socket | undefined;
}

/** Tells who asks, or why nobody is let in. */
export type Door = (
  knock: Knock,
) =>
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly refusal: Refusal }
  | Promise<{ readonly ok: true; readonly principal: Principal } | { readonly ok: false; readonly refusal: Refusal }>;

/** The door that lets everybody in as one and the same: for a socket that only one user can open. */
export function doorOf(principal: Principal): Door {
  return () => ({ ok: true, principal });
}
