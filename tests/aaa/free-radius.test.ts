import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { macOf, parseIpv4 } from '../../src/kernel/address.ts';
import { RadiusClient } from '../../src/services/samog/aaa/radius-client.ts';
import type { MrmeServiceConfig } from '../../src/services/samog/config.ts';
import type { SamogCounter } from '../../src/services/samog/statistics.ts';
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

const address = '127.0.8.1';
const [authenticationPort, accountingPort] = [21812, 21813];
const secret = 'a-secret-of-this-run';

const config: MrmeServiceConfig = {
  name: 'mrme',
  twanProfiles: [],
  bind: { address: parseIpv4('127.0.8.2')!, interface: undefined, sourcePorts: 2 },
  nasIdentifier: 'samog',
  nasIpAddress: parseIpv4('127.0.8.2')!,
  userName: { format: 'mac-no-separator', case: 'lower', realm: undefined },
  password: { kind: 'mac' },
  relay: relayConfig,
  radius: {
    servers: [
      {
        name: 'freeradius',
        address: parseIpv4(address)!,
        port: authenticationPort,
        acctPort: accountingPort,
        secret,
        priority: 1,
        weight: 1,
        outstandingMax: 512,
        statusServer: true,
      },
    ],
    // What is answered late on a busy machine is not to be asked again.
    timeoutMs: 20_000,
    retransmissions: 1,
    deadTimeMs: 600_000,
    outstandingMax: 512,
  },
  accounting: noAccounting,
  dynamicAuthorization: undefined,
};

/** For a server that is known to be gone. */
const impatient: MrmeServiceConfig = { ...config, radius: { ...config.radius, timeoutMs: 500 } };

/** The entry that the README tells its reader to make. */
const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
const recipe = /^[0-9a-f]{12} +Cleartext-Password[^`]*/m.exec(readme)?.[0] ?? '';

const users = `
${recipe}
02005e000001 Cleartext-Password := "02005e000001"
  Session-Timeout = 600,
  Class = 0x676f6c64

DEFAULT Auth-Type := Reject
  Reply-Message = "unknown here"
`;

const knownMac = macOf(0x02005e000001);
const recipeMac = macOf(0x02005e102030);
const strangeMac = macOf(0x02005e0000ff);

describe.skipIf(!requireTool('freeradius'))('FreeRADIUS', () => {
  const server = new FreeRadius({ address, authenticationPort, accountingPort, secret, users });
  const outcomes = new Map<number, AuthenticationOutcome>();
  let wire: AaaWire;
  let client: RadiusClient;

  beforeAll(async () => {
    await server.start();
    wire = await AaaWire.open(config);
    client = new RadiusClient(config, {
      servers: wire.aaa.authentication,
      digests: testDigests,
      onOutcome: (id, outcome) => outcomes.set(id, outcome),
    });
  }, 60_000);

  afterAll(async () => {
    wire.close();
    await server.remove();
  });

  const ask = async (id: number, mac = knownMac): Promise<AuthenticationOutcome> => {
    outcomes.delete(id);
    const request = { mac, acctSessionId: String(id), calledStation: parseIpv4('198.51.100.7')! };
    expect(client.authenticate(id, request, wire.now)).toBe('sent');
    await wire.until(() => outcomes.has(id), 45_000);
    return outcomes.get(id)!;
  };

  const record = async (id: string): Promise<string> => {
    let kind: string | undefined;
    const attributes = () => [
      tlv(radiusAttribute.acctStatusType, acctStatusType.start),
      tlv(radiusAttribute.acctSessionId, id),
      tlv(radiusAttribute.nasIdentifier, 'samog'),
    ];
    const request = { code: radiusCode.accountingRequest, hash: () => id, urgency: 'continuing' as const, attributes };
    wire.aaa.accounting.send(request, (outcome) => (kind = outcome.kind), wire.now);
    await wire.until(() => kind !== undefined, 45_000);
    return kind!;
  };

  const states = () => {
    const { authentication, accounting } = wire.aaa.status(wire.now);
    return [authentication.servers[0]!.state, accounting.servers[0]!.state];
  };
  const count = (name: SamogCounter) => wire.counters.get(name);

  it('accepts a UE with its profile, and rejects another', async () => {
    const accepted = await ask(1);
    expect(accepted).toMatchObject({ kind: 'accepted', profile: { sessionTimeoutSeconds: 600 } });
    expect(await ask(2, strangeMac)).toEqual({ kind: 'rejected', replyMessage: 'unknown here' });
  });

  it('gives what the entry in the README says', async () => {
    const profile = { apn: 'internet', lma: parseIpv4('203.0.113.100') };
    expect(await ask(5, recipeMac)).toMatchObject({ kind: 'accepted', profile });
  });

  it('takes accounting records, 600 at a time over two source ports', async () => {
    const kinds = await Promise.all(Array.from({ length: 600 }, (_, index) => record(`of-many-${index}`)));
    expect(new Set(kinds)).toEqual(new Set(['answered']));
    expect(wire.aaa.status(wire.now).accounting).toMatchObject({ waiting: 0, servers: [{ outstanding: 0 }] });
    const written = new Set(server.detail.match(/Acct-Session-Id = "of-many-\d+"/g));
    expect(written.size).toBe(600);
  });

  it('is found dead at both ports when it is gone, and alive by Status-Server when it is back', async () => {
    await server.stop();
    wire.aaa.reconfigure(impatient, wire.now);
    expect([(await ask(3)).kind, await record('while it is away')]).toEqual(['timeout', 'unanswered']);
    expect(states()).toEqual(['dead', 'dead']);
    wire.aaa.reconfigure(config, wire.now);
    await server.start();
    await wire.until(() => states().join() === 'up,up', 60_000);
    expect(count('radius.status-server.answered')).toBe(2);
    expect((await ask(4)).kind).toBe('accepted');
    expect(await record('after it is back')).toBe('answered');
    const life = wire.events.filter(({ name }) => name.startsWith('aaa-server')).map(({ name }) => name);
    expect(life.toSorted()).toEqual(['aaa-server-alive', 'aaa-server-alive', 'aaa-server-dead', 'aaa-server-dead']);
  }, 120_000);

  it('gave no answer that was not taken', () => {
    const discards = ['malformed', 'unmatched', 'bad-authenticator', 'no-message-authenticator'] as const;
    expect(discards.map((why) => count(`radius.discarded.${why}`))).toEqual([0, 0, 0, 0]);
  });
});
