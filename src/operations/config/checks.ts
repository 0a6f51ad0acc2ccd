import { formatIp, formatPrefix, type IpAddress, type IpPrefix, isIpv4 } from '../../kernel/address.ts';
import type { ProblemCode } from './problem.ts';
import type { ConfigFile } from './schema.ts';
import type { Draft } from './schema-tree.ts';
import { portOf } from './server-name.ts';
import { meantInstead } from './spelling.ts';

/** What relates settings to one another; each check sees only what could be read. */
export type ConfigDraft = Draft<ConfigFile>;
export type Report = (path: readonly (string | number)[], code: ProblemCode, message: string, hint: string) => void;
export type Check = (config: ConfigDraft, report: Report) => void;

function present<T>(list: readonly (T | undefined)[] | undefined): { item: T; index: number }[] {
  return (list ?? []).flatMap((item, index) => (item === undefined ? [] : [{ item, index }]));
}

function profilesAreDistinct(config: ConfigDraft, report: Report): void {
  const names = new Set<string>();
  const clients = new Map<string, string>();
  for (const { item: profile, index } of present(config['twan-profiles'])) {
    if (profile.name !== undefined && names.has(profile.name)) {
      report(
        ['twan-profiles', index, 'name'],
        'conflict',
        `"${profile.name}" is taken`,
        'give each profile its own name',
      );
    }
    if (profile.name !== undefined) names.add(profile.name);
    for (const { item: prefix, index: at } of present(profile.clients)) {
      const key = formatPrefix(prefix as IpPrefix);
      const owner = clients.get(key);
      if (owner !== undefined) {
        const hint = 'a client belongs to one profile: remove one of the two';
        report(
          ['twan-profiles', index, 'clients', at],
          'conflict',
          `${key} is a client of profile ${owner} already`,
          hint,
        );
      }
      clients.set(key, owner ?? profile.name ?? String(index));
    }
  }
}

const triggersOf = { pmip: ['pmipv6', 'radius'], eogre: ['dhcp', 'radius'], ip: ['accounting'] } as const;

function triggersFitAccessTypes(config: ConfigDraft, report: Report): void {
  for (const { item: profile, index } of present(config['twan-profiles'])) {
    const accessType = profile['access-type'];
    const trigger = profile['session-trigger'];
    if (accessType === undefined || trigger === undefined) continue;
    const fitting: readonly string[] = triggersOf[accessType];
    if (fitting.includes(trigger)) continue;
    const hint = `access type ${accessType} requires session-trigger: ${fitting.join(' or ')}`;
    report(
      ['twan-profiles', index, 'session-trigger'],
      'conflict',
      `is ${trigger} with access type ${accessType}`,
      hint,
    );
  }
}

/** A profile whose sessions begin with an Access-Accept needs somebody to ask for one; each client has one secret. */
function radiusClientsAreDistinct(config: ConfigDraft, report: Report): void {
  const owners = new Map<string, string>();
  for (const { item: profile, index } of present(config['twan-profiles'])) {
    const at = ['twan-profiles', index] as const;
    const trigger = profile['session-trigger'];
    if ((trigger === 'radius' || trigger === 'accounting') && profile.radius === undefined) {
      const hint = 'list its WLCs or access points under radius.clients, each with its key';
      report([...at, 'session-trigger'], 'conflict', `is ${trigger}, but the profile has no RADIUS clients`, hint);
    }
    for (const { item: client, index: which } of present(profile.radius?.clients)) {
      if (client.address === undefined) continue;
      const key = formatPrefix(client.address as IpPrefix);
      const owner = owners.get(key);
      if (owner !== undefined) {
        const hint = 'a client has one secret: remove one of the two';
        const message = `${key} is a RADIUS client of profile ${owner} already`;
        report([...at, 'radius', 'clients', which, 'address'], 'conflict', message, hint);
      }
      owners.set(key, owner ?? profile.name ?? String(index));
    }
  }
}

function profilesOfMrmeExist(config: ConfigDraft, report: Report): void {
  const profiles = present(config['twan-profiles']).flatMap(({ item }) => (item.name === undefined ? [] : [item.name]));
  const seen = new Set<string>();
  for (const { item: name, index } of present(config['mrme-service']?.['twan-profiles'])) {
    const path = ['mrme-service', 'twan-profiles', index];
    if (seen.has(name)) report(path, 'conflict', `"${name}" is listed twice`, 'remove one of the two');
    seen.add(name);
    if (profiles.includes(name)) continue;
    const meant = meantInstead(name, profiles);
    const hint = meant === undefined ? 'define it under twan-profiles' : `did you mean "${meant}"?`;
    report(path, 'unknown-reference', `"${name}" is no TWAN profile`, hint);
  }
}

