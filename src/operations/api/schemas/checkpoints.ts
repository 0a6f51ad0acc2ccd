import { z } from 'zod';

const checkpointRow = z.strictObject({
  cmdId: z.number().nullable(),
  name: z.string(),
  kind: z.enum(['macro', 'micro']),
  category: z.string().nullable(),
  origin: z.enum(['seed', 'project']),
  reserved: z.boolean(),
  timeBased: z.boolean().nullable(),
  frequency: z.string().nullable(),
  eventBased: z.boolean().nullable(),
  events: z.string().nullable(),
  accounting: z.boolean().nullable(),
  deltaOrCumulative: z.string().nullable(),
  relatedCli: z.string().nullable(),
  description: z.string(),
  producer: z.string(),
  onThisChassis: z.boolean().describe('The producer is on this chassis.'),
  trigger: z
    .string()
    .nullable()
    .describe('What makes this chassis send it, or what that would need; both null if the producer is not here.'),
  missing: z.string().nullable(),
  nack: z
    .enum(['enabled', 'disabled'])
    .nullable()
    .describe('Whether a refusal of it is told; null for what is never sent.'),
});

const instanceRow = z.strictObject({
  instance: z.number(),
  state: z.enum(['Active-Connected', 'Active', 'Standby-Connected', 'Standby', 'Pending-Active', 'Init']),
  peerConnection: z
    .enum(['Ready', 'Connected', 'Not Connected'])
    .describe('`Ready`: the equal on the peer holds, or this one has, all there is.'),
  calls: z.number(),
  records: z.number(),
  unprotected: z.number(),
  epoch: z.number(),
  sequence: z
    .number()
    .describe(
      'As the active: the last that was sent and the last that is acknowledged; as the standby: the last applied.',
    ),
  acknowledged: z.number().nullable(),
  lagRecords: z.number().nullable(),
  lagMs: z.number().nullable(),
});

export const srpCheckpointInfoSchema = z.strictObject({
  checkpoints: z.array(checkpointRow),
  disabledNackCmdIds: z.array(z.number()).describe('CMD-IDs of which no refusal is told.'),
});

export const srpCheckpointStatisticsSchema = z.strictObject({
  sessmgrs: z.number(),
  activeConnected: z.number(),
  standbyConnected: z.number(),
  pendingActive: z.number(),
  records: z.number(),
  allocatedCalls: z
    .number()
    .describe(
      'Sessions where this chassis serves, records where it holds them: the same on both chassis of a pair at rest.',
    ),
  unprotectedCalls: z.number(),
  active: z
    .record(
      z.string(),
      z.strictObject({
        attempts: z.number(),
        sent: z.number(),
        acknowledged: z.number(),
        failed: z.number(),
        nacksReceived: z.number(),
      }),
    )
    .nullable()
    .describe('Null if only the other role was asked for.'),
  standby: z
    .record(
      z.string(),
      z.strictObject({
        received: z.number(),
        applied: z.number(),
        stale: z.number(),
        alreadyGone: z.number(),
        failed: z.number(),
        nacksSent: z.number(),
        nacksWithheld: z.number(),
      }),
    )
    .nullable(),
  instances: z.array(instanceRow).nullable().describe('Null unless `verbose`.'),
});

export const srpMicroCheckpointStatisticsSchema = z.strictObject({
  checkpoints: z
    .array(
      z.strictObject({
        cmdId: z.number(),
        nameIndex: z.number(),
        name: z.string(),
        attempts: z.number(),
        sent: z.number(),
        acknowledged: z.number(),
        failed: z.number(),
        nacksReceived: z.number(),
        received: z.number(),
        applied: z.number(),
        stale: z.number(),
        alreadyGone: z.number(),
        refused: z.number(),
        nacksWithheld: z.number(),
      }),
    )
    .describe('Those that this chassis can send, and all that it has met.'),
  disabledNackCmdIds: z.array(z.number()),
  debugInfo: z
    .strictObject({
      refusals: z.array(
        z.strictObject({
          cmdId: z.number(),
          name: z.string(),
          reason: z.string(),
          count: z.number(),
        }),
      ),
      counters: z.record(z.string(), z.number()),
    })
    .nullable()
    .describe('Null unless `debug-info`.'),
});

export const sessmgrSchema = z.strictObject({
  instance: z.number(),
  sessionsMax: z.number(),
  sessions: z.number(),
  inState: z.record(z.string(), z.number()).describe('By the name of the state, in camelCase.'),
  ofType: z.strictObject({
    pmipv6: z.number(),
    dhcp: z.number(),
    accounting: z.number(),
  }),
  crashes: z.number(),
  stream: instanceRow.nullable().describe('Null on a chassis that is alone.'),
  debugInfo: z
    .strictObject({
      backlogOctets: z.number().nullable(),
      resynchronising: z.boolean(),
      synchronised: z.boolean(),
      waitingReplies: z.number().nullable(),
      recordOctets: z.number().nullable(),
      tombstones: z.number().nullable(),
      disabledNackCmdIds: z.array(z.number()),
      checkpoints: z.array(
        z.strictObject({
          cmdId: z.number(),
          name: z.string(),
          sent: z.number(),
          acknowledged: z.number(),
          received: z.number(),
          applied: z.number(),
        }),
      ),
    })
    .nullable()
    .describe('Null unless `debug-info`, or on a chassis that is alone.'),
});
