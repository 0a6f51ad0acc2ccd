import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { request as requestOverTls } from 'node:https';
import type { ApiInput, ApiOperation } from '../../operations/api/operation.ts';
import { apiOperations } from '../../operations/api/operations.ts';
import type { Refusal } from '../../operations/views/view.ts';

/** What came of a request: data, the gateway's refusal, or no answer. */
export type ManagementAnswer =
  | { readonly kind: 'data'; readonly data: unknown }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'timeout'; readonly afterMs: number };

/** Where a gateway is, and what shows who asks. */
export type ManagementTarget =
  | { readonly socketPath: string; readonly token?: string | undefined }
  | { readonly url: URL; readonly token?: string | undefined; readonly ca?: string | undefined };

/** Asks a gateway through its management socket, or over the network. */
export class ManagementClient {
  /** For people: a path or an address. */
  readonly where: string;
  readonly #target: ManagementTarget;
  readonly #timeoutMs: number;

  /** @param target a path is that of a socket */
  constructor(target: string | ManagementTarget, timeoutMs = 10_000) {
    this.#target = typeof target === 'string' ? { socketPath: target } : target;
    this.where = 'url' in this.#target ? this.#target.url.origin : this.#target.socketPath;
    this.#timeoutMs = timeoutMs;
  }

  /** Whether the gateway may be on another host. */
  get isRemote(): boolean {
    return 'url' in this.#target;
  }

  show(path: string, query: Readonly<Record<string, string>>): Promise<ManagementAnswer> {
    return this.ask({ method: 'GET', path: `/v1/show/${path}` }, { query });
  }

  health(): Promise<ManagementAnswer> {
    return this.ask(apiOperations.health);
  }

  principal(): Promise<ManagementAnswer> {
    return this.ask(apiOperations.principal);
  }

  ask(
    { method, path }: Pick<ApiOperation, 'method' | 'path'>,
    { query = {}, body, waitMs = 0 }: ApiInput = {},
  ): Promise<ManagementAnswer> {
    const search = new URLSearchParams(query).toString();
    const target = search === '' ? path : `${path}?${search}`;
    return new Promise((resolve) => {
      const timeoutMs = this.#timeoutMs + waitMs;
      const signal = AbortSignal.timeout(timeoutMs);
      const failed = (error: Error): void => {
        if (signal.aborted) resolve({ kind: 'timeout', afterMs: timeoutMs });
        else resolve({ kind: 'unreachable', reason: 'code' in error ? String(error.code) : error.message });
      };
      const { token } = this.#target;
      const headers = {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      };
      // One connection a request: a command asks once, and a kept one would outlive the gateway's restart.
      const options = { agent: false, method, path: target, headers, signal } as const;
      const asked = this.#request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', failed);
        response.on('end', () => resolve(read(response.statusCode ?? 0, Buffer.concat(chunks).toString())));
      });
      asked.on('error', failed);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  #request(options: RequestOptions, answered: (response: IncomingMessage) => void): ClientRequest {
    if (!('url' in this.#target)) return request({ ...options, socketPath: this.#target.socketPath }, answered);
    const { url, ca } = this.#target;
    const { hostname, port } = url;
    // An address in brackets is one of IPv6, which the resolver wants without.
    const host = hostname.replace(/^\[|\]$/g, '');
    return requestOverTls({ ...options, host, port: port || 443, ...(ca === undefined ? {} : { ca }) }, answered);
  }
}

function read(status: number, text: string): ManagementAnswer {
  try {
    const data: unknown = JSON.parse(text);
    return status === 200 ? { kind: 'data', data } : { kind: 'refused', refusal: data as Refusal };
  } catch {
    return { kind: 'unreachable', reason: `status ${status} without JSON: no gateway answers there` };
  }
}
