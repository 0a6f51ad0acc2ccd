import { z } from 'zod';
import { compared, optional, required, section, setting } from './settings.ts';
import {
  deviceName,
  filePath,
  integer,
  interfaceAddress,
  ipAddress,
  ipv4Address,
  milliseconds,
  name,
  oneOf,
  text,
  unicastMac,
} from './values.ts';

/** TCP; not registered for anything, next to the ports of PMIPv6 (5436, 5437). */
const srpPort = 5438;

const probe = (interval: string, timeout: string, failures: number) => ({
  interval: setting(milliseconds('100ms', '1h'), interval, 'Between two probes.'),
  timeout: setting(milliseconds('50ms', '1m'), timeout, 'How long a probe waits for its answer; at most the interval.'),
  failures: setting(integer(1, 100), failures, 'Unanswered probes in a row that count as a failure.'),
});

const checkpoints = section('What the standby is told of each session, and when.', {
  session: section('The sessions.', {
    duration: setting(
      milliseconds('0s', '65535s'),
      '0s',
      'Age from which a session is told of. Default: from its beginning; a younger one is lost in a failure.',
    ),
    'periodic-interval': setting(
      milliseconds('30m', '1440m'),
      '45m',
      'Each session is sent whole again so often, in steady portions.',
    ),
    'statistics-interval': setting(
      milliseconds('100ms', '1h'),
      '1s',
      'What a UE has used is told so often if it has changed: so much of accounting is lost in a failure.',
    ),
    'commit-limit': setting(
      milliseconds('0ms', '10s'),
      '50ms',
      'Longest wait of a reply (PBA, DHCPACK) for the standby’s acknowledgement; then it leaves, and the session is ' +
        'counted unprotected. 0 does not wait.',
    ),
    nack: section('The standby’s refusals.', {
      'max-response': setting(
        integer(1, 65535, 'sessions per second'),
        1000,
        'Sessions sent whole because the standby refused something; more wait for their turn.',
      ),
    }).prefault({}),
    compression: compared(
      'any-order',
      z
        .array(required(oneOf('zstd', 'deflate'), 'A compression.'))
        .max(2)
        .prefault(['zstd', 'deflate'])
        .describe('What may be used, best liked first; an empty list for none. Agreed on for each connection.'),
    ),
  }).prefault({}),
  'instance-interval': setting(
    milliseconds('1m', '1440m'),
    '30m',
    'Between instance level checkpoints. Default: that of the operator’s catalogue.',
  ),
  'audit-interval': setting(
    milliseconds('1s', '1h'),
    '60s',
    'The session tables of both chassis are compared so often; what differs is sent again.',
  ),
});

const limits = section('How long a change of role may last. What takes longer goes on, with an alarm, or is undone.', {
  'older-store': setting(
    milliseconds('0s', '1h'),
    '30s',
    'How much longer, beside the delay and dead intervals, a chassis that is started alone waits for its peer, if that may have served ' +
      'after it: sessions that have ended since are in its own call recovery store still. 0s: it does not wait.',
  ),
  promotion: setting(milliseconds('1s', '10m'), '30s', 'From taking the role to serving.'),
  handover: setting(
    milliseconds('1s', '10m'),
    '10s',
    'How long a chassis that hands over waits for its peer to serve.',
  ),
  resynchronisation: setting(milliseconds('1s', '1h'), '5m', 'How long a standby may take to receive all sessions.'),
  settle: setting(
    milliseconds('0s', '10s'),
    '500ms',
    'How long a planned switchover waits until AAA has answered what it has been asked, and the sessions asked for are set up; ' +
      'nothing new is asked meanwhile, and traffic flows. 0s: it does not wait, and UEs that are attaching are asked for again.',
  ),
  barrier: setting(
    milliseconds('100ms', '1m'),
    '5s',
    'How long the peer’s last checkpoints are waited for in a handover of the role; less than the limit of that.',
  ),
});

const serviceAddress = section('An address of the gateway.', {
  address: required(interfaceAddress(), 'The address with the length of its network’s prefix.'),
  interface: compared('own', required(deviceName(), 'The network device that carries it on this host.')),
});

const monitors = section(
  'Whose failure makes the active chassis hand over, if the standby’s monitors are well. A switchover by the ' +
    'authentication probe is not reversed by the next one.',
  {
    'authentication-probe': section(
      'Asks the AAA servers by Status-Server, from an address of this chassis; those over TLS by a connection of its own. Without this ' +
        'section it is off.',
      probe('10s', '3s', 3),
    ).optional(),
    peers: compared(
      'own',
      z
        .array(
          section('An address that has to be reached by ICMP echo.', {
            name: required(name(), 'How alarms call the monitor.'),
            address: required(ipv4Address(), 'A router, an LMA: a host on the way that the service needs.'),
            ...probe('1s', '500ms', 3),
          }),
        )
        .max(32)
        .prefault([])
        .describe('Addresses that have to be reached.'),
    ),
  },
);

