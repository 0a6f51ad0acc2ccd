import { setU32 } from '../../wire/bytes/reader.ts';
import type { AccessRule, Ipv4Prefix } from '../filter.ts';
import { accessListAt, accessListOctets, accessRuleAt, accessRuleOctets, accessRulesMax } from './layout.ts';

const anyProtocol = 256;
const anyPort = { first: 0, last: 0xffff };

/** An access list as a value of its map; undefined if it has more rules than the program looks at. */
export function accessListValue(rules: readonly AccessRule[]): Uint8Array | undefined {
  if (rules.length > accessRulesMax) return undefined;
  const value = new Uint8Array(accessListOctets);
  const view = new DataView(value.buffer);
  view.setUint32(accessListAt.count, rules.length, true);
  for (const [index, rule] of rules.entries()) writeRule(value, accessListAt.rules + index * accessRuleOctets, rule);
  return value;
}

function writeRule(value: Uint8Array, at: number, rule: AccessRule): void {
  const view = new DataView(value.buffer);
  writePrefix(value, at + accessRuleAt.source, at + accessRuleAt.source_mask, rule.source);
  writePrefix(value, at + accessRuleAt.destination, at + accessRuleAt.destination_mask, rule.destination);
  const { sourcePorts = anyPort, destinationPorts = anyPort } = rule;
  view.setUint16(at + accessRuleAt.source_first, sourcePorts.first, true);
  view.setUint16(at + accessRuleAt.source_last, sourcePorts.last, true);
  view.setUint16(at + accessRuleAt.destination_first, destinationPorts.first, true);
  view.setUint16(at + accessRuleAt.destination_last, destinationPorts.last, true);
  view.setUint16(at + accessRuleAt.protocol, rule.protocol ?? anyProtocol, true);
  view.setUint16(at + accessRuleAt.permits, rule.action === 'permit' ? 1 : 0, true);
}

function writePrefix(value: Uint8Array, at: number, maskAt: number, prefix: Ipv4Prefix | undefined): void {
  if (prefix === undefined || prefix.length === 0) return;
  setU32(value, at, prefix.address);
  setU32(value, maskAt, (-1 << (32 - prefix.length)) >>> 0);
}
