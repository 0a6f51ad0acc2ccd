import { z } from 'zod';

const subscriberSummary = z.strictObject({
  mac: z.string(),
  callId: z
    .string()
    .describe(
      "8 hexadecimal digits; the session's identifier from its first trigger to its end, through every handover.",
    ),
  state: z.string(),
  accessType: z.enum(['PMIPv6', 'EoGRE', 'IP']).nullable(),
  accessPeer: z.string().nullable().describe('The WLC or RG.'),
  address: z.string().nullable(),
  nai: z.string().nullable(),
  moves: z.number(),
  ageSeconds: z.number().nullable(),
});

const accessEndpoint = z.strictObject({
  type: z.enum(['PMIPv6', 'EoGRE', 'IP']),
  peer: z.string(),
  key: z.string().nullable().describe('EoGRE: the key of the tunnel, both ways.'),
  vlan: z.number().nullable(),
  uplinkKey: z.string().nullable().describe('PMIPv6: keys of the tunnel.'),
  downlinkKey: z.string().nullable(),
  ueAddress: z.string().nullable(),
});

const checkpointAttempts = z.strictObject({
  attempts: z.number(),
  successes: z.number(),
  lastAttemptAgeMs: z.number().nullable().describe('Null if there was none.'),
  lastSuccessAgeMs: z.number().nullable(),
});

/** With `full`: all that there is of a subscriber. */
const subscriberDetail = subscriberSummary.extend({
  sessionTrigger: z.enum(['PMIPv6', 'DHCP', 'RADIUS', 'Accounting']).nullable(),
  access: accessEndpoint.nullable(),
  vmac: z.string(),
  eogreFlow: z.boolean().nullable(),
  addresses: z.array(
    z.strictObject({
      address: z.string(),
      prefixLength: z.number(),
      router: z.string(),
    }),
  ),
  phaseRemainingSeconds: z.number().nullable(),
  binding: z.strictObject({
    status: z.string(),
    mag: z.string().nullable(),
    nai: z.string().nullable(),
    lifetimeSeconds: z.number().nullable(),
    remainingSeconds: z.number().nullable(),
    sequence: z.number().nullable(),
  }),
  lease: z
    .strictObject({
      state: z.string(),
      remainingSeconds: z.number().nullable(),
      relayInformation: z.string().nullable().describe('Option 82 as the RG gave it, in hexadecimal.'),
    })
    .nullable(),
  s2a: z
    .strictObject({
      lma: z.string(),
      uplinkKey: z.string().nullable(),
      downlinkKey: z.string().nullable(),
      lifetimeSeconds: z.number().nullable(),
      remainingSeconds: z.number().nullable(),
      refreshInSeconds: z.number().nullable(),
      sequence: z.number().nullable(),
      request: z
        .strictObject({
          purpose: z.string(),
          attempt: z.number(),
        })
        .nullable()
        .describe('A PBU that waits for its PBA: why it was sent, and how often.'),
    })
    .nullable(),
  authentication: z.strictObject({
    state: z.enum(['authenticating', 'authenticated']),
    apn: z.string().nullable(),
    imsi: z.string().nullable(),
    chargeableUserIdentity: z.string().nullable(),
    classes: z.array(z.string()).describe('Each Class attribute in hexadecimal.'),
    sessionTimeoutRemainingSeconds: z.number().nullable(),
    idleTimeoutSeconds: z.number().nullable(),
  }),
  radius: z
    .strictObject({
      nas: z.string(),
      nasIdentifier: z.string().nullable(),
      acctSessionId: z.string().nullable().describe("The NAS's own."),
      callingStationId: z.string(),
      calledStationId: z.string().nullable(),
      userName: z.string().nullable(),
      method: z.string().describe('`password`, or the EAP method.'),
      callType: z
        .enum(['transparent-auto-logon', 'pre-authentication'])
        .describe('Transparent auto-logon where AAA knows the subscriber by IMSI or MN-NAI; shown, and nothing more.'),
      challenges: z
        .number()
        .nullable()
        .describe('Challenges of a further authentication that the UE has been put so far; null if none is under way.'),
    })
    .nullable()
    .describe('Null for a UE that was authenticated by its MAC address.'),
  accounting: z.strictObject({
    acctSessionId: z.string(),
    owed: z
      .string()
      .nullable()
      .describe('The record that AAA has not acknowledged; null if there is none, or no account.'),
    wlc: z
      .strictObject({
        nas: z.string(),
        acctSessionId: z.string(),
        multiSessionId: z.string().nullable(),
        inputOctets: z.number(),
        outputOctets: z.number(),
        sessionSeconds: z.number(),
      })
      .nullable()
      .describe('What the WLC says, beside what the data path has counted.'),
    handoffRemainingSeconds: z
      .number()
      .nullable()
      .describe('How long another WLC has to start the session that its own has stopped; null if none has.'),
  }),
  grants: z.strictObject({
    accessListUplink: z.string().nullable(),
    accessListDownlink: z.string().nullable(),
    ambr: z
      .strictObject({
        uplinkKbps: z.number(),
        downlinkKbps: z.number(),
        source: z.enum(['accept', 'change']),
      })
      .nullable(),
    bearer: z
      .strictObject({
        qci: z.number().describe('QoS class identifier, 1..254 (TS 23.203 table 6.1.7).'),
        priorityLevel: z.number().describe('Of allocation and retention, 1 (highest) to 15.'),
        mayPreempt: z.boolean().describe('Whether this bearer may take the resources of one of lower priority.'),
        mayBePreempted: z.boolean(),
        rates: z.record(z.string(), z.number()).optional(),
        source: z.enum(['accept', 'change']),
      })
      .nullable(),
  }),
  handoff: z.strictObject({
    previous: accessEndpoint.nullable(),
    guardRemainingSeconds: z.number(),
    moves: z.number(),
    dataSwitchesThisMinute: z.number(),
    queued: z.string().nullable(),
    revocations: z.array(
      z.strictObject({
        mag: z.string(),
        sent: z.number(),
      }),
    ),
  }),
  disconnectReason: z.string().nullable(),
  usage: z
    .strictObject({
      uplinkPackets: z.number(),
      uplinkOctets: z.number(),
      downlinkPackets: z.number(),
      downlinkOctets: z.number(),
      idleSeconds: z.number().nullable(),
    })
    .nullable(),
  created: z.string().nullable(),
  redundancy: z
    .strictObject({
      status: z.enum(['Original Session', 'Recovered Session', 'Standby Record']),
      full: checkpointAttempts,
      micro: checkpointAttempts,
    })
    .nullable()
    .describe('How the session is replicated; null on a chassis that is alone.'),
});

