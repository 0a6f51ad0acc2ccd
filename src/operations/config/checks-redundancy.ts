import { formatIp, type IpAddress, type Ipv4Address, isIpv4 } from '../../kernel/address.ts';
import type { Check, ConfigDraft, Report } from './checks.ts';
import { defaultChassisName } from './gateway-config.ts';
import type { Draft } from './schema-tree.ts';
import type { InterfaceAddress } from './values.ts';

const block = 'service-redundancy-protocol';

/** How a chassis is told from its peer, and what must not differ although its default does. */
function namesFitPair(config: ConfigDraft, report: Report): void {
  const srp = config[block];
  if (srp === undefined) return;
  const own = config.chassis?.name;
  if (own === defaultChassisName) {
    const hint = 'give each chassis of the pair a name of its own';
    report(['chassis', 'name'], 'conflict', `is "${own}", which is what any chassis is called`, hint);
  }
  if (own !== undefined && own === srp['peer-chassis-name']) {
    report([block, 'peer-chassis-name'], 'conflict', 'is the name of this chassis', 'name the other chassis');
  }
  if (config['mrme-service'] !== undefined && config['mrme-service']['nas-identifier'] === undefined) {
    const hint = 'give the pair one: its default, chassis.name, is another one on the peer';
    report(['mrme-service', 'nas-identifier'], 'missing', 'is missing', hint);
  }
}

function peerIsAnotherHost(config: ConfigDraft, report: Report): void {
  const own = config[block]?.bind?.address as IpAddress | undefined;
  const peer = config[block]?.['peer-ip-address'] as IpAddress | undefined;
  for (const [path, address] of [
    [[block, 'bind', 'address'], own],
    [[block, 'peer-ip-address'], peer],
  ] as const) {
    if (address === undefined || !isLinkLocal(address)) continue;
    const hint = 'use one that is unique by itself: a link-local one is of no use without an interface';
    report(path, 'conflict', 'is link-local', hint);
  }
  if (own === undefined || peer === undefined) return;
  const path = [block, 'peer-ip-address'];
  if (own === peer) report(path, 'conflict', `is ${block}.bind.address`, 'name the other chassis');
  if (isIpv4(own) === isIpv4(peer)) return;
  const family = (address: IpAddress): string => (isIpv4(address) ? 'IPv4' : 'IPv6');
  const message = `is ${family(peer)}, but ${block}.bind.address is ${family(own)}`;
  report(path, 'conflict', message, 'use addresses of one family on both chassis');
}

/** Of IPv6: fe80::/10 (RFC 4291 section 2.5.6). */
function isLinkLocal(address: IpAddress): boolean {
  return !isIpv4(address) && /^fe[89ab]/.test(address);
}

function srpTimesAreInOrder(config: ConfigDraft, report: Report): void {
  const srp = config[block];
  const hello = srp?.['hello-interval'];
  const dead = srp?.['dead-interval'];
  if (hello !== undefined && dead !== undefined && dead < 3 * hello) {
    const hint = `use at least ${(3 * hello) / 1000}s: a hello that is late is no death`;
    report([block, 'dead-interval'], 'conflict', `is ${dead / 1000}s, less than three hello intervals`, hint);
  }
  const { barrier, handover } = srp?.limits ?? {};
  if (barrier !== undefined && handover !== undefined && barrier >= handover) {
    report([block, 'limits', 'barrier'], 'conflict', 'is not less than handover', `use less than ${handover / 1000}s`);
  }
  const { warn, refuse } = srp?.['clock-skew'] ?? {};
  if (warn !== undefined && refuse !== undefined && refuse < warn) {
    report([block, 'clock-skew', 'refuse'], 'conflict', 'is less than warn', `use at least ${warn / 1000}s`);
  }
}

