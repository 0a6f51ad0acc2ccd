import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { now } from '../../src/host/clock.ts';
import { PairMonitors } from '../../src/host/pair-monitors.ts';
import { hostRandom } from '../../src/host/random.ts';
import { openDriver } from '../../src/host/sockets/open-driver.ts';
import { macOf, parseIpv4 } from '../../src/kernel/address.ts';
import { makeCertificates } from '../../src/lab/certificates.ts';
import { RadiusClient } from '../../src/services/samog/aaa/radius-client.ts';
import type { GroupOutcome } from '../../src/services/samog/aaa/server-group.ts';
import type { MrmeServiceConfig, RadiusTlsConfig } from '../../src/services/samog/config.ts';
import type { AuthenticationOutcome } from '../../src/services/samog/subscriber.ts';
import { tlv } from '../../src/wire/bytes/tlv.ts';
import { radiusAttribute } from '../../src/wire/radius/attributes.ts';
import { acctStatusType, radiusCode } from '../../src/wire/radius/constants.ts';
import { noAccounting } from '../support/accounting-sample.ts';
import { testDigests } from '../support/digests.ts';
import { relayConfig } from '../support/relay-config.ts';
import { requireTool } from '../support/require-tool.ts';
import { AaaWire } from './aaa-wire.ts';
import { FreeRadius } from './free-radius.ts';
import { RadsecProxy } from './radsec-proxy.ts';

const gateway = '127.0.9.2';
const proxyAddress = '127.0.9.3';
const proxyPort = 22083;
const behind = {
  address: '127.0.9.1',
  authenticationPort: 22812,
  accountingPort: 22813,
  secret: 'a-secret-of-this-run',
};
const users = '02005e000001 Cleartext-Password := "02005e000001"\n  Session-Timeout = 600\n';

function configOf(tls: RadiusTlsConfig, name: string | undefined): MrmeServiceConfig {
  return {
    name: 'mrme',
    twanProfiles: [],
    bind: { address: parseIpv4(gateway)!, interface: undefined, sourcePorts: 2 },
    nasIdentifier: 'samog',
    nasIpAddress: parseIpv4(gateway)!,
    userName: { format: 'mac-no-separator', case: 'lower', realm: undefined },
    password: { kind: 'mac' },
    radius: {
      servers: [
        {
          name: 'proxy',
          address: parseIpv4(proxyAddress)!,
          tls: { name },
          port: proxyPort,
          acctPort: proxyPort,
          secret: 'radsec',
          priority: 1,
          weight: 1,
          outstandingMax: 200,
          statusServer: true,
        },
      ],
      tls,
      timeoutMs: 60_000,
      retransmissions: 2,
      deadTimeMs: 600_000,
      outstandingMax: 1000,
    },
    relay: relayConfig,
    dynamicAuthorization: undefined,
    accounting: noAccounting,
  };
}

const hasTools = ['freeradius', 'radsecproxy', 'openssl'].every((tool) => requireTool(tool));

