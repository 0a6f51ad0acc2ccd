import { isGroupMac, parseIp, parseMac } from '../../../kernel/address.ts';
import type { WallClock } from '../../../kernel/instant.ts';
import { identityValue, type Product, products, type Target, type TargetIdentity } from './target.ts';

/** What whoever provisions says of a target, or what is wrong with it. */
export type ReadTarget = { readonly ok: true; readonly target: Target } | { readonly ok: false; readonly what: string };

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const known = new Set(['identity', 'product', 'delivery', 'from', 'until']);
/** Longer than any warrant. */
const daysMax = 3660;
const dayMs = 86_400_000;

/** How an identity is written; undefined for what is none. */
const identityReaders: Readonly<Record<TargetIdentity['kind'], (value: string) => TargetIdentity | undefined>> = {
  imsi: (value) => (/^\d{6,15}$/.test(value) ? { kind: 'imsi', value } : undefined),
  msisdn: (value) => (/^\d{5,15}$/.test(value) ? { kind: 'msisdn', value } : undefined),
  nai: (value) => (/^[^\p{Cc}]{1,253}$/u.test(value) ? { kind: 'nai', value } : undefined),
  mac: (value) => {
    const mac = parseMac(value);
    return mac === undefined || mac === 0 || isGroupMac(mac) ? undefined : { kind: 'mac', value: mac };
  },
  address: (value) => {
    const address = parseIp(value);
    return address === undefined ? undefined : { kind: 'address', value: address };
  },
};

/**
 * Reads a target: `{ identity: { imsi: "001010000000001" }, product: "both", delivery: "mf", from: "2026-01-01T00:00:00Z",
 * until: "2026-04-01T00:00:00Z" }`; `from` may be left out.
 *
 * @param deliveries the names of the delivery functions
 */
export function readTarget(xid: string, data: unknown, deliveries: readonly string[], now: WallClock): ReadTarget {
  const no = (what: string): ReadTarget => ({ ok: false, what });
  if (!uuid.test(xid)) return no('the XID has to be a UUID in lower case');
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return no('a target is an object');
  const { identity, product, delivery, from, until, ...others } = data as Record<string, unknown>;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) return no(`"${unknown}" is not known here: ${[...known].join(', ')}`);
  const read = readIdentity(identity);
  if (read === undefined) return no('identity has to be one of imsi, msisdn, nai, mac, address, with its value');
  if (!products.includes(product as Product)) return no(`product has to be one of ${products.join(', ')}`);
  if (typeof delivery !== 'string' || !deliveries.includes(delivery)) {
    return no(`delivery has to be one of ${deliveries.join(', ')}`);
  }
  const begins = from === undefined ? Math.floor(now) : timeOf(from);
  const ends = timeOf(until);
  if (begins === undefined || ends === undefined) return no('from and until have to be times of RFC 3339, in UTC');
  if (ends <= begins || ends <= now) return no('until has to be later than from, and than now');
  if (ends - begins > daysMax * dayMs) return no(`a warrant lasts at most ${daysMax} days`);
  return {
    ok: true,
    target: { xid, identity: read, product: product as Product, delivery, from: begins, until: ends },
  };
}

function readIdentity(data: unknown): TargetIdentity | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const [[kind, value] = ['', undefined], ...others] = Object.entries(data);
  if (others.length > 0 || typeof value !== 'string' || !Object.hasOwn(identityReaders, kind)) return undefined;
  return identityReaders[kind as TargetIdentity['kind']](value);
}

function timeOf(data: unknown): WallClock | undefined {
  if (typeof data !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(data)) return undefined;
  const at = Date.parse(data);
  return Number.isNaN(at) ? undefined : at;
}

/** A target as `readTarget` reads it, with its XID. */
export function writeTarget({
  xid,
  identity,
  product,
  delivery,
  from,
  until,
}: Target): Readonly<Record<string, unknown>> {
  const text = (at: WallClock) => new Date(at).toISOString();
  return {
    xid,
    identity: { [identity.kind]: identityValue(identity) },
    product,
    delivery,
    from: text(from),
    until: text(until),
  };
}