/** The addresses that this configuration binds for the service, by the setting that does. */
function boundAddresses(config: ConfigDraft): readonly (readonly [string, IpAddress | undefined])[] {
  const cgw = config['cgw-service'];
  return [
    ['mrme-service.bind.address', config['mrme-service']?.bind?.address as IpAddress | undefined],
    ['cgw-service.access.address', cgw?.access?.address as IpAddress | undefined],
    ['cgw-service.s2a.address', cgw?.s2a?.address as IpAddress | undefined],
  ];
}

/** What the neighbours know has to move with the role, and what the chassis know each other by must not. */
function serviceAddressesAreWhatMoves(config: ConfigDraft, report: Report): void {
  const srp = config[block];
  const list = srp?.['service-addresses'];
  if (list === undefined) return;
  const seen = new Set<Ipv4Address>();
  for (const [index, entry] of list.entries()) {
    const address = (entry?.address as Draft<InterfaceAddress> | undefined)?.address as Ipv4Address | undefined;
    // What could not be read may be what would be missed below.
    if (address === undefined) return;
    const path = [block, 'service-addresses', index, 'address'];
    const chassis = (['bind', 'peer-ip-address'] as const).find((key) => {
      return address === (key === 'bind' ? srp?.bind?.address : srp?.[key]);
    });
    if (chassis !== undefined) {
      const message = `is ${block}.${chassis === 'bind' ? 'bind.address' : chassis}, which does not move`;
      report(path, 'conflict', message, 'give SRP an address that belongs to the chassis');
    }
    if (seen.has(address)) {
      report(path, 'conflict', `${formatIp(address)} is listed twice`, 'remove one of the two');
    }
    seen.add(address);
  }
  for (const [setting, address] of boundAddresses(config)) {
    if (address === undefined || seen.has(address as Ipv4Address)) continue;
    const path = [block, 'service-addresses'];
    const hint = isIpv4(address)
      ? 'add it with its prefix length and interface: it has to move with the role'
      : 'use an IPv4 address there: addresses of IPv6 cannot move yet';
    report(path, 'conflict', `has no ${formatIp(address)}, which is ${setting}`, hint);
  }
}

function monitorsFit(config: ConfigDraft, report: Report): void {
  const monitor = config[block]?.monitor;
  const path = [block, 'monitor'];
  const names = new Set<string>();
  const fits = (probe: Draft<{ timeout: number; interval: number }> | undefined, at: readonly (string | number)[]) => {
    const { timeout, interval } = probe ?? {};
    if (timeout === undefined || interval === undefined || timeout <= interval) return;
    report([...at, 'timeout'], 'conflict', 'is longer than interval', `use at most ${interval / 1000}s`);
  };
  fits(monitor?.['authentication-probe'], [...path, 'authentication-probe']);
  for (const [index, peer] of (monitor?.peers ?? []).entries()) {
    fits(peer, [...path, 'peers', index]);
    if (peer?.name === undefined) continue;
    if (names.has(peer.name)) {
      const hint = 'give each monitor its own name';
      report([...path, 'peers', index, 'name'], 'conflict', `"${peer.name}" is taken`, hint);
    }
    names.add(peer.name);
  }
}

function compressionsAreDistinct(config: ConfigDraft, report: Report): void {
  const list = config[block]?.checkpoint?.session?.compression ?? [];
  for (const [index, item] of list.entries()) {
    if (item === undefined || list.indexOf(item) === index) continue;
    const path = [block, 'checkpoint', 'session', 'compression', index];
    report(path, 'conflict', `"${item}" is listed twice`, 'remove one of the two');
  }
}

/** A chassis that forgot its term could serve under one that its peer has served under. */
function termIsKept(config: ConfigDraft, report: Report): void {
  if (config[block] === undefined || config.recovery !== undefined) return;
  const hint = 'add the block: a chassis of a pair keeps its term there, beside the sessions';
  report(['recovery'], 'missing', 'is missing', hint);
}

/** What relates the settings of a pair to one another. */
export const redundancyChecks: readonly Check[] = [
  namesFitPair,
  peerIsAnotherHost,
  srpTimesAreInOrder,
  serviceAddressesAreWhatMoves,
  monitorsFit,
  compressionsAreDistinct,
  termIsKept,
];
