import { z } from 'zod';

const moved = z.strictObject({
  packets: z.number(),
  octets: z.number(),
});

export const socketsSchema = z.strictObject({
  driver: z.string(),
  driverFallbackReason: z.string().nullable(),
  sockets: z.array(
    z.strictObject({
      port: z.string(),
      channel: z.number().describe('Counted from 0 within the port.'),
      transport: z.string(),
      local: z.string().describe('Local address and port.'),
      packetsReceived: z.number(),
      octetsReceived: z.number(),
      packetsSent: z.number(),
      octetsSent: z.number(),
      sendsRefused: z.number(),
      receivesTruncated: z.number(),
      receiveFaults: z.number(),
      receiveBufferOctets: z.number(),
      errors: z.record(z.string(), z.number()),
      kernelDrops: z.number().nullable(),
    }),
  ),
  faults: z.number().describe("Throws of the gateway's core that were contained."),
  sendsUnroutable: z.number(),
  stall: z
    .strictObject({
      worstMs: z.number(),
      percentile99Ms: z.number(),
    })
    .describe('How late the event loop was: how long a packet may have waited for it.'),
});

const tunnelMtu = z.strictObject({
  side: z.enum(['access', 's2a']),
  peer: z.string(),
  mtu: z.number().describe('The longest that may leave by it, as the configuration says.'),
  longestReceived: z.number(),
  longestSent: z.number(),
  mssClamped: z.number().describe('SYNs that came by it and had their MSS lowered.'),
  fragmentationNeededReceived: z
    .number()
    .describe('ICMP Fragmentation Needed that came by it, from a path behind its other end.'),
  tooLong: z
    .number()
    .describe(
      'Packets that did not fit, and were not to be fragmented; how many of their senders were told; and when the last came.',
    ),
  fragmentationNeededSent: z.number(),
  lastTooLongSecondsAgo: z.number().nullable(),
  fragmented: z.number().describe('Packets of UEs that were fragmented to fit.'),
  fragmentsReceived: z
    .number()
    .nullable()
    .describe(
      'Fragments of outer packets that came by it; null where the kernel forwards nothing, because then nobody sees them.',
    ),
  longestFragment: z
    .number()
    .nullable()
    .describe('The longest of them with more to follow: what the network between carries; null if there was none.'),
  suspicion: z.enum(['fragments', 'limit']).nullable(),
});

export const forwardingSchema = z.strictObject({
  summary: z
    .strictObject({
      mode: z.enum(['native', 'generic', 'off']).describe('Where packets of established sessions are forwarded.'),
      reason: z.string().nullable(),
      isWanted: z.boolean().describe('False where the configuration has it off.'),
      forwards: z.boolean().describe('False on a chassis that follows its peer.'),
      interfaces: z.array(z.string()),
      missing: z.array(z.string()),
      outlivesSeconds: z.number(),
      entries: z
        .number()
        .describe('Sessions that have an entry; those of them that the kernel knows, and how many it has room for.'),
      inKernel: z.number(),
      inKernelMax: z.number(),
      forwarded: z
        .strictObject({
          uplink: moved,
          downlink: moved,
        })
        .describe('All that was forwarded, and what of it was in the kernel.'),
      forwardedInKernel: z.strictObject({
        uplink: moved,
        downlink: moved,
      }),
      punted: z
        .strictObject({
          uplink: z.number(),
          downlink: z.number(),
        })
        .describe('Packets that the kernel handed up, and those that it dropped instead.'),
      policed: z.number(),
      mssClamped: z.number(),
      fragmentationNeededSent: z.number(),
      failures: z.number(),
      audit: z
        .strictObject({
          endedSecondsAgo: z.number(),
          tookMs: z.number(),
          sessions: z.number(),
          repaired: z.number(),
        })
        .nullable(),
    })
    .nullable(),
  session: z
    .strictObject({
      callId: z.string(),
      mac: z.string(),
      addresses: z.array(z.string()),
      access: z.string().nullable(),
      previous: z.string().nullable(),
      lma: z.string(),
      uplinkKey: z.string(),
      downlinkKey: z.string(),
      by: z.enum(['kernel', 'gateway']).describe('`kernel`, or `gateway` and why.'),
      reason: z.string().nullable(),
      uplink: moved,
      downlink: moved,
      idleSeconds: z.number().nullable(),
    })
    .nullable(),
  drops: z
    .strictObject({
      dropped: z.strictObject({
        uplink: z.record(z.string(), z.number()),
        downlink: z.record(z.string(), z.number()),
      }),
      punted: z.strictObject({
        uplink: z.record(z.string(), z.number()),
        downlink: z.record(z.string(), z.number()),
      }),
      policed: z.number(),
    })
    .nullable()
    .describe('By reason, in camelCase: packets dropped, and packets that the kernel handed up.'),
  mtu: z
    .strictObject({
      total: z
        .number()
        .describe('Tunnels that packets came or went by, since the gateway began; and those with a suspicion.'),
      suspected: z.number(),
      tunnels: z
        .array(tunnelMtu)
        .describe(
          'The first of them: those with a suspicion, then by the packets that were too long, then by the longest packet.',
        ),
    })
    .nullable(),
});

