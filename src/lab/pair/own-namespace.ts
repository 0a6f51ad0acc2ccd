import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Names the network namespace outside, so that who runs inside can tell that it does. */
const outsideVariable = 'SAMOG_LAB_OUTSIDE';
const ownNamespaceFile = '/proc/self/ns/net';

/** With privilege, and without any: root of a user namespace may do with its networks as it likes. */
const privileged = ['unshare', '--net'];
const unprivileged = ['unshare', '--user', '--map-root-user', '--net'];

/** A command that runs another one in a network namespace, or why there is none and what to do about it. */
export type NamespaceWay =
  | { readonly ok: true; readonly command: readonly string[] }
  | { readonly ok: false; readonly what: string; readonly hint: string };

/** How this process can have a command run in a network namespace of its own. */
export function namespaceWay(): NamespaceWay {
  if (process.platform !== 'linux') {
    return { ok: false, what: 'network namespaces are Linux only', hint: 'use a Linux machine or container' };
  }
  const ways = process.getuid?.() === 0 ? [privileged, unprivileged] : [unprivileged];
  const reasons: string[] = [];
  for (const command of ways) {
    const tried = spawnSync(command[0]!, [...command.slice(1), 'ip', 'link', 'set', 'lo', 'up'], { encoding: 'utf8' });
    if (tried.status === 0) return { ok: true, command };
    reasons.push(`${command.join(' ')}: ${(tried.error?.message ?? tried.stderr).trim()}`);
  }
  return {
    ok: false,
    what: `no network namespace can be made (${reasons.join('; ')})`,
    hint: 'be root with CAP_SYS_ADMIN, or permit user namespaces; unshare (util-linux) and ip (iproute2) must be installed',
  };
}

/**
 * Starts a script of the lab in a network namespace of its own, which vanishes with its processes. The script ends when
 * this process does: its standard input is then at its end.
 */
export function spawnInNamespace(command: readonly string[], script: URL, args: readonly string[]): ChildProcess {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', fileURLToPath(script)];
  return spawn(command[0]!, [...command.slice(1), ...node, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, [outsideVariable]: readlinkSync(ownNamespaceFile) },
  });
}

/**
 * To be called by such a script before it touches the network.
 *
 * @throws Error in any other namespace: interfaces and addresses made there would be the machine's own
 */
export function assertOwnNamespace(): void {
  const outside = process.env[outsideVariable];
  if (outside === undefined || outside === readlinkSync(ownNamespaceFile)) {
    throw new Error('this script is for a network namespace of its own: use samog lab');
  }
}
