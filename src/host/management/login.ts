import { rolesOf } from '../../operations/access/role.ts';
import { apiBodies, readBody } from '../../operations/api/bodies.ts';
import { now } from '../clock.ts';
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
  const entered = await access.byPassword(name, password, knock.socket?.remoteAddress ?? 'unknown');
  if (!entered.ok) return refusalResponse(entered);
  const { principal } = entered;
  const key = access.sessions.begin(principal.name, now());
  return Response.json(
    { ...principal, roles: rolesOf(principal.roles) },
    { headers: { 'set-cookie': `${sessionCookie}=${key}; ${attributes}` } },
  );
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
