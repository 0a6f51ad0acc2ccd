import { z } from 'zod';
import { compared, optional, required, section, setting } from './settings.ts';
import { filePath, integer, ipAddress, milliseconds, name, text } from './values.ts';

const tls = {
  ca: required(filePath(), 'Who signs the certificates of the other side.'),
  certificate: required(filePath(), 'What the gateway shows, with those between it and the CA.'),
  key: required(filePath(), 'The private key of the certificate.'),
};

const deliveryFunction = section('A delivery function. Files in PEM.', {
  name: required(name(), 'What whoever provisions calls it; no two share a name.'),
  address: required(ipAddress(), 'Where it listens for X2 and X3 (ETSI TS 103 221-2), both on one connection.'),
  port: required(integer(1, 65535), 'TCP port; there is no registered one.'),
  'tls-name': optional(
    text('text, 1 to 253 octets', 1, 253),
    'its address',
    'The name that its certificate has to hold.',
  ),
  ...tls,
  buffer: setting(
    integer(65_536, 1_000_000_000, 'octets'),
    67_108_864,
    'What waits for it in memory until it is known to have come; beyond it what comes is lost, counted, and told to it.',
  ),
  'keepalive-interval': setting(
    milliseconds('1s', '10m'),
    '60s',
    'Between two keepalives at most. Default: TIME_P1 of clause 6.2.4.',
  ),
  'keepalive-timeout': setting(
    milliseconds('2s', '30m'),
    '180s',
    'Without an answer to a keepalive for so long the connection is made anew. Default: TIME_P2 of clause 6.2.4.',
  ),
});

/** All of it is a chassis's own, so that nothing of it is compared or shown. */
export const interceptSchema = compared(
  'own',
  section(
    'Lawful intercept: who provisions targets, and where what is intercepted goes. What operators see, ask and are told is ' +
      'the same with and without targets. Without this section there is none.',
    {
      'network-function': setting(
        name(),
        'samog',
        'How the gateway calls itself toward delivery functions (NFID); on both chassis of a pair alike.',
      ),
      'targets-max': setting(integer(1, 10_000), 1000, 'Targets at a time.'),
      directory: setting(
        filePath(),
        '/var/lib/samog/intercept',
        'Where targets are kept, sealed, and the audit of what was provisioned. For the user of the gateway alone.',
      ),
      'key-file': required(
        filePath(),
        'At least 32 octets that nobody else has, the same on both chassis of a pair: the key by which all of it is sealed.',
      ),
      provisioning: section('Who is heard: clients with a certificate of this CA, by TLS. Files in PEM.', {
        address: required(ipAddress(), 'An address of this chassis that does not move.'),
        port: setting(integer(1, 65535), 9443, 'TCP port.'),
        ...tls,
      }),
      delivery: required(z.array(deliveryFunction).min(1).max(16), 'At least one.'),
    },
  ),
);
