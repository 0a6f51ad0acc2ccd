import { z } from 'zod';
import { defaultChassisName, logLevels } from './gateway-config.ts';
import { accountingSchema } from './schema-accounting.ts';
import { accessListsSchema, dynamicAuthorizationSchema } from './schema-authorization.ts';
import { interceptSchema } from './schema-intercept.ts';
import { managementSchema } from './schema-management.ts';
import { notificationsSchema, thresholdsSchema } from './schema-notifications.ts';
import { bulkstatsSchema, fastPathSchema, metricsSchema } from './schema-operations.ts';
import { recoverySchema, redundancySchema } from './schema-redundancy.ts';
import { portOf } from './server-name.ts';
import { atRestart, compared, hot, impliedBy, optional, required, section, setting } from './settings.ts';
import {
  deviceName,
  filePath,
  flag,
  fraction,
  integer,
  ipAddress,
  ipPrefix,
  ipv4Address,
  milliseconds,
  name,
  oneOf,
  seconds,
  text,
  unicastMac,
} from './values.ts';

/** Interfaces are called as the host calls them. */
const boundInterface = () =>
  compared('own', optional(deviceName(), 'the kernel’s routing decides', 'Network device to bind to.'));

const radiusClient = section('Who speaks RADIUS to the gateway.', {
  address: required(ipPrefix(), 'A WLC or access point, or a network of them. The longest match decides.'),
  key: compared(
    'secret',
    required(text('text, 1 to 128 octets', 1, 128), 'The secret shared with it (RFC 2865 section 3).'),
  ),
  'disconnect-message': section('Where it takes Disconnect-Requests.', {
    'dest-port': setting(integer(1, 65535), 3799, 'UDP port. Default: the registered one (RFC 5176 section 2.1).'),
  }).prefault({}),
});

const twanRadius = section('The RADIUS clients of the profile.', {
  clients: compared(
    'any-order',
    required(z.array(radiusClient).min(1), 'At least one; no prefix may be given twice in all profiles.'),
  ),
  rate: setting(
    integer(1, 1_000_000, 'packets per second'),
    1000,
    'Packets of one client address that are looked at; more are dropped before any digest is computed.',
  ),
});

const twanProfile = section('Which access nodes speak what.', {
  name: required(name(), 'The name by which the MRME service refers to it; no two profiles share one.'),
  'access-type': required(
    oneOf('pmip', 'eogre', 'ip'),
    'How the clients carry UE traffic: `ip` is IP in GRE without a key, of UEs that have their addresses from the client; ' +
      'the gateway translates them one to one.',
  ),
  'session-trigger': required(
    oneOf('pmipv6', 'dhcp', 'radius', 'accounting'),
    'What creates a session: `pmipv6` goes with access type `pmip`, `dhcp` with `eogre`, `radius` (an Access-Accept ' +
      'that the gateway relays) with both, `accounting` (an Accounting-Start of a RADIUS client) with `ip`. A profile with trigger `dhcp` ' +
      'that is associated with the MRME service is what allows PMIPv6 to EoGRE handover.',
  ),
  clients: compared(
    'any-order',
    required(
      z.array(required(ipPrefix(), 'An access node or network of them.')).min(1),
      'Access nodes, all of the address family of cgw-service.access.address. The longest match decides; no prefix may ' +
        'be given twice.',
    ),
  ),
  radius: twanRadius.optional(),
});

const radiusServer = section('A RADIUS server.', {
  name: optional(
    name(),
    'its address, with its port if another server has that address',
    'How counters and logs call the server. Both chassis of a pair have to call it the same.',
  ),
  address: required(ipAddress(), 'The server; of the address family of mrme-service.bind.address.'),
  transport: setting(
    oneOf('udp', 'tls'),
    'udp',
    '`tls` is RADIUS over TLS (RFC 6614): one connection for authentication and accounting.',
  ),
  'tls-name': optional(
    text('text, 1 to 253 octets', 1, 253),
    'its address',
    'The name that its certificate has to hold, with transport `tls`.',
  ),
  port: impliedBy(
    portOf,
    optional(
      integer(1, 65535),
      '1812 (RFC 2865 section 3); with transport `tls` 2083 (RFC 6614 section 2.1)',
      'Port of authentication.',
    ),
  ),
  'acct-port': setting(
    integer(1, 65535),
    1813,
    'UDP port of accounting; with transport `tls` there is none. Default: the registered one (RFC 2866 section 3).',
  ),
  secret: compared(
    'secret',
    optional(
      text('text, 1 to 128 octets', 1, 128),
      'none: it has to be given; with transport `tls` it is `radsec` (RFC 6614 section 2.3)',
      'The shared secret. RFC 2865 section 3 advises at least 16 octets that nobody can guess.',
    ),
  ),
  priority: setting(
    integer(0, 65535),
    100,
    'Lower is asked first; servers of a greater one are backup, asked while none of the others lives or has room. ' +
      'Default: so high that a server can be put before it.',
  ),
  weight: setting(
    integer(1, 1000),
    1,
    'Its share of the UEs among servers of its priority. A UE is asked for at the same server while that one lives.',
  ),
  'outstanding-max': optional(
    integer(1, 65536),
    'mrme-service.radius.outstanding-max',
    'Requests on their way to one of its ports at a time; more go to another server, or wait. At most 256 for each ' +
      'source port.',
  ),
  'status-server': setting(
    flag(),
    true,
    'Whether it is asked by Status-Server (RFC 5997) every 10s when it was silent. One that is known to answer is dead ' +
      'until it does; any other is tried again after dead-time.',
  ),
});

