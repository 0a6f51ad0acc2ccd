import { readFileSync } from 'node:fs';
import type { AccessPath } from '../../src/forwarding/entry.ts';
import { noFastPath } from '../../src/host/open-fast-path.ts';
import { type IpAddress, type MacAddress, parseIp, parseMac } from '../../src/kernel/address.ts';
import { never } from '../../src/kernel/instant.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import type { GatewayConfig } from '../../src/operations/config/gateway-config.ts';
import { parseConfig } from '../../src/operations/config/parse.ts';
import { EventLog } from '../../src/operations/event-log.ts';
import type { HostReport, Moment, ViewSource } from '../../src/operations/views/view.ts';
import { forwardingEntryOf } from '../../src/services/samog/session/forwarding-entry.ts';
import {
  type DurableSession,
  type LiveSession,
  noMoves,
  type Session,
} from '../../src/services/samog/session/state.ts';
import { samogCounterNames } from '../../src/services/samog/statistics.ts';
import { SessionManager } from '../../src/sessmgr/session-manager.ts';
import { SubscriberPages } from '../../src/sessmgr/subscriber-pages.ts';
import { fromHex } from '../../src/wire/bytes/text.ts';
import { testDigests } from '../support/digests.ts';
import { sampleAudit } from './sample-audit.ts';
import { sampleManagement } from './sample-management.ts';

const ip = (text: string): IpAddress => parseIp(text)!;

export const macOfText = (text: string): MacAddress => parseMac(text)!;

/** An hour after the start of a gateway that started at 2026-03-01T10:00:00Z. */
export const moment: Moment = { now: 3_600_000, wallClock: Date.UTC(2026, 2, 1, 11) };

