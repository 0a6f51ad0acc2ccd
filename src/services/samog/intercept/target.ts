import { formatIp, formatMac, type IpAddress, type MacAddress } from '../../../kernel/address.ts';
import type { WallClock } from '../../../kernel/instant.ts';

/** By what a target is known: one identity of its subscriber or its UE. */
export type TargetIdentity =
  | { readonly kind: 'imsi'; readonly value: string }
  | { readonly kind: 'msisdn'; readonly value: string }
  | { readonly kind: 'nai'; readonly value: string }
  | { readonly kind: 'mac'; readonly value: MacAddress }
  | { readonly kind: 'address'; readonly value: IpAddress };

/** What is delivered: X2 alone, X3 alone, or both. */
export const products = ['events', 'content', 'both'] as const;
export type Product = (typeof products)[number];

/** A task of interception, as a warrant allows it. */
export interface Target {
  /** The task's XID: a UUID in lower case with hyphens. */
  readonly xid: string;
  readonly identity: TargetIdentity;
  readonly product: Product;
  /** The name of the delivery function. */
  readonly delivery: string;
  /** Not before, and not from then on: the warrant's time. */
  readonly from: WallClock;
  readonly until: WallClock;
}

/** An identity as one text: equal texts are equal identities. */
export function identityText({ kind, value }: TargetIdentity): string {
  return `${kind} ${identityValue({ kind, value } as TargetIdentity)}`;
}

/** The value as people write it. */
export function identityValue(identity: TargetIdentity): string {
  if (identity.kind === 'mac') return formatMac(identity.value);
  return identity.kind === 'address' ? formatIp(identity.value) : identity.value;
}

/** Whether X2, the events of a session, is asked for. */
export function wantsEvents({ product }: Pick<Target, 'product'>): boolean {
  return product !== 'content';
}

/** Whether X3, the packets of a session, is asked for. */
export function wantsContent({ product }: Pick<Target, 'product'>): boolean {
  return product !== 'events';
}
