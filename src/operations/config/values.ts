import { z } from 'zod';
import type { Ipv4Prefix, PortRange } from '../../forwarding/filter.ts';
import {
  formatIp,
  formatIpv4,
  formatMac,
  formatPrefix,
  type IpAddress,
  type IpPrefix,
  type Ipv4Address,
  ipv4Broadcast,
  ipv4Unspecified,
  isGroupMac,
  isIpv4,
  type MacAddress,
  networkOf,
  parseIp,
  parseIpv4,
  parseMac,
  parsePrefix,
} from '../../kernel/address.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';
import { readFormat } from '../bulkstats/format.ts';
import { readSelector, seriesText } from '../metrics/selector.ts';
import type { ProblemCode } from './problem.ts';

/** What is known of all values of a kind. */
export interface ValueMeta {
  /** What may be written, such as `duration, 1s to 1h`. */
  readonly type: string;
  /** What a bare number counts; empty if it counts things. */
  readonly unit: string;
  /** The value that was read, in one way of writing it: equal texts are equal values. */
  show(value: unknown): string;
}

/** Why a value cannot be taken. Zod carries it in a custom issue; `issues.ts` takes it out again. */
export interface Refusal {
  readonly code: ProblemCode;
  readonly message: string;
  readonly hint: string;
}

class Refused {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    this.refusal = refusal;
  }
}

function refuse(code: ProblemCode, message: string, hint: string): Refused {
  return new Refused({ code, message, hint });
}

/**
 * A scalar of the file. Every scalar is read by the project's own function rather than by a chain of Zod checks, so
 * that each refusal names what was found, what is allowed, and what to write instead.
 */
function value<T>(
  meta: Omit<ValueMeta, 'show'>,
  read: (raw: unknown) => T | Refused,
  show: (value: T) => string = String,
) {
  return z
    .unknown()
    .transform((raw, context): T => {
      const result =
        raw === undefined || raw === null
          ? refuse('missing', raw === undefined ? 'is missing' : 'has no value', `give it a value: ${meta.type}`)
          : read(raw);
      if (!(result instanceof Refused)) return result;
      const { message, ...params } = result.refusal;
      context.issues.push({ code: 'custom', message, params, input: raw });
      return z.NEVER;
    })
    .meta({ ...meta, show });
}

function shown(raw: unknown): string {
  if (Array.isArray(raw)) return 'a list';
  if (typeof raw === 'object') return 'a mapping';
  const text = String(raw);
  return `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
}

function wrongType(raw: unknown, expected: string, hint = `write ${expected}`): Refused {
  return refuse('wrong-type', `is ${shown(raw)}, not ${expected}`, hint);
}

/** YAML reads `02` or `1e3` as a number although a name or a MAC was meant: say so instead of guessing. */
function textOf(raw: unknown, expected: string): string | Refused {
  if (typeof raw === 'string') return raw;
  const hint = typeof raw === 'object' ? `write ${expected}` : `put quotes around it: YAML reads it as a ${typeof raw}`;
  return wrongType(raw, expected, hint);
}

/** Text of `least` to `most` octets of UTF-8, without control characters. */
export function text(type: string, least: number, most: number) {
  return value({ type, unit: '' }, (raw) => {
    const given = textOf(raw, type);
    if (given instanceof Refused) return given;
    const octets = utf8Encode(given).length;
    if (octets < least || octets > most) {
      return refuse('out-of-range', `has ${octets} octets`, `use ${least} to ${most} octets`);
    }
    const control = /\p{Cc}/u.test(given);
    return control ? refuse('bad-value', 'contains a control character', 'use printable characters only') : given;
  });
}

/** The length of names of services and profiles is StarOS's. */
export function name() {
  return value({ type: 'name, 1 to 63 characters', unit: '' }, (raw) => {
    const given = textOf(raw, 'a name');
    if (given instanceof Refused || /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(given)) return given;
    return refuse('bad-value', `${shown(given)} is not a name`, 'use 1 to 63 letters, digits, "-", "_" and "."');
  });
}

/** One of these words or numbers, written just so. */
export function oneOf<const Choice extends string | number>(...choices: readonly Choice[]) {
  const list = choices.map((choice) => `\`${choice}\``).join(', ');
  return value({ type: `one of ${list}`, unit: '' }, (raw): Choice | Refused => {
    const found = choices.find((choice) => choice === raw);
    return found ?? refuse('bad-value', `is ${shown(raw)}`, `use one of: ${choices.join(', ')}`);
  });
}

