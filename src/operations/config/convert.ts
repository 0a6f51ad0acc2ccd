import type { AccessRule } from '../../forwarding/filter.ts';
import { formatIp } from '../../kernel/address.ts';
import type {
  AccountingConfig,
  CgwServiceConfig,
  DhcpServiceConfig,
  DynamicAuthorizationConfig,
  MrmeServiceConfig,
  RadiusServerConfig,
  SamogServiceConfig,
  TwanProfile,
} from '../../services/samog/config.ts';
import { toIntercept } from './convert-intercept.ts';
import { toNotifications, toThreshold } from './convert-notifications.ts';
import { toRecovery, toRedundancy } from './convert-redundancy.ts';
import type { GatewayConfig } from './gateway-config.ts';

import type { ManagementConfig } from './management-config.ts';
import type { BulkstatsConfig, FastPathSettings } from './operations-config.ts';
import type { ConfigFile } from './schema.ts';
import { accountingSchema } from './schema-accounting.ts';
import { hostPrefix, portOf, serverName } from './server-name.ts';

/** Turns a checked file into what the gateway is started with: names resolved, units in the fields' names. */
export function toGatewayConfig(file: ConfigFile): GatewayConfig {
  const twanProfiles = file['twan-profiles'].map(
    (profile): TwanProfile => ({
      name: profile.name,
      accessType: profile['access-type'],
      sessionTrigger: profile['session-trigger'],
      clients: profile.clients,
      radius: profile.radius && {
        clients: profile.radius.clients.map(({ address, key, 'disconnect-message': disconnect }) => ({
          address,
          key,
          disconnectPort: disconnect['dest-port'],
        })),
        ratePerSecond: profile.radius.rate,
      },
    }),
  );
  return {
    chassis: file.chassis,
    management: toManagement(file.management),
    logging: file.logging,
    sessionManagers: { ...file['session-managers'] },
    redundancy: toRedundancy(file),
    recovery: toRecovery(file.recovery),
    metrics: file.metrics,
    bulkstats: file.bulkstats && toBulkstats(file.bulkstats),
    thresholds: file.thresholds.map(toThreshold),
    notifications: file.notifications && toNotifications(file.notifications),
    fastPath: toFastPath(file['fast-path']),
    lawfulIntercept: file['lawful-intercept'] && toIntercept(file['lawful-intercept']),
    twanProfiles,
    accessLists: file['access-lists'].map(({ name, rules }) => ({ name, rules: rules.map(toAccessRule) })),
    mrmeService: toMrmeService(file, twanProfiles),
    cgwService: toCgwService(file['cgw-service']),
    dhcpService: toDhcpService(file['dhcp-service']),
    samogService: toSamogService(file),
  };
}

function toAccessRule(rule: ConfigFile['access-lists'][number]['rules'][number]): AccessRule {
  return {
    action: rule.action,
    protocol: rule.protocol,
    source: rule.source,
    destination: rule.destination,
    sourcePorts: rule['source-ports'],
    destinationPorts: rule['destination-ports'],
  };
}

/** Without the section the gateway keeps no accounts: a server that takes none would leave all of them owed. */
function toAccounting(section: ConfigFile['mrme-service']['accounting']): AccountingConfig {
  const accounting = section ?? accountingSchema.parse({});
  return {
    wlc: accounting.wlc,
    // AAA would count what a WLC says through the gateway twice.
    own: section !== undefined && (accounting.own ?? accounting.wlc === 'server'),
    interimIntervalSeconds: accounting['interim-interval'],
    idleTimeoutSeconds: accounting['idle-timeout'],
    holdDownMs: accounting['handover-hold-down'],
    owedMax: accounting['owed-max'],
  };
}

function toBulkstats(bulkstats: NonNullable<ConfigFile['bulkstats']>): BulkstatsConfig {
  const { directory, interval, schemas } = bulkstats;
  return { directory, intervalMs: interval, filesMax: bulkstats['files-max'], schemas };
}

function toManagement({ socket, users, tcp, audit, ...others }: ConfigFile['management']): ManagementConfig {
  return {
    socket,
    usersFile: users,
    configurationFolder: others['configuration-folder'],
    tcp: tcp && { ...tcp, address: formatIp(tcp.address) },
    peerUrl: others['peer-url'],
    audit: audit && {
      file: audit.file,
      interceptFile: audit['intercept-file'],
      octetsMax: audit['size-max'],
      filesMax: audit['files-max'],
    },
  };
}

function toFastPath(section: ConfigFile['fast-path']): FastPathSettings {
  const { mode, interfaces, outlive } = section;
  return {
    mode,
    interfaces,
    sessionsMax: section['sessions-max'],
    puntsPerSecond: section['punts-per-second'],
    puntsPerSecondInAll: section['punts-per-second-in-all'],
    outliveMs: outlive,
    pinFolder: section['pin-folder'],
  };
}

