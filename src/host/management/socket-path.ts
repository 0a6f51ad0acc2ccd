import { existsSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { defaultManagementSocket } from '../../operations/config/management-config.ts';

/** Where a gateway of an ordinary user takes requests: a path of the user's own. */
export function userSocketPath(): string {
  return join(process.env['XDG_RUNTIME_DIR'] || tmpdir(), `samog-${userInfo().uid}.sock`);
}

/** The socket to ask unless the operator names one: the system's gateway if there is one, else the user's. */
export function socketPathToAsk(named: string | undefined): string {
  const chosen = named ?? process.env['SAMOG_SOCKET'];
  if (chosen !== undefined && chosen !== '') return chosen;
  return existsSync(defaultManagementSocket) ? defaultManagementSocket : userSocketPath();
}
