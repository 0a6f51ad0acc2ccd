import { rolesOf } from '../../operations/access/role.ts';
import { apiBodies, readBody } from '../../operations/api/bodies.ts';
import { refuse } from '../../operations/views/view.ts';
import { ticketLifeMs } from '../access/log-in-tickets.ts';
import type { ManagementAccess } from './access.ts';
import { refusalResponse } from './answer.ts';
import type { Knock } from './door.ts';
import { crossSite, sessionCookie, sessionKeyOf } from './tcp-door.ts';

const attributes = 'Path=/; HttpOnly; Secure; SameSite=Strict';

/** `POST /v1/session`: begins a session for a name and a password, in a cookie that no script can read. */
export async function logIn(access: ManagementAccess, knock: Knock, body: string): Promise<Response> {
  const foreign = crossSite(knock, access.counters);
  if (foreign !== undefined) return refusalResponse(foreign);
  const credentials = readBody(body, apiBodies.logIn);
  if (!credentials.ok) return refusalResponse(credentials);
  const { name, password } = credentials.value;
  const entered = await access.logIn(name, password, addressOf(knock));
  if (!entered.ok) return refusalResponse(entered);
  const { principal, key } = entered;
  return Response.json({ ...principal, roles: rolesOf(principal.roles) }, { headers: cookieOf(key) });
}

/** `DELETE /v1/session`: ends it. */
export function logOut(access: ManagementAccess, knock: Knock): Response {
  const foreign = crossSite(knock, access.counters);
  if (foreign !== undefined) return refusalResponse(foreign);
  const key = sessionKeyOf(knock);
  if (key !== undefined) access.sessions.end(key);
  return Response.json(
    { ended: key !== undefined },
    { headers: { 'set-cookie': `${sessionCookie}=; ${attributes}; Max-Age=0` } },
  );
}

/** `GET /v1/session/ticket`: what lets whoever is logged in here go on at the other chassis, for a short while. */
export async function giveTicket(access: ManagementAccess, knock: Knock): Promise<Response> {
  const foreign = crossSite(knock, access.counters);
  if (foreign !== undefined) return refusalResponse(foreign);
  const given = await access.ticketOf(sessionKeyOf(knock) ?? '', addressOf(knock));
  if (!given.ok) return refusalResponse(given);
  return Response.json({ ticket: given.ticket, lifeSeconds: ticketLifeMs / 1000 });
}

/**
 * `POST /console/follow`, a form that the console of the other chassis sends the browser with: goes on there where it was here, in a
 * session of its own if the ticket is good, and before the log-in page if it is not.
 *
 * Only a page of that chassis may send it, which the browser vouches for: with a ticket of somebody else's nobody is made to act
 * as them without knowing it.
 *
 * @param peerUrl where the other chassis is
 */
export async function follow(
  access: ManagementAccess,
  knock: Knock,
  body: string,
  peerUrl: string | undefined,
): Promise<Response> {
  if (peerUrl === undefined || knock.header('origin') !== new URL(peerUrl).origin) {
    access.counters.add('api.refused.cross-site');
    const what = 'this is not asked by a page of the other chassis';
    return refusalResponse(refuse('forbidden', what, 'name the other chassis: management.peer-url'));
  }
  const form = new URLSearchParams(body);
  const place = form.get('place') ?? '';
  const entered = await access.follow(form.get('ticket') ?? '', addressOf(knock));
  const location = `/console/${placePattern.test(place) ? place : ''}`;
  return new Response(null, { status: 303, headers: { location, ...(entered.ok ? cookieOf(entered.key) : {}) } });
}

/** A page of the console, as its address has it. */
const placePattern = /^#\/[\w\-./?=&%:+~,*!()']{0,1024}$/;

function addressOf({ socket }: Knock): string {
  return socket?.remoteAddress ?? 'unknown';
}

function cookieOf(key: string): { readonly 'set-cookie': string } {
  return { 'set-cookie': `${sessionCookie}=${key}; ${attributes}` };
}
