import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { brokenLine } from '../../src/host/audit/audit-log.ts';
import { InterceptDesk } from '../../src/host/intercept/intercept-desk.ts';
import { StartError } from '../../src/host/start-error.ts';
import { ipv4Of } from '../../src/kernel/address.ts';
import { type Certificates, makeCertificates } from '../../src/lab/certificates.ts';
import { DeliveryFunction } from '../../src/lab/delivery-function.ts';
import { Warrants } from '../../src/lab/warrants.ts';
import type { InterceptConfig } from '../../src/operations/config/intercept-config.ts';
import { resume } from '../../src/services/samog/checkpoints/resume.ts';
import { savedOf } from '../../src/services/samog/checkpoints/saved-session.ts';
import { address, configOf, MemoryWorld } from '../scenarios/memory-world.ts';
import { readPdu, targetOf } from '../support/delivery-desk.ts';
import { testDigests } from '../support/digests.ts';
import { requireTool } from '../support/require-tool.ts';
import { freePort } from './ports.ts';
import { until } from './until.ts';

const folder = mkdtempSync(join(tmpdir(), 'samog-li-'));
const strangers = mkdtempSync(join(tmpdir(), 'samog-li-'));
const loopback = ipv4Of(0x7f000001);
const xid = targetOf().xid;
const warrant = {
  identity: { mac: '02:00:5e:10:00:01' },
  product: 'both',
  delivery: 'mf',
  until: new Date(Date.now() + 86_400_000).toISOString(),
};
let certificates: Certificates;
let others: Certificates;
let config: InterceptConfig;
let runs = 0;
const closers: (() => Promise<unknown>)[] = [];

async function configFor(): Promise<InterceptConfig> {
  runs += 1;
  const directory = join(folder, `run-${runs}`);
  const keyFile = join(folder, 'key');
  writeFileSync(keyFile, Buffer.alloc(32, 7));
  const tls = (name: string) => ({
    caFile: certificates.ca,
    certificateFile: certificates.certificate(name),
    keyFile: certificates.key(name),
  });
  return {
    networkFunction: 'samog',
    targetsMax: 3,
    directory,
    keyFile,
    provisioning: { address: loopback, port: await freePort(), tls: tls('gateway') },
    delivery: [
      {
        name: 'mf',
        address: loopback,
        port: await freePort(),
        tlsName: undefined,
        tls: tls('gateway'),
        bufferOctets: 1 << 20,
        keepaliveMs: 1000,
        timeoutMs: 3000,
      },
    ],
  };
}

async function open(serves = true): Promise<InterceptDesk> {
  const desk = await InterceptDesk.open(config, 1);
  await desk.start({ serves: () => serves, poke: () => {} });
  closers.push(() => desk.stop());
  return desk;
}

const warrants = (name: string | null = 'warrants', by = certificates) =>
  new Warrants({ port: config.provisioning.port }, certificates, name ?? undefined, by);

const auditLines = () => readFileSync(join(config.directory, 'audit.jsonl'), 'utf8').trimEnd().split('\n');

