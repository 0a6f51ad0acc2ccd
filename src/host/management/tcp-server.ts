import { readFileSync, statSync } from 'node:fs';
import { createServer, type Server, type ServerOptions } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { ManagementTcpConfig } from '../../operations/config/management-config.ts';
import type { Users } from '../access/users.ts';
import type { ExpositionSource } from '../metrics/metrics-listener.ts';
import { StartError } from '../start-error.ts';
import type { ManagementAccess } from './access.ts';
import type { Managed } from './answers.ts';
import { managementApp } from './app.ts';
import { checkingIntervalMs, guardServer, requestListener, type ServerLimits, serverLimits } from './server-guard.ts';
import { tcpDoor } from './tcp-door.ts';

export interface ManagementListener {
  /** `ADDRESS:PORT`, as it was bound. */
  readonly local: string;
  readonly port: number;
  /** Reads certificate and key anew; what is wrong with them, if anything. */
  renewCertificate(): string | undefined;
  /** Goes on with another certificate. @throws StartError if it cannot be taken; then with the one it has */
  take(config: CertificateFiles): void;
  /** @param graceMs so long those who are being answered have left */
  stop(graceMs?: number): Promise<void>;
}

type CertificateFiles = Pick<ManagementTcpConfig, 'certificate' | 'key'>;

export interface ListenerOptions {
  readonly access: ManagementAccess;
  /** Who is to come in, if these are not the users of `access` yet. */
  readonly users?: Users | undefined;
  readonly exposition?: ExpositionSource | undefined;
  readonly limits?: ServerLimits;
  /** Told of a certificate that cannot be taken. */
  readonly warn?: (what: string) => void;
}

/** How often it is seen whether there is a new certificate. */
const certificateCheckMs = 60_000;

/**
 * Serves the management API to the network: by TLS 1.2 or later alone, and to users alone.
 *
 * @throws StartError if it cannot
 */
export async function startManagementListener(
  config: ManagementTcpConfig,
  managed: Managed,
  { access, users = access.userList, exposition, limits = serverLimits, warn = () => {} }: ListenerOptions,
): Promise<ManagementListener> {
  if (users === undefined) throw refused('users', 'nobody could come in', 'name the users file: management.users');
  await users.all();
  if (users.problem !== undefined) {
    throw refused('users', `cannot read ${users.path}: ${users.problem}`, 'make one with "samog user add"');
  }
  const app = managementApp({ managed, exposition, access, door: tcpDoor(access), login: true });
  const serverOptions: ServerOptions = {
    ...readCertificate(config),
    minVersion: 'TLSv1.2',
    handshakeTimeout: limits.headersMs,
    connectionsCheckingInterval: checkingIntervalMs(limits),
  };
  const server = createServer(serverOptions, requestListener(app.fetch, access.counters));
  const guarded = guardServer(server, limits, access.counters);
  await listen(server, config);
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : config.port;
  const local = config.address.includes(':') ? `[${config.address}]:${port}` : `${config.address}:${port}`;
  const removeDoor = access.addDoor(() => ({
    kind: 'tcp',
    at: local,
    connections: guarded.connections,
    connectionsMax: limits.connectionsMax,
  }));
  let files: CertificateFiles = config;
  const renewCertificate = (): string | undefined => {
    try {
      server.setSecureContext({ ...readCertificate(files), minVersion: 'TLSv1.2' });
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  let version = versionOf(files);
  const watch = setInterval(() => {
    const latest = versionOf(files);
    if (latest === version) return;
    version = latest;
    const problem = renewCertificate();
    if (problem !== undefined) warn(problem);
  }, certificateCheckMs);
  watch.unref();
  return {
    local,
    port,
    renewCertificate,
    take: (next) => {
      server.setSecureContext({ ...readCertificate(next), minVersion: 'TLSv1.2' });
      files = next;
      version = versionOf(files);
    },
    stop: (graceMs = 0) =>
      new Promise((resolve) => {
        clearInterval(watch);
        removeDoor();
        server.close(() => resolve());
        if (graceMs === 0) guarded.closeAll();
        else setTimeout(() => guarded.closeAll(), graceMs).unref();
      }),
  };
}

function refused(key: string, what: string, hint: string): StartError {
  return new StartError([{ path: `management.${key}`, what, hint }]);
}

/** @throws StartError if they cannot be read, do not belong together, or everybody may read the key */
function readCertificate({ certificate, key }: CertificateFiles): { readonly cert: string; readonly key: string } {
  const pair = { cert: textOf('tcp.certificate', certificate), key: textOf('tcp.key', key) };
  if ((statSync(key).mode & 0o007) !== 0) {
    throw refused('tcp.key', `everybody may read ${key}`, 'let only the user that runs the gateway read it');
  }
  try {
    createSecureContext(pair);
  } catch (error) {
    const what = `is no certificate for this key: ${error instanceof Error ? error.message : String(error)}`;
    throw refused('tcp.certificate', what, 'give both in PEM, the certificate with those that it needs behind it');
  }
  return pair;
}

function textOf(key: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw refused(key, `cannot read ${file}: ${code}`, 'name a file that the gateway may read');
  }
}

function versionOf({ certificate, key }: CertificateFiles): string {
  return [certificate, key].map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0).join(' ');
}

function listen(server: Server, { address, port }: ManagementTcpConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const hint = 'name an address of this host, and a port that no other program has';
      reject(refused('tcp', `cannot listen at ${address} port ${port}: ${error.code}`, hint));
    });
    server.listen(port, address, resolve);
  });
}
