import type { Context, Hono } from 'hono';
import { clip } from '../operations/views/arguments.ts';
import { notConfigured } from '../operations/views/srp/pair-of.ts';
import { type Refusal, refuse } from '../operations/views/view.ts';
import {
  initiateAudit,
  initiateSwitchover,
  type ManagedRedundancy,
  resetAuthProbeFail,
  setNack,
  validateConfiguration,
  validateSwitchover,
} from './redundancy-commands.ts';

type Read<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly refusal: Refusal };
type Fields = Readonly<Record<string, unknown>>;
type Answered = { readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly refusal: Refusal };

/** What comes with a request to the pair: how to answer it. */
interface Route {
  /** The fields that the body may have. */
  readonly fields: readonly string[];
  answer(redundancy: ManagedRedundancy, fields: Fields): Answered | Promise<Answered>;
}

const waitDefaultMs = 30_000;
const waitMaxMs = 300_000;

const done = (data: unknown): Answered => ({ ok: true, data });

const routes: Readonly<Record<string, Route>> = {
  'validate-configuration': {
    fields: [],
    answer: async (redundancy) => done(await validateConfiguration(redundancy)),
  },
  'validate-switchover': { fields: [], answer: (redundancy) => done(validateSwitchover(redundancy)) },
  'initiate-switchover': {
    fields: ['force', 'waitMs'],
    async answer(redundancy, { force = false, waitMs = waitDefaultMs }) {
      const isTime = typeof waitMs === 'number' && Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= waitMaxMs;
      if (typeof force !== 'boolean' || !isTime) {
        const hint = `send {"force": true|false, "waitMs": 0..${waitMaxMs}}, or nothing`;
        return refuse('bad-argument', 'force is true or false, and waitMs a number of milliseconds', hint);
      }
      return done(await initiateSwitchover(redundancy, { force, waitMs }));
    },
  },
  'initiate-audit': {
    fields: ['mode'],
    answer(redundancy, { mode }) {
      if (mode === 'manual-with-sync') return initiateAudit(redundancy);
      return refuse('bad-argument', 'the mode of the audit is not known', 'send {"mode": "manual-with-sync"}');
    },
  },
  'reset-auth-probe-fail': { fields: [], answer: (redundancy) => done(resetAuthProbeFail(redundancy)) },
  nack: {
    fields: ['cmdId', 'enabled'],
    answer(redundancy, { cmdId, enabled }) {
      if (typeof cmdId === 'number' && Number.isInteger(cmdId) && typeof enabled === 'boolean') {
        return setNack(redundancy, cmdId, enabled);
      }
      return refuse('bad-argument', 'a CMD-ID and a switch are needed', 'send {"cmdId": 190, "enabled": false}');
    },
  },
};

/** Adds `POST /v1/srp/COMMAND` for every command of the pair. */
export function addRedundancyRoutes(
  app: Hono,
  redundancy: ManagedRedundancy | undefined,
  refused: (outcome: { readonly refusal: Refusal }) => Response,
): void {
  for (const [name, route] of Object.entries(routes)) {
    app.post(`/v1/srp/${name}`, async (context) => {
      const fields = await fieldsOf(context, route);
      if (!fields.ok) return refused(fields);
      if (redundancy === undefined) return refused(notConfigured);
      const outcome = await route.answer(redundancy, fields.value);
      return outcome.ok ? Response.json(outcome.data) : refused(outcome);
    });
  }
}

/** The body: a JSON object with no other fields than the command's, or nothing. */
async function fieldsOf(context: Context, { fields }: Route): Promise<Read<Fields>> {
  const text = await context.req.text();
  const hint = fields.length === 0 ? 'send no body' : `send a JSON object with ${fields.join(' and ')}`;
  let body: unknown = {};
  try {
    if (text !== '') body = JSON.parse(text);
  } catch {
    return refuse('bad-argument', 'the body is no JSON', hint);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return refuse('bad-argument', 'the body is no JSON object', hint);
  }
  const unknown = Object.keys(body).find((name) => !fields.includes(name));
  if (unknown !== undefined) return refuse('bad-argument', `"${clip(unknown)}" is not known here`, hint);
  return { ok: true, value: body as Fields };
}
