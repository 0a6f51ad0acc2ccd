/** What a browser at the active chassis of a pair saw when that was killed; milliseconds since then. */
export interface FollowedFailover {
  /** Until the other chassis served. */
  readonly servingMs: number;
  /** Until the page said that nobody answers. */
  readonly toldMs: number;
  /** Until the page showed the same subscriber at the other chassis. */
  readonly followedMs: number;
  /** The address of the page in the end. */
  readonly page: string;
  readonly mac: string;
  /** Whom the other chassis takes the browser for, in which nobody has logged in there. */
  readonly whoThere: unknown;
  readonly misdeeds: readonly string[];
}
