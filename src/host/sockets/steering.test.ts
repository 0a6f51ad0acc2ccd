import { afterAll, describe, expect, it } from 'vitest';
import { requireTool } from '../../../tests/support/require-tool.ts';
import { type Ipv4Address, ipv4Of, parseIpv4 } from '../../kernel/address.ts';
import { SeededRandom } from '../../kernel/random.ts';
import { Directory } from '../../sessmgr/instances/directory.ts';
import { PacketRouter } from '../../sessmgr/instances/packet-router.ts';
import { onesComplementSum } from '../../wire/ipv4/checksum.ts';
import { BatchedDriver } from './batched-driver.ts';
import { DgramDriver } from './dgram-driver.ts';
import { type HostSocket, SocketError, type Transport } from './socket-driver.ts';

const driver = new BatchedDriver();
afterAll(() => driver.close());

/** GRE packets of every shape that a router tells apart, and others: octets by chance after a header that may be one. */
function packets(seed: number, amount: number): readonly Uint8Array[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: amount }, (_, index) => {
    const bytes = random.bytes(1 + random.below(60));
    const flags = random.pick([0, 0, 0x2000, 0x2000, 0x1000, 0x3000, 0x8000, 0xa000, 0xb000, 0x0007, 0x4000, 0x0008]);
    const protocol = random.pick([0x6558, 0x6558, 0x0800, 0x0800, 0x86dd]);
    bytes.set([flags >> 8, flags & 255, protocol >> 8, protocol & 255].slice(0, bytes.length));
    // Each packet is another, so that it is known again.
    if (bytes.length >= 4) bytes.set([index >> 8, index & 255], bytes.length - 2);
    return checksummed(bytes, flags);
  });
}

/** With a checksum that is right, where the header has one: a wrong one nobody looks at but the instance. */
function checksummed(bytes: Uint8Array, flags: number): Uint8Array {
  if ((flags & 0x8000) === 0 || bytes.length < 8) return bytes;
  bytes.set([0, 0], 4);
  const checksum = 0xffff - onesComplementSum(bytes, 0, bytes.length);
  bytes.set([checksum >> 8, checksum & 255], 4);
  return bytes;
}

/** GRE with a key that is an instance's, or without one: the chassis's. */
const markerOf = (index: number, count: number) =>
  index < count ? Uint8Array.of(0x20, 0, 8, 0, 0, 0, 0, index) : Uint8Array.of(0, 0, 8, 0, 0xff);

/** IP without a key, by a header that the gateway can read. */
const isUnkeyed = (bytes: Uint8Array) => {
  if (bytes.length < 4 || ((bytes[0]! << 8) | bytes[1]!) & 0x6c07) return false;
  const isWhole = bytes.length >= 4 + (bytes[0]! & 0x80 ? 4 : 0) + (bytes[0]! & 0x10 ? 4 : 0);
  return isWhole && ((bytes[2]! << 8) | bytes[3]!) !== 0x6558;
};

/** Sends all of them to so many sockets of one address, and a marker for each; returns what came to each before its marker. */
async function steered(
  { transport, address, hasChassis }: { transport: Transport; address: Ipv4Address; hasChassis: boolean },
  count: number,
  sent: readonly Uint8Array[],
) {
  const places = hasChassis ? count + 1 : count;
  const came: string[][] = Array.from({ length: places }, () => []);
  const { promise, resolve } = Promise.withResolvers<void>();
  let unmarked = places;
  const sockets: HostSocket[] = [];
  for (let index = 0; index < places; index += 1) {
    const spec = { transport, address, steering: { index, count, hasChassis } };
    const end = hexOf(markerOf(index, count));
    const take = (_peer: Ipv4Address, _port: number, bytes: Uint8Array): void => {
      const hex = hexOf(bytes);
      if (hex !== end) came[index]!.push(hex);
      else if (--unmarked === 0) resolve();
    };
    sockets.push(await driver.open(spec, take));
  }
  const sender = await driver.open({ transport, address: ipv4Of(address + 1) }, () => {});
  for (const bytes of [...sent, ...Array.from({ length: places }, (_, index) => markerOf(index, count))]) {
    sender.send(address, 0, bytes);
    driver.flush();
  }
  await promise;
  for (const socket of [...sockets, sender]) socket.close();
  return came;
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const sender = ipv4Of(0);

const root = process.getuid?.() === 0;

describe.each<[Transport, string, boolean]>([
  ['gre-over-udp', '127.0.7.1', true],
  ['gre-over-ip', '127.0.7.5', root],
])('%s packets', (transport, text, may) => {
  it.skipIf(!requireTool('the right to open raw sockets (root)', may)).each([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 7],
  ])('(story %s) come each once, to the one of %s sockets that the router names', async (seed, count) => {
    const router = new PacketRouter(count, 1, new Directory());
    const sent = packets(seed, 200);
    const expected: string[][] = Array.from({ length: count }, () => []);
    for (const bytes of sent) expected[router.instanceOf('access-gre', 0, sender, bytes)]!.push(hexOf(bytes));
    const of = { transport, address: parseIpv4(text)! };
    expect(await steered({ ...of, hasChassis: false }, count, sent)).toEqual(expected);
    const [ofFirst, ...ofOthers] = expected;
    const unkeyed = new Set(sent.filter(isUnkeyed).map(hexOf));
    expect(await steered({ ...of, hasChassis: true }, count, sent)).toEqual([
      ofFirst!.filter((hex) => !unkeyed.has(hex)),
      ...ofOthers,
      sent.map(hexOf).filter((hex) => unkeyed.has(hex)),
    ]);
  });
});

it('only GRE can be steered, and only by the batched driver', async () => {
  const address = parseIpv4('127.0.7.9')!;
  const steering = { index: 0, count: 2 };
  await expect(driver.open({ transport: 'udp', address, steering }, () => {})).rejects.toThrow(SocketError);
  const plain = new DgramDriver();
  await expect(plain.open({ transport: 'gre-over-udp', address, steering }, () => {})).rejects.toThrow(
    /batched driver/,
  );
  await plain.close();
});
