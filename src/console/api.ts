import { signal } from '@preact/signals';
import type { Principal, Role } from '../operations/access/role.ts';
import type { Refusal } from '../operations/views/view.ts';

/** What came of a request: data, the gateway's refusal, or no answer. */
export type Answer<Data> =
  | { readonly kind: 'data'; readonly data: Data }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** Whom the gateway takes us for: `undefined` until it has been asked, `null` for nobody. */
export const principal = signal<Principal | null | undefined>(undefined);
/** Since when the gateway has not answered; undefined while it does. By the browser's clock, in milliseconds. */
export const silentSince = signal<number | undefined>(undefined);

/** Kept in memory alone: gone with the page. */
let token: string | undefined;

const answerLimitMs = 8000;
/** What is only read is asked for again anyway: silence is to be seen soon. */
const readLimitMs = 5000;

/**
 * Whether who is logged in may do what needs this role; false as long as nobody is. The gateway decides again at each
 * request.
 */
export function holdsRole(role: Role): boolean {
  return principal.value?.roles.includes(role) === true;
}

/** Reads from the management API; does not throw. A gateway that is silent for 5 s is `unreachable`. */
export function get<Data>(path: string, query: Readonly<Record<string, string>> = {}): Promise<Answer<Data>> {
  const search = new URLSearchParams(query).toString();
  return ask<Data>('GET', search === '' ? path : `${path}?${search}`, undefined, readLimitMs);
}

/**
 * Has something done, with a JSON body if one is given. Silence after `limitMs` is `unreachable`: it may have been done
 * all the same.
 */
export function post<Data>(path: string, body: unknown = undefined, limitMs = answerLimitMs): Promise<Answer<Data>> {
  return ask<Data>('POST', path, body, limitMs);
}

/** Removes what is at a path, such as the session of this browser. */
export function remove<Data>(path: string): Promise<Answer<Data>> {
  return ask<Data>('DELETE', path);
}

async function ask<Data>(
  method: string,
  target: string,
  body?: unknown,
  limitMs = answerLimitMs,
): Promise<Answer<Data>> {
  const headers = {
    // What reads needs none, and so is what the page has asked for beforehand.
    ...(method === 'GET' ? {} : { 'x-samog-request': '1' }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  try {
    const response = await fetch(target, {
      method,
      headers,
      signal: AbortSignal.timeout(limitMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const read: unknown = await response.json();
    silentSince.value = undefined;
    if (response.ok) return { kind: 'data', data: read as Data };
    const refusal = read as Refusal;
    if (refusal.code === 'unauthenticated') principal.value = null;
    return { kind: 'refused', refusal };
  } catch (error) {
    silentSince.value ??= Date.now();
    return { kind: 'unreachable', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Asks whether somebody is logged in already. */
export async function recognise(): Promise<void> {
  const answer = await get<Principal>('/v1/principal');
  if (answer.kind === 'data') principal.value = answer.data;
  else if (answer.kind === 'refused') principal.value = null;
}

/** @returns why not, if it did not go well */
export async function logIn(name: string, password: string): Promise<string | undefined> {
  token = undefined;
  return entered(await post<Principal>('/v1/session', { name, password }));
}

/** Tries a bearer token; one that is refused is forgotten. @returns why not, if it did not go well */
export async function logInByToken(given: string): Promise<string | undefined> {
  token = given;
  const problem = entered(await get<Principal>('/v1/principal'));
  if (problem !== undefined) token = undefined;
  return problem;
}

/** Ends the session at the gateway, unless a token stands for it, and forgets who was logged in. */
export async function logOut(): Promise<void> {
  if (token === undefined) await remove('/v1/session');
  token = undefined;
  principal.value = null;
}

function entered(answer: Answer<Principal>): string | undefined {
  if (answer.kind === 'data') {
    principal.value = answer.data;
    return undefined;
  }
  if (answer.kind === 'refused') return `${answer.refusal.what}: ${answer.refusal.hint}`;
  return `the gateway does not answer: ${answer.reason}`;
}
