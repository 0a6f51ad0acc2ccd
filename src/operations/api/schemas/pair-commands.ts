import { z } from 'zod';
import { conditionNames } from '../../../icsr/chassis/readiness.ts';

/** A condition of a planned switchover, and whether it is met. */
const switchoverCondition = z.strictObject({
  condition: z.enum(conditionNames),
  passed: z.boolean(),
  detail: z.string(),
  hint: z.string().nullable().describe('What to do about it; null if it is met.'),
});

export const configurationAnswerSchema = z.strictObject({
  status: z.enum(['equal', 'different', 'not compared']),
  differences: z.array(z.string()),
  fresh: z.boolean().describe('Whether the peer was asked for its configuration, and told it, for this answer.'),
});

export const validationAnswerSchema = z.strictObject({
  passed: z.boolean(),
  conditions: z.array(switchoverCondition),
});

export const switchoverAnswerSchema = z.strictObject({
  outcome: z.enum(['completed', 'came-back', 'refused', 'under-way']),
  forced: z.boolean(),
  tookMs: z.number(),
  failed: z.array(switchoverCondition).describe('Why it was refused.'),
  transitions: z
    .array(
      z.strictObject({
        from: z.string(),
        to: z.string(),
        reason: z.string(),
        term: z.number(),
      }),
    )
    .describe('What this chassis went through, in order.'),
});

export const auditAnswerSchema = z.strictObject({
  outcome: z.enum(['equal', 'repaired', 'repairing', 'unanswered']),
  bucketsDiffered: z.number().nullable().describe('Null while the standby has not answered.'),
  tookMs: z.number(),
});

export const probeFlagAnswerSchema = z.strictObject({
  wasSet: z.boolean().describe('It was set; now it is not.'),
});

export const aloneAnswerSchema = z.strictObject({
  term: z.number().describe('Under which it takes the role.'),
  store: z
    .strictObject({ term: z.number(), as: z.enum(['alone', 'active', 'standby']) })
    .describe('The last service that the sessions on its disk follow, and what it was in that.'),
});

export const nackAnswerSchema = z.strictObject({
  cmdId: z.number(),
  names: z.array(z.string()).describe('The checkpoints of this CMD-ID.'),
  enabled: z.boolean(),
  disabledNackCmdIds: z.array(z.number()).describe('All that are disabled now.'),
});
