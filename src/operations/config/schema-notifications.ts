import { z } from 'zod';
import { type SyslogFacility, syslogFacilities } from '../../wire/syslog/syslog.ts';
import { alarmSeverities } from '../alarms/alarm-catalogue.ts';
import { eventThresholds } from '../catalogue/event-kind.ts';
import { compared, hot, optional, required, section, setting } from './settings.ts';
import {
  decimal,
  filePath,
  flag,
  integer,
  ipAddress,
  metricSelector,
  milliseconds,
  name,
  oneOf,
  text,
  webUrl,
} from './values.ts';

const threshold = section('A limit on a metric; beyond it the alarm `threshold-crossed` stands.', {
  name: required(name(), 'What the alarm is about.'),
  metric: required(
    metricSelector(),
    'A metric of docs/reference/metrics.md, with labels if only some of its series are meant: `samog_sessions{access="eogre"}`. Each ' +
      'series has an alarm of its own. Of a counter its growth in a second is compared, over the last minute.',
  ),
  above: optional(decimal(), 'the limit is `below`', 'Beyond is more than this.'),
  'clear-below': optional(decimal(), 'at `above`', 'The alarm is over at this and below; not more than `above`.'),
  below: optional(decimal(), 'the limit is `above`', 'Beyond is less than this.'),
  'clear-above': optional(decimal(), 'at `below`', 'The alarm is over at this and above; not less than `below`.'),
  for: setting(milliseconds('0s', '24h'), '30s', 'The alarm is raised when it has been beyond for so long.'),
  severity: setting(oneOf(...alarmSeverities), 'warning', '`critical`: UEs are refused, or would be lost.'),
});

export const thresholdsSchema = compared(
  'own',
  hot(z.array(threshold).max(64).prefault([]).describe('Limits on metrics, each of which raises and clears alarms.')),
);

const receiverName = required(name(), 'What this receiver is called, in alarms and metrics.');

function wantedEvents(fallback: 'none' | 'info') {
  return setting(
    oneOf(...eventThresholds),
    fallback,
    'From which severity on it is told of events (docs/reference/events.md). Of alarms, and of what becomes of a chassis of a pair, it always is.',
  );
}

const facilities = Object.keys(syslogFacilities) as [SyslogFacility, ...SyslogFacility[]];

const syslog = section('A receiver of syslog messages (RFC 5424).', {
  name: receiverName,
  address: required(ipAddress(), 'Where it is.'),
  port: optional(integer(1, 65535), '514, and 6514 with `transport: tls`', 'Its port.'),
  transport: setting(
    oneOf('udp', 'tcp', 'tls'),
    'udp',
    'A message a datagram (RFC 5426), or counted in octets in a connection (RFC 6587, RFC 5425).',
  ),
  facility: setting(oneOf(...facilities), 'local0', 'The facility of each message.'),
  events: wantedEvents('info'),
  tls: section('For `transport: tls`.', {
    ca: optional(filePath(), 'those of the system', 'Certificates in PEM that have signed the receiver’s.'),
    'tls-name': optional(text('host name', 1, 255), 'its address', 'What the receiver’s certificate is for.'),
    certificate: optional(filePath(), 'none is shown', 'A certificate in PEM that the receiver is shown.'),
    key: optional(filePath(), 'none is shown', 'Its private key in PEM.'),
  }).optional(),
});

const webhook = section('A receiver of JSON by HTTP: each notification is a POST.', {
  name: receiverName,
  url: required(webUrl(), 'Where to; what it answers by 2xx is told, anything else is tried again.'),
  secret: optional(
    text('text, 16 to 256 octets', 16, 256),
    'what is sent is not signed',
    'Signs what is sent: `X-Samog-Signature: t=SECONDS,v1=HEX`, HMAC-SHA-256 over the seconds, a dot and the body.',
  ),
  ca: optional(filePath(), 'those of the system', 'Certificates in PEM that have signed the receiver’s.'),
  timeout: setting(milliseconds('1s', '9s'), '5s', 'How long it may take to answer.'),
  events: wantedEvents('none'),
});

const snmp = section('A receiver of SNMP notifications, as deploy/snmp/SAMOG-MIB.txt has them.', {
  name: receiverName,
  address: required(ipAddress(), 'Where it is.'),
  port: setting(integer(1, 65535), 162, 'UDP port.'),
  community: optional(
    text('text, 1 to 64 octets', 1, 64),
    'version 3, with `user`',
    'Version 2c, with this community.',
  ),
  inform: optional(
    flag(),
    'traps with a `community`, informs with a `user`',
    'Whether the receiver acknowledges (informs), and is told again if it does not. For traps of version 3 it has to know the engine of the ' +
      'gateway, which `show notifications` has.',
  ),
  user: section('Version 3 (RFC 3414): the receiver has to know this user.', {
    name: required(text('text, 1 to 32 octets', 1, 32), 'The security name.'),
    'auth-protocol': setting(oneOf('md5', 'sha', 'sha224', 'sha256', 'sha384', 'sha512'), 'sha256', 'With `auth-key`.'),
    'auth-key': optional(
      text('text, 8 to 128 octets', 8, 128),
      'nothing is authenticated',
      'The password of authentication.',
    ),
    'priv-protocol': setting(
      oneOf('aes', 'aes256b', 'aes256r'),
      'aes',
      'With `priv-key`; `aes` is AES-128 (RFC 3826).',
    ),
    'priv-key': optional(
      text('text, 8 to 128 octets', 8, 128),
      'nothing is encrypted',
      'The password of privacy; needs `auth-key`.',
    ),
  }).optional(),
  events: wantedEvents('none'),
});

const agentx = section(
  'The master agent by which values can be asked for (AgentX, RFC 2741), such as Debian’s snmpd.',
  {
    address: setting(ipAddress(), '127.0.0.1', 'Where it is.'),
    port: setting(integer(1, 65535), 705, 'TCP port: `agentXSocket tcp:localhost:705` in snmpd.conf.'),
  },
);

export const notificationsSchema = compared(
  'own',
  hot(
    section('Who is told of alarms and events as they happen. A receiver that is slow or away holds nothing up.', {
      syslog: z.array(syslog).max(8).prefault([]),
      webhooks: z.array(webhook).max(8).prefault([]),
      snmp: z.array(snmp).max(8).prefault([]),
      agentx: agentx.optional(),
    }),
  ),
);
