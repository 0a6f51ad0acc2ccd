import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { holds, mayKnow, type Principal } from '../../operations/access/role.ts';
import { apiOperations } from '../../operations/api/operations.ts';
import type { Audit } from '../../operations/audit/audit.ts';
import { clip } from '../../operations/views/arguments.ts';
import { type Refusal, refuse } from '../../operations/views/view.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { type ExpositionSource, metricsResponse } from '../metrics/metrics-listener.ts';
import { fieldsOf, queryOf, type ServedOperation } from './answer.ts';
import { answersOf, type Managed } from './answers.ts';
import { Auditor } from './auditor.ts';
import type { Door, Knock } from './door.ts';

/** What an API is made of. */
export interface ManagementOptions {
  readonly managed: Managed;
  /** Who comes in, and as whom. */
  readonly door: Door;
  /** Without it there is no `/metrics`. */
  readonly exposition?: ExpositionSource | undefined;
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

const bodyOctetsMax = 4096;

type Refused = { readonly ok: false; readonly refusal: Refusal };

interface Environment {
  readonly Bindings: { readonly incoming?: { readonly socket: Knock['socket'] } };
  readonly Variables: { principal: Principal };
}

function refusalResponse({ refusal }: Refused): Response {
  const headers = refusal.code === 'unauthenticated' ? { 'www-authenticate': 'Bearer realm="samog"' } : undefined;
  return Response.json(refusal, { status: statusOf[refusal.code], ...(headers && { headers }) });
}

/**
 * The management API: every operation of the contract, for whoever the door lets in and as far as their roles go. Changes,
 * refusals and whatever needs the role `intercept` are audited. Errors are `{code, what, hint}`.
 */
export function managementApp({ managed, door, exposition }: ManagementOptions): Hono<Environment> {
  const app = new Hono<Environment>();
  const audit: Audit = managed.source.audit ?? { changes: AuditLog.inMemory() };
  const auditor = new Auditor(audit);

  app.use('*', async (context, next) => {
    const knock = knockOf(context);
    const entered = await door(knock);
    if (!entered.ok) return refusalResponse(entered);
    context.set('principal', entered.principal);
    return next();
  });
  app.use(
    '/v1/*',
    bodyLimit({
      maxSize: bodyOctetsMax,
      onError: () =>
        refusalResponse(refuse('bad-argument', 'the body is too long', `send at most ${bodyOctetsMax} octets`)),
    }),
  );
  const operations = answersOf(managed);
  if (exposition !== undefined) {
    operations.push({ operation: apiOperations.metrics, answer: () => metricsResponse(exposition) });
  }
  // Without an audit of its own there is nothing of interception at all.
  const served = operations.filter(({ operation }) => operation.role !== 'intercept' || audit.intercept !== undefined);
  for (const one of served) {
    app.on(one.operation.method, one.operation.path, (context) => serve(context, one, auditor));
  }

  app.notFound((context) => nothingHere(context.req.path));
  app.onError((error) =>
    refusalResponse(refuse('failed', `the gateway failed to answer: ${error.message}`, 'report it as a bug')),
  );
  return app;
}

function knockOf({ req, env }: Context<Environment>): Knock {
  return {
    header: (name) => req.header(name),
    method: req.method,
    path: req.path,
    socket: (env as Environment['Bindings'] | undefined)?.incoming?.socket,
  };
}

async function serve(context: Context<Environment>, served: ServedOperation, auditor: Auditor): Promise<Response> {
  const { operation } = served;
  const principal = context.get('principal');
  const { req } = context;
  if (!holds(principal, operation.role)) {
    const refused = refuse('forbidden', `this needs the role ${operation.role}`, 'ask for it whoever keeps the users');
    await auditor.refused(principal, operation, refused.refusal);
    return mayKnow(principal, operation.role) ? refusalResponse(refused) : nothingHere(req.path);
  }
  const query = queryOf(req.url);
  const fields = fieldsOf(operation.method === 'GET' ? '' : await req.text(), served);
  if (!query.ok || !fields.ok) {
    const malformed = query.ok ? (fields as Refused) : query;
    if (auditor.audits(operation)) await auditor.refused(principal, operation, malformed.refusal);
    return refusalResponse(malformed);
  }
  const request = { principal, query: query.value, fields: fields.value };
  const answered = await auditor.around(operation, request, () => served.answer(request));
  if (answered instanceof Response) return answered;
  return answered.ok ? Response.json(answered.data) : refusalResponse(answered);
}

/** The same for what is not there and for what one may not know of. */
function nothingHere(path: string): Response {
  const view = /^\/v1\/show\/(.*)$/s.exec(path)?.[1];
  if (view !== undefined) {
    return refusalResponse(refuse('unknown-view', `there is no view "${clip(view)}"`, 'GET /v1/show lists all views'));
  }
  return refusalResponse(refuse('not-found', 'there is nothing here', 'GET /v1/show lists all views'));
}