function servicesExist(config: ConfigDraft, report: Report): void {
  for (const kind of ['cgw-service', 'mrme-service', 'dhcp-service'] as const) {
    const wanted = config['samog-service']?.[kind];
    const existing = config[kind]?.name;
    if (wanted === undefined || existing === undefined || wanted === existing) continue;
    const hint = `the ${kind} of this file is "${existing}"`;
    report(['samog-service', kind], 'unknown-reference', `"${wanted}" is no ${kind}`, hint);
  }
}

function familyOf(address: IpAddress): string {
  return isIpv4(address) ? 'IPv4' : 'IPv6';
}

/** A socket bound to an IPv4 address reaches no IPv6 peer, and the other way round. */
function familiesAgree(config: ConfigDraft, report: Report): void {
  const compare = (own: unknown, ownPath: string, peer: unknown, path: readonly (string | number)[]): void => {
    if (own === undefined || peer === undefined) return;
    const family = familyOf(own as IpAddress);
    const other = familyOf(peer as IpAddress);
    if (family === other) return;
    report(path, 'conflict', `is ${other}, but ${ownPath} is ${family}`, 'use addresses of one family on each side');
  };
  const access = config['cgw-service']?.access?.address;
  for (const { item: profile, index } of present(config['twan-profiles'])) {
    const bind = config['mrme-service']?.['access-bind']?.address ?? access;
    for (const { item: client, index: at } of present(profile.radius?.clients)) {
      const path = ['twan-profiles', index, 'radius', 'clients', at, 'address'];
      compare(bind, 'mrme-service.access-bind.address', client.address?.address, path);
    }
    for (const { item: prefix, index: at } of present(profile.clients)) {
      compare(access, 'cgw-service.access.address', prefix.address, ['twan-profiles', index, 'clients', at]);
    }
  }
  const s2a = config['cgw-service']?.s2a;
  for (const { item: lma, index } of present(s2a?.lmas)) {
    compare(s2a?.address, 'cgw-service.s2a.address', lma, ['cgw-service', 's2a', 'lmas', index]);
  }
  const mrme = config['mrme-service'];
  for (const { item: server, index } of present(mrme?.radius?.servers)) {
    const path = ['mrme-service', 'radius', 'servers', index, 'address'];
    compare(mrme?.bind?.address, 'mrme-service.bind.address', server.address, path);
  }
}

/** Both sides listen on UDP port 5436 (RFC 5844 section 4), and on GRE: one address cannot serve both. */
function sidesHaveTheirOwnAddresses(config: ConfigDraft, report: Report): void {
  const access = config['cgw-service']?.access?.address;
  const s2a = config['cgw-service']?.s2a;
  if (access !== undefined && access === s2a?.address) {
    const hint = 'give each side an address of its own: both use UDP port 5436 and GRE';
    report(['cgw-service', 's2a', 'address'], 'conflict', 'is the address of the access side', hint);
  }
  const seen = new Set<unknown>();
  for (const { item: lma, index } of present(s2a?.lmas)) {
    const path = ['cgw-service', 's2a', 'lmas', index];
    const text = formatIp(lma as IpAddress);
    if (lma === access || lma === s2a?.address) {
      report(path, 'conflict', `${text} is an address of the gateway itself`, 'name the LMA, another host');
    }
    if (seen.has(lma)) report(path, 'conflict', `${text} is listed twice`, 'remove one of the two');
    seen.add(lma);
  }
}

function serversAreDistinct(config: ConfigDraft, report: Report): void {
  const names = new Set<string>();
  const authentication = new Set<string>();
  const servers = present(config['mrme-service']?.radius?.servers);
  for (const { item: server, index } of servers) {
    const path = ['mrme-service', 'radius', 'servers', index];
    if (server.name !== undefined && names.has(server.name)) {
      report([...path, 'name'], 'conflict', `"${server.name}" is taken`, 'give each server its own name');
    }
    if (server.name !== undefined) names.add(server.name);
    const key = placeText(server.address, portOf(server));
    if (key === undefined) continue;
    if (authentication.has(key)) report(path, 'conflict', `${key} is listed twice`, 'remove one of the two');
    authentication.add(key);
  }
  // Several may share a port of accounting: then it is one server of accounting.
  for (const { item: server, index } of servers) {
    const key = placeText(server.address, server['acct-port']);
    if (server.transport === 'tls' || key === undefined || !authentication.has(key)) continue;
    const path = ['mrme-service', 'radius', 'servers', index, 'acct-port'];
    report(path, 'conflict', `${key} is the port of authentication`, 'give accounting a port of its own');
  }
}

