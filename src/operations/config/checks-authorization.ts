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

export const authorizationChecks: readonly Check[] = [accessListsAreDistinct, portsNeedAProtocolWithPorts];
