import { formatIpv4, type Ipv4Address } from '../kernel/address.ts';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import { parseConfig } from '../operations/config/parse.ts';
import { formatProblem } from '../operations/config/problem.ts';
import type { LabAddresses } from './lab-addresses.ts';

/** What a scenario changes of the gateway's configuration. */
export interface LabGatewayOptions {
  /** False leaves the RGs' profile, whose trigger is DHCP, out of the MRME service. */
  readonly dhcpTwanProfile?: boolean;
  readonly managementSocket?: string;
  /** True has the WLCs' UEs authenticated by RADIUS before their PBUs. */
  readonly radiusTrigger?: boolean;
  /** True has accounting on either side: the gateway's own, and that of WLCs. */
  readonly accounting?: boolean;
  /** True has access points that give UEs addresses themselves in place of the WLCs: their accounting begins sessions. */
  readonly accountingTrigger?: boolean;
  /** Further sections of the configuration, as YAML. */
  readonly sections?: string;
}

export const labSecret = 'the-secret-of-the-lab';
/** Of AAA where it changes sessions. */
export const labAuthorizationSecret = 'the-secret-of-changes';
/** Of the WLCs that speak RADIUS. */
export const labWlcSecret = 'the-secret-of-the-wlcs';

/**
 * The gateway's configuration as an operator would write it. What differs from the defaults is short, so that a scenario
 * with a party that is silent takes a second and not half a minute.
 */
export function labConfig(addresses: LabAddresses, options: LabGatewayOptions = {}): GatewayConfig {
  const {
    dhcpTwanProfile = true,
    managementSocket,
    radiusTrigger = false,
    accounting = false,
    accountingTrigger = false,
    sections = '',
  } = options;
  const hasAccounting = accounting || accountingTrigger;
  const text = (address: Ipv4Address): string => formatIpv4(address);
  const yaml = `
chassis: { name: lab }
management: ${managementSocket === undefined ? '{}' : `{ socket: ${JSON.stringify(managementSocket)} }`}
logging: { level: warn }
twan-profiles:
  - name: wlc
    access-type: ${accountingTrigger ? 'ip' : 'pmip'}
    session-trigger: ${accountingTrigger ? 'accounting' : radiusTrigger ? 'radius' : 'pmipv6'}
    clients: [${text(addresses.wlc1)}/32, ${text(addresses.wlc2)}/32]
${radiusTrigger || hasAccounting ? `    radius: { clients: [${wlcClients(addresses)}] }\n` : ''}  - name: rg
    access-type: eogre
    session-trigger: dhcp
    clients: [${text(addresses.rg1)}/32, ${text(addresses.rg2)}/32]
access-lists:
  - { name: nothing, rules: [] }
  - { name: everything, rules: [{ action: permit }] }
mrme-service:
  twan-profiles: [${dhcpTwanProfile ? 'wlc, rg' : 'wlc'}]
  bind: { address: ${text(addresses.aaaSide)}, source-ports: 1 }
  radius:
    servers: [{ name: aaa, address: ${text(addresses.aaa)}, secret: ${labSecret}, priority: 1 }]
    timeout: 250ms
${hasAccounting ? '  accounting: { handover-hold-down: 1s }\n  disconnect: { delay-time: 2s }\n' : ''}  dynamic-authorization:
    clients: [{ address: ${text(addresses.authorization)}, key: ${labAuthorizationSecret} }]
cgw-service:
  access: { address: ${text(addresses.access)}, gre-transport: udp, vmac: '02:00:5e:00:00:fe' }
  s2a:
    address: ${text(addresses.s2a)}
    gre-transport: udp
    lmas: [${text(addresses.lma)}]
    apn: internet
    retransmission: { initial: 200ms, max: 800ms, attempts: 4 }
  revocation: { delay: 250ms, initial-timeout: 200ms, max-timeout: 400ms }
samog-service:
  setup-timeout: 1200ms
${sections}`;
  const parsed = parseConfig(yaml, 'lab.yaml');
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return parsed.config;
}

function wlcClients({ wlc1, wlc2 }: LabAddresses): string {
  return [wlc1, wlc2].map((address) => `{ address: ${formatIpv4(address)}/32, key: ${labWlcSecret} }`).join(', ');
}
