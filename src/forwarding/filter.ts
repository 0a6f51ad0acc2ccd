import type { IpPrefix, Ipv4Address } from '../kernel/address.ts';
import { u16At, u32At } from '../wire/bytes/reader.ts';
import {
  ipv4FragmentOffsetAt,
  ipv4HeaderLengthAt,
  ipv4Offset,
  ipv4ProtocolAt,
  ipv4TotalLengthAt,
} from '../wire/ipv4/ipv4.ts';

export type Ipv4Prefix = IpPrefix & { readonly address: Ipv4Address };

/** Ports from the first to the last, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** One rule of an access list. What is undefined matches everything. */
export interface AccessRule {
  readonly action: 'permit' | 'deny';
  /** The IP protocol number, 0..255. */
  readonly protocol: number | undefined;
  readonly source: Ipv4Prefix | undefined;
  readonly destination: Ipv4Prefix | undefined;
  /** Only with a protocol whose header begins with two ports, as those of TCP, UDP and SCTP do. */
  readonly sourcePorts: PortRange | undefined;
  readonly destinationPorts: PortRange | undefined;
}

/** Columns of a compiled rule. */
const action = 0;
const protocol = 1;
const source = 2;
const sourceMask = 3;
const destination = 4;
const destinationMask = 5;
const sourceFirst = 6;
const sourceLast = 7;
const destinationFirst = 8;
const destinationLast = 9;
const ruleColumns = 10;

const anyProtocol = 256;
const anyPort: PortRange = { first: 0, last: 0xffff };
/** The ports of TCP, UDP and SCTP are the first four octets of their headers. */
const portOctets = 4;

/**
 * What may pass, as rules of which the first that matches a packet decides; what no rule matches is dropped. Compiled into one
 * array of numbers, so that a packet is compared without making an object; one list serves all sessions that name it.
 */
export class AccessList {
  readonly name: string;
  readonly rules: readonly AccessRule[];
  readonly #compiled: Int32Array;

  constructor(name: string, rules: readonly AccessRule[]) {
    this.name = name;
    this.rules = rules;
    this.#compiled = Int32Array.from(rules.flatMap(compile));
  }

  /**
   * Whether a valid IPv4 packet may pass. A rule with ports matches a packet that shows none by its addresses and
   * protocol: a later fragment belongs to a packet whose first one was compared whole (RFC 1858 section 2 says why nothing
   * more can be known of it).
   */
  permits(bytes: Uint8Array, at: number): boolean {
    const rules = this.#compiled;
    const packetProtocol = ipv4ProtocolAt(bytes, at);
    const from = u32At(bytes, at + ipv4Offset.source);
    const to = u32At(bytes, at + ipv4Offset.destination);
    const portsAt = at + ipv4HeaderLengthAt(bytes, at);
    const showsPorts =
      ipv4FragmentOffsetAt(bytes, at) === 0 && portsAt + portOctets <= at + ipv4TotalLengthAt(bytes, at);
    const fromPort = showsPorts ? u16At(bytes, portsAt) : 0;
    const toPort = showsPorts ? u16At(bytes, portsAt + 2) : 0;
    for (let rule = 0; rule < rules.length; rule += ruleColumns) {
      const wanted = rules[rule + protocol]!;
      if (wanted !== anyProtocol && wanted !== packetProtocol) continue;
      if (((from ^ rules[rule + source]!) & rules[rule + sourceMask]!) !== 0) continue;
      if (((to ^ rules[rule + destination]!) & rules[rule + destinationMask]!) !== 0) continue;
      if (showsPorts) {
        if (fromPort < rules[rule + sourceFirst]! || fromPort > rules[rule + sourceLast]!) continue;
        if (toPort < rules[rule + destinationFirst]! || toPort > rules[rule + destinationLast]!) continue;
      }
      return rules[rule + action] === 1;
    }
    return false;
  }
}

/** The lists there are, by name. */
export type AccessLists = ReadonlyMap<string, AccessList>;

/** A table of the lists as the configuration has them. */
export function accessListsOf(
  lists: readonly { readonly name: string; readonly rules: readonly AccessRule[] }[],
): Map<string, AccessList> {
  return new Map(lists.map(({ name, rules }) => [name, new AccessList(name, rules)]));
}

/** A list that nobody has: an accelerator leaves a session with it to the slow path, and neither counts its packets nor says why. */
export const untoldList = new AccessList('', []);

/** Stands for a list that this chassis does not have: a session of one that has it must not gain by coming here. */
export const missingList = new AccessList('unknown', []);

/**
 * Has a table of lists say what it is to say. A list whose rules are the same stays the same object, so that whoever knows it by
 * that goes on to.
 *
 * @returns the names of those that are others now, or are not there any more
 */
export function replaceAccessLists(
  table: Map<string, AccessList>,
  lists: readonly { readonly name: string; readonly rules: readonly AccessRule[] }[],
): ReadonlySet<string> {
  const changed = new Set<string>();
  const names = new Set(lists.map(({ name }) => name));
  for (const name of table.keys()) if (!names.has(name)) changed.add(name);
  for (const { name, rules } of lists) {
    const known = table.get(name);
    if (known !== undefined && JSON.stringify(known.rules) === JSON.stringify(rules)) continue;
    table.set(name, new AccessList(name, rules));
    changed.add(name);
  }
  for (const name of changed) if (!names.has(name)) table.delete(name);
  return changed;
}

function compile(rule: AccessRule): number[] {
  const sourcePorts = rule.sourcePorts ?? anyPort;
  const destinationPorts = rule.destinationPorts ?? anyPort;
  return [
    rule.action === 'permit' ? 1 : 0,
    rule.protocol ?? anyProtocol,
    ...addressAndMask(rule.source),
    ...addressAndMask(rule.destination),
    sourcePorts.first,
    sourcePorts.last,
    destinationPorts.first,
    destinationPorts.last,
  ];
}

function addressAndMask(prefix: Ipv4Prefix | undefined): readonly [number, number] {
  if (prefix === undefined) return [0, 0];
  // A shift by 32 bits is one by none.
  return [prefix.address, prefix.length === 0 ? 0 : -1 << (32 - prefix.length)];
}