describe.skipIf(!hasTools)('RADIUS over TLS to radsecproxy, before FreeRADIUS', () => {
  const server = new FreeRadius({ ...behind, users });
  // The probe of a pair has an address of its own.
  const proxy = new RadsecProxy({ address: proxyAddress, port: proxyPort, gateway: '127.0.0.0/8', server: behind });
  const { certificates } = proxy;
  const files: RadiusTlsConfig = {
    caFile: certificates.ca,
    certificateFile: certificates.certificate('gateway'),
    keyFile: certificates.key('gateway'),
  };
  let wire: AaaWire;

  beforeAll(async () => {
    await server.start();
    await proxy.start();
  }, 60_000);

  afterEach(() => wire.close());

  afterAll(async () => {
    await proxy.remove();
    await server.remove();
  });

  const openWire = async (tls = files, name?: string): Promise<AaaWire> => {
    wire = await AaaWire.open(configOf(tls, name));
    return wire;
  };

  const attach = async (): Promise<AuthenticationOutcome> => {
    let outcome: AuthenticationOutcome | undefined;
    const client = new RadiusClient(configOf(files, undefined), {
      servers: wire.aaa.authentication,
      digests: testDigests,
      onOutcome: (_id, what) => (outcome = what),
    });
    const request = { mac: macOf(0x02005e000001), acctSessionId: '1', calledStation: parseIpv4('198.51.100.7')! };
    client.authenticate(1, request, wire.now);
    await wire.until(() => outcome !== undefined);
    return outcome!;
  };

  const record = (id: string): (() => GroupOutcome['kind'] | undefined) => {
    let kind: GroupOutcome['kind'] | undefined;
    const attributes = () => [
      tlv(radiusAttribute.userName, '02005e000001'),
      tlv(radiusAttribute.acctStatusType, acctStatusType.start),
      tlv(radiusAttribute.acctSessionId, id),
      tlv(radiusAttribute.nasIdentifier, 'samog'),
    ];
    const request = { code: radiusCode.accountingRequest, hash: () => id, urgency: 'continuing' as const, attributes };
    wire.aaa.accounting.send(request, (outcome) => (kind = outcome.kind), wire.now);
    return () => kind;
  };

  it('authenticates and accounts over one connection, made when there is something to say', async () => {
    await openWire();
    expect(wire.links).toEqual([]);
    expect(await attach()).toMatchObject({ kind: 'accepted', profile: { sessionTimeoutSeconds: 600 } });
    const records = Array.from({ length: 300 }, (_, index) => record(`over-tls-${index}`));
    await wire.until(() => records.every((kind) => kind() === 'answered'));
    expect(new Set(server.detail.match(/Acct-Session-Id = "over-tls-\d+"/g)).size).toBe(300);
    expect(wire.links).toEqual(['up']);
    expect(wire.counters.get('radius.accounting-request.retransmitted')).toBe(0);
  }, 60_000);

  it('knows the server by the name that is configured', async () => {
    await openWire(files, 'aaa.example.net');
    expect((await attach()).kind).toBe('accepted');
    wire.close();
    await openWire(files, 'another.example.net');
    const kind = record('for nobody');
    await wire.until(() => wire.links.length > 0);
    expect(wire.links[0]).toMatch(/altnames/i);
    expect(kind()).toBeUndefined();
    expect(wire.aaa.status(wire.now).accounting.servers[0]).toMatchObject({ state: 'dead', deadForMs: undefined });
  }, 60_000);

  it('trusts no server of another CA, and is trusted by none with a certificate of another', async () => {
    const strangers = makeCertificates(server.folder, gateway, ['stranger']);
    await openWire({ ...files, caFile: strangers.ca });
    record('for nobody');
    await wire.until(() => wire.links.length > 0);
    expect(wire.links[0]).toMatch(/unable to|self-signed|issuer/i);
    wire.close();
    await openWire({
      ...files,
      certificateFile: strangers.certificate('stranger'),
      keyFile: strangers.key('stranger'),
    });
    const kind = record('for nobody');
    await wire.until(() => wire.links.some((link) => link !== 'up'));
    expect(kind()).toBeUndefined();
  }, 60_000);

  it('sends again over a new connection what the last one did not answer', async () => {
    await openWire();
    expect((await attach()).kind).toBe('accepted');
    proxy.freeze(true);
    const records = Array.from({ length: 50 }, (_, index) => record(`again-${index}`));
    await proxy.stop();
    await wire.until(() => wire.links.length > 1);
    expect(wire.aaa.status(wire.now).accounting.servers[0]!.state).toBe('dead');
    await proxy.start();
    await wire.until(() => records.every((kind) => kind() === 'answered'));
    expect(new Set(server.detail.match(/Acct-Session-Id = "again-\d+"/g)).size).toBe(50);
    const names = wire.events.map(({ name }) => name).filter((name) => name.startsWith('aaa-server'));
    expect([names[0], names.at(-1)]).toEqual(['aaa-server-dead', 'aaa-server-alive']);
  }, 60_000);

  it('asks a server that says nothing, and leaves one that does not answer', async () => {
    await openWire();
    expect((await attach()).kind).toBe('accepted');
    // Several intervals of the watchdog, answered.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(wire.links).toEqual(['up']);
    proxy.freeze(true);
    try {
      await wire.until(() => wire.links.length > 1);
      expect(wire.links[1]).toMatch(/watchdog/);
    } finally {
      proxy.freeze(false);
    }
  }, 60_000);
});

describe.skipIf(!hasTools)('the AAA probe of a pair, over TLS', () => {
  const proxy = new RadsecProxy({
    ...{ address: proxyAddress, port: proxyPort + 1 },
    ...{ gateway: '127.0.0.0/8', server: behind },
  });
  const { certificates } = proxy;
  const tls = {
    caFile: certificates.ca,
    certificateFile: certificates.certificate('gateway'),
    keyFile: certificates.key('gateway'),
  };

  beforeAll(() => proxy.start(), 60_000);
  afterAll(() => proxy.remove());

  it('is answered, fails with the server, and recovers with it', async () => {
    const { driver } = await openDriver();
    const changes: boolean[] = [];
    const { radius } = configOf(tls, undefined);
    const servers = radius.servers.map((server) => ({ ...server, port: proxyPort + 1 }));
    const monitors = await PairMonitors.open(
      driver,
      { authenticationProbe: { intervalMs: 200, timeoutMs: 150, failures: 3 }, peers: [] },
      { radius: { ...radius, servers } },
      { digests: testDigests, random: hostRandom() },
      ({ healthy }) => changes.push(healthy),
    );
    const until = async (condition: () => boolean) => {
      while (!condition()) {
        if (monitors.nextDeadline() <= now()) monitors.advance(now());
        await sleep(10);
      }
    };
    await until(() => monitors.status()[0]!.answered >= 3);
    expect(monitors.status()).toMatchObject([{ name: 'proxy', healthy: true, missed: 0 }]);
    await proxy.stop();
    await until(() => changes.length === 1);
    await proxy.start();
    await until(() => changes.length === 2);
    expect(changes).toEqual([false, true]);
    monitors.close();
    await driver.close();
  }, 60_000);
});
