import { z } from 'zod';
import { clip } from '../views/arguments.ts';
import { type Refusal, refuse } from '../views/view.ts';

/** What a request may carry: its schema is the type, the validator and the document. */
export interface ApiBody<Value = unknown> {
  readonly schema: z.ZodType<Value>;
  /** One that is right, for whoever sent something else. */
  readonly example: Readonly<Record<string, unknown>>;
}

function body<Value>(schema: z.ZodType<Value>, example: ApiBody['example']): ApiBody<Value> {
  return { schema, example };
}

/** For whoever comes after; one line. */
const note = z
  .string()
  .max(256)
  .regex(/^[^\p{Cc}]*$/u, 'has a control character')
  .optional()
  .describe('For whoever looks next.');

const waitMaxMs = 300_000;
const settingPath = z.string().min(1).max(512);
/** A file may have so many characters; in JSON each may take several octets. */
const fileCharactersMax = 262_144;
/** Of a body with a configuration file in it. */
export const fileBodyOctetsMax = 1_048_576;
const confirmMinutesMax = 1440;

/** By the name of the operation; one that is not here takes no body. */
export const apiBodies = {
  logIn: body(z.strictObject({ name: z.string().max(64), password: z.string().max(256) }), {
    name: 'alice',
    password: '…',
  }),
  clearSubscribers: body(
    z.union([
      z.strictObject({ mac: z.string().describe('In any usual writing of a MAC address.') }),
      z.strictObject({ all: z.literal(true) }),
    ]),
    { mac: '02:00:5e:11:22:33' },
  ),
  acknowledgeAlarms: body(
    z.union([
      z.strictObject({ number: z.int().min(1).describe('As `show alarms` has it.'), note }),
      z.strictObject({ all: z.literal(true).describe('All that nobody has acknowledged.'), note }),
    ]),
    { number: 7, note: 'ticket 4711' },
  ),
  cancelExport: body(z.strictObject({ number: z.int().min(1).describe('As `show exports` has it.') }), { number: 3 }),
  checkPath: body(z.strictObject({ address: z.string().describe('Of an access node or an LMA.') }), {
    address: '198.51.100.7',
  }),
  restartSessionManager: body(z.strictObject({ instance: z.int().min(1).describe('Counted from 1.') }), {
    instance: 2,
  }),
  initiateSwitchover: body(
    z.strictObject({
      force: z.boolean().default(false).describe('Go on without what is not indispensable.'),
      waitMs: z.int().min(0).max(waitMaxMs).default(30_000).describe('How long to wait until it is decided.'),
    }),
    { force: false, waitMs: 30_000 },
  ),
  initiateAudit: body(z.strictObject({ mode: z.literal('manual-with-sync') }), { mode: 'manual-with-sync' }),
  nack: body(z.strictObject({ cmdId: z.int().min(0).max(65_535), enabled: z.boolean() }), {
    cmdId: 190,
    enabled: false,
  }),
  editCandidate: body(
    z.union([
      z.strictObject({
        load: z
          .string()
          .max(fileCharactersMax)
          .describe('A whole file. `(hidden)` stands for the secret that was there.'),
      }),
      z.strictObject({ set: z.strictObject({ path: settingPath, value: z.string().max(16_384) }) }),
      z.strictObject({ delete: z.strictObject({ path: settingPath }) }),
    ]),
    { set: { path: 'samog-service.setup-timeout', value: '20s' } },
  ),
  rollbackCandidate: body(z.strictObject({ back: z.int().min(0).max(1000).describe('How many commits ago.') }), {
    back: 1,
  }),
  commitCandidate: body(
    z.strictObject({
      comment: z.string().max(200).optional(),
      confirmMinutes: z
        .int()
        .min(1)
        .max(confirmMinutesMax)
        .optional()
        .describe('It goes back by itself after so long unless it is confirmed.'),
      at: z
        .string()
        .max(40)
        .optional()
        .describe('When: 03:00, the next time that it is so in UTC, or a time in RFC 3339. At once if left out.'),
      atRestart: z.boolean().default(false).describe('What cannot be taken now is to wait for the next start.'),
      overwrite: z
        .boolean()
        .default(false)
        .describe(
          'What was changed in the file beside the gateway is to be lost; it is kept as a former configuration.',
        ),
    }),
    { comment: 'RG of the west wing', confirmMinutes: 10 },
  ),
} as const;

/** What whoever needs no body may send. */
export const noBody: ApiBody<Record<string, never>> = body(z.strictObject({}), {});

/** The body as its schema reads it: JSON, or nothing for an empty object. */
export function readBody<Body>(
  text: string,
  { schema, example }: ApiBody<Body>,
): { readonly ok: true; readonly value: Body } | { readonly ok: false; readonly refusal: Refusal } {
  const hint = Object.keys(example).length === 0 ? 'send no body' : `send something like ${JSON.stringify(example)}`;
  let body: unknown = {};
  try {
    if (text !== '') body = JSON.parse(text);
  } catch {
    return refuse('bad-argument', 'the body is no JSON', hint);
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return { ok: true, value: parsed.data };
  return refuse('bad-argument', whatOf(parsed.error.issues[0]), hint);
}

function whatOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined || issue.code === 'invalid_union') return 'the body is not what this takes';
  if (issue.code === 'unrecognized_keys') return `"${clip(issue.keys[0] ?? '')}" is not known here`;
  return `${clip(issue.path.map(String).join('.')) || 'the body'}: ${issue.message}`;
}
