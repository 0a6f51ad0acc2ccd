import { replicationDefaults } from '../../sessmgr/pair/options.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';

/** A setting that could be taken at once, but not to this value. */
export interface Obstacle {
  readonly path: string;
  readonly why: string;
}

type Look = (before: GatewayConfig, after: GatewayConfig) => Obstacle | undefined;

/** Sockets are opened at the start. */
const firstRadiusClients: Look = (before, after) => {
  const has = ({ mrmeService }: GatewayConfig) => mrmeService.twanProfiles.some(({ radius }) => radius !== undefined);
  return has(before) || !has(after)
    ? undefined
    : {
        path: 'twan-profiles',
        why: 'the ports for RADIUS clients are opened at the start, and there were none so far',
      };
};

/** Connections and certificates are made ready at the start. */
const serversOverTls: Look = (before, after) => {
  const places = ({ mrmeService }: GatewayConfig) =>
    mrmeService.radius.servers
      .filter(({ tls }) => tls !== undefined)
      .map(({ address, port, tls }) => `${address} ${port} ${tls?.name}`)
      .sort()
      .join();
  return places(before) === places(after)
    ? undefined
    : { path: 'mrme-service.radius.servers', why: 'connections to servers over TLS are made ready at the start' };
};

/** A standby has room for so many records from the start. */
const moreThanAreReplicated: Look = (before, after) => {
  const most = ({ samogService }: GatewayConfig) => Math.max(replicationDefaults.recordsMax, samogService.sessionsMax);
  return after.redundancy === undefined || most(after) <= most(before)
    ? undefined
    : {
        path: 'samog-service.sessions-max',
        why: 'a standby has room for as many records as there were to be at the start',
      };
};

const looks: readonly Look[] = [firstRadiusClients, serversOverTls, moreThanAreReplicated];

/** What of a configuration waits for the next start although it usually does not, because of what it says. */
export function obstaclesToTaking(before: GatewayConfig, after: GatewayConfig): readonly Obstacle[] {
  return looks.flatMap((look) => look(before, after) ?? []);
}
