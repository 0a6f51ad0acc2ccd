import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Counters } from '../../kernel/counters.ts';
import type { ApiCounter } from '../../operations/access/api-counters.ts';

/** What one client may take of a server. */
export interface ServerLimits {
  readonly connectionsMax: number;
  /** Of one address. */
  readonly connectionsPerAddressMax: number;
  /** For the head of a request, and for all of it. */
  readonly headersMs: number;
  readonly requestMs: number;
  /** A connection on which nothing is asked any more is closed. */
  readonly idleMs: number;
}

export const serverLimits: ServerLimits = {
  connectionsMax: 256,
  connectionsPerAddressMax: 64,
  headersMs: 5000,
  requestMs: 10_000,
  idleMs: 5000,
};

/** Node looks for slow clients only so often. */
export function checkingIntervalMs({ headersMs }: ServerLimits): number {
  return Math.max(50, Math.min(1000, headersMs / 2));
}

const statusLines: Readonly<Record<string, readonly [string, ApiCounter]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'api.refused.headers'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'api.refused.slow'],
};

/** The connections of a guarded server. */
export interface GuardedServer {
  readonly connections: number;
  /** Closes all of them, also those that are no HTTP yet. */
  closeAll(): void;
}

/** Sets a server's limits, and counts whom it turns away before there is a request. */
export function guardServer(server: Server, limits: ServerLimits, counters: Counters<ApiCounter>): GuardedServer {
  server.maxConnections = limits.connectionsMax;
  server.headersTimeout = limits.headersMs;
  server.requestTimeout = limits.requestMs;
  server.keepAliveTimeout = limits.idleMs;
  server.on('drop', () => counters.add('api.refused.connections'));
  const sockets = new Set<Socket>();
  const byAddress = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const address = socket.remoteAddress;
    if (address === undefined) return;
    const open = (byAddress.get(address) ?? 0) + 1;
    byAddress.set(address, open);
    socket.once('close', () => {
      const left = byAddress.get(address)! - 1;
      if (left === 0) byAddress.delete(address);
      else byAddress.set(address, left);
    });
    if (open <= limits.connectionsPerAddressMax) return;
    counters.add('api.refused.connections');
    socket.destroy();
  });
  server.on('tlsClientError', () => counters.add('api.refused.tls'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // Whoever has gone has asked for nothing.
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const [status, counter] = statusLines[error.code ?? ''] ?? ['400 Bad Request', 'api.refused.malformed'];
    counters.add(counter);
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  });
  return {
    get connections() {
      return sockets.size;
    },
    closeAll() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
