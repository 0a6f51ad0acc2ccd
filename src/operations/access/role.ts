/**
 * What somebody may do. `view` reads, `operate` acts on sessions and the pair, `configure` changes how the gateway is set up;
 * each includes the one before it. `intercept` includes none, and none includes it: who operates a network has no business
 * with who is intercepted in it.
 */
export const roles = ['view', 'operate', 'configure', 'intercept'] as const;
export type Role = (typeof roles)[number];

/** What something needs of whoever asks for it; `any`: nothing but to be known. */
export type NeededRole = Role | 'any';

const included: Readonly<Record<Role, readonly Role[]>> = {
  view: ['view'],
  operate: ['view', 'operate'],
  configure: ['view', 'operate', 'configure'],
  intercept: ['intercept'],
};

/** How somebody can show who they are; `ticket`: by having logged in at the other chassis of the pair. */
export const principalWays = ['unix-socket', 'token', 'password', 'session', 'certificate', 'ticket'] as const;

/** Somebody who asks, as the door knows them by which they came in. */
export interface Principal {
  readonly name: string;
  /** As granted; `holds` knows what they include. */
  readonly roles: readonly Role[];
  /** How they showed who they are. */
  readonly via: (typeof principalWays)[number];
  /** The address they came from; null on this host's Unix socket. */
  readonly from: string | null;
}

/** All roles that those granted include, in the order of `roles`. */
export function rolesOf(granted: readonly Role[]): Role[] {
  return roles.filter((role) => granted.some((one) => included[one].includes(role)));
}

/** Whether somebody may do what needs this role. */
export function holds(who: Pick<Principal, 'roles'>, needed: NeededRole): boolean {
  return needed === 'any' || rolesOf(who.roles).includes(needed);
}

/**
 * Whether somebody may know that something is there. What belongs to `intercept` is in no help, completion, list or document
 * of anybody else's; all other things may be known of, so that a refusal can say which role is missing.
 */
export function mayKnow(who: Pick<Principal, 'roles'>, needed: NeededRole): boolean {
  return needed !== 'intercept' || holds(who, needed);
}

/** Those of somebody's roles that others may know of. Who has none is to be seen in nothing that others can read. */
export function openRolesOf(granted: readonly Role[]): Role[] {
  return granted.filter((role) => mayKnow({ roles: [] }, role));
}
