import { z } from 'zod';

export const srpInfoSchema = z.strictObject({
  local: z.strictObject({
    name: z.string(),
    address: z.string(),
    state: z.string(),
    reason: z.string().describe('Why it came into its state, and when.'),
    since: z.string().nullable(),
    sinceSeconds: z.number().nullable(),
    limitSeconds: z.number().nullable().describe('When the state ends by itself; null if it does not.'),
    mode: z.string(),
    priority: z.number(),
    tiebreaker: z.string(),
    routeModifier: z.number(),
    term: z.number(),
    highestTerm: z.number(),
    lineage: z.number().nullable().describe('The line of sessions that it serves or holds; null if it holds none.'),
    store: z
      .strictObject({ term: z.number(), as: z.enum(['alone', 'active', 'standby']) })
      .nullable()
      .describe(
        'The last service that the sessions on this chassis’s disk follow, and what it was in that; null if there was none.',
      ),
    serves: z.boolean(),
    sessions: z.number(),
    records: z.number(),
    ready: z.boolean().describe('As a standby: it holds all sessions.'),
    unprotectedSessions: z.number(),
  }),
  peer: z.strictObject({
    name: z.string().nullable(),
    address: z.string(),
    state: z.string().nullable().describe('Null if it was never heard, or not for the dead interval.'),
    mode: z.string().nullable(),
    priority: z.number().nullable(),
    tiebreaker: z.string().nullable(),
    routeModifier: z.number().nullable(),
    term: z.number().nullable(),
    ready: z.boolean().nullable(),
    sessions: z.number().nullable(),
    monitorsHealthy: z.boolean().nullable(),
    clockSkewMs: z.number().nullable(),
    lastHello: z.string().nullable(),
    lastHelloSeconds: z.number().nullable(),
  }),
  configuration: z.strictObject({
    status: z.enum(['equal', 'different', 'not compared']),
    differences: z.array(z.string()),
    comparedAt: z.string().nullable(),
    comparedSeconds: z.number().nullable(),
  }),
  lastValidateSwitchover: z
    .strictObject({
      passed: z.boolean(),
      failed: z.array(z.string()),
      at: z.string().nullable(),
      atSeconds: z.number().nullable(),
    })
    .nullable(),
  connection: z.strictObject({
    state: z.enum(['connected', 'not connected']),
    reason: z.string().nullable(),
    version: z.number().nullable(),
    since: z.string().nullable(),
    sinceSeconds: z.number().nullable(),
  }),
  lastSwitchover: z
    .strictObject({
      at: z.string(),
      atSeconds: z.number(),
      reason: z.string(),
    })
    .nullable(),
  alarms: z.array(
    z.strictObject({
      alarm: z.string(),
      meaning: z.string(),
    }),
  ),
  history: z
    .array(
      z.strictObject({
        time: z.string(),
        from: z.string(),
        to: z.string(),
        reason: z.string(),
        term: z.number(),
      }),
    )
    .describe('Newest first.'),
  checkpoints: z.array(
    z.strictObject({
      cmdId: z.number().nullable(),
      name: z.string(),
      kind: z.enum(['macro', 'micro']),
      category: z.string().nullable(),
      producedBy: z.string(),
    }),
  ),
});

export const srpStatisticsSchema = z.strictObject({
  counters: z
    .record(z.string(), z.record(z.string(), z.number()))
    .describe('Every counter of the pair, by the part of its name before the first dot.'),
  resourceMessages: z
    .strictObject({
      sent: z.number(),
      received: z.number(),
    })
    .describe('Records of the instance and of no session: the maps of names and identifiers.'),
  lastSwitchover: z
    .strictObject({
      at: z.string(),
      atSeconds: z.number(),
      reason: z.string(),
    })
    .nullable(),
  link: z.strictObject({
    messagesSent: z.number(),
    messagesReceived: z.number(),
    octetsSent: z.number(),
    octetsReceived: z.number(),
    hellosSent: z.number().describe('Hellos on the wire; more than the chassis makes, because the link repeats them.'),
    hellosReceived: z.number(),
    queuedOctets: z.number(),
    worstQueuedOctets: z.number(),
    worstDeliveryMs: z.number().describe('From the arrival of octets until the chassis had them.'),
    linkThread: z.strictObject({
      worstPauseMs: z.number(),
    }),
    stalls: z.strictObject({
      count: z.number(),
      worstMs: z.number(),
    }),
    local: z.string().nullable(),
    remote: z.string().nullable(),
    compression: z.string().nullable(),
    refused: z.array(
      z.strictObject({
        reason: z.string(),
        count: z.number(),
      }),
    ),
    goodbyes: z.array(
      z.strictObject({
        reason: z.string(),
        count: z.number(),
      }),
    ),
    counters: z
      .array(
        z.strictObject({
          name: z.string(),
          count: z.number(),
        }),
      )
      .describe("Those of the link's counters that have no place of their own."),
    lastEnd: z
      .strictObject({
        reason: z.string(),
        at: z.string().nullable(),
        atSeconds: z.number().nullable(),
      })
      .nullable(),
  }),
  serviceAddresses: z
    .strictObject({
      held: z.boolean(),
      taken: z.number(),
      released: z.number(),
      lost: z.number().describe('Times that they were removed because this process had stood still.'),
      announcementsSent: z.number(),
      announcementsFailed: z.number(),
      keeperRestarts: z.number(),
      routeChanges: z.number(),
      routeHookRuns: z.number(),
      routeHookFailures: z.number(),
      addresses: z.array(z.string()).describe('With prefix length and interface.'),
      problems: z.array(
        z.strictObject({
          problem: z.string(),
          count: z.number(),
        }),
      ),
      routeHookLast: z
        .strictObject({
          role: z.string(),
          routeModifier: z.number(),
          failure: z.string().nullable(),
        })
        .nullable(),
    })
    .nullable()
    .describe('Null where the pair has none.'),
});

