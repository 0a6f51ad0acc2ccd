import { defaultManagementSocket } from './management-config.ts';
import { compared, optional, section, setting } from './settings.ts';
import { filePath, integer, socketPath } from './values.ts';

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

export const managementSchema = compared(
  'own',
  section('How whoever operates the gateway reaches it, and what is kept of what they do.', {
    socket: setting(
      socketPath(),
      defaultManagementSocket,
      'A Unix socket; only the user that runs the gateway, and root, can open it.',
    ),
    audit: audit.optional(),
  }).prefault({}),
);