export const subscribersSchema = z.strictObject({
  total: z.number().describe('Sessions there are altogether, or of the access type asked for.'),
  full: z.boolean(),
  standbyRecords: z
    .boolean()
    .describe("This chassis is a standby: these are its peer's sessions, as its records have them."),
  subscribers: z
    .array(z.union([subscriberSummary, subscriberDetail]))
    .nullable()
    .describe('Null if only the count was asked for.'),
  searched: z.number().nullable().describe('With a filter: how many were looked at for this page.'),
  nextCursor: z.string().nullable().describe('Give it as `cursor` for the next page; null after the last one.'),
});

export const subscriberExplanationSchema = z.strictObject({
  mac: z.string(),
  session: subscriberSummary.nullable().describe('Null if it has no session.'),
  findings: z
    .array(z.string())
    .describe('What is so now, and the reason that the last decision about it had; a sentence each.'),
  advice: z.array(z.string()).describe('What to do, a sentence each; empty where nothing is wrong.'),
  events: z
    .array(
      z.strictObject({
        time: z.string().nullable(),
        ageSeconds: z.number().nullable(),
        name: z.string(),
        party: z.string(),
        peer: z.string().nullable(),
        direction: z.string(),
        text: z.string(),
        meaning: z
          .string()
          .nullable()
          .describe("What a decision's reason means; null for messages and for decisions that speak for themselves."),
      }),
    )
    .describe('What is still known of its past, oldest first.'),
});
