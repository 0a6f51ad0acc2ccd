import type { Principal } from '../../operations/access/role.ts';
import type { ApiBody } from '../../operations/api/bodies.ts';
import type { ApiOperation } from '../../operations/api/operation.ts';
import { type Refusal, refuse } from '../../operations/views/view.ts';

/** What came of a request: JSON data, or why there is none. */
export type Answered =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly refusal: Refusal };

/** A request that has passed the door, and whose form is right. */
export interface ApiRequest<Body = unknown> {
  readonly principal: Principal;
  readonly query: Readonly<Record<string, string>>;
  /** As its schema has read it; an empty object where there is none. */
  readonly body: Body;
  /** Breaks the connection of whoever has asked; absent where there is none. */
  readonly cut?: (() => void) | undefined;
}

/** An operation with what answers it. */
export interface ServedOperation {
  readonly operation: ApiOperation;
  /** What the body may be; there is none if left out. */
  readonly body?: ApiBody;
  /** What the audit has of the body; all of it if left out. */
  audited?(body: unknown): unknown;
  /** A `Response` where the answer is no JSON. */
  answer(request: ApiRequest): Answered | Response | Promise<Answered | Response>;
}

const statusOf = {
  'bad-argument': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'unknown-view': 404,
  refused: 409,
  'too-many': 429,
  failed: 500,
} as const satisfies Record<Refusal['code'], number>;

/** A refusal as the API sends it: `{code, what, hint}`. */
export function refusalResponse({ refusal }: { readonly refusal: Refusal }): Response {
  const headers = refusal.code === 'unauthenticated' ? { 'www-authenticate': 'Bearer realm="samog"' } : undefined;
  return Response.json(refusal, { status: statusOf[refusal.code], ...(headers && { headers }) });
}

/** An answer that is no refusal; the data becomes JSON. */
export const done = (data: unknown): Answered => ({ ok: true, data });

type Read<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly refusal: Refusal };

/** Options of a query; one given twice is an error, for nobody can know which was meant. */
export function queryOf(url: string): Read<Record<string, string>> {
  const entries = [...new URL(url).searchParams];
  const names = new Set(entries.map(([name]) => name));
  if (names.size < entries.length) return refuse('bad-argument', 'an option is given twice', 'give each option once');
  return { ok: true, value: Object.fromEntries(entries) };
}

/** An operation whose request has a body. */
export function withBody<Body>(
  operation: ApiOperation,
  body: ApiBody<Body>,
  answer: (request: ApiRequest<Body>) => Answered | Promise<Answered>,
): ServedOperation {
  // The schema has made it what the answer takes.
  return { operation, body, answer: (request) => answer(request as ApiRequest<Body>) };
}
