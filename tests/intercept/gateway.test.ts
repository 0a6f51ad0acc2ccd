import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { now } from '../../src/host/clock.ts';
import { formatMac, parseIpv4 } from '../../src/kernel/address.ts';
import { type Certificates, makeCertificates } from '../../src/lab/certificates.ts';
import { Lab } from '../../src/lab/lab.ts';
import { Warrants } from '../../src/lab/warrants.ts';
import { shownBy } from '../../src/operations/views/view.ts';
import { encodeUdpPacket } from '../../src/wire/udp/udp.ts';
import { type Delivered, readPdu } from '../support/delivery-desk.ts';
import { requireTool } from '../support/require-tool.ts';
import { type Dissection, dissect, linkType } from '../support/tshark.ts';
import { freePort } from './ports.ts';
import { until } from './until.ts';

type Placement = 'in-process' | 'threads';
let folder: string;
const main = fileURLToPath(new URL('./delivery-main.ts', import.meta.url));
const xid = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
let certificates: Certificates;
let lab: Lab;
let delivery: DeliveryProcess;
let warrants: Warrants;

/** A delivery function in a process of its own, and all that it was given, by whichever process. */
class DeliveryProcess {
  readonly octets: Uint8Array[] = [];
  readonly pdus: Delivered[] = [];
  readonly #port: number;
  #child: ChildProcess | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async start(): Promise<void> {
    const files = [certificates.ca, certificates.certificate('delivery'), certificates.key('delivery')];
    const child = spawn(process.execPath, [main, String(this.#port), ...files], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    let isListening = false;
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (line === 'listening') isListening = true;
      else {
        this.octets.push(Buffer.from(line, 'hex'));
        this.pdus.push(readPdu(this.octets.at(-1)!));
      }
    });
    await until('the delivery function listens', () => isListening);
  }

