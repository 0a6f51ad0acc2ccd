import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import type { MetricsConfig } from '../../operations/config/operations-config.ts';
import { StartError } from '../start-error.ts';
import { type Exposition, expositionContentType } from './exposition.ts';

export interface MetricsListener {
  /** `ADDRESS:PORT`, as it was bound. */
  readonly local: string;
  stop(): Promise<void>;
}

/** Made when it is first asked for: a gateway that nobody watches has none. */
export type ExpositionSource = () => Promise<Pick<Exposition, 'text'>>;

/** Prometheus needs one; a person who looks another. What is beyond waits in the kernel, and then is refused. */
const connectionsMax = 16;
const requestTimeoutMs = 5000;

/** What `GET /metrics` answers. */
export async function metricsResponse(exposition: ExpositionSource): Promise<Response> {
  const text = await (await exposition()).text();
  return new Response(text, { headers: { 'content-type': expositionContentType } });
}

/**
 * Serves `/metrics`, and nothing else, to this host: over TCP, because Prometheus cannot ask a Unix socket.
 *
 * @throws StartError if the address cannot be had
 */
export async function startMetricsListener(
  { address, port }: MetricsConfig,
  exposition: ExpositionSource,
): Promise<MetricsListener> {
  const app = new Hono();
  app.get('/metrics', () => metricsResponse(exposition));
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.maxConnections = connectionsMax;
  server.requestTimeout = requestTimeoutMs;
  server.headersTimeout = requestTimeoutMs;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const what = `cannot listen at ${address} port ${port}: ${error.code}`;
      const hint = 'another program has the port: name another one';
      reject(new StartError([{ path: 'metrics.port', what, hint }]));
    });
    server.listen(port, address, resolve);
  });
  const bound = server.address();
  const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
  return {
    local: address.includes(':') ? `[${address}]:${boundPort}` : `${address}:${boundPort}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