/** A secret where it is one, and certificates where they are needed. */
function serversCanBeTrusted(config: ConfigDraft, report: Report): void {
  const radius = config['mrme-service']?.radius;
  for (const { item: server, index } of present(radius?.servers)) {
    const path = ['mrme-service', 'radius', 'servers', index];
    const isTls = server.transport === 'tls';
    if (!isTls && server.secret === undefined) {
      report(
        [...path, 'secret'],
        'missing',
        'is missing',
        'give it a value: the secret that the server has of the gateway',
      );
    }
    if (isTls && server.secret !== undefined && server.secret !== 'radsec') {
      report(
        [...path, 'secret'],
        'conflict',
        'is not "radsec"',
        'leave it out: over TLS it is radsec (RFC 6614 section 2.3)',
      );
    }
    if (isTls && radius?.tls === undefined) {
      const hint = 'give mrme-service.radius.tls a ca, a certificate and a key';
      report([...path, 'transport'], 'conflict', 'needs certificates', hint);
    }
  }
}

function placeText(address: unknown, port: number | undefined): string | undefined {
  if (address === undefined || port === undefined) return undefined;
  return `${formatIp(address as IpAddress)} port ${port}`;
}

function radiusLimitsFit(config: ConfigDraft, report: Report): void {
  const mrme = config['mrme-service'];
  const identifiers = (mrme?.bind?.['source-ports'] ?? 256) * 256;
  const checkLimit = (outstanding: number | undefined, path: readonly (string | number)[]) => {
    if (outstanding === undefined || outstanding <= identifiers) return;
    const hint = `raise mrme-service.bind.source-ports, or use at most ${identifiers}`;
    const message = `is ${outstanding}, more than the source ports have identifiers`;
    report([...path, 'outstanding-max'], 'conflict', message, hint);
  };
  checkLimit(mrme?.radius?.['outstanding-max'], ['mrme-service', 'radius']);
  for (const { item: server, index } of present(mrme?.radius?.servers)) {
    checkLimit(server['outstanding-max'], ['mrme-service', 'radius', 'servers', index]);
  }
  const timeout = mrme?.radius?.timeout;
  const retransmissions = mrme?.radius?.retransmissions;
  const setup = config['samog-service']?.['setup-timeout'];
  if (timeout === undefined || retransmissions === undefined || setup === undefined) return;
  const patience = timeout * (1 + retransmissions);
  if (patience < setup) return;
  const message = `leaves no time: one silent RADIUS server takes ${patience / 1000}s, and an attach may take ${setup / 1000}s`;
  report(['samog-service', 'setup-timeout'], 'conflict', message, 'raise it, or lower mrme-service.radius.timeout');
}

/** Pairs of which the first must be less than the second (or, with `equal`, no more). */
function timesAreInOrder(config: ConfigDraft, report: Report): void {
  const s2a = config['cgw-service']?.s2a;
  const revocation = config['cgw-service']?.revocation;
  const dhcp = config['dhcp-service'];
  const pairs = [
    [['cgw-service', 's2a', 'refresh-before'], s2a?.['refresh-before'], 'lifetime', s2a?.lifetime, false],
    [
      ['cgw-service', 's2a', 'retransmission', 'initial'],
      s2a?.retransmission?.initial,
      'max',
      s2a?.retransmission?.max,
      true,
    ],
    [
      ['cgw-service', 'revocation', 'initial-timeout'],
      revocation?.['initial-timeout'],
      'max-timeout',
      revocation?.['max-timeout'],
      true,
    ],
    [['dhcp-service', 'renewal'], dhcp?.renewal, 'rebinding', dhcp?.rebinding, false],
  ] as const;
  for (const [path, first, other, second, equal] of pairs) {
    if (first === undefined || second === undefined || first < second || (equal && first === second)) continue;
    const relation = equal ? 'at most' : 'less than';
    report(
      path,
      'conflict',
      `is not ${relation} ${other}`,
      `use ${relation} ${[...path.slice(0, -1), other].join('.')}`,
    );
  }
}

export const checks: readonly Check[] = [
  profilesAreDistinct,
  triggersFitAccessTypes,
  radiusClientsAreDistinct,
  profilesOfMrmeExist,
  servicesExist,
  familiesAgree,
  sidesHaveTheirOwnAddresses,
  serversAreDistinct,
  serversCanBeTrusted,
  radiusLimitsFit,
  timesAreInOrder,
];
