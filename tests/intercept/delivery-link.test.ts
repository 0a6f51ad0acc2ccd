import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DeliveryLink } from '../../src/host/intercept/delivery-link.ts';
import { type Certificates, makeCertificates } from '../../src/lab/certificates.ts';
import { DeliveryFunction } from '../../src/lab/delivery-function.ts';
import { DeliveryRoom } from '../../src/services/samog/intercept/delivery-room.ts';
import {
  encodeLiPdu,
  keepalivePdu,
  liDirection,
  liPayloadFormat,
  liPduType,
  sequenceAttribute,
} from '../../src/wire/li/pdu.ts';
import { readPdu } from '../support/delivery-desk.ts';
import { requireTool } from '../support/require-tool.ts';
import { until } from './until.ts';

const folder = mkdtempSync(join(tmpdir(), 'samog-li-'));
const strangers = mkdtempSync(join(tmpdir(), 'samog-li-'));
let certificates: Certificates;
let others: Certificates;
const closers: (() => Promise<void>)[] = [];

function pduOf(sequence: number, octets = 100): Uint8Array {
  return encodeLiPdu({
    type: liPduType.x3,
    format: liPayloadFormat.ipv4,
    direction: liDirection.toTarget,
    xid: new Uint8Array(16),
    correlation: new Uint8Array(8),
    attributes: [{ type: 17, data: new Uint8Array(0) }, sequenceAttribute(sequence)],
    payload: new Uint8Array(octets),
  });
}

async function functionOf(files: Certificates, port = 0) {
  const taken: number[] = [];
  const file = { ca: files.ca, certificate: files.certificate('delivery'), key: files.key('delivery') };
  const delivery = new DeliveryFunction(file, (pdu) => taken.push(readPdu(pdu).sequence));
  const bound = await delivery.listen(port);
  closers.push(() => delivery.close());
  return { delivery, taken, port: bound };
}

function linkTo(
  port: number,
  change: { timeoutMs?: number; bufferOctets?: number; by?: Certificates } = {},
): DeliveryLink {
  const { timeoutMs = 60_000, bufferOctets = 1 << 20, by = certificates } = change;
  const read = (path: string) => readFileSync(path);
  const link = new DeliveryLink({
    name: 'mf',
    target: {
      host: '127.0.0.1',
      port,
      ca: read(certificates.ca),
      cert: read(by.certificate('gateway')),
      key: read(by.key('gateway')),
    },
    room: DeliveryRoom.for(bufferOctets),
    keepaliveMs: 200,
    timeoutMs,
  });
  closers.push(() => link.close());
  link.start();
  return link;
}

describe.skipIf(!requireTool('openssl'))('a connection to a delivery function', () => {
  beforeAll(() => {
    certificates = makeCertificates(folder, '127.0.0.1', ['gateway', 'delivery']);
    others = makeCertificates(strangers, '127.0.0.1', ['gateway', 'delivery']);
  });

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  afterAll(() => {
    for (const each of [folder, strangers]) rmSync(each, { recursive: true });
  });

  it('brings everything in order, and knows what has come', async () => {
    const { taken, port } = await functionOf(certificates);
    const link = linkTo(port);
    for (let sequence = 0; sequence < 500; sequence += 1) link.offer('content', pduOf(sequence));
    await until('all has come', () => taken.length === 500);
    expect(taken).toEqual(Array.from({ length: 500 }, (_, index) => index));
    await until('it is known', () => link.queue.length === 0);
    expect(link.status()).toMatchObject({ isUp: true, connections: 1, waitingOctets: 0, refused: 0 });
  });

  it('sends again what was not acknowledged, once the function is back: nothing is missing', async () => {
    const first = await functionOf(certificates);
    first.delivery.acknowledges = false;
    const link = linkTo(first.port);
    for (let sequence = 0; sequence < 10; sequence += 1) link.offer('content', pduOf(sequence));
    await until('they are there', () => first.taken.length === 10);
    await first.delivery.close();
    await until('the link has noticed', () => !link.status().isUp);
    for (let sequence = 10; sequence < 20; sequence += 1) link.offer('content', pduOf(sequence));
    const second = await functionOf(certificates, first.port);
    await until('all has come', () => second.taken.length === 20);
    expect(second.taken).toEqual(Array.from({ length: 20 }, (_, index) => index));
    await until('it is known', () => link.queue.length === 0);
  });

  it('is made anew when the function answers no keepalive', async () => {
    const { delivery, port } = await functionOf(certificates);
    delivery.acknowledges = false;
    const link = linkTo(port, { timeoutMs: 400 });
    await until('it was given up', () => delivery.connections > 1);
    expect(link.status().connections).toBeGreaterThan(0);
  });

  it.each<[string, Uint8Array, number]>([
    ['no PDU', new Uint8Array(60).fill(0x41), 2],
    ['a PDU of a gigabyte', encodeLiPdu(keepalivePdu('keepalive', 0)).with(8, 0x40), 2],
    ['PDUs that nobody asked for', encodeLiPdu(keepalivePdu('keepaliveAcknowledgement', 4_000_000_000)), 1],
  ])('survives a function that says %s', async (_, greeting, connections) => {
    const { delivery, taken, port } = await functionOf(certificates);
    delivery.greeting = greeting;
    const link = linkTo(port);
    await until('it has connected as often', () => delivery.connections >= connections);
    delivery.greeting = undefined;
    link.offer('event', pduOf(1));
    await until('what is to be delivered comes', () => taken.includes(1));
    await until('it is known', () => link.queue.length === 0);
  });

  it('is not made to somebody whose certificate another CA has signed, nor taken from such', async () => {
    const stranger = await functionOf(others);
    const link = linkTo(stranger.port);
    await until('it has failed', () => /certificate|signature|issuer/.test(link.status().why));
    expect(link.offer('event', pduOf(0))).toBe(true);
    const { delivery, taken, port } = await functionOf(certificates);
    linkTo(port, { by: others }).offer('event', pduOf(0));
    await until('it was refused', () => delivery.refused > 0);
    expect([stranger.taken, taken]).toEqual([[], []]);
  });

  it('keeps no more than it may while the function is away, and says how much it has refused', async () => {
    const link = linkTo(1, { bufferOctets: 10_000 });
    const taken = Array.from({ length: 100 }, (_, index) => link.offer('content', pduOf(index)));
    expect(taken.indexOf(false)).toBeGreaterThan(10);
    expect(link.status()).toMatchObject({ isUp: false, refused: taken.filter((is) => !is).length });
    expect(link.queue.octets).toBeLessThanOrEqual(10_000);
  });
});
