/** What the process of `impostor-node.ts` is told: plain data, passed as JSON. */
export interface ImpostorPlan {
  /** Lower than `target`: who has the lower address dials. */
  readonly address: string;
  readonly target: string;
  readonly name: string;
  readonly sharedKey: string;
}

export type ImpostorCommand =
  /** Sends random octets on connections of their own. */
  { readonly kind: 'garbage'; readonly connections: number } | { readonly kind: 'status' };

export interface ImpostorStatus {
  /** Connections on which both sides have proved themselves. */
  readonly accepted: number;
  readonly dialled: number;
}
