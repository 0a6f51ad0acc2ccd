import { z } from 'zod';

const handoffCounts = z.strictObject({
  received: z.number(),
  accepted: z.number(),
  denied: z.number(),
  inProgress: z.number(),
});

const serverData = z.strictObject({
  name: z.string(),
  address: z.string(),
  port: z.number(),
  transport: z.string().describe('`udp` or `tls`.'),
  priority: z.number(),
  weight: z.number(),
  state: z.string().describe('`up`, or `dead` while it is passed over.'),
  deadForSeconds: z.number().nullable().describe('0 for one that is up; null for one that has to answer first.'),
  outstanding: z.number(),
  sent: z.number(),
  retransmitted: z.number(),
  accepted: z.number(),
  rejected: z.number(),
  challenged: z.number(),
  accounted: z.number().describe('Accounting-Responses.'),
  timeouts: z.number(),
  lastResponseSeconds: z.number().nullable(),
});

export const samogServiceSchema = z.strictObject({
  chassis: z.string(),
  service: z.string(),
  cgwService: z.string(),
  mrmeService: z.string(),
  dhcpService: z.string(),
  sessions: z.strictObject({
    current: z.number(),
    max: z.number(),
    pmipv6: z.number(),
    dhcp: z.number(),
    accounting: z.number(),
    states: z.record(z.string(), z.number()).describe('By state, in camelCase.'),
  }),
  handover: z.strictObject({
    enable: z.boolean(),
    guardTimeMs: z.number(),
    ratePerMinute: z.number(),
    inProgress: z.number(),
  }),
  setupTimeoutMs: z.number(),
  started: z.string().nullable(),
  uptimeSeconds: z.number(),
});

export const samogServiceStatisticsSchema = z.strictObject({
  service: z.string(),
  mrme: z.strictObject({
    session: z.record(z.string(), z.number()),
    disconnected: z.record(z.string(), z.number()).describe('By who ended the session; `total` first.'),
    disconnectReasons: z.record(z.string(), z.number()),
    setupFailures: z.record(z.string(), z.number()),
    radius: z.record(z.string(), z.number()),
    radiusDiscarded: z.record(z.string(), z.number()),
    accessRadius: z.record(z.string(), z.number()).describe('Toward WLCs and access points that speak RADIUS.'),
    accessAccounting: z.record(z.string(), z.number()).describe('Records of WLCs.'),
    accessRadiusDiscarded: z.record(z.string(), z.number()),
    accounting: z.record(z.string(), z.number()).describe("Records of the gateway's own accounts."),
    dynamicAuthorization: z.record(z.string(), z.number()),
    dynamicAuthorizationDiscarded: z.record(z.string(), z.number()),
  }),
  cgw: z.strictObject({
    session: z.record(z.string(), z.number()),
    bindingUpdatesReceived: z.record(z.string(), z.number()),
    bindingUpdates: z
      .record(z.string(), z.record(z.string(), z.number()))
      .describe('By kind: `initial`, `refresh`, `handoff`, `deregistration`.'),
    pmipv6Discarded: z.record(z.string(), z.number()),
    s2aBindingUpdatesSent: z.record(z.string(), z.number()),
    bindingAcknowledgementsReceived: z.record(z.string(), z.number()),
    s2aDiscarded: z.record(z.string(), z.number()),
    revocation: z.record(z.string(), z.number()),
    heartbeat: z.record(z.string(), z.number()),
    dhcp: z.record(z.string(), z.number()),
    dhcpDiscarded: z.record(z.string(), z.number()),
    data: z.record(z.string(), z.number()),
    uplinkDropped: z.record(z.string(), z.number()),
    downlinkDropped: z.record(z.string(), z.number()),
  }),
  handoffs: z.strictObject({
    kinds: z.record(z.string(), handoffCounts).describe('By kind, in camelCase: `pmipToPmip`, `dhcpToDhcp`, …'),
    denials: z.record(z.string(), z.number()).describe('By reason, in camelCase.'),
  }),
});

export const twanProfileSchema = z.strictObject({
  profiles: z.array(
    z.strictObject({
      name: z.string(),
      accessType: z.string(),
      sessionTrigger: z.string(),
      clients: z.array(z.string()),
      radiusClients: z.array(z.string()).describe('Who of them speaks RADIUS to the gateway.'),
      associated: z
        .boolean()
        .describe('Whether it is associated with the MRME service; clients of one that is not are unknown.'),
    }),
  ),
  eogreFlowsInstalled: z
    .boolean()
    .describe('Whether PMIPv6 sessions get the UE-MAC flow that lets them move to EoGRE.'),
});