const radiusTls = section('How the gateway and servers with transport `tls` know each other. Files in PEM.', {
  ca: compared('own', required(filePath(), 'Who signs the certificates of the servers.')),
  certificate: compared('own', required(filePath(), 'What the gateway shows, with those between it and the CA.')),
  key: compared('own', required(filePath(), 'The private key of the certificate.')),
}).optional();

const mrmeService = section('Multi Radio Management Entity: authenticates UEs with RADIUS, and accounts for them.', {
  name: setting(name(), 'mrme', 'The name by which the SaMOG service refers to it.'),
  'twan-profiles': compared(
    'any-order',
    hot(
      required(
        z.array(required(name(), 'The name of a TWAN profile.')).min(1),
        'Profiles associated with the service. A client of any other profile is unknown to the gateway.',
      ),
    ),
  ),
  bind: section('Where RADIUS is sent from.', {
    address: required(ipAddress(), 'Source address toward the RADIUS servers.'),
    interface: boundInterface(),
    'source-ports': setting(
      integer(1, 256),
      16,
      'UDP sockets in use. One carries 256 requests at a time (RFC 2865 section 3); 16 suffice for 6,000 attaches a ' +
        'second if the server answers within half a second.',
    ),
  }),
  'access-bind': section('Where WLCs and access points that speak RADIUS reach the gateway.', {
    address: optional(ipAddress(), 'cgw-service.access.address', 'The address they send to.'),
    'auth-port': setting(integer(1, 65535), 1812, 'UDP port for authentication.'),
    'acct-port': setting(integer(1, 65535), 1813, 'UDP port for accounting.'),
  }).prefault({}),
  aaa: hot(
    section('What AAA servers are told of an authentication that is relayed.', {
      send: section('Attributes of the Access-Request.', {
        'framed-mtu': optional(
          integer(64, 1500, 'octets'),
          'what the WLC says',
          'The most that is said of Framed-MTU, which bounds EAP packets (RFC 3579 section 2.4).',
        ),
      }).prefault({}),
    }).prefault({}),
  ),
  disconnect: hot(
    section('What follows the end of a session at its WLC.', {
      'delay-time': setting(
        milliseconds('0s', '10m'),
        '10s',
        'How long a session that the accounting of its WLC has stopped waits for another WLC to start it. Default: longer ' +
          'than a UE needs from one WLC to the next.',
      ),
    }).prefault({}),
  ),
  'attach-time': hot(
    setting(
      milliseconds('1s', '1h'),
      '60s',
      'From the Access-Accept that admits a UE to its first PBU or DHCP message; then its session ends.',
    ),
  ),
  'conversations-max': setting(
    integer(1, 1_000_000),
    65_536,
    'Authentications relayed at a time; further ones are not answered, so that the WLC tries elsewhere.',
  ),
  'nas-identifier': optional(
    text('text, 1 to 253 octets', 1, 253),
    'chassis.name',
    'NAS-Identifier in every Access-Request.',
  ),
  'nas-ip-address': optional(
    ipAddress(),
    'mrme-service.bind.address',
    'NAS-IP-Address (NAS-IPv6-Address) in every Access-Request.',
  ),
  'user-name': section('How a UE is called in User-Name.', {
    format: setting(
      oneOf('mac-no-separator', 'mac-hyphen', 'mac-colon', 'mac-dot'),
      'mac-no-separator',
      'Separators of the MAC address. Default: none, the form most AAA servers index by.',
    ),
    case: setting(oneOf('lower', 'upper'), 'lower', 'Case of the hexadecimal digits.'),
    realm: optional(
      text('text, 1 to 200 octets', 1, 200),
      'no realm',
      'Appended after `@`, for servers that proxy by realm.',
    ),
  }).prefault({}),
  password: compared(
    'secret',
    hot(
      setting(
        text('`mac`, or text of 1 to 128 octets', 1, 128),
        'mac',
        'User-Password: `mac` repeats the MAC address as User-Name writes it, without realm; anything else is sent as it ' +
          'is (at most 128 octets, RFC 2865 section 5.2).',
      ),
    ),
  ),
  radius: section(
    'The RADIUS client. Message-Authenticator is always sent and always required in replies (CVE-2024-3596); that ' +
      'cannot be configured.',
    {
      servers: hot(required(z.array(radiusServer).min(1).max(31), 'At least one, at most 31.')),
      tls: radiusTls,
      timeout: hot(
        setting(
          milliseconds('100ms', '60s'),
          '3s',
          'How long one transmission waits. Default: a reply that is later finds the UE’s own retransmission on its way.',
        ),
      ),
      retransmissions: hot(
        setting(integer(0, 10), 2, 'Further transmissions to a server before the next one is tried.'),
      ),
      'dead-time': hot(
        setting(
          milliseconds('0s', '1h'),
          '60s',
          'How long a silent server is passed over. Default: long enough that an outage does not slow every attach.',
        ),
      ),
      'outstanding-max': hot(
        optional(
          integer(1, 65536),
          '256 for each of mrme-service.bind.source-ports',
          'Requests on their way to a server at a time. As many again may wait; more are refused. At most 256 for each ' +
            'source port.',
        ),
      ),
    },
  ),
  accounting: accountingSchema.optional(),
  'dynamic-authorization': dynamicAuthorizationSchema.optional(),
});

