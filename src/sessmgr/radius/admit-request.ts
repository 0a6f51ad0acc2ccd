import type { IpAddress } from '../../kernel/address.ts';
import type { Digests } from '../../kernel/context.ts';
import type { Counters } from '../../kernel/counters.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { RequestName } from '../../services/samog/relay/replies.ts';
import type { AccessRadiusDiscard, SamogCounter } from '../../services/samog/statistics.ts';
import { openRadius, type RadiusOctets } from '../../wire/radius/packet-octets.ts';
import type { RadiusClientEntry, RadiusClients } from './radius-clients.ts';

/** A request of a known client, authentic; its octets are its own. */
export interface AdmittedRequest {
  readonly client: RadiusClientEntry;
  readonly name: RequestName;
  readonly packet: RadiusOctets;
}

export interface AdmissionDependencies {
  readonly clients: RadiusClients;
  readonly counters: Counters<SamogCounter>;
  readonly digests: Digests;
}

/** Checks a request as `verifyAccessRequest` and `verifyAccountingRequest` do. */
type Verify = (
  bytes: Uint8Array,
  secret: Uint8Array,
  digests: Digests,
) => 'ok' | 'no-message-authenticator' | 'bad-message-authenticator' | 'bad-authenticator';

/**
 * Takes a packet of a WLC or access point as a request, in the order in which a flood costs least: who speaks and how often, form
 * and code, authenticator. What fails is counted as `access-radius.discarded.…`, and undefined.
 *
 * @param octets valid only during the call
 * @param verifyOf how requests of a code are checked; undefined for a code that the port does not take
 */
export function admitRequest(
  { clients, counters, digests }: AdmissionDependencies,
  verifyOf: (code: number) => Verify | undefined,
  peer: IpAddress,
  peerPort: number,
  octets: Uint8Array,
  now: Instant,
): AdmittedRequest | undefined {
  const client = clients.admit(peer, now);
  if (typeof client === 'string') return discarded(counters, client);
  const opened = openRadius(octets);
  if (!opened.ok) return discarded(counters, 'malformed');
  const { code, bytes } = opened.value;
  const verify = verifyOf(code);
  if (verify === undefined) return discarded(counters, 'malformed');
  const verdict = verify(bytes, client.secret, digests);
  if (verdict === 'no-message-authenticator') return discarded(counters, verdict);
  if (verdict !== 'ok') return discarded(counters, 'bad-authenticator');
  const packet = opened.value.copy();
  // What remembers the name must not hold the packet.
  const authenticator = packet.authenticator.slice();
  return { client, name: { client: peer, port: peerPort, identifier: packet.identifier, authenticator }, packet };
}

function discarded(counters: Counters<SamogCounter>, why: AccessRadiusDiscard): undefined {
  counters.add(`access-radius.discarded.${why}`);
}