/** `true` or `false`; no other words for them. */
export function flag() {
  return value({ type: '`true` or `false`', unit: '' }, (raw) =>
    typeof raw === 'boolean' ? raw : wrongType(raw, 'true or false'),
  );
}

/** A count or a size; bounds included. */
export function integer(least: number, most: number, unit = '') {
  return value({ type: `integer, ${least} to ${most}`, unit }, (raw) => {
    if (typeof raw !== 'number' || !Number.isInteger(raw)) return wrongType(raw, 'an integer');
    if (raw < least || raw > most) return refuse('out-of-range', `is ${raw}`, `use ${least} to ${most}`);
    return raw;
  });
}

/** Any number. */
export function decimal() {
  return value({ type: 'number', unit: '' }, (raw) =>
    typeof raw === 'number' && Number.isFinite(raw) ? raw : wrongType(raw, 'a number'),
  );
}

/** A number between 0 and 1, both excluded. */
export function fraction() {
  return value({ type: 'number between 0 and 1', unit: '' }, (raw) => {
    if (typeof raw !== 'number') return wrongType(raw, 'a number');
    return raw > 0 && raw < 1 ? raw : refuse('out-of-range', `is ${raw}`, 'use a number above 0 and below 1');
  });
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `500ms`, `2s`, `10m`, `4h`, `1d` or a bare number of seconds; undefined for anything else. */
function durationMs(raw: unknown): number | undefined {
  if (typeof raw === 'number') return Number.isFinite(raw) ? raw * 1000 : undefined;
  const match = typeof raw === 'string' ? /^(-?\d{1,15}(?:\.\d{1,9})?) ?(ms|s|m|h|d)?$/.exec(raw) : null;
  return match ? Number(match[1]) * unitsMs[match[2] ?? 's']! : undefined;
}

/** `45m` rather than `2700000ms`: in the longest unit that counts it whole. */
function showDuration(ms: number): string {
  const [unit, length] = Object.entries(unitsMs).findLast(([, unitMs]) => ms % unitMs === 0 && ms >= unitMs) ?? [
    'ms',
    1,
  ];
  return `${ms / length}${unit}`;
}

function readDuration(raw: unknown, least: string, most: string): number | Refused {
  const given = durationMs(raw);
  if (given === undefined) {
    return wrongType(raw, 'a duration', 'write a number with ms, s, m, h or d, such as 500ms or 10m');
  }
  const inRange = given >= durationMs(least)! && given <= durationMs(most)!;
  return inRange ? given : refuse('out-of-range', `is ${shown(raw)}`, `use ${least} to ${most}`);
}

/** A duration in milliseconds, between two durations written as in the file, bounds included. */
export function milliseconds(least: string, most: string) {
  const meta = { type: `duration, ${least} to ${most}`, unit: 'seconds' };
  return value(meta, (raw) => readDuration(raw, least, most), showDuration);
}

/** A duration that a protocol carries in units of `multiple` seconds; the result is in seconds. */
export function seconds(least: string, most: string, multiple = 1) {
  const type = `duration, ${least} to ${most}${multiple > 1 ? `, a multiple of ${multiple}s` : ''}`;
  const read = (raw: unknown): number | Refused => {
    const given = readDuration(raw, least, most);
    if (given instanceof Refused || given % (multiple * 1000) === 0)
      return given instanceof Refused ? given : given / 1000;
    const expected = multiple > 1 ? `a multiple of ${multiple} seconds` : 'a whole number of seconds';
    return refuse('bad-value', `is ${shown(raw)}`, `use ${expected}: the protocol carries nothing finer`);
  };
  return value({ type, unit: 'seconds' }, read, (given) => showDuration(given * 1000));
}

function notUnicast(address: IpAddress): boolean {
  if (isIpv4(address)) return address === ipv4Unspecified || address === ipv4Broadcast || address >>> 28 === 14;
  return address.startsWith('ff') || /^0+$/.test(address);
}

/** An IPv4 or IPv6 address of one host. */
export function ipAddress() {
  return value(
    { type: 'IP address', unit: '' },
    (raw) => {
      const given = textOf(raw, 'an IP address');
      if (given instanceof Refused) return given;
      const address = parseIp(given);
      if (address === undefined) {
        return refuse('bad-value', `${shown(given)} is not an IP address`, 'write it as 192.0.2.1 or 2001:db8::1');
      }
      if (!notUnicast(address)) return address;
      return refuse('bad-value', `${given} is not the address of a host`, 'write a unicast address');
    },
    formatIp,
  );
}

/** The address of a host: not 0.0.0.0, not the limited broadcast address, no group address. */
export function ipv4Address() {
  return value(
    { type: 'IPv4 address', unit: '' },
    (raw): Ipv4Address | Refused => {
      const given = textOf(raw, 'an IPv4 address');
      if (given instanceof Refused) return given;
      const address = parseIpv4(given);
      if (address === undefined || notUnicast(address)) {
        return refuse('bad-value', `${shown(given)} is not the IPv4 address of a host`, 'write it as 192.0.2.1');
      }
      return address;
    },
    formatIpv4,
  );
}

/** An address or prefix whose host bits are zero: a forgotten `/24` must not become a client of its own. */
export function ipPrefix() {
  return value(
    { type: 'IP address or prefix', unit: '' },
    (raw): IpPrefix | Refused => {
      const given = textOf(raw, 'an IP address or prefix');
      if (given instanceof Refused) return given;
      const prefix = parsePrefix(given);
      if (prefix === undefined) {
        return refuse(
          'bad-value',
          `${shown(given)} is not an address or prefix`,
          'write it as 192.0.2.1 or 192.0.2.0/24',
        );
      }
      if (networkOf(prefix.address, prefix.length) === prefix.address) return prefix;
      return refuse(
        'bad-value',
        `${given} has host bits set`,
        'clear the bits behind the prefix, or leave out the length',
      );
    },
    formatPrefix,
  );
}

/** As `ipPrefix`, of IPv4 alone. */
export function ipv4Prefix() {
  const read = (raw: unknown): Ipv4Prefix | Refused => {
    const given = textOf(raw, 'an IPv4 address or prefix');
    if (given instanceof Refused) return given;
    const prefix = parsePrefix(given);
    if (prefix === undefined || !isIpv4(prefix.address)) {
      const hint = 'write it as 192.0.2.1 or 192.0.2.0/24';
      return refuse('bad-value', `${shown(given)} is not an IPv4 address or prefix`, hint);
    }
    const { address, length } = prefix;
    if (networkOf(address, length) === address) return { address, length };
    const hint = 'clear the bits behind the prefix, or leave out the length';
    return refuse('bad-value', `${given} has host bits set`, hint);
  };
  return value({ type: 'IPv4 address or prefix', unit: '' }, read, formatPrefix);
}

const protocolNumbers: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, gre: 47, esp: 50, sctp: 132 };

