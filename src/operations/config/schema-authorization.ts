import { z } from 'zod';
import { compared, hot, optional, required, section, setting } from './settings.ts';
import {
  integer,
  ipPrefix,
  ipProtocolNumber,
  ipv4Prefix,
  milliseconds,
  name,
  oneOf,
  portRange,
  text,
} from './values.ts';

const accessRule = section('A rule. What is left out matches everything.', {
  action: required(oneOf('permit', 'deny'), 'What becomes of a packet that matches.'),
  protocol: optional(ipProtocolNumber(), 'any protocol', 'The protocol over IP.'),
  source: optional(ipv4Prefix(), 'any address', 'Where the packet comes from.'),
  destination: optional(ipv4Prefix(), 'any address', 'Where the packet goes.'),
  'source-ports': optional(
    portRange(),
    'any port',
    'Only with protocol tcp, udp or sctp. A later fragment, which shows no port, matches any.',
  ),
  'destination-ports': optional(portRange(), 'any port', 'As source-ports.'),
});

const dynamicAuthorizationClient = section(
  'Who may send CoA- and Disconnect-Requests: a server by its name, or an address.',
  {
    server: optional(
      name(),
      'address says who it is',
      'The name of one of mrme-service.radius.servers: it may send from its address, and has its secret there, whatever these come to be.',
    ),
    address: optional(
      ipPrefix(),
      'server says who it is',
      'An AAA server or a network of them; the longest match decides, none may be given twice.',
    ),
    key: compared(
      'secret',
      optional(
        text('text, 1 to 128 octets', 1, 128),
        'the secret of the server',
        'The secret shared with it. Required with an address, and of a server over TLS, which has none for this.',
      ),
    ),
  },
);

export const dynamicAuthorizationSchema = section(
  'Changes of authorization and disconnections by the AAA server (RFC 5176), at mrme-service.bind.address. ' +
    'Message-Authenticator is required; that cannot be configured. Without this section nobody may.',
  {
    clients: compared('any-order', hot(required(z.array(dynamicAuthorizationClient).min(1).max(256), 'At least one.'))),
    port: setting(integer(1, 65535), 3799, 'UDP port. Default: the registered one (RFC 5176 section 2).'),
    window: setting(
      milliseconds('1s', '1h'),
      '300s',
      'How far Event-Timestamp may be from this chassis’s clock; answers are remembered as long. Default: RFC 5176 section 6.3.',
    ),
    'event-timestamp': hot(
      setting(
        oneOf('required', 'optional'),
        'required',
        'Whether a request without Event-Timestamp is discarded. Default: what is optional can be sent again by anybody.',
      ),
    ),
  },
);

/** What Filter-Id, SN-IP-In-ACL and SN-IP-Out-ACL name. */
export const accessListsSchema = compared(
  'any-order',
  z
    .array(
      section('An access list.', {
        name: required(name(), 'What Filter-Id, SN-IP-In-ACL (uplink) and SN-IP-Out-ACL (downlink) call it.'),
        rules: z
          .array(accessRule)
          .max(256)
          .prefault([])
          .describe('The first rule that matches a packet decides; a packet that none matches is dropped.'),
      }),
    )
    .max(1024)
    .prefault([])
    .describe('Lists of what UEs may send and receive; AAA names them for a session. No two share a name.'),
);
