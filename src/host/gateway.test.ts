import { describe, expect, it } from 'vitest';
import { loopbackGateway } from '../../tests/operations/gateway-yaml.ts';
import { type Ipv4Address, parseIp } from '../kernel/address.ts';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import { parseConfig } from '../operations/config/parse.ts';
import type { SamogEvent } from '../services/samog/events.ts';
import { startGateway } from './gateway.ts';
import { bindingsOf, bindProblems } from './port-bindings.ts';
import { restartCounterAt } from './restart-counter.ts';
import { DgramDriver } from './sockets/dgram-driver.ts';
import { openDriver } from './sockets/open-driver.ts';
import { StartError } from './start-error.ts';

function configOf(network: string): GatewayConfig {
  const files = loopbackGateway(network);
  files.remove();
  const parsed = parseConfig(files.yaml, 'gateway.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

async function problemsOf(config: GatewayConfig, options = {}): Promise<readonly string[]> {
  const failure: unknown = await startGateway(config, options).catch((error: unknown) => error);
  if (!(failure instanceof StartError)) throw new Error('it has started');
  return failure.problems.map(({ path, what }) => `${path} ${what}`);
}

describe('startGateway', () => {
  it('binds every side, asks its LMA for a heartbeat, and can be stopped and started again', async () => {
    const config = configOf('127.9.5');
    const driver = new DgramDriver();
    const lma = parseIp('127.9.5.21')!;
    for (const _round of [1, 2]) {
      const { promise, resolve } = Promise.withResolvers<Uint8Array>();
      const peer = await driver.open({ transport: 'udp', address: lma as never, port: 5436 }, (_peer, _port, bytes) =>
        resolve(bytes.slice()),
      );
      const events: SamogEvent[] = [];
      const quick = { ...config.cgwService.s2a, heartbeat: { intervalMs: 50, missing: 3 } };
      const gateway = await startGateway(
        { ...config, cgwService: { ...config.cgwService, s2a: quick } },
        { report: (event) => events.push(event) },
      );
      // Mobility Header type 13 is a Heartbeat message (RFC 5847 section 4).
      expect((await promise)[2]).toBe(13);
      expect(
        gateway.source.host().sockets.map(({ port, local }) => `${port} ${local.replace(/:\d{5}$/, ':any')}`),
      ).toEqual([
        'access-gre 127.9.5.1:4754',
        'access-pmipv6 127.9.5.1:5436',
        's2a-gre 127.9.5.2:4754',
        's2a-pmipv6 127.9.5.2:5436',
        'aaa 127.9.5.3:any',
        'aaa 127.9.5.3:any',
      ]);
      expect(events.map(({ name }) => name)).toEqual(gateway.source.events.latest(100).map(({ event }) => event.name));
      await gateway.stop();
      await gateway.stop();
      peer.close();
    }
    await driver.close();
  });

  it('tells of all addresses it cannot have at once, and keeps none', async () => {
    const config = configOf('127.9.6');
    const s2a = { ...config.cgwService.s2a, address: parseIp('203.0.113.253')! };
    const bind = { ...config.mrmeService.bind, address: parseIp('203.0.113.254')! };
    const faulty = {
      ...config,
      cgwService: { ...config.cgwService, s2a },
      mrmeService: { ...config.mrmeService, bind },
    };
    expect((await problemsOf(faulty)).map((problem) => problem.split(' ')[0])).toEqual([
      'cgw-service.s2a.address',
      'cgw-service.s2a.address',
      'mrme-service.bind.address',
    ]);
    const gateway = await startGateway(config);
    await gateway.stop();
  });

  it('names the interface where that is what is wrong', async () => {
    const config = configOf('127.9.7');
    const access = { ...config.cgwService.access, interface: 'no-such-device' };
    const problems = await problemsOf({ ...config, cgwService: { ...config.cgwService, access } });
    expect(problems).toHaveLength(2);
    expect(problems.every((problem) => problem.startsWith('cgw-service.access.interface '))).toBe(true);
  });

  it('says that it does not speak IPv6 on its own side yet', async () => {
    const config = configOf('127.9.8');
    const access = { ...config.cgwService.access, address: parseIp('2001:db8::1')! };
    expect(await problemsOf({ ...config, cgwService: { ...config.cgwService, access } })).toEqual([
      'cgw-service.access.address 2001:db8::1 is an IPv6 address',
    ]);
  });

  it('says which certificates it cannot read, if a server needs them', async () => {
    const config = configOf('127.9.11');
    const { radius } = config.mrmeService;
    const tls = { caFile: '/no/ca', certificateFile: '/no/certificate', keyFile: '/no/key' };
    const withTls = (servers: typeof radius.servers) => ({
      ...config,
      mrmeService: { ...config.mrmeService, radius: { ...radius, servers, tls } },
    });
    const overTls = radius.servers.map((server) => ({ ...server, tls: { name: undefined } }));
    const settings = ['ca', 'certificate', 'key'].map((name) => `mrme-service.radius.tls.${name} /no/${name}`);
    const problems = await problemsOf(withTls(overTls));
    expect(problems.map((problem) => problem.replace(/ cannot be read.*/, ''))).toEqual(settings);
    const gateway = await startGateway(withTls(radius.servers));
    await gateway.stop();
  });

  it('asks the driver for GRE over IP where the configuration says raw', () => {
    const config = configOf('127.9.9');
    const access = { ...config.cgwService.access, greTransport: 'raw' as const, interface: 'eth0' };
    const [first] = bindingsOf({ ...config, cgwService: { ...config.cgwService, access } });
    expect(first).toMatchObject({ port: 'access-gre', spec: { transport: 'gre-over-ip', device: 'eth0' } });
  });
});

describe('the bindings of one of a pair', () => {
  const config = configOf('127.9.10');
  const absent = { ...config.cgwService.access, address: parseIp('203.0.113.250')! };
  const apart = { ...config, cgwService: { ...config.cgwService, access: absent } };
  const pair = [{ address: absent.address as Ipv4Address, prefixLength: 24, interface: 'lo' }];

  it('float where they are service addresses, and only there', () => {
    const floats = bindingsOf(apart, pair).map(({ port, spec }) => `${port} ${spec.floating ?? false}`);
    expect(floats.slice(0, 4)).toEqual(['access-gre true', 'access-pmipv6 true', 's2a-gre false', 's2a-pmipv6 false']);
  });

  it('are no problem at the start though the address is with the peer', async () => {
    const { driver } = await openDriver('batched');
    expect(await bindProblems(driver, bindingsOf(apart, pair))).toEqual([]);
    expect(await bindProblems(driver, bindingsOf(apart))).toHaveLength(2);
    await driver.close();
  });

  it('are problems without the batched driver', async () => {
    const problems = await bindProblems(new DgramDriver(), bindingsOf(apart, pair));
    expect(problems.map(({ path }) => path)).toEqual(['cgw-service.access.address', 'cgw-service.access.address']);
    expect(problems[0]!.hint).toMatch(/^an address that moves within a pair needs the batched driver/);
  });
});

describe('the restart counter', () => {
  it('grows every second, and fits 32 bits', () => {
    const at = Date.UTC(2026, 2, 1);
    expect(restartCounterAt(at + 1000)).toBe(restartCounterAt(at) + 1);
    expect(restartCounterAt(Date.UTC(2156, 0, 1))).toBeLessThan(2 ** 32);
    expect(restartCounterAt(Date.UTC(2020, 0, 1))).toBe(0);
  });
});
