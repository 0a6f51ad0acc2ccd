import { request } from 'node:http';
import type { ApiInput, ApiOperation } from '../../operations/api/operation.ts';
import { apiOperations } from '../../operations/api/operations.ts';
import type { Refusal } from '../../operations/views/view.ts';

/** What came of a request: data, the gateway's refusal, or no answer. */
export type ManagementAnswer =
  | { readonly kind: 'data'; readonly data: unknown }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'timeout'; readonly afterMs: number };

/** Asks a gateway through its management socket. */
export class ManagementClient {
  readonly socketPath: string;
  readonly #timeoutMs: number;

  constructor(socketPath: string, timeoutMs = 10_000) {
    this.socketPath = socketPath;
    this.#timeoutMs = timeoutMs;
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
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      // One connection a request: a command asks once, and a kept one would outlive the gateway's restart.
      const where = { socketPath: this.socketPath, agent: false } as const;
      const asked = request({ ...where, method, path: target, headers, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', failed);
        response.on('end', () => resolve(read(response.statusCode ?? 0, Buffer.concat(chunks).toString())));
      });
      asked.on('error', failed);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
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
