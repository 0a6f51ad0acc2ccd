import type { Principal } from '../../operations/access/role.ts';
import type { ApiOperation } from '../../operations/api/operation.ts';
import { clip } from '../../operations/views/arguments.ts';
import { type Refusal, refuse } from '../../operations/views/view.ts';

/** What came of a request: JSON data, or why there is none. */
export type Answered =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly refusal: Refusal };

/** A request that has passed the door, and whose form is right. */
export interface ApiRequest {
  readonly principal: Principal;
  readonly query: Readonly<Record<string, string>>;
  /** The fields of the body, which are among those the operation has; none where there is no body. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** An operation with what answers it. */
export interface ServedOperation {
  readonly operation: ApiOperation;
  /** The fields that the body may have; none if left out. */
  readonly fields?: readonly string[];
  /** How to send them, in one sentence, for whoever sent something else. */
  readonly bodyHint?: string;
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

export const done = (data: unknown): Answered => ({ ok: true, data });

type Read<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly refusal: Refusal };

/** Options of a query; one given twice is an error, for nobody can know which was meant. */
export function queryOf(url: string): Read<Record<string, string>> {
  const entries = [...new URL(url).searchParams];
  const names = new Set(entries.map(([name]) => name));
  if (names.size < entries.length) return refuse('bad-argument', 'an option is given twice', 'give each option once');
  return { ok: true, value: Object.fromEntries(entries) };
}

/** The body: a JSON object with no other fields than the operation's, or nothing. */
export function fieldsOf(
  text: string,
  { fields = [], bodyHint = 'send no body' }: Pick<ServedOperation, 'fields' | 'bodyHint'>,
): Read<Readonly<Record<string, unknown>>> {
  let body: unknown = {};
  try {
    if (text !== '') body = JSON.parse(text);
  } catch {
    return refuse('bad-argument', 'the body is no JSON', bodyHint);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return refuse('bad-argument', 'the body is no JSON object', bodyHint);
  }
  const unknown = Object.keys(body).find((name) => !fields.includes(name));
  if (unknown !== undefined) return refuse('bad-argument', `"${clip(unknown)}" is not known here`, bodyHint);
  return { ok: true, value: body as Readonly<Record<string, unknown>> };
}
