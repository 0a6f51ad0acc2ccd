import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { holds, mayKnow, type Principal } from '../../operations/access/role.ts';
import { fileBodyOctetsMax, noBody, readBody } from '../../operations/api/bodies.ts';
import { apiOperations } from '../../operations/api/operations.ts';
import { clip } from '../../operations/views/arguments.ts';
import { refuse } from '../../operations/views/view.ts';
import { consolePaths, consoleResponse } from '../console/console-files.ts';
import { type ExpositionSource, metricsResponse } from '../metrics/metrics-listener.ts';
import { ManagementAccess } from './access.ts';
import { queryOf, refusalResponse, type ServedOperation } from './answer.ts';
import { answersOf, type Managed } from './answers.ts';
import { Auditor } from './auditor.ts';
import type { Door, Knock } from './door.ts';
import { follow, giveTicket, logIn, logOut } from './login.ts';
import type { Turns } from './turns.ts';

/** What an API is made of. */
export interface ManagementOptions {
  readonly managed: Managed;
  /** Who comes in, and as whom. */
  readonly door: Door;
  /** What it has in common with the other doors; its own, with the audit of the source, if left out. */
  readonly access?: ManagementAccess;
  /** Whether one can log in by password, and is given the console. */
  readonly login?: boolean;
  /** Without it there is no `/metrics`. */
  readonly exposition?: ExpositionSource | undefined;
}

const contentPolicy = 'content-security-policy';
const bodyOctetsMax = 4096;

interface Environment {
  readonly Bindings: { readonly incoming?: { readonly socket: Knock['socket']; readonly url?: string } };
  readonly Variables: { principal: Principal };
}
type Asked = Context<Environment>;

/** `..`, and what somebody writes for it, or for a slash, so that nobody notices. */
const deviousPath = /(?:\.|%2e){2}|%2f|%5c|%00/i;

/**
 * The management API: every operation of the contract, for whoever the door lets in and as far as their roles go. Changes,
 * refusals and whatever needs the role `intercept` are audited, and whoever is refused is counted. Errors are
 * `{code, what, hint}`.
 */
export function managementApp(options: ManagementOptions): Hono<Environment> {
  const { managed, door, exposition } = options;
  const access = options.access ?? new ManagementAccess(managed.source.audit);
  const { audit, counters } = access;
  const auditor = new Auditor(audit, counters);
  const app = new Hono<Environment>();
  guardRequests(app, access);
  if (options.login === true) serveBrowsers(app, managed, access);
  app.use('*', async (context, next) => {
    const entered = await door(knockOf(context));
    if (!entered.ok) return refusalResponse(entered);
    context.set('principal', entered.principal);
    return next();
  });

  const operations = answersOf(managed, access);
  if (exposition !== undefined) {
    operations.push({ operation: apiOperations.metrics, answer: () => metricsResponse(exposition) });
  }
  // Without an audit of its own there is nothing of interception at all.
  const served = operations.filter(({ operation }) => operation.role !== 'intercept' || audit.intercept !== undefined);
  for (const one of served) {
    app.on(one.operation.method, one.operation.path, (context) => serve(context, one, auditor, access.turns));
  }
  app.notFound((context) => auditor.unknown(nothingHere(context.req.path)));
  app.onError((error) =>
    refusalResponse(refuse('failed', `the gateway failed to answer: ${error.message}`, 'report it as a bug')),
  );
  return app;
}

/**
 * What holds of every request, whoever sends it: it is counted, of a plain path, and not too long; its answer says what may be
 * done with it.
 */
