/**
 * A message as octets with where they come from. Each protocol folder keeps its own in `vectors.ts`; the robustness
 * harness truncates and mutates every one of them.
 */
export interface Vector<T = unknown> {
  readonly name: string;
  /** Hexadecimal digits, white space allowed between octets. */
  readonly hex: string;
  /** Who made the octets: a clause, a capture, another implementation, or "by hand from <clause>". */
  readonly provenance: string;
  /** What the octets mean, where a test compares it. */
  readonly value?: T;
}
