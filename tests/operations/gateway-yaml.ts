import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A configuration for a gateway on loopback that needs no privilege, and nobody around it. */
export interface LoopbackGateway {
  readonly folder: string;
  readonly configFile: string;
  readonly socketPath: string;
  readonly yaml: string;
  remove(): void;
}

/** @param network the first three octets of its addresses, such as `127.9.1`; no two gateways share one */
export function loopbackGateway(network: string): LoopbackGateway {
  const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
  const socketPath = join(folder, 'run', 'management.sock');
  const configFile = join(folder, 'gateway.yaml');
  const yaml = `chassis:
  name: loopback
management:
  socket: ${socketPath}
twan-profiles:
  - name: wlc
    access-type: pmip
    session-trigger: pmipv6
    clients: [${network}.64/26]
  - name: rg
    access-type: eogre
    session-trigger: dhcp
    clients: [${network}.128/26]
mrme-service:
  twan-profiles: [wlc, rg]
  bind:
    address: ${network}.3
    source-ports: 2
  radius:
    servers:
      - address: ${network}.20
        secret: a-long-shared-secret
cgw-service:
  access:
    address: ${network}.1
    gre-transport: udp
  s2a:
    address: ${network}.2
    gre-transport: udp
    lmas: [${network}.21]
`;
  writeFileSync(configFile, yaml);
  return { folder, configFile, socketPath, yaml, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
