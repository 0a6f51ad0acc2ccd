import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  eogreFrame,
  gre,
  lma,
  otherAddress,
  otherEntry,
  packet,
  packetToUe,
  rg1,
  rg2,
  ueEntry,
} from '../../src/forwarding/packets-for-tests.ts';
import { greProtocol } from '../../src/wire/gre/gre.ts';
import { checksumOf } from '../../src/wire/ipv4/checksum.ts';
import { ipv4Offset } from '../../src/wire/ipv4/ipv4.ts';
import { requireTool } from '../support/require-tool.ts';
import { BothPaths, ethernetOctets, type TestPacket } from './both-paths.ts';
import { fastPathNeeds } from './requirements.ts';

const ue = () => ueEntry({ sessionId: 21 });
const other = otherEntry({ sessionId: 22 });
const fromRg = (greBytes: Uint8Array, peer = rg1): TestPacket => ({ direction: 'uplink', peer, gre: greBytes });
const fromLma = (payload: Uint8Array, key: number | undefined = 21, peer = lma): TestPacket => ({
  direction: 'downlink',
  peer,
  gre: gre(greProtocol.ipv4, key, payload),
});

describe.skipIf(!requireTool(...fastPathNeeds()))('what the fast path sees of tunnels', () => {
  let paths: BothPaths;
  beforeAll(() => {
    paths = new BothPaths();
  });
  afterAll(() => paths?.close());

  it('notes the longest packet of each tunnel, by either path', () => {
    const world = paths.serve([ue(), other]);
    for (const length of [100, 20, 300, 200]) paths.put(world, fromRg(eogreFrame(packet({}, { length }))));
    paths.put(world, fromLma(packetToUe({}, { length: 500 })));
    const { fast, slow } = paths.tunnels(world);
    expect(fast).toEqual(slow);
    // Around 28 octets of IP and UDP: IP 20, GRE 4 and Ethernet 14 to the RG; IP 20 and GRE 8 to the LMA.
    expect(fast).toMatchObject([
      { side: 'access', peer: rg1, longestReceived: 300 + 28 + 38, longestSent: 500 + 28 + 38 },
      { side: 's2a', peer: lma, longestReceived: 500 + 28 + 28, longestSent: 300 + 28 + 28 },
    ]);
  });

  it('notes nothing of a tunnel that only packets came by which were not forwarded', () => {
    const world = paths.serve([ue(), other]);
    for (const test of [
      fromRg(eogreFrame(packet()), rg2),
      fromRg(eogreFrame(packet({ source: otherAddress }))),
      fromLma(packetToUe(), 99),
      { ...fromRg(eogreFrame(packet())), change: fragmentOf(true) },
    ]) {
      expect(paths.put(world, test).verdict).toBe('pass');
    }
    expect(paths.tunnels(world).fast).toEqual([]);
  });

  it('counts the fragments of outer packets of a known tunnel, and the longest with more to follow', () => {
    const world = paths.serve([ue(), other]);
    const from = (length: number, more: boolean): TestPacket => ({
      ...fromRg(eogreFrame(packet({}, { length }))),
      change: fragmentOf(more),
    });
    paths.put(world, fromRg(eogreFrame(packet())));
    for (const [length, more] of [
      [100, true],
      [40, true],
      [300, false],
    ] as const) {
      expect(paths.put(world, from(length, more))).toMatchObject({ verdict: 'pass', punt: 'outer' });
    }
    const [access] = paths.tunnels(world).fast;
    expect(access).toMatchObject({ fragmentsReceived: 3, longestFragment: 100 + 28 + 38 });
  });
});

/** Makes the outer packet a fragment: the first of several, or the last. */
function fragmentOf(more: boolean): (frame: Uint8Array) => void {
  return (frame) => {
    const at = ethernetOctets + ipv4Offset.flagsAndFragment;
    frame.set(more ? [0x20, 0] : [0, 10], at);
    frame.set([0, 0], ethernetOctets + ipv4Offset.checksum);
    const sum = checksumOf(frame, ethernetOctets, ethernetOctets + 20);
    frame.set([sum >>> 8, sum & 255], ethernetOctets + ipv4Offset.checksum);
  };
}