/** A protocol over IP, by number or by one of the names above. */
export function ipProtocolNumber() {
  const names = Object.keys(protocolNumbers);
  const type = `${names.map((each) => `\`${each}\``).join(', ')} or integer, 0 to 255`;
  const read = (raw: unknown): number | Refused => {
    const number = typeof raw === 'string' ? protocolNumbers[raw] : raw;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= 255) return number;
    return refuse('bad-value', `is ${shown(raw)}`, `use one of: ${names.join(', ')}; or a number, 0 to 255`);
  };
  return value({ type, unit: '' }, read);
}

/** One port, or the first and the last of a range. */
export function portRange() {
  const read = (raw: unknown): PortRange | Refused => {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(
      typeof raw === 'number' ? String(raw) : typeof raw === 'string' ? raw : '',
    );
    if (match === null) return wrongType(raw, 'a port or a range of ports', 'write it as 443 or 1024-65535');
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (first <= last && last <= 0xffff) return { first, last };
    return refuse('out-of-range', `is ${shown(raw)}`, 'use ports of 0 to 65535, the lower one first');
  };
  const show = ({ first, last }: PortRange): string => (first === last ? String(first) : `${first}-${last}`);
  return value({ type: 'port, or range of ports as `1024-65535`', unit: '' }, read, show);
}

/** The address that an interface has, with the length of its network's prefix. */
export interface InterfaceAddress {
  readonly address: Ipv4Address;
  readonly prefixLength: number;
}

/** An address with the length of its prefix, 1 to 32, as `192.0.2.1/24`. */
export function interfaceAddress() {
  const read = (raw: unknown): InterfaceAddress | Refused => {
    const given = textOf(raw, 'an IPv4 address with its prefix length');
    if (given instanceof Refused) return given;
    const [host, length, ...rest] = given.split('/');
    const address = parseIpv4(host!);
    if (address === undefined || notUnicast(address) || length === undefined || rest.length > 0) {
      return refuse(
        'bad-value',
        `${shown(given)} is not an IPv4 address with its prefix length`,
        'write it as 192.0.2.1/24',
      );
    }
    const prefixLength = /^\d{1,2}$/.test(length) ? Number(length) : 0;
    if (prefixLength >= 1 && prefixLength <= 32) return { address, prefixLength };
    return refuse('out-of-range', `has the prefix length ${shown(length)}`, 'use 1 to 32');
  };
  const show = ({ address, prefixLength }: InterfaceAddress): string => `${formatIpv4(address)}/${prefixLength}`;
  return value({ type: 'IPv4 address with prefix length', unit: '' }, read, show);
}

/** A MAC address of one station, in any usual writing. */
export function unicastMac() {
  return value(
    { type: 'unicast MAC address', unit: '' },
    (raw): MacAddress | Refused => {
      const given = textOf(raw, 'a MAC address');
      if (given instanceof Refused) return given;
      const mac = parseMac(given);
      if (mac === undefined) {
        return refuse('bad-value', `${shown(given)} is not a MAC address`, 'write it as 02:00:5e:10:20:30');
      }
      if (mac !== 0 && !isGroupMac(mac)) return mac;
      return refuse('bad-value', `${given} is not a unicast MAC address`, 'the first octet must be even (bit 0 clear)');
    },
    (mac) => formatMac(mac),
  );
}

/** An absolute path; Linux has room for 107 octets in that of a Unix socket (sockaddr_un), and for 4095 in others. */
function path(octetsMax: number) {
  return value({ type: `absolute path, at most ${octetsMax} octets`, unit: '' }, (raw) => {
    const given = textOf(raw, 'a path');
    if (given instanceof Refused) return given;
    if (!given.startsWith('/') || /\p{Cc}/u.test(given)) {
      return refuse('bad-value', `${shown(given)} is not an absolute path`, 'begin it with /');
    }
    const octets = utf8Encode(given).length;
    return octets <= octetsMax
      ? given
      : refuse('out-of-range', `has ${octets} octets`, `use at most ${octetsMax}: Linux takes no more`);
  });
}

/** Where a Unix socket is. */
export function socketPath() {
  return path(107);
}

/** Where a file or a folder is. */
export function filePath() {
  return path(4095);
}

/** Where a server of ours is: `https://`, a name or an address, and a port if it is not 443. */
export function httpsOrigin() {
  return value({ type: 'https:// and a host, with a port unless it is 443', unit: '' }, (raw) => {
    const given = textOf(raw, 'a URL');
    if (given instanceof Refused) return given;
    if (/^https:\/\/(?:[\w.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[1-9]\d{0,4})?$/i.test(given)) return given.toLowerCase();
    return refuse('bad-value', `${shown(given)} is not such a URL`, 'write it as https://gw-b.example.net:8443');
  });
}

/** A line of bulk statistics with `%variable%` in it. */
export function bulkstatFormat() {
  return value({ type: 'text with `%variable%`, at most 16,000 characters', unit: '' }, (raw) => {
    const given = textOf(raw, 'text');
    if (given instanceof Refused) return given;
    if (given.length > 16_000 || /\p{Cc}/u.test(given)) {
      return refuse(
        'bad-value',
        'is too long or has a control character',
        'write one line of at most 16,000 characters',
      );
    }
    const read = readFormat(given);
    return read.ok ? given : refuse('bad-value', read.message, read.hint);
  });
}

/** A URL of HTTP, without a name and a password in it. */
export function webUrl() {
  return value({ type: 'URL, http or https', unit: '' }, (raw) => {
    const given = textOf(raw, 'a URL');
    if (given instanceof Refused) return given;
    const isPlain = /^https?:\/\/[^\s/?#@\p{Cc}]+(?:[/?][^\s#\p{Cc}]*)?$/u.test(given) && given.length <= 1000;
    return isPlain
      ? given
      : refuse('bad-value', 'is no such URL', 'write it as https://alerts.example.net/hook, without name and password');
  });
}

/** Series of a metric, written as Prometheus writes them. */
export function metricSelector() {
  return value(
    { type: 'metric, with labels or without', unit: '' },
    (raw) => {
      const given = textOf(raw, 'a metric');
      if (given instanceof Refused) return given;
      const read = readSelector(given);
      return read.ok ? read.selector : refuse('bad-value', read.message, read.hint);
    },
    seriesText,
  );
}

/** A network device name: 1 to 15 octets without "/" and white space (Linux IFNAMSIZ). */
export function deviceName() {
  return value({ type: 'network device, 1 to 15 characters', unit: '' }, (raw) => {
    const given = textOf(raw, 'a network device');
    if (given instanceof Refused || /^[^\s/:\p{Cc}]{1,15}$/u.test(given)) return given;
    return refuse(
      'bad-value',
      `${shown(given)} is not a network device`,
      'write it as `ip link` shows it, such as eth0',
    );
  });
}
