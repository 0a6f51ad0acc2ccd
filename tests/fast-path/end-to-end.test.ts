import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForwardingEntry } from '../../src/forwarding/entry.ts';
import type { FastCounters } from '../../src/forwarding/fast-path/usage.ts';
import { findInterface } from '../../src/host/addresses/network-interface.ts';
import { type Attachment, attach } from '../../src/host/xdp/attachment.ts';
import { FastPathProgram } from '../../src/host/xdp/fast-path-program.ts';
import { requireTool } from '../support/require-tool.ts';
import { gatewayInterfaces, keys, Peers } from './peers.ts';
import { fastPathNeeds } from './requirements.ts';
import { atMag, atRg, fastPathConfig, newTable, session } from './served-session.ts';

const tools = ['ip', 'ping', 'iperf3'];
const possible = requireTool(...fastPathNeeds()) && tools.every((tool) => requireTool(tool));

describe.skipIf(!possible)('the fast path, end to end', () => {
  const table = newTable();
  let program: FastPathProgram;
  let peers: Peers;
  let attachment: Attachment;

  beforeAll(async () => {
    program = new FastPathProgram(fastPathConfig);
    peers = new Peers();
    await peers.start(program.passProgram);
    attachment = attach(program.forwardProgram, gatewayInterfaces);
    for (const name of gatewayInterfaces) program.addPort(findInterface(name)!.index);
    program.forwardUntil(Number.POSITIVE_INFINITY);
    serve(session(atRg));
  });
  afterAll(async () => {
    attachment?.detach();
    program?.close();
    await peers?.remove();
  });

  function serve(entry: ForwardingEntry): void {
    table.program(entry, 0);
    program.apply(table);
  }

  /** What all counters have risen by in the meantime, those that did not left out. */
  async function countedDuring(action: () => Promise<void>): Promise<Record<string, number>> {
    const before = figures(program.counters());
    await action();
    const risen = Object.entries(figures(program.counters())).map(([name, value]) => [name, value - before[name]!]);
    return Object.fromEntries(risen.filter(([, value]) => value !== 0));
  }

  it('runs natively', () => {
    expect(attachment).toMatchObject({ mode: 'native', refusal: undefined });
  });

  it('forwards every packet of a UE on EoGRE, and counts what the peers count', async () => {
    const atLma = peers.received(peers.lma, 's2a');
    const atUe = peers.received(peers.rg, 'ue0');
    const counted = await countedDuring(async () => expect(await peers.ping(peers.rg, 200)).toBe(200));
    // 200 octets, ICMP and IPv4.
    const octets = 200 * 228;
    expect(counted).toEqual({
      uplinkPackets: 200,
      uplinkOctets: octets,
      downlinkPackets: 200,
      downlinkOctets: octets,
    });
    expect(peers.received(peers.lma, 's2a') - atLma).toBe(200);
    expect(peers.received(peers.rg, 'ue0') - atUe).toBe(200);
    const { uplink, downlink } = program.usage(table.placeOf(keys.session)!);
    expect([uplink.packets, uplink.octets, downlink.packets, downlink.octets]).toEqual([200, octets, 200, octets]);
  });

  it.each([
    ['from', false],
    ['to', true],
  ])('carries TCP %s a UE that knows nothing of tunnels: the MSS is clamped', async (_, toUe) => {
    const octets = 20_000_000;
    const counted = await countedDuring(async () => {
      // The client stops the clock when it has sent all: the last of it may still be under way.
      expect(await peers.transfer(peers.rg, octets, toUe)).toBeGreaterThan(octets / 4);
    });
    // Of two connections, a SYN and its answer each; nothing but TCP, and all of it by the fast path.
    expect(counted['mssClamped']).toBeGreaterThanOrEqual(4);
    const names = ['uplinkPackets', 'uplinkOctets', 'downlinkPackets', 'downlinkOctets', 'mssClamped'];
    expect(Object.keys(counted).sort()).toEqual(names.sort());
  });

  it('follows a UE to a MAG by one write, and still takes what it had sent from where it was', async () => {
    serve(session(atMag, atRg));
    const counted = await countedDuring(async () => expect(await peers.ping(peers.mag, 200)).toBe(200));
    expect(counted).toMatchObject({ uplinkPackets: 200, downlinkPackets: 200 });
    const atUe = peers.received(peers.mag, 'ue0');
    const late = await countedDuring(async () => expect(await peers.ping(peers.rg, 20, false)).toBe(0));
    expect(late).toMatchObject({ uplinkPackets: 20, downlinkPackets: 20 });
    expect(peers.received(peers.mag, 'ue0') - atUe).toBe(20);
  });

  it('takes nothing from where the UE was once the guard time is over', async () => {
    serve(session(atMag));
    const counted = await countedDuring(async () => expect(await peers.ping(peers.rg, 20, false)).toBe(0));
    expect(counted).toEqual({ 'uplink other-endpoint': 20 });
  });

  it('forwards nothing while switched off, and all again at once', async () => {
    program.forwardUntil(0);
    const off = await countedDuring(async () => expect(await peers.ping(peers.mag, 20, false)).toBe(0));
    expect(off).toEqual({ 'uplink passive': 20 });
    program.forwardUntil(Number.POSITIVE_INFINITY);
    expect(await peers.ping(peers.mag, 20)).toBe(20);
  });

  it('has nothing to do with a session that is gone', async () => {
    table.remove(keys.session, 0);
    program.apply(table);
    expect(await countedDuring(async () => expect(await peers.ping(peers.mag, 20, false)).toBe(0))).toEqual({
      'uplink unknown-key': 20,
    });
    serve(session(atRg));
    expect(await peers.ping(peers.rg, 20)).toBe(20);
  });

  it('forwards in generic mode where an interface has no native one', async () => {
    attachment.detach();
    // The loopback's driver knows nothing of XDP.
    attachment = attach(program.forwardProgram, [...gatewayInterfaces, 'lo']);
    expect(attachment.mode).toBe('generic');
    expect(attachment.refusal).toContain('lo');
    const counted = await countedDuring(async () => expect(await peers.ping(peers.rg, 100)).toBe(100));
    expect(counted).toMatchObject({ uplinkPackets: 100, downlinkPackets: 100 });
  });
});

function figures({
  uplinkPunts,
  downlinkPunts,
  uplinkDrops,
  downlinkDrops,
  ...others
}: FastCounters): Record<string, number> {
  const of = (side: string, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([reason, count]) => [`${side} ${reason}`, count]);
  const reasons = [
    of('uplink', { ...uplinkPunts, ...uplinkDrops }),
    of('downlink', { ...downlinkPunts, ...downlinkDrops }),
  ];
  return { ...others, ...Object.fromEntries(reasons.flat()) };
}
