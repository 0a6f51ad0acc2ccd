import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { apiOperations } from '../../operations/api/operations.ts';
import type { ExpositionSource } from '../metrics/metrics-listener.ts';
import { StartError } from '../start-error.ts';
import { ManagementAccess } from './access.ts';
import type { Managed } from './answers.ts';
import { managementApp } from './app.ts';
import { ManagementClient } from './client.ts';
import { checkingIntervalMs, guardServer, requestListener, type ServerLimits, serverLimits } from './server-guard.ts';
import { unixDoor } from './unix-door.ts';

export interface ManagementServer {
  readonly socketPath: string;
  /** Answers what is being asked, then closes and removes the socket. Can be repeated. */
  stop(): Promise<void>;
}

export interface ManagementServerOptions {
  /** Without it there is no `/metrics`. */
  readonly exposition?: ExpositionSource | undefined;
  /** What it has in common with the other doors. */
  readonly access?: ManagementAccess;
  readonly limits?: ServerLimits;
}

/** A socket of one user on this host: nobody else can take up its connections. */
const ownerLimits: ServerLimits = { ...serverLimits, connectionsMax: 64, headersMs: 10_000 };

/** Whatever keeps a gateway from answering itself, it starts. */
const rehearsalMs = 2000;

/**
 * Serves the management API on a Unix socket that only its owner may open. A socket that a gateway left behind when it
 * was killed is replaced; one at which somebody answers is not.
 *
 * @throws StartError if the socket cannot be had
 */
export async function startManagementServer(
  socketPath: string,
  managed: Managed,
  {
    exposition,
    access = new ManagementAccess(managed.source.audit),
    limits = ownerLimits,
  }: ManagementServerOptions = {},
): Promise<ManagementServer> {
  await makeRoom(socketPath);
  const app = managementApp({ managed, exposition, access, door: unixDoor(access) });
  const serverOptions = { connectionsCheckingInterval: checkingIntervalMs(limits) };
  const server = createServer(serverOptions, requestListener(app.fetch, access.counters));
  const guarded = guardServer(server, limits, access.counters);
  await listen(server, socketPath);
  access.addDoor(() => ({
    kind: 'unix-socket',
    at: socketPath,
    connections: guarded.connections,
    connectionsMax: limits.connectionsMax,
  }));
  return {
    socketPath,
    stop: () =>
      new Promise((resolve) => {
        // Node removes the socket's file itself.
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 1000).unref();
      }),
  };
}

/**
 * Asks a server once what the first operators will: Node.js loads and compiles what answers them then, for some 10 ms in
 * which no packet moves, and at the start nothing depends on this process yet. It is counted as any other request.
 */
export async function rehearse({ socketPath }: ManagementServer): Promise<void> {
  const client = new ManagementClient(socketPath, rehearsalMs);
  await client.health();
  await client.ask(apiOperations.metrics);
}

function refused(what: string, hint: string): StartError {
  return new StartError([{ path: 'management.socket', what, hint }]);
}

/**
 * Sees to it that nothing is at the path: makes its folder, and removes a socket at which nobody answers.
 *
 * @throws StartError if there is no room
 */
export async function makeRoom(socketPath: string): Promise<void> {
  const folder = dirname(socketPath);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  } catch (error) {
    throw refused(
      `cannot make the folder ${folder}: ${codeOf(error)}`,
      'make it, or name a socket in one that you may write to',
    );
  }
  const found = lstatSync(socketPath, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw refused(`${socketPath} is there and is no socket`, 'remove it, or name another path');
  if (await somebodyAnswers(socketPath)) {
    throw refused(`another gateway answers at ${socketPath}`, 'stop it, or name another socket');
  }
  try {
    unlinkSync(socketPath);
  } catch (error) {
    throw refused(`cannot remove the old socket ${socketPath}: ${codeOf(error)}`, 'remove it, or name another path');
  }
}

/** Whether anything accepts connections. A socket that may not be opened is somebody else's, so somebody may answer. */
function somebodyAnswers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const attempt = connect(socketPath);
    attempt.once('connect', () => {
      attempt.destroy();
      resolve(true);
    });
    attempt.once('error', (error) => resolve(codeOf(error) !== 'ECONNREFUSED'));
  });
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      const hint = 'name a socket in a folder that you may write to (management.socket)';
      reject(refused(`cannot listen at ${socketPath}: ${codeOf(error)}`, hint));
    };
    server.once('error', failed);
    // The socket is made within this call: nobody can open it before its permissions are set.
    const formerMask = process.umask(0o177);
    try {
      server.listen(socketPath, () => {
        server.off('error', failed);
        chmodSync(socketPath, 0o600);
        resolve();
      });
    } finally {
      process.umask(formerMask);
    }
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
