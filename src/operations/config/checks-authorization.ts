import { formatPrefix, type IpAddress, type IpPrefix, isIpv4 } from '../../kernel/address.ts';
import type { Check, ConfigDraft, Report } from './checks.ts';
import { hostPrefix, serverName } from './server-name.ts';

type MrmeDraft = NonNullable<ConfigDraft['mrme-service']>;
type AuthorizationClients = NonNullable<NonNullable<MrmeDraft['dynamic-authorization']>['clients']>;
type Servers = NonNullable<NonNullable<MrmeDraft['radius']>['servers']>;

/** The protocols whose headers begin with two ports: TCP, UDP, SCTP. */
const withPorts: readonly unknown[] = [6, 17, 132];

function accessListsAreDistinct(config: ConfigDraft, report: Report): void {
  const names = new Set<string>();
  config['access-lists']?.forEach((list, index) => {
    if (list?.name === undefined) return;
    if (names.has(list.name)) {
      report(['access-lists', index, 'name'], 'conflict', `"${list.name}" is taken`, 'give each list its own name');
    }
    names.add(list.name);
  });
}

function portsNeedAProtocolWithPorts(config: ConfigDraft, report: Report): void {
  config['access-lists']?.forEach((list, index) => {
    list?.rules?.forEach((rule, at) => {
      for (const key of ['source-ports', 'destination-ports'] as const) {
        if (rule?.[key] === undefined || withPorts.includes(rule.protocol)) continue;
        const path = ['access-lists', index, 'rules', at, key];
        report(path, 'conflict', 'is given without a protocol that has ports', 'add protocol: tcp, udp or sctp');
      }
    });
  });
}

/** The prefix of a client, where it can be told; says what is missing or wrong. */
function clientIsSomebody(
  client: NonNullable<AuthorizationClients[number]>,
  path: readonly (string | number)[],
  servers: Servers,
  report: Report,
): string | undefined {
  const { server: named, address, key } = client;
  if ((named === undefined) === (address === undefined)) {
    const what = named === undefined ? 'has neither server nor address' : 'has a server and an address';
    report(path, named === undefined ? 'missing' : 'conflict', what, 'say who it is in one of the two ways');
    return undefined;
  }
  const server = servers.find((candidate) => candidate !== undefined && serverName(candidate, servers) === named);
  if (named !== undefined && server === undefined) {
    report(
      [...path, 'server'],
      'unknown-reference',
      `"${named}" is no server`,
      'use a name of mrme-service.radius.servers',
    );
    return undefined;
  }
  if (key === undefined && (server === undefined || server.transport === 'tls')) {
    report([...path, 'key'], 'missing', 'is missing', 'give it the secret that this client has of the gateway');
  }
  if (server === undefined) return formatPrefix(address as IpPrefix);
  return server.address === undefined ? undefined : formatPrefix(hostPrefix(server.address as IpAddress));
}

function dynamicAuthorizationClientsAreSomebody(config: ConfigDraft, report: Report): void {
  const seen = new Set<string>();
  const mrme = config['mrme-service'];
  mrme?.['dynamic-authorization']?.clients?.forEach((client, index) => {
    if (client === undefined) return;
    const path = ['mrme-service', 'dynamic-authorization', 'clients', index];
    const key = clientIsSomebody(client, path, mrme.radius?.servers ?? [], report);
    const named = [...path, client.server === undefined ? 'address' : 'server'];
    if (key !== undefined && seen.has(key))
      report(named, 'conflict', `${key} is listed twice`, 'remove one of the two');
    if (key !== undefined) seen.add(key);
    const bind = mrme.bind?.address;
    if (bind === undefined || client.address === undefined) return;
    if (isIpv4(bind as IpAddress) === isIpv4(client.address.address as IpAddress)) return;
    report(
      named,
      'conflict',
      'is not of the address family of mrme-service.bind.address',
      'use addresses of one family',
    );
  });
}

/** On the network nobody is anybody without showing it, and who did what is kept. */
function networkNeedsUsersAndAudit({ management }: ConfigDraft, report: Report): void {
  if (management?.tcp === undefined) return;
  if (management.users === undefined) {
    report(['management', 'tcp'], 'conflict', 'is there without users', 'name the users file: management.users');
  }
  if (management.audit === undefined) {
    report(['management', 'tcp'], 'conflict', 'is there without an audit', 'add the section management.audit');
  }
}

export const authorizationChecks: readonly Check[] = [
  networkNeedsUsersAndAudit,
  accessListsAreDistinct,
  portsNeedAProtocolWithPorts,
  dynamicAuthorizationClientsAreSomebody,
];
