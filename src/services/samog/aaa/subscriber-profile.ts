import { type IpAddress, type Ipv4Address, ipv4Of } from '../../../kernel/address.ts';
import { utf8Decode } from '../../../wire/bytes/text.ts';
import { find, findAll, type Tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { terminationAction } from '../../../wire/radius/constants.ts';
import { findVendor, threeGppAttribute } from '../../../wire/radius/vendor-attributes.ts';
import { readGrants } from '../grants.ts';
import type { SubscriberProfile } from '../subscriber.ts';

/** Framed-IP-Address values that name no address: the user or the NAS is to choose one (RFC 2865 section 5.8). */
const userChooses = ipv4Of(0xffffffff);
const nasChooses = ipv4Of(0xfffffffe);

const interimIntervalLeastSeconds = 60;

/** Keeps one copy of texts that many subscribers share, such as APNs. Past its bound it starts afresh. */
export class SharedTexts {
  readonly #texts = new Map<string, string>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#texts.size;
  }

  /** The same text, as the object that was kept of it first. */
  of(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= this.#max) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }
}

/**
 * What an Access-Accept says of the subscriber (RFC 2865, RFC 6572). Nothing in it is a view of the packet. Unspecified
 * addresses, empty texts and timeouts of 0 count as absent: they restrict nothing.
 */
export function readSubscriberProfile(attributes: readonly Tlv[], shared: SharedTexts): SubscriberProfile {
  const nai = find(attributes, radiusAttribute.mobileNodeIdentifier);
  const apn = find(attributes, radiusAttribute.serviceSelection);
  return {
    nai: nai === undefined || nai.length === 0 ? undefined : utf8Decode(nai),
    apn: apn === undefined || apn === '' ? undefined : shared.of(apn),
    lma: lmaOf(attributes),
    homeAddress: homeAddressOf(attributes),
    sessionTimeoutSeconds: find(attributes, radiusAttribute.sessionTimeout) || undefined,
    idleTimeoutSeconds: find(attributes, radiusAttribute.idleTimeout) || undefined,
    classes: findAll(attributes, radiusAttribute.class).map((data) => data.slice()),
    chargeableUserIdentity: find(attributes, radiusAttribute.chargeableUserIdentity)?.slice(),
    imsi: findVendor(attributes, threeGppAttribute.imsi) || undefined,
    userName: find(attributes, radiusAttribute.userName) || undefined,
    interimIntervalSeconds: interimIntervalOf(attributes),
    terminationAction:
      find(attributes, radiusAttribute.terminationAction) === terminationAction.radiusRequest ? 'ask' : 'end',
    state: find(attributes, radiusAttribute.state)?.slice(),
    grants: readGrants(attributes),
  };
}

/** A value below the least that is allowed counts as that (RFC 2869 section 5.16). */
function interimIntervalOf(attributes: readonly Tlv[]): number | undefined {
  const seconds = find(attributes, radiusAttribute.acctInterimInterval);
  return seconds === undefined || seconds === 0 ? undefined : Math.max(seconds, interimIntervalLeastSeconds);
}

/** The home network's LMA; by its IPv4 address where it has both, because S2a runs over IPv4 (RFC 6572 section 4.5). */
function lmaOf(attributes: readonly Tlv[]): IpAddress | undefined {
  const overIpv4 = find(attributes, radiusAttribute.pmip6HomeLmaIpv4Address) || undefined;
  return overIpv4 ?? find(attributes, radiusAttribute.pmip6HomeLmaIpv6Address);
}

/** The address of the subscription; one that names the address in the older way is understood too. */
function homeAddressOf(attributes: readonly Tlv[]): Ipv4Address | undefined {
  const home = find(attributes, radiusAttribute.pmip6HomeIpv4HomeAddress)?.address || undefined;
  if (home !== undefined) return home;
  const framed = find(attributes, radiusAttribute.framedIpAddress) || undefined;
  return framed === userChooses || framed === nasChooses ? undefined : framed;
}
