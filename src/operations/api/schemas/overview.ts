import { z } from 'zod';
import { awaitedConfirmation } from './chassis.ts';
import { alarmsSchema } from './happenings.ts';

const rates = z
  .strictObject({
    uplinkPackets: z.number(),
    downlinkPackets: z.number(),
    uplinkOctets: z.number(),
    downlinkOctets: z.number(),
    droppedPackets: z.number(),
    attached: z.number(),
    refused: z.number(),
    handoversAccepted: z.number(),
    handoversDenied: z.number(),
  })
  .describe('How many a second there were, over a minute.');

export const overviewSchema = z.strictObject({
  chassis: z.string(),
  health: z.string().describe('One sentence.'),
  uptimeSeconds: z.number(),
  sessions: z.strictObject({ current: z.number(), max: z.number(), pmipv6: z.number(), dhcp: z.number() }),
  rates: rates.nullable().describe('Of the last minute; null on a gateway that has just been started.'),
  ratesDayBefore: rates.nullable().describe('Of the same minute a day ago; null where it has not run for so long.'),
  pair: z
    .strictObject({
      state: z.string(),
      since: z.string().nullable(),
      sinceSeconds: z.number().nullable(),
      because: z.string(),
      peer: z.string().nullable(),
      peerState: z.string().nullable().describe('Null if it is not heard.'),
      standbyReady: z.boolean(),
      unprotectedSessions: z.number(),
      lagRecords: z.number().nullable(),
      lastSwitchover: z.strictObject({ at: z.string(), atSeconds: z.number(), reason: z.string() }).nullable(),
      callsLost: z.number().nullable().describe('At the last promotion of this chassis; null if there was none.'),
    })
    .nullable()
    .describe('Null on a chassis that is alone.'),
  unconfirmed: awaitedConfirmation,
  peerUrl: z.string().nullable().describe('Where the other chassis takes operators’ requests: `management.peer-url`.'),
  sides: z
    .array(
      z.strictObject({
        side: z.enum(['access', 'aaa', 'lma', 'gateway', 'pair']),
        verdict: z.enum(['good', 'warning', 'critical', 'unknown']),
        evidence: z.string(),
        seeAlso: z.string().describe('The command that tells more.'),
      }),
    )
    .describe('Which of those that a session needs is at fault.'),
  denials: z
    .array(
      z.strictObject({
        what: z.enum(['attach', 'handover']),
        reason: z.string(),
        count: z.number(),
        meaning: z.string(),
      }),
    )
    .describe('Of the last hour, the most frequent first.'),
  changes: z
    .array(z.strictObject({ time: z.string(), ageSeconds: z.number(), what: z.string() }))
    .describe('Of the last hour, newest first.'),
  alarms: alarmsSchema.shape.alarms,
});

export const historySchema = z.strictObject({
  span: z.string(),
  times: z.array(z.string().nullable()).describe('When each point ends, oldest first.'),
  series: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(['level', 'count']).describe('Of a `count` the values are how many a second.'),
      unit: z.string(),
      values: z.array(z.number()),
    }),
  ),
});
