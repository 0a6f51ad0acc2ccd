import { z } from 'zod';
import { compared, optional, required, section } from './settings.ts';
import { ipProtocolNumber, ipv4Prefix, name, oneOf, portRange } from './values.ts';

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