describe.skipIf(!requireTool('openssl'))('lawful intercept on a host', () => {
  beforeAll(() => {
    certificates = makeCertificates(folder, '127.0.0.1', ['gateway', 'delivery', 'warrants']);
    others = makeCertificates(strangers, '127.0.0.1', ['warrants']);
  });

  beforeEach(async () => {
    config = await configFor();
  });

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  afterAll(() => {
    for (const each of [folder, strangers]) rmSync(each, { recursive: true });
  });

  it('is provisioned by who has a certificate of its CA, and by nobody else', async () => {
    await open();
    for (const stranger of [warrants(null), warrants('warrants', others)]) {
      await expect(stranger.ask('GET', '/v1/targets')).rejects.toThrow();
    }
    const clients = warrants();
    expect(await clients.ask('PUT', `/v1/targets/${xid}`, warrant)).toEqual({ status: 200, body: { followed: null } });
    const { body } = await clients.ask('GET', '/v1/targets');
    expect(body['targets']).toEqual([{ xid, ...warrant, from: expect.any(String) }]);
    expect((await clients.ask('GET', `/v1/targets/${xid}`)).body).toMatchObject(warrant);
    expect((await clients.ask('GET', '/v1/status')).body).toMatchObject({ serves: true, targets: 1, isFollowed: null });
    expect(await clients.ask('DELETE', `/v1/targets/${xid}`)).toMatchObject({ status: 200 });
    expect(await clients.ask('DELETE', `/v1/targets/${xid}`)).toMatchObject({ status: 404 });
  });

  it('refuses what is wrong, with what is wrong with it', async () => {
    await open();
    const clients = warrants();
    for (const [method, path, data, status] of [
      ['PUT', `/v1/targets/${xid}`, { ...warrant, product: 'all' }, 400],
      ['PUT', `/v1/targets/${xid}`, 'no JSON', 400],
      ['PUT', '/v1/targets/x', warrant, 400],
      ['PUT', `/v1/targets/${xid}`, 'x'.repeat(20_000), 413],
      ['POST', '/v1/targets', warrant, 405],
      ['POST', `/v1/targets/${xid}`, warrant, 405],
      ['PUT', '/v1/status', warrant, 405],
      ['GET', '/v1/targets/', undefined, 404],
      ['GET', `/v1/targets/${xid}`, undefined, 404],
    ] as const) {
      const answer = await clients.ask(method, path, data);
      expect([method, path, answer]).toEqual([method, path, { status, body: { error: expect.any(String) } }]);
    }
    for (const digit of ['1', '2', '3', '4']) {
      const { status } = await clients.ask('PUT', `/v1/targets/${xid.slice(0, -1)}${digit}`, warrant);
      expect([digit, status]).toEqual([digit, digit === '4' ? 507 : 200]);
    }
  });

  it('survives whoever speaks no TLS, or no HTTP', async () => {
    await open();
    const { port } = config.provisioning;
    const plain = connect(port, '127.0.0.1')
      .on('error', () => {})
      .resume();
    plain.end('GET /v1/targets HTTP/1.1\r\n\r\n');
    await once(plain, 'close');
    const [ca, cert, key] = [certificates.ca, certificates.certificate('warrants'), certificates.key('warrants')].map(
      (path) => readFileSync(path),
    );
    const strange = connectTls({ port, host: '127.0.0.1', ca, cert, key }).on('error', () => {});
    await once(strange, 'secureConnect');
    strange.resume();
    strange.end('\0\0\0 no HTTP');
    await once(strange, 'close');
    expect(await warrants().ask('GET', '/v1/targets')).toMatchObject({ status: 200 });
    expect(auditLines()).toHaveLength(2);
  });

  it('changes nothing on a chassis that follows the other', async () => {
    await open(false);
    expect(await warrants().ask('PUT', `/v1/targets/${xid}`, warrant)).toMatchObject({ status: 409 });
    expect(await warrants().ask('GET', '/v1/targets')).toMatchObject({ status: 200, body: { targets: [] } });
  });

  it('notes every request, who made it and what came of it, in a file of its own; without that nothing is done', async () => {
    const desk = await open();
    await warrants().ask('PUT', `/v1/targets/${xid}`, warrant);
    await warrants().ask('GET', '/v1/nothing');
    const lines = auditLines();
    expect(brokenLine(lines)).toBeUndefined();
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { kind: 'asked', request: `PUT /v1/targets/${xid}`, subject: warrant, via: 'certificate', from: '127.0.0.1' },
      { kind: 'answered', of: 1, result: 'done' },
      { kind: 'asked', request: 'GET /v1/nothing' },
      { kind: 'answered', of: 3, result: '404' },
    ]);
    expect(JSON.parse(lines[0]!).who).toMatch(/^warrants ([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(statSync(join(config.directory, 'audit.jsonl')).mode & 0o777).toBe(0o600);
    rmSync(config.directory, { recursive: true });
    writeFileSync(config.directory, 'in the way');
    expect(await warrants().ask('DELETE', `/v1/targets/${xid}`)).toMatchObject({ status: 503 });
    expect(await warrants().ask('GET', '/v1/targets')).toMatchObject({ status: 503 });
    expect(desk.targets()).toHaveLength(1);
    rmSync(config.directory);
  });

  it('keeps its targets sealed: with their key they are there after a restart, with another they are not to be had', async () => {
    const desk = await open();
    await warrants().ask('PUT', `/v1/targets/${xid}`, warrant);
    await desk.stop();
    const file = join(config.directory, 'targets.sealed');
    const sealed = readFileSync(file);
    expect(sealed.length).toBeGreaterThan(65_536);
    expect(sealed.includes('02:00:5e')).toBe(false);
    expect(sealed.includes(xid)).toBe(false);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(config.directory).mode & 0o777).toBe(0o700);
    const again = await open();
    expect(again.target(xid)).toMatchObject({ identity: { kind: 'mac' }, delivery: 'mf' });
    await again.stop();
    writeFileSync(config.keyFile, Buffer.alloc(32, 8));
    await expect(InterceptDesk.open(config, 1)).rejects.toThrow(StartError);
    writeFileSync(config.keyFile, Buffer.alloc(31));
    await expect(InterceptDesk.open(config, 1)).rejects.toThrow(/31 octets/);
  });

  it('says what keeps it from starting', async () => {
    const { provisioning } = config;
    const missing = { ...config, provisioning: { ...provisioning, tls: { ...provisioning.tls, caFile: '/nowhere' } } };
    await expect(InterceptDesk.open(missing, 1)).rejects.toThrow('lawful-intercept.provisioning.ca');
    await open();
    const second = await InterceptDesk.open({ ...config, directory: join(folder, 'second') }, 1);
    await expect(second.start({ serves: () => true, poke: () => {} })).rejects.toThrow('cannot listen');
    await second.stop();
  });

  it.each(['stopped in good order', 'killed'])(
    'goes on with a session after a restart, with numbers that go on: %s',
    async (how) => {
      const [{ port } = { port: 0 }] = config.delivery;
      const pdus: ReturnType<typeof readPdu>[] = [];
      const files = {
        ca: certificates.ca,
        certificate: certificates.certificate('delivery'),
        key: certificates.key('delivery'),
      };
      const delivery = new DeliveryFunction(files, (pdu) => pdus.push(readPdu(pdu)));
      await delivery.listen(port);
      closers.push(() => delivery.close());
      const desk = await open();
      await warrants().ask('PUT', `/v1/targets/${xid}`, warrant);
      const world = new MemoryWorld(configOf(), testDigests, undefined, undefined, desk.intercepts[0]);
      world.ue.moveTo(world.wlc1, 'dhcp-discover', world.now);
      world.run(1000);
      world.ue.ping(address.host, 1, world.now);
      world.run(100);
      await until('all has come', () => pdus.length === 3);
      const { gateway } = world;
      const id = gateway.registry.ofMac(world.ue.mac)!.session;
      const usage = id.kind === 'Live' ? gateway.flows.usage(id.durable.id) : undefined;
      const record = { saved: savedOf(id as never, usage), baseRevision: 1, newer: undefined };
      const file = join(config.directory, 'targets.sealed');
      await new Promise((resolve) => setTimeout(resolve, 200));
      const kept = readFileSync(file);
      await desk.stop();
      // Who is killed has written nothing at the end.
      if (how === 'killed') writeFileSync(file, kept);

      const again = await open();
      const next = new MemoryWorld(configOf(), testDigests, undefined, undefined, again.intercepts[0]);
      next.gateway.adopt([resume(record, next.now)]);
      next.run(10);
      await until('it goes on', () => pdus.length > 3);
      expect(pdus.slice(3).map(({ payload, sequence }) => [payload['event'], sequence >= 1])).toEqual([
        ['interception-continued', true],
      ]);
      expect(pdus[3]!.payload['contentFrom']).toBeGreaterThanOrEqual(how === 'killed' ? 4096 : 2);
      if (how !== 'killed') expect(pdus[3]!.payload).toMatchObject({ isExact: true, eventsFrom: 1, contentFrom: 2 });
      expect(pdus[3]!.correlation).toBe(pdus[0]!.correlation);
    },
  );
});
