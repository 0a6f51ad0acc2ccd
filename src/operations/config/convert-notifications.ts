import { formatIp } from '../../kernel/address.ts';
import type {
  NotificationsConfig,
  SnmpSinkConfig,
  SnmpUser,
  SyslogSinkConfig,
  ThresholdConfig,
} from './notifications-config.ts';
import type { ConfigFile } from './schema.ts';

/** One of `above` and `below` is given: the checks have seen to it. */
export function toThreshold(file: ConfigFile['thresholds'][number]): ThresholdConfig {
  const { name, metric: selector, above, below, for: forMs, severity } = file;
  const common = { name, selector, forMs, severity };
  if (above !== undefined)
    return { ...common, direction: 'above', limit: above, clearAt: file['clear-below'] ?? above };
  const limit = below ?? 0;
  return { ...common, direction: 'below', limit, clearAt: file['clear-above'] ?? limit };
}

type NotificationsFile = NonNullable<ConfigFile['notifications']>;

/** What belongs together is there: the checks have seen to it. */
export function toNotifications({ syslog, webhooks, snmp, agentx }: NotificationsFile): NotificationsConfig {
  return {
    syslog: syslog.map(toSyslog),
    webhooks: webhooks.map(({ name, url, secret, ca, timeout, events }) => ({
      ...{ name, url, secret, ca, timeoutMs: timeout, events },
    })),
    snmp: snmp.map(toSnmp),
    agentx: agentx && { address: formatIp(agentx.address), port: agentx.port },
  };
}

function toSyslog({ address, port, transport, tls, ...others }: NotificationsFile['syslog'][number]): SyslogSinkConfig {
  return {
    ...others,
    transport,
    address: formatIp(address),
    port: port ?? (transport === 'tls' ? 6514 : 514),
    tls: tls && { ca: tls.ca, name: tls['tls-name'], certificate: tls.certificate, key: tls.key },
  };
}

function toSnmp({
  name,
  address,
  port,
  community,
  inform,
  user,
  events,
}: NotificationsFile['snmp'][number]): SnmpSinkConfig {
  const common = { name, address: formatIp(address), port, events };
  if (user === undefined)
    return { ...common, inform: inform ?? false, access: { version: '2c', community: community ?? '' } };
  return { ...common, inform: inform ?? true, access: { version: '3', user: toUser(user) } };
}

function toUser(user: NonNullable<NotificationsFile['snmp'][number]['user']>): SnmpUser {
  const { 'auth-key': authKey, 'priv-key': privKey } = user;
  return {
    name: user.name,
    authentication: authKey === undefined ? undefined : { protocol: user['auth-protocol'], key: authKey },
    privacy: privKey === undefined ? undefined : { protocol: user['priv-protocol'], key: privKey },
  };
}
