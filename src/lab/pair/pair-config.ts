import { formatIpv4, type Ipv4Address } from '../../kernel/address.ts';
import { deliveryPort, type InterceptFiles, provisioningPort } from './interception.ts';
import {
  type ChassisLetter,
  chassisInterface,
  managementAddress,
  place,
  prefixLength,
  serviceAddresses,
  srpAddress,
} from './pair-network.ts';

export const labSecret = 'the-secret-of-the-lab';
export const chassisName: Readonly<Record<ChassisLetter, string>> = { a: 'samog-a', b: 'samog-b' };
/** The least that a pair may have. */
export const helloMs = 100;
export const deadMs = 300;
/** What a UE has used since the standby was told last is not counted when the active is killed. */
export const statisticsIntervalMs = 1000;

/** Files by which operators are let in over the network; one certificate serves both chassis. */
export interface OperatorFiles {
  readonly certificate: string;
  readonly key: string;
  readonly users: string;
}

export interface ChassisFiles {
  readonly managementSocket: string;
  readonly recoveryDirectory: string;
  /** Without them nobody comes in over the network. */
  /** Without them nobody is intercepted. */
  readonly intercept?: (InterceptFiles & { readonly directory: string }) | undefined;
  readonly operators?: (OperatorFiles & { readonly audit: string }) | undefined;
}

export const managementPort = 8443;

/** Where the API and the console of a chassis are, if anybody is let in over the network. */
export function managementUrl(letter: ChassisLetter): string {
  return `https://${formatIpv4(managementAddress[letter])}:${managementPort}`;
}

/** The configuration file of one of the two chassis, as an operator would write it. */
export function chassisConfig(letter: ChassisLetter, files: ChassisFiles): string {
  const peer = letter === 'a' ? 'b' : 'a';
  const text = (address: Ipv4Address): string => formatIpv4(address);
  const { service } = chassisInterface;
  const entries = serviceAddresses.map(
    (address) => `    - { address: ${text(address)}/${prefixLength}, interface: ${service} }`,
  );
  return `
chassis: { name: ${chassisName[letter]} }
${managementSection(letter, files)}
${interceptSection(letter, files)}logging: { level: info }
service-redundancy-protocol:
  chassis-mode: ${letter === 'a' ? 'primary' : 'backup'}
  bind: { address: ${text(srpAddress[letter])} }
  peer-ip-address: ${text(srpAddress[peer])}
  peer-chassis-name: ${chassisName[peer]}
  shared-key: the-key-of-the-pair-of-the-lab-of-32-characters
  hello-interval: ${helloMs}ms
  dead-interval: ${deadMs}ms
  delay-interval: 1s
  priority: ${letter === 'a' ? 1 : 2}
  service-addresses:
${entries.join('\n')}
  checkpoint:
    # On a machine with other work no reply may leave unprotected: the scenarios would lose what it promised.
    session: { statistics-interval: ${statisticsIntervalMs}ms, commit-limit: 2s }
  # The scenarios ask for one switchover after the other.
  guard-timer: { guard-period: 0s, damping-period: 0s }
recovery: { directory: ${JSON.stringify(files.recoveryDirectory)} }
twan-profiles:
  - { name: wlc, access-type: pmip, session-trigger: pmipv6, clients: [${text(place.wlc)}/32] }
  - { name: rg, access-type: eogre, session-trigger: dhcp, clients: [${text(place.rg)}/32] }
mrme-service:
  twan-profiles: [wlc, rg]
  bind: { address: ${text(place.aaaSide)} }
  nas-identifier: samog
  radius:
    servers: [{ name: aaa, address: ${text(place.aaa)}, secret: ${labSecret} }]
cgw-service:
  access: { address: ${text(place.access)} }
  s2a: { address: ${text(place.s2a)}, lmas: [${text(place.lma)}], apn: internet }
`;
}

function managementSection(letter: ChassisLetter, { managementSocket, operators }: ChassisFiles): string {
  const lines = ['management:', `  socket: ${JSON.stringify(managementSocket)}`];
  if (operators !== undefined) {
    const { certificate, key, users, audit } = operators;
    const tcp = { address: formatIpv4(managementAddress[letter]), port: managementPort, certificate, key };
    lines.push(`  tcp: ${JSON.stringify(tcp)}`, `  users: ${JSON.stringify(users)}`);
    lines.push(`  audit: ${JSON.stringify({ file: audit })}`);
    lines.push(`  peer-url: ${managementUrl(letter === 'a' ? 'b' : 'a')}`);
  }
  return lines.join('\n');
}

function interceptSection(letter: ChassisLetter, { intercept }: ChassisFiles): string {
  if (intercept === undefined) return '';
  const { directory, keyFile, ...tls } = intercept;
  const section = {
    directory,
    'key-file': keyFile,
    provisioning: { address: formatIpv4(managementAddress[letter]), port: provisioningPort, ...tls },
    delivery: [{ name: 'mf', address: formatIpv4(place.aaa), port: deliveryPort, ...tls }],
  };
  return `lawful-intercept: ${JSON.stringify(section)}\n`;
}