export function exampleConfig(): GatewayConfig {
  const text = readFileSync(new URL('../../config/samog.example.yaml', import.meta.url), 'utf8');
  const parsed = parseConfig(text, 'samog.example.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

const hostReport: HostReport = {
  driver: 'batched',
  driverFallbackReason: undefined,
  sockets: [
    {
      port: 'access-gre',
      channel: 0,
      transport: 'gre-over-ip',
      local: '192.0.2.1',
      packetsReceived: 1_234_567,
      octetsReceived: 987_654_321,
      packetsSent: 1_200_000,
      octetsSent: 900_000_000,
      sendsRefused: 3,
      receivesTruncated: 0,
      receiveFaults: 0,
      kernelDrops: 12,
      receiveBufferOctets: 8_388_608,
      errors: { ENETUNREACH: 2 },
    },
    {
      port: 'aaa',
      channel: 15,
      transport: 'udp',
      local: '203.0.113.10:43211',
      packetsReceived: 40,
      octetsReceived: 4000,
      packetsSent: 41,
      octetsSent: 5000,
      sendsRefused: 0,
      receivesTruncated: 0,
      receiveFaults: 0,
      kernelDrops: undefined,
      receiveBufferOctets: 8_388_608,
      errors: {},
    },
  ],
  faults: 1,
  sendsUnroutable: 0,
  stall: { worstMs: 4.26, percentile99Ms: 0.31 },
};

/** A gateway that has just been started: no sessions, every counter 0. */
export function emptySource(config = exampleConfig()): ViewSource & { readonly manager: SessionManager } {
  const manager = new SessionManager(config, {
    output: { send: () => {} },
    digests: testDigests,
    random: new SeededRandom(1),
    wallClock: () => moment.wallClock,
    restartCounter: 1,
  });
  return {
    config,
    manager,
    startedAt: 0,
    events: new EventLog(),
    subscriberPages: new SubscriberPages(),
    management: sampleManagement,
    audit: sampleAudit(),
    forwarding: noFastPath('fast-path.mode is off'),
    recovery: () => undefined,
    host: () => hostReport,
  };
}

/** An EoGRE session that came from a WLC 500 ms ago, whose revocation there is under way. */
export function movedSession(id: number, mac: MacAddress, changes: Partial<DurableSession> = {}): LiveSession {
  const access: AccessPath = { kind: 'eogre', peer: ip('198.51.100.7'), key: undefined, vlan: 42 };
  return {
    kind: 'Live',
    durable: {
      id,
      bornSecond: 1_700_000_000,
      account: undefined,
      wlc: undefined,
      handoff: undefined,
      radius: undefined,
      reply: undefined,
      challenge: undefined,
      mac,
      nai: '001010123456789@wlan.mnc001.mcc001.3gppnetwork.org',
      sessionType: 'dhcp',
      subscriber: {
        nai: '001010123456789@wlan.mnc001.mcc001.3gppnetwork.org',
        apn: 'internet',
        lma: ip('203.0.113.100'),
        homeAddress: undefined,
        sessionTimeoutSeconds: 86_400,
        idleTimeoutSeconds: 1800,
        classes: [fromHex('c1a55e'), fromHex('00ff')],
        chargeableUserIdentity: fromHex('0102'),
        imsi: '001010123456789',
        userName: undefined,
        interimIntervalSeconds: undefined,
        terminationAction: 'end',
        state: undefined,
      },
      accessLists: { uplink: 'no-mail-relay', downlink: undefined },
      ambr: { uplinkKbps: 20_000, downlinkKbps: 50_000, source: 'accept' },
      bearer: {
        qci: 9,
        priorityLevel: 8,
        mayPreempt: false,
        mayBePreempted: true,
        rates: undefined,
        source: 'accept',
      },
      addresses: [{ address: ip('100.64.3.9'), prefixLength: 16, router: ip('100.64.0.1') }],
      access,
      eogreFlow: true,
      s2a: {
        peer: ip('203.0.113.100'),
        uplinkKey: 0x1001,
        downlinkKey: id,
        sequence: 513,
        lifetimeSeconds: 3600,
        refreshAt: moment.now + 3_000_000,
        expiresAt: moment.now + 3_300_000,
      },
      binding: undefined,
      lease: { state: 'bound', expiresAt: moment.now + 3_000_000, relayInformation: fromHex('01021722') },
      moves: {
        previous: { kind: 'pmipv6', peer: ip('192.0.2.10'), uplinkKey: id, downlinkKey: 77 },
        previousUntil: moment.now + 1500,
        count: 3,
        dataWindowStart: moment.now - 10_000,
        dataSwitches: 1,
        lastTimestamp: moment.wallClock,
      },
      cleanups: [
        {
          mag: ip('192.0.2.10'),
          magPort: 5436,
          nai: '02005e112233',
          trigger: 2,
          sequence: 9,
          attempt: 1,
          nextAt: moment.now + 500,
        },
      ],
      phase: { kind: 'Established' },
      createdAt: moment.now - 252_000,
      expiresAt: moment.now + 80_000_000,
      reauthorization: undefined,
      ...changes,
    },
    transient: { request: undefined, idleCheckAt: never, idlePackets: 0, isReauthorizing: false },
  };
}

/** A PMIPv6 session, its PBU refresh at the LMA under way. */
export function pmipSession(id: number, mac: MacAddress): LiveSession {
  const session = movedSession(id, mac, {
    sessionType: 'pmipv6',
    access: { kind: 'pmipv6', peer: ip('192.0.2.10'), uplinkKey: id, downlinkKey: 78 },
    lease: undefined,
    binding: {
      mag: ip('192.0.2.10'),
      magPort: 5436,
      nai: '02-00-5e-11-22-90@example.net',
      sequence: 41,
      timestamp: undefined,
      lifetimeSeconds: 600,
      expiresAt: moment.now + 599_000,
    },
    cleanups: [],
    moves: noMoves,
    expiresAt: never,
  });
  const request = {
    purpose: 'refresh',
    firstSequence: 514,
    sequence: 515,
    attempt: 2,
    retryAt: moment.now + 900,
  } as const;
  return { ...session, transient: { ...session.transient, request } };
}

export function addSession(source: { readonly manager: SessionManager }, session: Session): void {
  source.manager.registry.add(session);
  const entry = forwardingEntryOf(session, source.manager.accessLists);
  if (entry !== undefined) source.manager.flows.program(entry);
}

/** A gateway in the middle of its life: some sessions in several states, and no counter 0. */
export function busySource(): ReturnType<typeof emptySource> {
  const source = emptySource();
  const { manager, events } = source;
  const first = macOfText('02:00:5e:11:22:33');
  addSession(source, movedSession(0x01ca11b1, first));
  addSession(source, pmipSession(0x8f000002, macOfText('02:00:5e:11:22:90')));
  const live = movedSession(3, macOfText('02:00:5e:11:22:91'));
  const released = { kind: 'Released', until: moment.now + 20_000 } as const;
  addSession(source, { ...live, durable: { ...live.durable, phase: released, lease: undefined, cleanups: [] } });
  addSession(source, {
    kind: 'Disconnecting',
    id: 4,
    mac: macOfText('02:00:5e:11:22:92'),
    nai: '02005e112292',
    reason: 'operator',
    s2a: live.durable.s2a,
    request: undefined,
    cleanups: live.durable.cleanups,
    nas: undefined,
    isTellingNas: false,
    queued: undefined,
    bornSecond: 1_700_000_000,
    account: undefined,
  });
  const slot = manager.flows.slotOfMac(first);
  manager.flows.countUplink(slot, 1500, moment.now - 3000);
  manager.flows.countDownlink(slot, 900, moment.now - 2000);
  const { tunnels } = manager.flows;
  tunnels.received('access', ip('198.51.100.7'), 1400);
  tunnels.sent('access', ip('198.51.100.7'), 1500);
  tunnels.tooLong('access', ip('198.51.100.7'), true, moment.now - 4000);
  tunnels.sent('s2a', ip('203.0.113.1'), 1300);
  tunnels.mssClamped('s2a', ip('203.0.113.1'));
  samogCounterNames.forEach((name, index) => {
    manager.counters.add(name, index + 1);
  });
  manager.forwardingCounters.names.forEach((name, index) => {
    manager.forwardingCounters.add(name, 1000 + index);
  });
  manager.crashes.push({
    at: moment.now - 61_000,
    mac: first,
    event: 'pbuReceived',
    message: 'Error: our bug\n    at step',
  });
  const peer = ip('198.51.100.7');
  const about = { mac: first, sessionId: 0x01ca11b1 };
  const decision = { ...about, peer: undefined, party: 'samog', direction: 'internal' } as const;
  events.add(
    {
      ...{ ...about, name: 'dhcp-discover-received', peer, party: 'rg', direction: 'received' },
      text: () => 'DHCP DISCOVER',
      message: () => ({ kind: 'packet', octets: fromHex('450000') }),
    },
    moment.now - 500,
  );
  events.add(
    { ...decision, name: 'path-switched', text: () => 'data path switched from PMIPv6 to EoGRE' },
    moment.now - 499,
  );
  events.add(
    { ...about, name: 'dhcp-offer-sent', peer, party: 'rg', direction: 'sent', text: () => 'DHCP OFFER' },
    moment.now - 498,
  );
  events.add(
    {
      ...decision,
      mac: undefined,
      sessionId: undefined,
      name: 'lma-down',
      text: () => 'the LMA does not answer heartbeats',
    },
    moment.now - 100,
  );
  return source;
}

/** A source whose manager differs in what is given. What it inherits stays, but for private members, which nothing can inherit. */
export function withManager(source: ViewSource, change: Partial<ViewSource['manager']>): ViewSource {
  const given = { config: source.manager.config, ...change };
  const properties = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, { value }]));
  return { ...source, manager: Object.create(source.manager, properties) as ViewSource['manager'] };
}