function toMrmeService(file: ConfigFile, profiles: readonly TwanProfile[]): MrmeServiceConfig {
  const mrme = file['mrme-service'];
  const { tls } = mrme.radius;
  const sourcePorts = mrme.bind['source-ports'];
  const outstandingMax = mrme.radius['outstanding-max'] ?? sourcePorts * 256;
  const servers = mrme.radius.servers.toSorted((left, right) => left.priority - right.priority);
  return {
    name: mrme.name,
    twanProfiles: profiles.filter((profile) => mrme['twan-profiles'].includes(profile.name)),
    bind: { address: mrme.bind.address, interface: mrme.bind.interface, sourcePorts },
    nasIdentifier: mrme['nas-identifier'] ?? file.chassis.name,
    nasIpAddress: mrme['nas-ip-address'] ?? mrme.bind.address,
    userName: {
      format: mrme['user-name'].format,
      case: mrme['user-name'].case,
      realm: mrme['user-name'].realm,
    },
    password: mrme.password === 'mac' ? { kind: 'mac' } : { kind: 'fixed', text: mrme.password },
    relay: {
      bind: {
        address: mrme['access-bind'].address ?? file['cgw-service'].access.address,
        authPort: mrme['access-bind']['auth-port'],
        acctPort: mrme['access-bind']['acct-port'],
      },
      disconnectDelayMs: mrme.disconnect['delay-time'],
      framedMtu: mrme.aaa.send['framed-mtu'],
      attachTimeMs: mrme['attach-time'],
      conversationsMax: mrme['conversations-max'],
    },
    radius: {
      servers: servers.map((server) => toRadiusServer(server, servers, outstandingMax)),
      ...(tls === undefined ? {} : { tls: { caFile: tls.ca, certificateFile: tls.certificate, keyFile: tls.key } }),
      timeoutMs: mrme.radius.timeout,
      retransmissions: mrme.radius.retransmissions,
      deadTimeMs: mrme.radius['dead-time'],
      outstandingMax,
    },
    accounting: toAccounting(mrme.accounting),
    dynamicAuthorization: toDynamicAuthorization(mrme['dynamic-authorization'], mrme.radius.servers),
  };
}

/** RFC 6614 section 2.3: TLS protects, so the shared secret is no secret. */
const radsecSecret = 'radsec';

type ServerOfFile = ConfigFile['mrme-service']['radius']['servers'][number];

function toRadiusServer(
  server: ServerOfFile,
  all: readonly ServerOfFile[],
  outstandingMax: number,
): RadiusServerConfig {
  const { address, transport } = server;
  const port = portOf(server);
  return {
    name: serverName(server, all),
    address,
    ...(transport === 'tls' ? { tls: { name: server['tls-name'] } } : {}),
    port,
    acctPort: transport === 'tls' ? port : server['acct-port'],
    // The checks have refused a server over UDP without one.
    secret: server.secret ?? radsecSecret,
    priority: server.priority,
    weight: server.weight,
    outstandingMax: server['outstanding-max'] ?? outstandingMax,
    statusServer: server['status-server'],
  };
}

function toDynamicAuthorization(
  section: ConfigFile['mrme-service']['dynamic-authorization'],
  servers: readonly ServerOfFile[],
): DynamicAuthorizationConfig | undefined {
  if (section === undefined) return undefined;
  return {
    port: section.port,
    windowMs: section.window,
    eventTimestamp: section['event-timestamp'],
    clients: section.clients.map(({ server: named, address, key }) => {
      if (named === undefined) return { prefix: address!, secret: key! };
      const server = servers.find((candidate) => serverName(candidate, servers) === named)!;
      return { prefix: hostPrefix(server.address), secret: key ?? server.secret! };
    }),
  };
}

function toCgwService(cgw: ConfigFile['cgw-service']): CgwServiceConfig {
  const { access, s2a, binding, revocation } = cgw;
  return {
    name: cgw.name,
    access: {
      address: access.address,
      interface: access.interface,
      greTransport: access['gre-transport'],
      mtu: access.mtu,
      vmac: access.vmac,
    },
    s2a: {
      address: s2a.address,
      interface: s2a.interface,
      greTransport: s2a['gre-transport'],
      mtu: s2a.mtu,
      lmas: s2a.lmas,
      lmaSelection: s2a['lma-selection'],
      apn: s2a.apn,
      heartbeat: { intervalMs: s2a.heartbeat.interval, missing: s2a.heartbeat.missing },
      lifetimeSeconds: s2a.lifetime,
      refreshBeforeSeconds: s2a['refresh-before'],
      retransmission: {
        initialMs: s2a.retransmission.initial,
        maxMs: s2a.retransmission.max,
        attempts: s2a.retransmission.attempts,
      },
    },
    binding: {
      lifetimeMaxSeconds: binding['lifetime-max'],
      timestampWindowMs: binding['timestamp-window'],
      deregistrationDelayMs: binding['deregistration-delay'],
    },
    revocation: {
      enable: revocation.enable,
      trigger: revocation.trigger,
      delayMs: revocation.delay,
      initialTimeoutMs: revocation['initial-timeout'],
      maxTimeoutMs: revocation['max-timeout'],
      retries: revocation.retries,
    },
  };
}

function toDhcpService(dhcp: ConfigFile['dhcp-service']): DhcpServiceConfig {
  return {
    name: dhcp.name,
    leaseTimeSeconds: dhcp['lease-time'],
    offerTimeMs: dhcp['offer-time'],
    releaseGraceMs: dhcp['release-grace'],
    dns: dhcp.dns,
    domain: dhcp.domain,
    serverIdentifier: dhcp['server-identifier'],
    mtu: dhcp.mtu,
    renewal: dhcp.renewal,
    rebinding: dhcp.rebinding,
  };
}

function toSamogService(file: ConfigFile): SamogServiceConfig {
  const samog = file['samog-service'];
  return {
    name: samog.name,
    cgwService: file['cgw-service'].name,
    mrmeService: file['mrme-service'].name,
    dhcpService: file['dhcp-service'].name,
    sessionsMax: samog['sessions-max'],
    congestion: { sessionsPercent: samog.congestion.sessions, requestsPercent: samog.congestion.requests },
    setupTimeoutMs: samog['setup-timeout'],
    handover: {
      enable: samog.handover.enable,
      guardTimeMs: samog.handover['guard-time'],
      ratePerMinute: samog.handover.rate,
    },
  };
}
