import { expect } from 'vitest';
import { formatIp, type IpAddress, macOf, parseIpv4 } from '../../src/kernel/address.ts';
import type { RandomSource } from '../../src/kernel/context.ts';
import type { PacketOutput } from '../../src/kernel/port.ts';
import { AaaServers } from '../../src/services/samog/aaa/aaa-servers.ts';
import type { AuthenticationRequest } from '../../src/services/samog/aaa/access-request.ts';
import { RadiusClient } from '../../src/services/samog/aaa/radius-client.ts';
import { evenRandom, serverA } from '../../src/services/samog/aaa/wire-for-tests.ts';
import type { MrmeServiceConfig, RadiusConfig } from '../../src/services/samog/config.ts';
import type { SamogEvent } from '../../src/services/samog/events.ts';
import { type SamogCounter, samogCounters } from '../../src/services/samog/statistics.ts';
import type { AuthenticationOutcome } from '../../src/services/samog/subscriber.ts';
import { utf8Encode } from '../../src/wire/bytes/text.ts';
import { find, type Tlv } from '../../src/wire/bytes/tlv.ts';
import { radiusAttribute } from '../../src/wire/radius/attributes.ts';
import { signResponse } from '../../src/wire/radius/authenticator.ts';
import { radiusCode } from '../../src/wire/radius/constants.ts';
import { decodeRadius, type RadiusPacket } from '../../src/wire/radius/packet.ts';
import { noAccounting } from './accounting-sample.ts';
import { testDigests } from './digests.ts';
import { relayConfig } from './relay-config.ts';

export const secret = 'xyzzy5461';

function configOf(servers: readonly IpAddress[], sourcePorts: number, radius: Partial<RadiusConfig>) {
  const config: MrmeServiceConfig = {
    name: 'mrme',
    twanProfiles: [],
    bind: { address: parseIpv4('192.0.2.1')!, interface: undefined, sourcePorts },
    nasIdentifier: 'samog',
    nasIpAddress: parseIpv4('192.0.2.1')!,
    userName: { format: 'mac-no-separator', case: 'lower', realm: undefined },
    password: { kind: 'mac' },
    relay: relayConfig,
    radius: {
      servers: servers.map((address, index) => ({
        name: formatIp(address),
        address,
        port: 1812,
        acctPort: 1813,
        secret,
        priority: index,
        weight: 1,
        outstandingMax: radius.outstandingMax ?? sourcePorts * 256,
        statusServer: false,
      })),
      timeoutMs: 1000,
      retransmissions: 2,
      deadTimeMs: 60_000,
      outstandingMax: sourcePorts * 256,
      ...radius,
    },
    accounting: noAccounting,
    dynamicAuthorization: undefined,
  };
  return config;
}

/** A request on its way. */
export interface Sent {
  readonly at: number;
  readonly channel: number;
  readonly server: IpAddress;
  readonly bytes: Uint8Array;
  readonly packet: RadiusPacket;
}

interface BenchOptions {
  readonly sourcePorts?: number;
  readonly random?: RandomSource;
}

/** A client with servers played by the test: what it sent and decided, in order, and a clock that visits deadlines. */
export class RadiusClientBench {
  readonly sent: Sent[] = [];
  readonly outcomes: string[] = [];
  readonly accepted: (AuthenticationOutcome & { kind: 'accepted' })[] = [];
  readonly events: SamogEvent[] = [];
  readonly counters = samogCounters();
  readonly servers: AaaServers;
  readonly client: RadiusClient;
  now = 0;
  onOutcome: (sessionId: number) => void = () => {};

  constructor(
    servers: readonly IpAddress[] = [serverA],
    { sourcePorts = 1, random = evenRandom(), ...radius }: Partial<RadiusConfig> & BenchOptions = {},
  ) {
    const config = configOf(servers, sourcePorts, radius);
    const report = (event: SamogEvent) => this.events.push(event);
    const output: PacketOutput = {
      send: (port, channel, server, peerPort, bytes) => {
        expect([port, peerPort]).toEqual(['aaa', 1812]);
        const packet = decodeRadius(bytes.slice());
        if (!packet.ok) throw new Error(packet.reason);
        this.sent.push({ at: this.now, channel, server, bytes: bytes.slice(), packet: packet.value });
      },
    };
    this.servers = new AaaServers(config, { output, digests: testDigests, random, counters: this.counters, report });
    this.client = new RadiusClient(config, {
      servers: this.servers.authentication,
      digests: testDigests,
      report,
      onOutcome: (sessionId, outcome, now) => {
        this.outcomes.push(`${Math.round(now)} ${sessionId} ${outcome.kind}`);
        if (outcome.kind === 'accepted') this.accepted.push(outcome);
        this.onOutcome(sessionId);
      },
    });
  }

  authenticate(sessionId: number, request: Partial<AuthenticationRequest> = {}) {
    return this.client.authenticate(
      sessionId,
      {
        mac: macOf(0x02005e000000 + sessionId),
        acctSessionId: sessionId.toString(16),
        calledStation: parseIpv4('198.51.100.7')!,
        ...request,
      },
      this.now,
    );
  }

  /** Lets time pass, stopping at every deadline on the way. */
  until(end: number): this {
    for (let at = this.servers.nextDeadline(); at <= end; at = this.servers.nextDeadline()) {
      this.now = Math.max(this.now, at);
      this.servers.advance(this.now);
    }
    this.now = end;
    return this;
  }

  answer(sent: Sent, code: number = radiusCode.accessAccept, attributes: readonly Tlv[] = []): void {
    this.deliver(sent, answerTo(sent, code, attributes));
  }

  deliver(sent: Sent, bytes: Uint8Array, from: Partial<{ peer: IpAddress; port: number; channel: number }> = {}): void {
    const { peer = sent.server, port = 1812, channel = sent.channel } = from;
    this.servers.receive(channel, peer, port, bytes, this.now);
  }

  /** Everything sent, as `time server channel/identifier session`. */
  get script(): string[] {
    return this.sent.map(
      ({ at, server, channel, packet }) =>
        `${Math.round(at)} ${formatIp(server)} ${channel}/${packet.identifier} ${sessionOf(packet)}`,
    );
  }

  count(name: SamogCounter): number {
    return this.counters.get(name);
  }
}

/** The server's answer to a request, signed. */
export function answerTo(sent: Sent, code: number, attributes: readonly Tlv[] = []): Uint8Array {
  const { identifier, authenticator } = sent.packet;
  return signResponse({ code, identifier, authenticator, attributes }, authenticator, utf8Encode(secret), testDigests);
}

/** By its Acct-Session-Id. */
export function sessionOf(packet: RadiusPacket): number {
  return Number.parseInt(find(packet.attributes, radiusAttribute.acctSessionId)!, 16);
}
