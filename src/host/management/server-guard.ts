import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Counters } from '../../kernel/counters.ts';
import type { ApiCounter } from '../../operations/access/api-counters.ts';
import { now } from '../clock.ts';

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
  /** Requests on one connection that are not answered yet: all of them are kept, with their answers. */
  readonly unansweredMax: number;
  /** A connection of whose answers nothing is read for so long is closed. */
  readonly unreadMs: number;
}

/** Of every listener, unless it is told otherwise: far above what people and pollers need. */
export const serverLimits: ServerLimits = {
  connectionsMax: 256,
  connectionsPerAddressMax: 64,
  headersMs: 5000,
  requestMs: 10_000,
  idleMs: 5000,
  unansweredMax: 4,
  unreadMs: 30_000,
};

/** Node looks for slow clients only so often. */
export function checkingIntervalMs({ headersMs }: ServerLimits): number {
  return Math.max(50, Math.min(1000, headersMs / 2));
}

const statusLines: Readonly<Record<string, readonly [string, ApiCounter]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'api.refused.headers'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'api.refused.slow'],
};

/** What answers the requests of a server; one that names no place that there can be, such as `Host: a b`, is refused and counted. */
export function requestListener(fetch: Parameters<typeof getRequestListener>[0], counters: Counters<ApiCounter>) {
  return getRequestListener(fetch, {
    errorHandler(error) {
      if (!(error instanceof RequestError)) throw error;
      counters.add('api.refused.malformed');
      return new Response(null, { status: 400 });
    },
  });
}

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
  limitAnswers(server, limits, counters);
  server.on('connect', (_request, socket) => {
    counters.add('api.refused.malformed');
    turnAway(socket, '400 Bad Request');
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
    // Whoever has gone, or was turned away, has not failed at it.
    if (error.code !== 'ECONNRESET') counters.add('api.refused.tls');
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // Whoever has gone has asked for nothing.
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const [status, counter] = statusLines[error.code ?? ''] ?? ['400 Bad Request', 'api.refused.malformed'];
    counters.add(counter);
    turnAway(socket, status);
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

/** Says why, and is gone: a server's connection stays open, and keeps its place, until the client closes its side, too. */
function turnAway(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
}

/** What a connection owes its client. */
interface Owed {
  unanswered: number;
  /** Octets of answers that the client has not taken, and since when they have been as many. */
  unread: number;
  since: number;
}

/** Takes no more requests of a connection than are answered, and gives up whoever does not read the answers. */
function limitAnswers(server: Server, limits: ServerLimits, counters: Counters<ApiCounter>): void {
  const owed = new Map<Socket, Owed>();
  const answering = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    // What came together with what was too much.
    if (socket.destroyed) return;
    const known = owed.get(socket) ?? { unanswered: 0, unread: 0, since: 0 };
    if (known.unanswered >= limits.unansweredMax) {
      counters.add('api.refused.pipelined');
      socket.destroy();
      return;
    }
    known.unanswered += 1;
    owed.set(socket, known);
    response.once('close', () => {
      known.unanswered -= 1;
      if (known.unanswered === 0) owed.delete(socket);
    });
    for (const answer of answering) answer.call(server, request, response);
  });
  const watch = setInterval(() => {
    const at = now();
    for (const [socket, known] of owed) {
      const unread = socket.writableLength;
      if (unread === 0 || unread !== known.unread) Object.assign(known, { unread, since: at });
      else if (at - known.since >= limits.unreadMs) {
        counters.add('api.refused.unread');
        socket.destroy();
      }
    }
  }, checkingIntervalMs(limits));
  watch.unref();
  server.once('close', () => clearInterval(watch));
}
