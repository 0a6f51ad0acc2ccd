import { z } from 'zod';
import { principalWays } from '../../access/role.ts';
import { type AlarmName, alarmNames, alarmSeverities } from '../../alarms/alarm-catalogue.ts';
import { eventSeverities } from '../../catalogue/event-kind.ts';
import { exportFormats, exportStates } from '../../export/export-run.ts';
import { callFlowTitles } from '../../ladder/call-flow-steps.ts';
import { subscriberStates } from '../../monitor/subscriber-board.ts';

const alarm = z.strictObject({
  number: z.number().nullable().describe('By which it is acknowledged; null where nobody keeps alarms.'),
  alarm: z.enum(alarmNames as [AlarmName, ...AlarmName[]]).describe('A stable name.'),
  severity: z
    .enum(alarmSeverities)
    .describe('`critical`: UEs are refused, or would be lost. `warning`: what is left may not be enough.'),
  about: z.string().nullable().describe('What it is about, such as a server; null if it is the chassis as a whole.'),
  meaning: z.string(),
  seeAlso: z.string().describe('The command that tells more.'),
  runbook: z.string().describe('Where the documentation tells what to do.'),
  advice: z.string().describe('What to do, as it stands there.'),
  touches: z.strictObject({
    sessions: z
      .number()
      .nullable()
      .describe('How many sessions it touches now; null where that cannot be told without walking all.'),
    what: z.string().describe('Who or what that is, in words.'),
  }),
  raised: z.string().nullable(),
  ageSeconds: z.number().nullable(),
  acknowledged: z
    .strictObject({
      by: z.string(),
      time: z.string().nullable(),
      ageSeconds: z.number().nullable(),
      note: z.string().nullable(),
    })
    .nullable()
    .describe('Null while nobody has.'),
});

export const alarmsSchema = z.strictObject({ alarms: z.array(alarm) });

export const alarmHistorySchema = z.strictObject({
  alarms: z
    .array(alarm.extend({ cleared: z.string().nullable(), clearedAgeSeconds: z.number().nullable() }))
    .describe('Latest first.'),
  total: z.number().describe('Raised since the start, those that stand included.'),
});

export const notificationsSchema = z.strictObject({
  receivers: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(['syslog', 'webhook', 'snmp']),
      at: z.string().describe('Where it is.'),
      sent: z.number().describe('Told, as far as can be known: by UDP, sent.'),
      failed: z.number().describe('Attempts that failed.'),
      dropped: z.number().describe('Not told, because too many waited.'),
      waiting: z.number(),
      failing: z.string().nullable().describe('Why the last attempt failed; null if it did not.'),
      failingSeconds: z.number().nullable(),
    }),
  ),
  suppressed: z.number().describe('Events that nobody was told of, because there were too many.'),
});

export const eventsSchema = z.strictObject({
  events: z.array(
    z.strictObject({
      number: z.number().describe('Counted from 1 since the start.'),
      time: z.string().nullable(),
      epochMs: z.number().describe('Milliseconds since 1970 with three decimals: for what lies between two events.'),
      ageSeconds: z.number().nullable(),
      name: z.string().describe('As `show events catalogue` has it.'),
      severity: z.enum(eventSeverities),
      kind: z.enum(['message', 'decision', 'refusal', 'timer']),
      mac: z.string().nullable(),
      peer: z.string().nullable(),
      party: z.string(),
      direction: z.string(),
      text: z.string(),
      message: z
        .strictObject({
          leg: z.enum([
            'eogre',
            'access-gre',
            'access-pmipv6',
            'access-radius',
            's2a-gre',
            's2a-pmipv6',
            'aaa',
            'dynamic-authorization',
          ]),
          packet: z.string().describe('An IPv4 packet in hexadecimal; what RADIUS hides is zeros.'),
        })
        .nullable()
        .describe('Null without `octets`, for what is no message, and where the octets have made room for others.'),
    }),
  ),
  total: z.number().describe('Events since the start, and how many of them the gateway still knows.'),
  kept: z.number(),
  keptMax: z.number(),
  dropped: z.number().describe('Too many came at a time for them to be kept.'),
  searched: z.number().describe('How many were looked at: with a filter no more than 4,096 are.'),
  next: z.number().describe('Give it as `after` for those that come next.'),
});

const saying = z.strictObject({
  name: z.string(),
  text: z.string(),
  time: z.string().nullable(),
  ageSeconds: z.number().nullable(),
});

export const monitorSchema = z.strictObject({
  filter: z.string().describe('As it was understood; empty for none.'),
  subscribers: z
    .array(
      z.strictObject({
        mac: z.string(),
        imsi: z
          .string()
          .nullable()
          .describe('The last digits, as far as AAA has told it and there is a session: `…4711`.'),
        state: z.enum(subscriberStates),
        party: z
          .enum(['rg', 'wlc'])
          .nullable()
          .describe(
            '`rg` for EoGRE, `wlc` for PMIPv6 and RADIUS; null while neither an access node nor a session tells.',
          ),
        peer: z.string().nullable(),
        previousPeer: z.string().nullable().describe('The access node before this one.'),
        profile: z.string().nullable().describe('The TWAN profile of the access node.'),
        moves: z.number(),
        messages: z.number(),
        faults: z.number().describe('Refusals, and times that ran out.'),
        last: saying,
        decision: saying.nullable().describe('The last decision, refusal or timer.'),
      }),
    )
    .describe('Those with the latest events first.'),
  matching: z.number().describe('How many match, and how many there are.'),
  known: z.number(),
  events: z.strictObject({
    total: z.number(),
    kept: z.number(),
    keptMax: z.number(),
    dropped: z.number().describe('Too many came at a time for them to be kept.'),
  }),
});