function guardRequests(app: Hono<Environment>, { counters, turns }: ManagementAccess): void {
  app.use('*', async (context, next) => {
    counters.add('api.requests');
    // Refusals take their time, too, and a flood of requests comes all at once.
    await turns.next();
    await next();
    // Nothing of this is for a cache, a frame, or a browser's guess.
    const { headers } = context.res;
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
    if (!headers.has(contentPolicy)) headers.set(contentPolicy, "default-src 'none'; frame-ancestors 'none'");
    headers.set('x-content-type-options', 'nosniff');
  });
  app.use('*', async (context, next) => {
    const path = (context.env?.incoming?.url ?? '').split('?', 1)[0]!;
    if (!deviousPath.test(path)) return next();
    counters.add('api.refused.path');
    return refusalResponse(refuse('bad-argument', 'this is no path of the API', 'GET /v1/show lists all views'));
  });
  const tooLong = (octetsMax: number) => limitedBody(octetsMax, () => counters.add('api.refused.body'));
  const [usual, ofFile] = [tooLong(bodyOctetsMax), tooLong(fileBodyOctetsMax)];
  app.use('*', (context, next) => {
    // One whose length is not said beforehand would be read before anybody knows who sends it.
    const takesFile =
      context.req.path === apiOperations.editCandidate.path && context.req.header('content-length') !== undefined;
    return (takesFile ? ofFile : usual)(context, next);
  });
}

/** The console, and what is asked before anybody is logged in. */
function serveBrowsers(app: Hono<Environment>, { source }: Managed, access: ManagementAccess): void {
  const peerUrl = () => source.config.management.peerUrl;
  for (const path of consolePaths) {
    app.get(path, ({ req }) => consoleResponse(path, (name) => req.header(name), peerUrl()));
  }
  for (const path of ['/', '/console']) app.get(path, (context) => context.redirect('/console/'));
  const { logIn: begin, logOut: end, logInTicket } = apiOperations;
  app.post(begin.path, async (context) => logIn(access, knockOf(context), await context.req.text()));
  app.delete(end.path, (context) => logOut(access, knockOf(context)));
  app.get(logInTicket.path, (context) => giveTicket(access, knockOf(context)));
  app.post('/console/follow', async (context) => follow(access, knockOf(context), await context.req.text(), peerUrl()));
}

function limitedBody(octetsMax: number, refused: () => void) {
  return bodyLimit({
    maxSize: octetsMax,
    onError: () => {
      refused();
      return refusalResponse(refuse('bad-argument', 'the body is too long', `send at most ${octetsMax} octets`));
    },
  });
}

function knockOf({ req, env }: Asked): Knock {
  return {
    header: (name) => req.header(name),
    method: req.method,
    path: req.path,
    socket: (env as Environment['Bindings'] | undefined)?.incoming?.socket,
  };
}

async function serve(context: Asked, served: ServedOperation, auditor: Auditor, turns: Turns): Promise<Response> {
  const { operation } = served;
  const principal = context.get('principal');
  const { req } = context;
  if (!holds(principal, operation.role)) {
    const refused = refuse('forbidden', `this needs the role ${operation.role}`, 'ask for it whoever keeps the users');
    await auditor.refused(principal, operation, refused.refusal);
    return mayKnow(principal, operation.role) ? refusalResponse(refused) : nothingHere(req.path);
  }
  const query = queryOf(req.url);
  const body = readBody(operation.method === 'GET' ? '' : await req.text(), served.body ?? noBody);
  if (!query.ok) return auditor.malformed(principal, operation, query);
  if (!body.ok) return auditor.malformed(principal, operation, body);
  const socket = knockOf(context).socket;
  const cut = socket && (() => void socket.destroy());
  const request = { principal, query: query.value, body: body.value, cut };
  const answered = await auditor.around(served, request, async () => {
    await turns.next();
    return served.answer(request);
  });
  if (answered instanceof Response) return answered;
  return answered.ok ? Response.json(answered.data) : refusalResponse(answered);
}

/** The same for what is not there and for what one may not know of. */
function nothingHere(path: string): Response {
  const view = /^\/v1\/show\/(.*)$/s.exec(path)?.[1];
  const hint = 'GET /v1/show lists all views';
  if (view !== undefined) return refusalResponse(refuse('unknown-view', `there is no view "${clip(view)}"`, hint));
  return refusalResponse(refuse('not-found', 'there is nothing here', hint));
}
