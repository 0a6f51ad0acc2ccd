/** Who is given a copy of what the data path forwards of tapped sessions. */
export interface Tap {
  /**
   * A packet is forwarded: an IPv4 packet of `length` octets at `at`, as it leaves, and before it is fragmented for a
   * tunnel. The octets are the caller's: they are valid during the call. Must not throw, and not wait.
   */
  copy(sessionId: number, direction: 'uplink' | 'downlink', bytes: Uint8Array, at: number, length: number): void;
}