export const cgwServiceSchema = z.strictObject({
  service: z.string(),
  access: z.strictObject({
    address: z.string(),
    interface: z.string().nullable(),
    greTransport: z.string(),
    mtu: z.number(),
    vmac: z.string(),
  }),
  s2a: z.strictObject({
    address: z.string(),
    interface: z.string().nullable(),
    greTransport: z.string(),
    mtu: z.number(),
    lmaSelection: z.string(),
    apn: z.string().nullable(),
    lifetimeSeconds: z.number(),
    refreshBeforeSeconds: z.number(),
    heartbeatIntervalSeconds: z.number(),
    heartbeatsMissing: z.number(),
  }),
  binding: z.strictObject({
    lifetimeMaxSeconds: z.number(),
    timestampWindowMs: z.number(),
    deregistrationDelayMs: z.number(),
  }),
  revocation: z.strictObject({
    enable: z.boolean(),
    trigger: z.number(),
    delayMs: z.number(),
    initialTimeoutMs: z.number(),
    maxTimeoutMs: z.number(),
    retries: z.number(),
  }),
  sessions: z.strictObject({
    current: z.number(),
    pmipv6: z.number(),
    dhcp: z.number(),
  }),
  lmas: z.array(
    z.strictObject({
      address: z.string(),
      isDefault: z.boolean(),
      state: z.string().describe('By heartbeats: `unknown`, `up` or `down`.'),
      heartbeatsMissed: z.number(),
      restartCounter: z.number().nullable(),
      lastHeardSeconds: z.number().nullable(),
    }),
  ),
});

export const mrmeServiceSchema = z.strictObject({
  service: z.string(),
  twanProfiles: z.array(z.string()),
  bind: z.strictObject({
    address: z.string(),
    interface: z.string().nullable(),
    sourcePorts: z.number(),
  }),
  nasIdentifier: z.string(),
  nasIpAddress: z.string(),
  userName: z.strictObject({
    format: z.string(),
    case: z.string(),
    realm: z.string().nullable(),
  }),
  timeoutMs: z.number(),
  retransmissions: z.number(),
  deadTimeMs: z.number(),
  outstandingMax: z.number(),
  sessions: z.strictObject({
    current: z.number(),
    authenticating: z.number(),
  }),
  waiting: z.number().describe('Requests that wait for a free identifier.'),
  servers: z.array(serverData),
  accounting: z
    .strictObject({
      waiting: z.number(),
      servers: z.array(serverData),
    })
    .describe('The same servers as those of accounting: each port lives and dies by itself.'),
});

const recordCounts = z.strictObject({
  kind: z.enum(['start', 'interim', 'stop']),
  owed: z.number(),
  acknowledged: z.number(),
  repeated: z.number().describe('Times that no server answered one, and it was sent again.'),
  superseded: z.number().describe('Records that a newer one made needless.'),
  dropped: z.number().describe('Records given up, because too many were owed.'),
});

export const radiusAccountingSchema = z.strictObject({
  own: z.boolean().describe('Whether the gateway accounts for its sessions itself.'),
  wlc: z.string().describe('What becomes of the records of WLCs: `server` or `proxy`.'),
  owed: z.strictObject({
    sessions: z.number().describe('Sessions that owe a record, which AAA has not acknowledged.'),
    over: z.number().describe('Of these, those that are over.'),
    overMax: z.number(),
    underway: z.number().describe('Those whose record is on its way.'),
    pausedForMs: z.number().describe('Until one is tried again, while no server answers; 0 if one does.'),
  }),
  records: z.array(recordCounts),
  waiting: z.number().describe('Requests that wait for a free identifier.'),
  servers: z.array(serverData),
});

export const bulkstatsSchema = z.strictObject({
  schema: z.literal('samog'),
  service: z.string(),
  variables: z.array(
    z.strictObject({
      name: z.string(),
      value: z.number().describe('Modulo 2^32.'),
      type: z.string(),
      dataType: z.string(),
      availability: z.string(),
      description: z.string(),
      triggers: z.string(),
    }),
  ),
});