export const softgrePeersSchema = z.strictObject({
  filter: z.string().describe('As it was understood; empty for none.'),
  peers: z
    .array(
      z.strictObject({
        peer: z.string(),
        profile: z.string().nullable().describe('Its TWAN profile; null for one that no EoGRE profile has any more.'),
        subscribers: z.number().describe('UEs of the last events that are at it.'),
        denied: z.number().describe('Those of them that were refused last.'),
        last: z
          .strictObject({
            name: z.string(),
            text: z.string(),
            time: z.string().nullable(),
            ageSeconds: z.number().nullable(),
          })
          .nullable()
          .describe('The last event of any of them; null if none is remembered.'),
        longestReceived: z.number().describe('The longest outer packets, in octets; 0 where there was none.'),
        longestSent: z.number(),
        suspicion: z.enum(['fragments', 'limit']).nullable(),
      }),
    )
    .describe('Those with a suspicion first, then by UEs that were refused, then by the latest events.'),
  matching: z.number().describe('How many match, and how many there are.'),
  known: z.number(),
  nextCursor: z.string().nullable().describe('Give it as `cursor` for those that follow; null after the last one.'),
  unknownClientPackets: z.number().describe('Since the start, from access nodes that no EoGRE profile has.'),
});

export const sessionRecoveryStatusSchema = z.strictObject({
  state: z
    .enum(['Off', 'Waiting for the role', 'Writing', 'Failing'])
    .describe('`Off`: the configuration has no `recovery`.'),
  store: z
    .strictObject({
      directory: z.string(),
      sessions: z.number(),
      waiting: z.number().describe('Sessions that have changed and are not written yet.'),
      batchesOutstanding: z.number(),
      batchesWritten: z.number(),
      sessionsWritten: z.number(),
      usageWritten: z.number(),
      lastWritten: z.string().nullable(),
      lastWrittenSecondsAgo: z.number().nullable(),
      failures: z.number(),
      unwritable: z.number(),
      failing: z.string().nullable().describe('Why nothing is written at present.'),
    })
    .nullable()
    .describe('Null where nothing is kept.'),
  recovered: z
    .strictObject({
      sessions: z.number(),
      refused: z.record(z.string(), z.number()).describe('By reason, in camelCase.'),
      tookMs: z.number(),
      runBefore: z.enum(['ended in good order', 'broke off']),
    })
    .nullable()
    .describe('What the last start found; null until it has been taken, or left.'),
  restartCounter: z.number().nullable(),
  term: z.number().nullable().describe('Of a chassis of a pair.'),
  managerRestarts: z.number(),
});

export const crashListSchema = z.strictObject({
  crashes: z.array(
    z.strictObject({
      time: z.string().nullable(),
      ageSeconds: z.number().nullable(),
      mac: z.string().nullable().describe('Null where it was no session that met it, but the session manager itself.'),
      event: z.string().describe('What the session, or the session manager, was doing.'),
      message: z.string(),
    }),
  ),
  total: z.number().describe('Since the start; only the last ones are kept.'),
});

export const awaitedConfirmation = z
  .strictObject({ who: z.string(), until: z.string(), secondsLeft: z.number() })
  .nullable()
  .describe('A commit that goes back by itself unless it is confirmed; null if there is none.');

export const healthSchema = z.strictObject({
  status: z.literal('ok'),
  chassis: z.string(),
  uptimeSeconds: z.number(),
  sessions: z.number(),
  instances: z.number().describe('Session manager instances, counted from 1.'),
  role: z
    .string()
    .nullable()
    .describe('What the chassis is in its pair, such as `Active`; null for one that is alone.'),
  alarms: z.array(z.string()).describe('Alarms that stand, by name.'),
  unconfirmed: awaitedConfirmation,
});

export const pathSchema = z.strictObject({
  address: z.string(),
  mtu: z.number().describe('How long packets toward it may be, in octets, as the configuration says.'),
  passes: z.number().nullable().describe('The longest packet that passed; null if none did.'),
  check: z.string(),
  verdict: z.enum(['ok', 'warning', 'fault', 'unknown']),
  found: z.string(),
  advice: z.string().nullable(),
});

export const forwardingAuditSchema = z.strictObject({
  tookMs: z.number(),
  sessions: z.number().describe('Sessions that were compared with their entries.'),
  wrongEntries: z.number().describe('Those whose entry was wrong.'),
  surplus: z.number().describe('Sessions that the fast path had and nobody else.'),
  wrongSessions: z.number().describe('Entries of the kernel’s maps that were wrong, missing or too many.'),
  wrongIds: z.number(),
  wrongMacs: z.number(),
});

export const restartSchema = z.strictObject({
  instance: z.number().describe('Counted from 1.'),
  sessions: z.number().nullable().describe('Sessions that it serves again; null on a standby.'),
  lost: z.number().describe('Sessions that it had and has not any more, beside those that were being set up.'),
  tookMs: z.number(),
});