export const eventCatalogueSchema = z.strictObject({
  events: z.array(
    z.strictObject({
      name: z.string().describe('A stable identifier.'),
      severity: z.enum(eventSeverities),
      about: z.enum(['subscriber', 'peer', 'chassis']).describe('Whom it tells of.'),
      fields: z.array(z.string()).describe('Of its line in the log.'),
      sentence: z.string(),
      advice: z.string(),
    }),
  ),
});

export const ladderSchema = z.strictObject({
  columns: z.array(
    z.strictObject({
      party: z.string(),
      address: z
        .string()
        .nullable()
        .describe('Null for the gateway itself, and for a party of which no address is known.'),
    }),
  ),
  rungs: z
    .array(
      z.strictObject({
        number: z.number().describe('The number of its event, as `show events` counts.'),
        mac: z.string().nullable().describe('The subscriber; null for what is about none.'),
        time: z.string().nullable(),
        sinceFirstMs: z.number(),
        sincePreviousMs: z.number().describe('Since the rung before it.'),
        kind: z.enum(['message', 'decision', 'refusal', 'timer']),
        name: z.string(),
        text: z.string(),
        from: z.number().describe('Places in `columns`; equal for what happens within the gateway.'),
        to: z.number(),
        times: z.number().describe('How often in a row: a message that was repeated is one rung.'),
        step: z
          .strictObject({
            table: z
              .literal([1, 2, 3])
              .describe(callFlowTitles.map((title, index) => `${index + 1}: ${title}.`).join(' ')),
            number: z.number().describe('Counted from 1, as the call flow numbers it.'),
          })
          .nullable()
          .describe('Which step of the call flows of a handover it is; null for what is none.'),
      }),
    )
    .describe('Oldest first.'),
  mac: z.string().nullable().describe('Null: of all subscribers.'),
  format: z.string(),
  width: z.number().describe('For how many columns its text is.'),
});

export const managementSchema = z.strictObject({
  doors: z.array(
    z.strictObject({
      kind: z.enum(['unix-socket', 'tcp']),
      at: z.string().describe('A path, or an address and a port.'),
      connections: z.number(),
      connectionsMax: z.number(),
    }),
  ),
  users: z
    .strictObject({
      file: z.string(),
      problem: z.string().nullable(),
    })
    .nullable(),
  loginSessions: z.number(),
  counters: z.array(
    z.strictObject({
      name: z.string(),
      value: z.number(),
    }),
  ),
});

export const exportsSchema = z.strictObject({
  exports: z
    .array(
      z.strictObject({
        number: z.number().describe('By which it is cancelled.'),
        state: z.enum(exportStates),
        who: z.string(),
        format: z.enum(exportFormats),
        which: z.record(z.string(), z.string()).describe('`access`, `profile` and `filter`, as they were asked for.'),
        looked: z.number().describe('How many sessions have been looked at.'),
        total: z.number().describe('How many there were when it began.'),
        rows: z.number().describe('How many of them are in the file.'),
        octets: z.number(),
        begun: z.string().nullable(),
        ageSeconds: z.number().nullable(),
        seconds: z.number().describe('How long it took, or has taken so far.'),
      }),
    )
    .describe('The latest first; of those that are over only the last are kept.'),
  most: z.number().describe('How many may be under way.'),
});

export const auditSchema = z.strictObject({
  records: z
    .array(
      z.strictObject({
        kind: z
          .enum(['asked', 'answered', 'refused', 'login', 'noted'])
          .describe(
            '`asked` before it is carried out, `answered` when it has been; `refused` where it is not carried out at all; `login` where somebody shows, or fails to show, who they are; `noted` where something was changed beside the API.',
          ),
        of: z.number().nullable().describe('Of an answer: the number of what was asked.'),
        who: z.string().nullable().describe('Null where nobody is known.'),
        via: z.enum(principalWays).nullable(),
        from: z.string().nullable(),
        request: z.string().describe('Method and path, such as `POST /v1/clear/subscribers`.'),
        subject: z.unknown().describe('Query and body, as they came.'),
        result: z.string().nullable().describe('`done`, or the code of the refusal; null for what is only asked yet.'),
        what: z.string().nullable().describe('The refusal, in words.'),
        number: z.number().describe('Counts up by one, over all files of an audit.'),
        time: z.string().describe('RFC 3339, UTC.'),
        previous: z
          .string()
          .describe('SHA-256 of the line before this one, in hexadecimal: a line that is changed or missing shows.'),
      }),
    )
    .describe('Oldest first.'),
  total: z.number().describe('Records ever made.'),
  file: z.string().nullable().describe('Where they are kept; null if in the log alone.'),
  failing: z.string().nullable().describe('Why they cannot be kept; null if they are.'),
});