const retransmission = section('Retransmission of Proxy Binding Updates (RFC 6275 section 11.8).', {
  initial: setting(milliseconds('100ms', '60s'), '1s', 'Wait after the first (INITIAL_BINDACK_TIMEOUT); then doubled.'),
  max: setting(milliseconds('100ms', '10m'), '32s', 'The doubling stops here (MAX_BINDACK_TIMEOUT).'),
  attempts: setting(
    integer(1, 20),
    6,
    'Transmissions altogether. Default: 1, 2, 4 … 32 s, so that a refresh survives an LMA outage of a minute.',
  ),
});

const greTransport = () =>
  setting(
    oneOf('raw', 'udp'),
    'raw',
    'GRE over IP protocol 47 (needs privilege) or over UDP port 4754 (RFC 8086). Default: what access nodes and LMAs use.',
  );

const linkMtu = () =>
  setting(
    integer(576, 9216, 'octets'),
    1500,
    'Longest outer IP packet of the link; UE packets that do not fit are refused or fragmented. Default: Ethernet’s.',
  );

const accessSide = section('The side of the access nodes.', {
  address: required(ipAddress(), 'The tunnel endpoint and local mobility anchor address that access nodes know.'),
  interface: boundInterface(),
  'gre-transport': greTransport(),
  mtu: linkMtu(),
  vmac: setting(
    unicastMac(),
    '00:00:5e:00:52:13',
    'The gateway’s MAC address as default router, the same on every tunnel. Default: the fixed address of mobile ' +
      'access gateways (RFC 6543), so that a UE that comes from one has the right neighbour already. Two chassis that ' +
      'stand in for one another must have the same.',
  ),
});

