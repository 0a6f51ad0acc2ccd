import { getsockopt, integer, solSocket } from './linux.ts';

/** SO_PEERCRED (socket(7)), and its struct ucred: three 32-bit integers. */
const peerCredentialsOption = 17;
const ucredOctets = 12;

/** The process and user that had opened the other end of a Unix socket when it was connected; undefined for any other file. */
export function peerCredentials(fd: number): { readonly pid: number; readonly uid: number } | undefined {
  const value = new Uint8Array(ucredOctets);
  if (getsockopt(fd, solSocket, peerCredentialsOption, value, integer(ucredOctets)) < 0) return undefined;
  const view = new DataView(value.buffer);
  const pid = view.getInt32(0, true);
  // The kernel answers for sockets that have no such peer, too: with no process, and a user that is nobody.
  return pid === 0 ? undefined : { pid, uid: view.getUint32(4, true) };
}
