import { formatPrefix, type IpAddress, type IpPrefix, isIpv4 } from '../../kernel/address.ts';
import type { Check, ConfigDraft, Report } from './checks.ts';

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

function dynamicAuthorizationClientsAreDistinct(config: ConfigDraft, report: Report): void {
  const seen = new Set<string>();
  const section = config['mrme-service']?.['dynamic-authorization'];
  section?.clients?.forEach((client, index) => {
    if (client?.address === undefined) return;
    const path = ['mrme-service', 'dynamic-authorization', 'clients', index, 'address'];
    const { address } = client;
    const key = formatPrefix(address as IpPrefix);
    if (seen.has(key)) report(path, 'conflict', `${key} is listed twice`, 'remove one of the two');
    seen.add(key);
    const bind = config['mrme-service']?.bind?.address;
    if (bind === undefined || isIpv4(bind as IpAddress) === isIpv4(address.address as IpAddress)) return;
    report(
      path,
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
  dynamicAuthorizationClientsAreDistinct,
];