const s2aSide = section('The side of the local mobility anchors (LMA), toward which the gateway is a MAG.', {
  address: required(ipAddress(), 'Proxy care-of address and tunnel endpoint; differs from cgw-service.access.address.'),
  interface: boundInterface(),
  'gre-transport': greTransport(),
  mtu: linkMtu(),
  lmas: hot(
    required(
      z.array(required(ipAddress(), 'An LMA.')).min(1),
      'The LMAs the gateway may use, the default one first; of the address family of cgw-service.s2a.address. Sessions stay with the ' +
        'one they have.',
    ),
  ),
  'lma-selection': hot(
    setting(
      oneOf('aaa-then-default', 'default'),
      'aaa-then-default',
      '`aaa-then-default`: the LMA that the AAA server names (RFC 6572) if it is listed, else the first. `default`: ' +
        'always the first.',
    ),
  ),
  apn: optional(
    text('text, 1 to 255 octets', 1, 255),
    'the option is left out',
    'Service-Selection (RFC 5149) where the AAA server names none.',
  ),
  heartbeat: hot(
    section('Whether an LMA lives (RFC 5847).', {
      interval: setting(milliseconds('1s', '1h'), '60s', 'Between heartbeats to an LMA (HEARTBEAT_INTERVAL).'),
      missing: setting(
        integer(1, 20),
        3,
        'Unanswered heartbeats after which the LMA counts as unreachable (MISSING_HEARTBEATS_ALLOWED).',
      ),
    }).prefault({}),
  ),
  lifetime: hot(
    setting(
      seconds('4s', '262140s', 4),
      '3600s',
      'Binding lifetime asked of the LMA. Default: as deployed MAGs ask. At most 65535 × 4 s (RFC 6275 section 6.1.7).',
    ),
  ),
  'refresh-before': hot(
    setting(
      seconds('1s', '262140s'),
      '300s',
      'How long before its end a binding is refreshed; less than the lifetime. Default: room for all retransmissions.',
    ),
  ),
  retransmission: hot(retransmission.prefault({})),
});

const binding = section(
  'What MAGs are granted. A PBU without the GRE Key option is rejected: without keys UE traffic cannot be told apart.',
  {
    'lifetime-max': setting(
      seconds('4s', '262140s', 4),
      '3600s',
      'Longest binding lifetime granted to a MAG; the lifetime on S2a bounds it too.',
    ),
    'timestamp-window': setting(
      milliseconds('1ms', '1h'),
      '7s',
      'How far a PBU’s Timestamp may be off (TimestampValidityWindow). Default: what deployed MAGs and LMAs tolerate; ' +
        'the 300 ms of RFC 5213 need better clocks than access points have.',
    ),
    'deregistration-delay': setting(
      milliseconds('0s', '1m'),
      '10s',
      'How long a deregistered session waits for another MAG. Default: MinDelayBeforeBCEDelete (RFC 5213 section 9.1).',
    ),
  },
);

const revocation = section('Binding Revocation toward the MAG that a UE left (RFC 5846).', {
  enable: setting(flag(), true, 'Whether the MAG is told at all.'),
  trigger: setting(
    oneOf(2, 3, 4),
    2,
    'Revocation Trigger: inter-MAG handover within 2 the same access type, 3 different ones, 4 unknown ones. Default: ' +
      'both sides are wireless LAN.',
  ),
  delay: setting(
    milliseconds('0s', '60s'),
    '200ms',
    'Wait from a handover that is complete for the UE to the first indication; the first traffic goes before it.',
  ),
  'initial-timeout': setting(milliseconds('100ms', '60s'), '1s', 'Wait for the first acknowledgement.'),
  'max-timeout': setting(milliseconds('100ms', '60s'), '2s', 'The doubling of the wait stops here.'),
  retries: setting(integer(0, 10), 1, 'Retransmissions. The session does not depend on the acknowledgement.'),
});

const cgwService = section('Convergence Gateway: tunnels to access nodes and S2a to the LMAs.', {
  name: setting(name(), 'cgw', 'The name by which the SaMOG service refers to it.'),
  access: accessSide,
  s2a: s2aSide,
  binding: hot(binding.prefault({})),
  revocation: hot(revocation.prefault({})),
});

const dhcpService = section('The DHCP server toward UEs behind EoGRE; addresses come from the LMA.', {
  name: atRestart(setting(name(), 'dhcp', 'The name by which the SaMOG service refers to it.')),
  'lease-time': setting(
    seconds('60s', '30d'),
    '3600s',
    'Longest lease; the binding on S2a bounds it too. Default: that binding’s.',
  ),
  'offer-time': setting(
    milliseconds('1s', '10m'),
    '60s',
    'How long an offered address waits for its REQUEST. Default: longer than a client retransmits (RFC 2131 section 4.1).',
  ),
  'release-grace': setting(
    milliseconds('0s', '1h'),
    '60s',
    'How long a released session is kept, because clients release and come back for the same address when they roam.',
  ),
  dns: z
    .array(required(ipv4Address(), 'A name server.'))
    .max(8)
    .prefault([])
    .describe('Name servers, best first (option 6).'),
  domain: optional(text('text, 1 to 253 octets', 1, 253), 'the option is left out', 'Domain name (option 15).'),
  // A UE that has one asks for it by name.
  'server-identifier': atRestart(optional(ipv4Address(), 'the UE’s default router', 'Server identifier (option 54).')),
  mtu: optional(
    integer(576, 9216, 'octets'),
    'what fits through both tunnels unfragmented',
    'Interface MTU (option 26).',
  ),
  renewal: setting(fraction(), 0.5, 'T1 as a fraction of the lease. Default: RFC 2131 section 4.4.5.'),
  rebinding: setting(fraction(), 0.875, 'T2 as a fraction of the lease, above T1. Default: RFC 2131 section 4.4.5.'),
});