/** The pair. Named as in StarOS where StarOS has it. */
export const redundancySchema = section(
  'Inter-chassis session recovery: this chassis is one of a pair. Without this section it has no peer.',
  {
    'chassis-mode': compared(
      'own',
      setting(oneOf('primary', 'backup'), 'backup', 'One of the pair is the primary, the other the backup.'),
    ),
    bind: compared(
      'own',
      section('Where SRP is spoken.', {
        address: required(
          ipAddress(),
          'An address of this chassis, which does not move. Best on a link of its own, without a single point of failure.',
        ),
        port: setting(integer(1, 65535), srpPort, 'TCP port. Default: not registered for anything.'),
      }),
    ),
    'peer-ip-address': compared('own', required(ipAddress(), 'The peer’s bind address; of the same address family.')),
    'peer-port': compared(
      'own',
      optional(integer(1, 65535), 'service-redundancy-protocol.bind.port', 'The peer’s TCP port.'),
    ),
    'peer-chassis-name': compared(
      'own',
      optional(name(), 'whoever has the key', 'The only chassis that is accepted as peer, by its chassis.name.'),
    ),
    'shared-key': compared(
      'proved',
      required(
        text('text, 16 to 128 octets', 16, 128),
        'Proves the peer, and protects all that is said. The same on both chassis; nobody should be able to guess it.',
      ),
    ),
    'hello-interval': setting(milliseconds('100ms', '60s'), '100ms', 'Between hellos to the peer.'),
    'dead-interval': setting(
      milliseconds('300ms', '10m'),
      '300ms',
      'Silence after which the peer counts as dead; at least three times the hello interval.',
    ),
    'delay-interval': setting(
      milliseconds('0s', '10m'),
      '2s',
      'How long after the start a silent peer is not dead yet. Default: two chassis that start together find each other.',
    ),
    'configuration-interval': setting(
      milliseconds('10s', '24h'),
      '3600s',
      'Between comparisons of the two configurations; one is made on every connection.',
    ),
    priority: compared(
      'own',
      setting(integer(1, 255), 125, 'Lower wins where the route modifiers of two chassis are equal.'),
    ),
    tiebreaker: compared(
      'own',
      optional(
        unicastMac(),
        'made of chassis.name',
        'Lower wins where route modifier and priority are equal; different on the two chassis.',
      ),
    ),
    'route-modifier': section('Which chassis attracts traffic while both announce.', {
      threshold: setting(integer(2, 32), 16, 'Above it the route modifier begins again at 2.'),
    }).prefault({}),
    'route-hook': compared(
      'own',
      optional(
        filePath(),
        'none',
        'Run as `HOOK ROLE ROUTE-MODIFIER`, with the role `active` or `standby`, after each change of role: for routes.',
      ),
    ),
    'service-addresses': compared(
      'any-order',
      required(
        z.array(serviceAddress).min(1).max(64),
        'The addresses that UEs, access nodes, LMAs and AAA servers know; they are with the active chassis.',
      ),
    ),
    checkpoint: checkpoints.prefault({}),
    monitor: monitors.prefault({}),
    'guard-timer': section('Keeps monitors from handing the role back and forth.', {
      'guard-period': setting(milliseconds('0s', '1h'), '60s', 'Time after a switchover in which failures are damped.'),
      'damping-period': setting(milliseconds('0s', '1h'), '60s', 'How long a failure in the guard period must last.'),
    }).prefault({}),
    'clock-skew': section('Difference of the two chassis’ clocks.', {
      warn: setting(milliseconds('100ms', '1h'), '30s', 'From here on an alarm is raised.'),
      refuse: setting(
        milliseconds('100ms', '1h'),
        '60s',
        'From here on a switchover is refused; not below the warning.',
      ),
    }).prefault({}),
    limits: limits.prefault({}),
  },
);

export const recoverySchema = section(
  'What this chassis keeps on its own disk, to come back with its sessions after a crash or a restart. Without this ' +
    'section nothing is kept.',
  {
    directory: compared(
      'own',
      setting(filePath(), '/var/lib/samog', 'Where; readable and writable for the gateway only, as it holds sessions.'),
    ),
    'flush-interval': setting(
      milliseconds('10ms', '10s'),
      '100ms',
      'What has changed is written so often: so much is lost in a crash.',
    ),
    'accounting-interval': setting(
      milliseconds('1s', '1h'),
      '4s',
      'What UEs have used is written so often. Default: that of the operator’s catalogue.',
    ),
  },
);
