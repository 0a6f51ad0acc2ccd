import { z } from 'zod';
import { problemCodes } from '../../config/problem.ts';

const version = z.strictObject({
  number: z.number().describe('Counts up with each commit.'),
  back: z.number().describe('How many commits ago: 0 is the present one. What `rollback` takes.'),
  kind: z
    .enum(['committed', 'edited', 'found'])
    .describe('`edited`: the file was changed beside the gateway. `found`: how the first one came about is not known.'),
  who: z.string().nullable(),
  at: z.string().describe('RFC 3339, UTC.'),
  comment: z.string().nullable(),
});

const change = z.strictObject({
  path: z.string().describe('As problems write it, but entries of lists go by their names.'),
  kind: z.enum(['added', 'removed', 'changed']),
  before: z.string().nullable().describe('As it is written; null where it is left out. Of a secret `(hidden)`.'),
  after: z.string().nullable(),
  effect: z.enum(['hot', 'restart']).describe('`hot`: taken at once, without disturbing any session.'),
});

const problem = z.strictObject({
  code: z.enum(problemCodes),
  file: z.string(),
  path: z.string(),
  line: z.number().describe('Counted from 1, of the text of the candidate.'),
  column: z.number(),
  message: z.string().describe('It reads on from the path.'),
  hint: z.string(),
});

const atRestart = z.strictObject({
  paths: z.array(z.string()),
  reasons: z.array(z.string()).describe('Of settings that usually need none.'),
  disturbs: z.string().describe('What a restart would do, as `ends 12 sessions`.'),
});

export const configurationStatusSchema = z.strictObject({
  file: z.string(),
  version: version.describe('The present one.'),
  unconfirmed: z
    .strictObject({
      who: z.string(),
      at: z.string(),
      until: z.string(),
      secondsLeft: z.number(),
      comment: z.string().nullable(),
    })
    .nullable()
    .describe('A commit that goes back by itself unless it is confirmed in time.'),
  scheduled: z
    .strictObject({ who: z.string(), at: z.string(), secondsLeft: z.number(), comment: z.string().nullable() })
    .nullable()
    .describe('A commit that waits for its time.'),
  rolledBack: z
    .strictObject({
      who: z.string(),
      at: z.string(),
      because: z.enum(['not-confirmed', 'cancelled', 'restarted']),
    })
    .nullable()
    .describe('The last commit that was taken back; null if none was since the start.'),
  awaitsRestart: z.array(z.string()).describe('Settings that are committed, and wait for the next start.'),
  isEditedBeside: z.boolean().describe('The file was changed beside the gateway, which has not taken that.'),
  candidates: z.array(
    z.strictObject({
      who: z.string(),
      at: z.string(),
      isOutdated: z.boolean().describe('Another configuration is in force than that which it was begun of.'),
    }),
  ),
});

export const configurationHistorySchema = z.strictObject({
  versions: z.array(version).describe('The present one first.'),
  keptMax: z.number(),
});

export const configurationTextSchema = z.strictObject({
  version,
  text: z.string().describe('YAML, with `(hidden)` for each secret.'),
});

export const candidateSchema = z.strictObject({
  who: z.string(),
  basedOn: z.number().describe('The number of the configuration that it was begun of.'),
  isOutdated: z.boolean(),
  text: z.string().describe('YAML, with `(hidden)` for each secret.'),
  changes: z.array(change).describe('What it changes of the configuration that is in force.'),
});

export const compareSchema = z.strictObject({
  from: z.number().describe('The number of the configuration that is compared with.'),
  changes: z.array(change),
});

export const checkSchema = z.strictObject({
  ok: z.boolean(),
  problems: z.array(problem).describe('All of them, in the order of the candidate.'),
  changes: z.array(change),
  atRestart: atRestart.nullable().describe('What of it waits for the next start.'),
});

export const commitSchema = checkSchema.extend({
  outcome: z
    .enum(['committed', 'scheduled', 'awaits-confirmation', 'confirmed', 'unchanged', 'invalid', 'needs-restart'])
    .describe('`invalid` and `needs-restart` are refusals: nothing has changed then.'),
  version: z.number().describe('The number of the present configuration.'),
  confirmBy: z.string().nullable(),
  commitAt: z.string().nullable().describe('Of a commit that is scheduled.'),
  isOfPair: z.boolean().describe('The peer has to have the same, and does not get it by itself.'),
});
