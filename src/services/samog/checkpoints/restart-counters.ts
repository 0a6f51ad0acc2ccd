import type { IpAddress } from '../../../kernel/address.ts';
import { ipAddress, u32 } from '../../../wire/checkpoint/codec.ts';
import { payloadOf } from '../../../wire/checkpoint/payload.ts';
import { field, list, recordOf } from '../../../wire/checkpoint/record.ts';

/** What a gateway and its PMIPv6 peers know of each other's restarts (RFC 5847 section 3.2). */
export interface RestartCounters {
  /** What the peers know of this gateway: with another one they take their sessions for lost. */
  readonly own: number;
  /** What is known of access points and WLCs, and of LMAs: with another one their sessions are lost. */
  readonly access: readonly (readonly [IpAddress, number])[];
  readonly s2a: readonly (readonly [IpAddress, number])[];
}

const peer = recordOf({ address: field(1, ipAddress), counter: field(2, u32) });

/** Payload of SAMOG_RESTART_COUNTERS: all of them, in place of those told before. */
const payload = payloadOf(1, recordOf({ own: field(1, u32), access: field(2, list(peer)), s2a: field(3, list(peer)) }));

/** The payload of a SAMOG_RESTART_COUNTERS record. */
export function encodeRestartCounters({ own, access, s2a }: RestartCounters): Uint8Array {
  const rows = (peers: RestartCounters['access']) => peers.map(([address, counter]) => ({ address, counter }));
  return payload.encode({ own, access: rows(access), s2a: rows(s2a) }, 0, 0);
}

/** Undefined for octets that are no such payload. */
export function decodeRestartCounters(bytes: Uint8Array): RestartCounters | undefined {
  const read = payload.decode(bytes);
  if (!read.ok) return undefined;
  const { own, access, s2a } = read.value.value;
  const pairs = (peers: typeof access) => peers.map(({ address, counter }) => [address, counter] as const);
  return { own, access: pairs(access), s2a: pairs(s2a) };
}
