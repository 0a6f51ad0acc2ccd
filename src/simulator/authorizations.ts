import { formatMac, type Ipv4Address, isIpv4 } from '../kernel/address.ts';
import type { Digests } from '../kernel/context.ts';
import type { Instant, WallClock } from '../kernel/instant.ts';
import type { SeededRandom } from '../kernel/random.ts';
import type { Network } from '../peers/actor.ts';
import { AuthorizationClient } from '../peers/authorization-client.ts';
import { acctSessionIdOf } from '../services/samog/account-id.ts';
import type { LiveSession } from '../services/samog/session/state.ts';
import type { ManagerReader } from '../sessmgr/manager-reader.ts';
import { utf8Encode } from '../wire/bytes/text.ts';
import { type Tlv, tlv } from '../wire/bytes/tlv.ts';
import { radiusAttribute } from '../wire/radius/attributes.ts';
import { type AnswersWatch, numberedChange } from './checkers/changes.ts';
import { changesSecret, place } from './virtual-config.ts';

/** What spoils a change as a whole, though all else in it is possible. */
const impossible: readonly Tlv[] = [
  tlv(radiusAttribute.filterId, 'unheard of'),
  tlv(radiusAttribute.serviceType, 2),
  tlv(radiusAttribute.acctInterimInterval, 1),
];
const identifiers = 256;

/** AAA where it changes and ends sessions: each request is repeated, octet by octet, until it is answered. */
export class Authorizations {
  readonly client: AuthorizationClient;
  readonly #watch: AnswersWatch;
  readonly #random: SeededRandom;
  #requests = 0;

  constructor(
    network: Network,
    digests: Digests,
    wallClock: () => WallClock,
    watch: AnswersWatch,
    random: SeededRandom,
  ) {
    const { authorization: address, aaa: server } = place;
    const options = { name: 'authorization', address, server, secret: utf8Encode(changesSecret) };
    this.client = new AuthorizationClient(options, network, digests, wallClock);
    this.#watch = watch;
    this.#random = random;
  }

  /** Asks something of one of the sessions that are up. */
  ask(kind: 'change' | 'disconnect', manager: ManagerReader, now: Instant): void {
    const sessions: LiveSession[] = [];
    for (const { session } of manager.registry.sessions()) if (session.kind === 'Live') sessions.push(session);
    if (sessions.length === 0) return;
    // In which order sessions are found depends on how many instances there are.
    sessions.sort((left, right) => left.durable.mac - right.durable.mac);
    const { durable } = this.#random.pick(sessions);
    const identifier = this.#requests % identifiers;
    this.#requests += 1;
    const name = this.#random.pick(['account', 'account', 'ue', 'address', 'user'] as const);
    const by = name === 'account' ? 'account' : 'ue';
    this.#watch.asked(identifier, { kind, by, sessionId: durable.id, number: this.#requests });
    const who = namedBy(name, durable);
    if (kind === 'disconnect') return this.client.disconnect([who], now);
    const spoilt = this.#random.chance(0.2) ? [this.#random.pick(impossible)] : [];
    this.client.change([who, ...numberedChange(this.#requests), ...spoilt], now);
  }
}

/** A session as AAA may name it: by its account, or by something of its UE. */
function namedBy(name: 'account' | 'ue' | 'address' | 'user', durable: LiveSession['durable']): Tlv {
  const address = durable.addresses.find((each) => isIpv4(each.address))?.address;
  if (name === 'account') return tlv(radiusAttribute.acctSessionId, acctSessionIdOf(durable));
  if (name === 'address' && address !== undefined) return tlv(radiusAttribute.framedIpAddress, address as Ipv4Address);
  if (name === 'user') return tlv(radiusAttribute.userName, durable.nai);
  return tlv(radiusAttribute.callingStationId, formatMac(durable.mac));
}