export const srpMonitorSchema = z.strictObject({
  monitors: z.array(
    z.strictObject({
      kind: z.enum(['aaa-probe', 'peer-reachability', 'bgp', 'bfd', 'service-ports']),
      name: z.string(),
      healthy: z.boolean(),
      since: z.string().nullable(),
      sinceSeconds: z.number().nullable(),
    }),
  ),
  targets: z
    .array(
      z.strictObject({
        kind: z.string(),
        name: z.string(),
        target: z.string(),
        healthy: z.boolean(),
        sent: z.number(),
        answered: z.number(),
        missed: z.number().describe('Questions in a row that went unanswered.'),
        lastAnswerSeconds: z.number().nullable(),
      }),
    )
    .describe('What the monitors ask whether it is alive.'),
  peerHealthy: z.boolean().nullable().describe('What the peer says of its own; null if it was not heard.'),
  authProbeFail: z
    .boolean()
    .describe('The AAA probe causes no switchover until the flag is reset or another cause has switched over.'),
  guardRemainingSeconds: z
    .number()
    .nullable()
    .describe(
      'After a switchover a failure acts only when it has lasted for the damping period; null if it acts at once.',
    ),
  dampingPeriodSeconds: z.number(),
});

export const srpAuditStatisticsSchema = z.strictObject({
  intervalSeconds: z.number(),
  answered: z.number().describe('As the active: comparisons that the standby has answered.'),
  compared: z
    .number()
    .describe('As the standby: comparisons made, and those passed over because the stream was elsewhere.'),
  passedOver: z.number(),
  bucketsDiffered: z
    .number()
    .describe('On either side: buckets that were not the same, and resynchronisations of such buckets.'),
  repairs: z.number(),
  recordsRemoved: z
    .number()
    .describe('As the standby: records that a resynchronisation did not name, and that were removed.'),
  last: z
    .strictObject({
      at: z.string().nullable(),
      atSeconds: z.number().nullable(),
      bucketsDiffered: z.number(),
    })
    .nullable()
    .describe('In the present role; null if there was none in it.'),
  repairing: z.boolean().nullable().describe('As the active: buckets are being sent again. Null as the standby.'),
});

export const srpCallLossStatisticsSchema = z.strictObject({
  promotions: z
    .array(
      z.strictObject({
        time: z.string(),
        reason: z.string(),
        term: z.number(),
        peerSessions: z
          .number()
          .nullable()
          .describe(
            "By the peer's last hello, sessions in setup included, which nobody has a record of; null without a hello.",
          ),
        records: z.number(),
        ready: z.boolean().describe('The records were all that the peer had.'),
        sessions: z.number().nullable().describe('Null until the records are committed.'),
        lost: z.number().describe('Records that found no place: the sessions that were lost here.'),
        state: z.enum(['under way', 'serving', 'yielded']),
        totalMs: z.number(),
        stages: z.array(
          z.strictObject({
            stage: z.string(),
            tookMs: z.number(),
            failure: z.string().nullable(),
          }),
        ),
      }),
    )
    .describe('Newest first.'),
  departures: z
    .array(
      z.strictObject({
        time: z.string(),
        reason: z.string(),
        term: z.number(),
        sessions: z.number(),
        unprotected: z
          .number()
          .describe(
            'Of which the peer had not acknowledged all that was promised: they may have lost their latest change.',
          ),
        state: z.string(),
      }),
    )
    .describe('Newest first: when this chassis ceased to serve.'),
  callsLost: z.number().describe('Over the promotions shown.'),
});
