import { defaultManagementSocket } from './management-config.ts';
import { compared, hot, optional, required, section, setting } from './settings.ts';
import { filePath, httpsOrigin, integer, ipAddress, socketPath } from './values.ts';

const audit = section(
  'Who changed what, and who was refused, a line of JSON each. Without this section it is in the log alone.',
  {
    file: setting(filePath(), '/var/lib/samog/audit/audit.jsonl', 'Appended to, and made if it is not there.'),
    'intercept-file': optional(
      filePath(),
      'nothing can be asked for that needs the role `intercept`',
      'The audit of interception, which only who holds the role `intercept` can read through the gateway.',
    ),
    'size-max': setting(
      integer(65_536, 1_000_000_000, 'octets'),
      10_000_000,
      'A file of this size makes room for the next. Default: some 30,000 lines.',
    ),
    'files-max': setting(
      integer(2, 1000),
      20,
      'Files kept of each audit: FILE, FILE.1 and so on; the oldest makes room.',
    ),
  },
);

const tcp = section(
  'The management API on the network, by TLS, for the users of `users`. Without this section nothing listens there.',
  {
    address: required(ipAddress(), 'Where; an address of this host.'),
    port: setting(integer(0, 65535), 8443, 'TCP port; 0 takes any that is free, and the banner tells which.'),
    certificate: required(
      filePath(),
      'The certificate in PEM, with those that lead to its CA behind it. A new one is taken within a minute.',
    ),
    key: required(filePath(), 'Its private key in PEM, which not everybody may read.'),
  },
);

export const managementSchema = compared(
  'own',
  section('How whoever operates the gateway reaches it, and what is kept of what they do.', {
    socket: setting(
      socketPath(),
      defaultManagementSocket,
      'A Unix socket; only the user that runs the gateway, and root, can open it.',
    ),
    users: hot(
      optional(
        filePath(),
        'only the owner of the socket may do anything',
        'The users and their roles, as `samog user add` writes them; readable for the user that runs the gateway alone.',
      ),
    ),
    'peer-url': optional(
      httpsOrigin(),
      'the console names no other chassis',
      'Where the other chassis of the pair has its own: the console offers it to whoever follows a switchover.',
    ),
    'configuration-folder': optional(
      filePath(),
      'beside the configuration file, called like it with `.d` behind',
      'Where the former configurations and the candidates are; for the user that runs the gateway alone, as they hold secrets.',
    ),
    tcp: hot(tcp.optional()),
    audit: audit.optional(),
  }).prefault({}),
);