const samogService = section('The service that ties the others together.', {
  name: setting(name(), 'samog', 'Shown in statistics and bulk statistics.'),
  'cgw-service': optional(name(), 'the CGW service of this file', 'The associated CGW service.'),
  'mrme-service': optional(name(), 'the MRME service of this file', 'The associated MRME service.'),
  'dhcp-service': optional(name(), 'the DHCP service of this file', 'The associated DHCP service.'),
  'sessions-max': hot(
    setting(
      integer(1, 4_000_000),
      1_000_000,
      'Sessions at a time; more are refused. Default: what fits in 2 GB of memory.',
    ),
  ),
  congestion: hot(
    section('From which load on UEs that are not served yet are refused; those that are stay served.', {
      sessions: setting(integer(1, 100, 'percent'), 100, 'Of sessions-max.'),
      requests: setting(
        integer(10, 100, 'percent'),
        90,
        'Of the requests that may be on their way to AAA servers that live (outstanding-max). It ends 5 percent lower.',
      ),
    }).prefault({}),
  ),
  'setup-timeout': hot(
    setting(
      milliseconds('1s', '5m'),
      '30s',
      'How long an attach may take, authentication and S2a included. Default: UEs have given up by then.',
    ),
  ),
  handover: hot(
    section('Handover between PMIPv6 and EoGRE.', {
      enable: setting(flag(), true, 'False denies handovers between PMIPv6 and EoGRE.'),
      'guard-time': setting(
        milliseconds('0s', '1m'),
        '2s',
        'After a switch, how long data from the endpoint just left is forwarded but never switches back. Default: longer ' +
          'than packets stay queued in an access network.',
      ),
      rate: setting(
        integer(0, 600, 'switches per minute'),
        6,
        'Data-triggered switches of one session; more are denied. Default: faster than people walk between access points.',
      ),
    }).prefault({}),
  ),
});

const sessionManagers = section('The session manager instances that share the UEs, each by its MAC address.', {
  count: setting(
    integer(1, 64),
    1,
    'How many. Both chassis of a pair must have as many. Each has source ports and requests to the AAA servers of its own. ' +
      'It takes effect with a restart, at which sessions that are kept are dealt out anew.',
  ),
  placement: compared(
    'own',
    setting(
      oneOf('in-process', 'threads'),
      'in-process',
      'Where they run: all in the main thread of the gateway, or each in a thread of its own, which is for machines that ' +
        'have a core for each of them and one more. Threads need the batched socket driver.',
    ),
  ),
});

/**
 * The configuration file. Keys are kebab-case and named as in StarOS where StarOS has them. What relates two settings
 * is not here but in `checks.ts`, so that it is reported together with everything else.
 */
export const configSchema = z.strictObject({
  chassis: section('This gateway as a whole.', {
    name: compared(
      'own',
      setting(name(), defaultChassisName, 'Names the gateway in logs, metrics, NAS-Identifier and to its peer.'),
    ),
  }).prefault({}),
  management: managementSchema,
  logging: compared(
    'own',
    section('What is written to standard error.', {
      level: hot(
        setting(oneOf(...logLevels), 'info', 'The least severe level written. At no level is there a line per packet.'),
      ),
    }).prefault({}),
  ),
  'session-managers': sessionManagers.prefault({}),
  'twan-profiles': compared(
    'any-order',
    hot(z.array(twanProfile).min(1).describe('Access nodes and what they speak; at least one profile.')),
  ),
  'access-lists': hot(accessListsSchema),
  'mrme-service': mrmeService,
  'cgw-service': cgwService,
  'dhcp-service': hot(dhcpService.prefault({})),
  'samog-service': samogService.prefault({}),
  'service-redundancy-protocol': redundancySchema.optional(),
  recovery: recoverySchema.optional(),
  metrics: metricsSchema.optional(),
  bulkstats: bulkstatsSchema.optional(),
  thresholds: thresholdsSchema,
  notifications: notificationsSchema.optional(),
  'fast-path': fastPathSchema.prefault({}),
  'lawful-intercept': interceptSchema.optional(),
});

/** The file's content after every value was read and every default filled in. */
export type ConfigFile = z.output<typeof configSchema>;
