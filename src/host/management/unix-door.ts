import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { userInfo } from 'node:os';
import type { Role } from '../../operations/access/role.ts';
import type { ManagementAccess } from './access.ts';
import type { Door } from './door.ts';
import { bearerOf } from './tcp-door.ts';

/** Whoever can open the socket owns the gateway: everything but interception, which has to be granted. */
const ownerRoles: readonly Role[] = ['configure'];

/**
 * The door of the Unix socket: the kernel says which user has opened it (SO_PEERCRED, unix(7)), and only its owner and root
 * can. Where the kernel cannot be asked, it was somebody who may do what the gateway's own user may.
 */
export function unixDoor(access: ManagementAccess): Door {
  const names = new WeakMap<Socket, Promise<string | undefined>>();
  return async (knock) => {
    const token = bearerOf(knock);
    // Whoever shows a token is who it says, and no more.
    if (token !== undefined) return access.byToken(token, null);
    const { socket } = knock;
    const asked = socket === undefined ? undefined : (names.get(socket) ?? userOf(socket));
    if (socket !== undefined && asked !== undefined) names.set(socket, asked);
    const known = await asked;
    const more = known === undefined ? [] : await grantedTo(access, known);
    const name = known ?? userInfo().username;
    return { ok: true, principal: { name, roles: [...ownerRoles, ...more], via: 'unix-socket', from: null } };
  };
}

/** Roles beyond those of an owner, of a user of this host. */
async function grantedTo({ userList }: ManagementAccess, unixUser: string): Promise<readonly Role[]> {
  const users = (await userList?.all()) ?? [];
  return users.flatMap((user) => (user.unixUser === unixUser ? user.roles : []));
}

/** The name of the user at the other end; undefined if the kernel does not say. */
async function userOf(socket: Socket): Promise<string | undefined> {
  const fd = (socket as { readonly _handle?: { readonly fd?: number } })._handle?.fd;
  if (fd === undefined || fd < 0) return undefined;
  const uid = await uidOf(fd);
  return uid === undefined ? undefined : ((await userNames()).get(uid) ?? `uid-${uid}`);
}

async function uidOf(fd: number): Promise<number | undefined> {
  try {
    // Loaded when somebody asks: a gateway may run where system calls cannot be made directly.
    const { peerCredentials } = await import('../sockets/peer-credentials.ts');
    return peerCredentials(fd)?.uid;
  } catch {
    return undefined;
  }
}

/** User names by number, as passwd(5) has them; read anew, for they change. */
async function userNames(): Promise<ReadonlyMap<number, string>> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return new Map(
    text.split('\n').flatMap((line) => {
      const [name, , uid] = line.split(':');
      return name !== undefined && uid !== undefined && /^\d+$/.test(uid) ? [[Number(uid), name] as const] : [];
    }),
  );
}