  async kill(): Promise<void> {
    const ended = once(this.#child!, 'exit');
    this.#child!.kill('SIGKILL');
    await ended;
  }

  /** Each PDU once, in the order of its number: what was sent again is the same. */
  of(kind: Delivered['kind']): Delivered[] {
    const byNumber = new Map(this.pdus.flatMap((pdu) => (pdu.kind === kind ? [[pdu.sequence, pdu] as const] : [])));
    return [...byNumber.values()].sort((left, right) => left.sequence - right.sequence);
  }

  events(): unknown[] {
    return this.of('event').map(({ payload }) => payload['event']);
  }
}

/** What tshark makes of a PDU: it knows them in UDP as in TLS. */
function dissected(octets: Uint8Array): Dissection {
  const datagram = { sourcePort: 40_000, destinationPort: 50_010, payload: octets };
  const packet = encodeUdpPacket({ source: parseIpv4('192.0.2.1')!, destination: parseIpv4('192.0.2.9')! }, datagram);
  return dissect(linkType.rawIpv4, [packet], ['-o', '5gli.udp.port:50010'])[0]!;
}

function sectionsOf(provisioningPort: number, deliveryPort: number, placement: Placement): string {
  const keyFile = join(folder, 'intercept.key');
  writeFileSync(keyFile, Buffer.alloc(32, 9));
  const tls = `ca: ${certificates.ca}, certificate: ${certificates.certificate('gateway')}, key: ${certificates.key('gateway')}`;
  return `lawful-intercept:
  directory: ${join(folder, 'intercept')}
  key-file: ${keyFile}
  provisioning: { address: 127.0.0.1, port: ${provisioningPort}, ${tls} }
  delivery: [{ name: mf, address: 127.0.0.1, port: ${deliveryPort}, keepalive-interval: 1s, keepalive-timeout: 3s, ${tls} }]
session-managers: { count: ${placement === 'threads' ? 2 : 1}, placement: ${placement} }
recovery: { directory: ${join(folder, 'store')}, flush-interval: 20ms }
`;
}

/** Echoes from the UE to the host and back, all of them. */
async function pingAll(count: number): Promise<void> {
  const before = forwarded();
  for (let sequence = 0; sequence < count; sequence += 1) {
    ue.ping(lab.host.address, sequence, now());
    lab.poke();
  }
  await until('every echo is back', () => forwarded() === before + 2 * count);
}

let ue: ReturnType<Lab['newUe']>;
const forwarded = () =>
  ['uplink.packets', 'downlink.packets'].reduce(
    (sum, name) => sum + lab.gateway.manager.forwardingCounters.get(name as 'uplink.packets'),
    0,
  );

const possible = ['openssl', 'tshark'].every((tool) => requireTool(tool));

describe.skipIf(!possible).each<Placement>(['in-process', 'threads'])(
  'a gateway with lawful intercept, session managers %s',
  (placement) => {
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'samog-li-'));
      certificates = makeCertificates(folder, '127.0.0.1', ['gateway', 'delivery', 'warrants']);
      const [provisioningPort, deliveryPort] = [await freePort(), await freePort()];
      delivery = new DeliveryProcess(deliveryPort);
      await delivery.start();
      lab = await Lab.start({ sections: sectionsOf(provisioningPort, deliveryPort, placement) });
      expect(lab.gateway.source.instancesDown?.()).toEqual(placement === 'threads' ? [] : undefined);
      warrants = new Warrants({ port: provisioningPort }, certificates, 'warrants');
      ue = lab.newUe();
    }, 60_000);

    afterAll(async () => {
      await lab?.stop();
      await delivery?.kill();
      rmSync(folder, { recursive: true });
    });

    it('delivers a session from its begin to its end, through a handover, and nothing is missing when the function was away', async () => {
      const identity = { mac: formatMac(ue.mac) };
      const until2 = new Date(Date.now() + 3_600_000).toISOString();
      const answer = await warrants.ask('PUT', `/v1/targets/${xid}`, {
        identity,
        product: 'both',
        delivery: 'mf',
        until: until2,
      });
      expect(answer.status).toBe(200);

      lab.move(ue, lab.wlc1, 'dhcp-discover');
      await until('the UE has an address', () => ue.dhcpState === 'Bound');
      await until('its session is told', () => delivery.events().includes('session-begin'));
      await pingAll(20);
      await until('content has come', () => delivery.of('content').length === forwarded());

      await delivery.kill();
      await pingAll(20);
      lab.move(ue, lab.rg1, 'dhcp-discover', 500);
      await until('the UE has moved', isAtRg);
      await pingAll(20);
      await delivery.start();
      await until('all content has come', () => delivery.of('content').length === forwarded());
      expect(delivery.of('content').map(({ sequence }) => sequence)).toEqual(
        Array.from({ length: forwarded() }, (_, at) => at),
      );

      // Who begins anew goes on with the number behind the last one.
      const content = forwarded();
      for (const place of [1, 2].slice(0, lab.gateway.config.sessionManagers.count)) {
        expect(await lab.gateway.restartInstance(place)).toMatchObject({ ok: true, lost: 0 });
      }
      await pingAll(5);
      await until('it has been told that it goes on', () => delivery.events().includes('interception-continued'));
      const [continued] = delivery.of('event').filter(({ payload }) => payload['event'] === 'interception-continued');
      expect(continued!.payload).toMatchObject({ isExact: true, contentFrom: content, eventsFrom: 2 });
      await until('its content goes on', () => delivery.of('content').length === forwarded());

      expect((await warrants.ask('DELETE', `/v1/targets/${xid}`)).status).toBe(200);
      await until('the end is told', () => delivery.events().includes('interception-end'));
      const copied = forwarded();
      await pingAll(5);
      await until('echoes come back', () => forwarded() >= copied + 10);
      expect(delivery.of('content')).toHaveLength(copied);
      expect(delivery.events()).toEqual(['session-begin', 'handover', 'interception-continued', 'interception-end']);
      expect(new Set(delivery.pdus.map(({ correlation }) => correlation)).size).toBe(1);

      const uplink = dissected(delivery.octets.find((_, at) => delivery.pdus[at]!.direction === 'uplink')!);
      expect(uplink.values('li5g.type')).toEqual(['2']);
      expect(uplink.values('li5g.xid')).toEqual([xid]);
      expect(uplink.values('icmp.type')).toEqual(['8']);
      expect(uplink.problems).toEqual([]);
      const event = dissected(delivery.octets[delivery.pdus.findIndex(({ kind }) => kind === 'event')]!);
      expect(event.values('li5g.pf')).toEqual(['4']);
      expect(event.problems).toEqual([]);
    }, 60_000);
  },
);

function isAtRg(): Promise<boolean> {
  const { source } = lab.gateway;
  return shownBy(source, { mac: ue.mac }, () => {
    const session = source.manager.registry.ofMac(ue.mac)?.session;
    return session?.kind === 'Live' && session.durable.access?.peer === lab.rg1.address;
  });
}
