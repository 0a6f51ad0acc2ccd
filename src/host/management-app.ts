import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { MacAddress } from '../kernel/address.ts';
import { explainSubscriber } from '../operations/explain/explain-subscriber.ts';
import { healthOf } from '../operations/health.ts';
import { checkArguments, clip, macArgument } from '../operations/views/arguments.ts';
import { viewOf, views } from '../operations/views/registry.ts';
import { type Refusal, refuse, type ViewSource } from '../operations/views/view.ts';
import { now, wallClock } from './clock.ts';
import { addMetrics, type ExpositionSource } from './metrics/metrics-listener.ts';
import type { ManagedRedundancy } from './redundancy-commands.ts';
import { addRedundancyRoutes } from './redundancy-routes.ts';

/** What the management API operates. */
export interface Managed {
  readonly source: ViewSource;
  /** Ends one subscriber's session; false if there is none. */
  clear(mac: MacAddress): boolean;
  /** Ends all sessions; returns how many there are. */
  clearAll(): number;
  /** False on a chassis of a pair that follows its peer: then nothing can be cleared. */
  readonly serves?: boolean;
  /** The pair; absent on a chassis that is alone. */
  readonly redundancy?: ManagedRedundancy | undefined;
}

const statusOf = {
  'bad-argument': 400,
  'not-found': 404,
  'unknown-view': 404,
  refused: 409,
  failed: 500,
} as const satisfies Record<Refusal['code'], number>;

const bodyOctetsMax = 4096;
const paths = '/v1/show, /v1/explain/subscriber, /v1/clear/subscribers, /v1/srp, /v1/health and /metrics';

function answer({ refusal }: { readonly refusal: Refusal }): Response {
  return Response.json(refusal, { status: statusOf[refusal.code] });
}

/** Options of a query; one given twice is an error, for nobody can know which was meant. */
function queryOf(url: string): { ok: true; value: Record<string, string> } | { ok: false; refusal: Refusal } {
  const entries = [...new URL(url).searchParams];
  const names = new Set(entries.map(([name]) => name));
  if (names.size < entries.length) return refuse('bad-argument', 'an option is given twice', 'give each option once');
  return { ok: true, value: Object.fromEntries(entries) };
}

/** Reads `{"mac": "02:00:5e:11:22:33"}` or `{"all": true}`. */
function clearRequestOf(body: unknown): { ok: true; target: MacAddress | 'all' } | { ok: false; refusal: Refusal } {
  const hint = 'send {"mac": "02:00:5e:11:22:33"} or {"all": true}';
  if (typeof body !== 'object' || body === null) return refuse('bad-argument', 'the body is no JSON object', hint);
  const { mac, all, ...others } = body as Record<string, unknown>;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) return refuse('bad-argument', `"${clip(unknown)}" is not known here`, hint);
  if (all === true && mac === undefined) return { ok: true, target: 'all' };
  if (typeof mac !== 'string' || all !== undefined)
    return refuse('bad-argument', 'it is not clear whom to clear', hint);
  const read = macArgument(mac);
  return read.ok ? { ok: true, target: read.value } : read;
}

/**
 * The management API: `GET /v1/show/VIEW?OPTIONS`, `POST /v1/clear/subscribers`, `POST /v1/srp/COMMAND`,
 * `GET /v1/explain/subscriber?mac=MAC`, `GET /v1/health`, and `GET /metrics` for Prometheus. Errors are `{code, what, hint}`.
 */
export function managementApp(managed: Managed, exposition?: ExpositionSource): Hono {
  const app = new Hono();
  const { source } = managed;

  app.get('/v1/health', () =>
    Response.json({ ...healthOf(source, { now: now(), wallClock: wallClock() }), pid: process.pid }),
  );

  app.get('/v1/explain/subscriber', (context) => {
    const query = queryOf(context.req.url);
    if (!query.ok) return answer(query);
    const { mac: text, ...others } = query.value;
    const unknown = Object.keys(others)[0];
    if (unknown !== undefined || text === undefined) {
      const what = unknown === undefined ? 'mac is missing' : `"${clip(unknown)}" is not known here`;
      return answer(refuse('bad-argument', what, 'ask for ?mac=02:00:5e:11:22:33'));
    }
    const mac = macArgument(text);
    if (!mac.ok) return answer(mac);
    return Response.json(explainSubscriber(source, { now: now(), wallClock: wallClock() }, mac.value));
  });

  app.get('/v1/show', () =>
    Response.json({ views: views.map(({ words, summary, options }) => ({ path: words.join('/'), summary, options })) }),
  );

  app.get('/v1/show/:view{.+}', (context) => {
    const path = context.req.param('view');
    const view = viewOf(path);
    if (view === undefined) {
      return answer(refuse('unknown-view', `there is no view "${clip(path)}"`, 'GET /v1/show lists all views'));
    }
    const query = queryOf(context.req.url);
    if (!query.ok) return answer(query);
    const args = checkArguments(view, query.value);
    if (!args.ok) return answer(args);
    const outcome = view.build(source, { now: now(), wallClock: wallClock() }, args.value);
    return outcome.ok ? Response.json(outcome.data) : answer(outcome);
  });

  if (exposition !== undefined) addMetrics(app, exposition);

  app.use(
    '/v1/*',
    bodyLimit({
      maxSize: bodyOctetsMax,
      onError: () => answer(refuse('bad-argument', 'the body is too long', `send at most ${bodyOctetsMax} octets`)),
    }),
  );

  app.post('/v1/clear/subscribers', async (context) => {
    const body: unknown = await context.req.json().catch(() => undefined);
    const request = clearRequestOf(body);
    if (!request.ok) return answer(request);
    if (managed.serves === false) {
      return answer(refuse('refused', 'this chassis does not serve', 'give the command on the active chassis'));
    }
    if (request.target === 'all') return Response.json({ cleared: managed.clearAll() });
    if (managed.clear(request.target)) return Response.json({ cleared: 1 });
    return answer(refuse('not-found', 'no subscriber has this MAC address', 'show subscribers samog-only lists them'));
  });

  addRedundancyRoutes(app, managed.redundancy, answer);

  app.notFound(() => answer(refuse('not-found', 'there is nothing here', `the API has ${paths}`)));
  app.onError((error) =>
    answer(refuse('failed', `the gateway failed to answer: ${error.message}`, 'report it as a bug')),
  );
  return app;
}
