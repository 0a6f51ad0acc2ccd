import type { Counters } from '../../kernel/counters.ts';
import type { ApiCounter } from '../../operations/access/api-counters.ts';
import { type Refusal, refuse } from '../../operations/views/view.ts';
import type { ManagementAccess } from './access.ts';
import type { Door, Knock } from './door.ts';

/** Bound to this host and to TLS by its prefix (RFC 6265bis section 4.1.3.2). */
export const sessionCookie = '__Host-samog';
/** A page of another site cannot send it without being asked (CORS). */
export const requestHeader = 'x-samog-request';

/** The token of `Authorization: Bearer TOKEN` (RFC 6750 section 2.1). */
export function bearerOf(knock: Knock): string | undefined {
  return /^Bearer ([\w~+/.=-]{1,256})$/i.exec(knock.header('authorization') ?? '')?.[1];
}

/** The key of a browser's session, from its cookie; undefined if the request has none. */
export function sessionKeyOf(knock: Knock): string | undefined {
  const cookies = (knock.header('cookie') ?? '').split(/; */);
  const found = cookies.find((cookie) => cookie.startsWith(`${sessionCookie}=`));
  return found?.slice(sessionCookie.length + 1);
}

/**
 * Why a request that a browser may have made by itself is not carried out: a browser sends its cookie with whatever any page asks
 * it to send. What changes anything needs a header of ours; where the browser says which page asked, it has to be one of ours.
 */
export function crossSite(
  knock: Knock,
  counters: Counters<ApiCounter>,
): { readonly ok: false; readonly refusal: Refusal } | undefined {
  const origin = knock.header('origin');
  const site = knock.header('sec-fetch-site');
  const isForeign =
    (origin !== undefined && origin !== `https://${knock.header('host')}`) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none');
  const lacksHeader = knock.method !== 'GET' && knock.header(requestHeader) === undefined;
  if (!isForeign && !lacksHeader) return undefined;
  counters.add('api.refused.cross-site');
  const what = isForeign ? 'another site has asked for this' : `the header ${requestHeader} is missing`;
  return refuse('forbidden', what, `send ${requestHeader}: 1 from a page of this gateway, or use a token`);
}

/** The door of the network: a token with each request, or the session of somebody who has logged in by password. */
export function tcpDoor(access: ManagementAccess): Door {
  return async (knock) => {
    const from = knock.socket?.remoteAddress ?? 'unknown';
    const token = bearerOf(knock);
    if (token !== undefined) return access.byToken(token, from);
    const key = sessionKeyOf(knock);
    if (key !== undefined) return crossSite(knock, access.counters) ?? access.bySession(key, from);
    access.counters.add('api.refused.unauthenticated');
    return refuse('unauthenticated', 'nobody is known by this request', 'send Authorization: Bearer TOKEN, or log in');
  };
}
