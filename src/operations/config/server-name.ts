import { formatIp, type IpAddress, type IpPrefix, isIpv4 } from '../../kernel/address.ts';
import { radiusPort } from '../../wire/radius/constants.ts';

/** What of a RADIUS server of the configuration its name and port follow from, as far as it can be read. */
interface NamedServer {
  readonly name?: string | undefined;
  readonly address?: unknown;
  readonly port?: number | undefined;
  readonly transport?: unknown;
}

/** Of authentication, and over TLS of everything. */
export function portOf({ port, transport }: Pick<NamedServer, 'port' | 'transport'>): number {
  return port ?? (transport === 'tls' ? radiusPort.tls : radiusPort.authentication);
}

/** What a server is called: as it is named, else by its address, with the port where others have the same. */
export function serverName(server: NamedServer, all: readonly (NamedServer | undefined)[]): string {
  const { name, address } = server;
  if (name !== undefined || address === undefined) return name ?? '';
  const isAlone = all.every((other) => other === server || other?.address !== address);
  const text = formatIp(address as IpAddress);
  return isAlone ? text : `${text}:${portOf(server)}`;
}

/** The address of a server alone. */
export function hostPrefix(address: IpAddress): IpPrefix {
  return { address, length: isIpv4(address) ? 32 : 128 };
}
