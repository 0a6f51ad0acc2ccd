import type { ForwardingEntry } from '../../src/forwarding/entry.ts';
import { AcceleratedSessions } from '../../src/forwarding/fast-path/accelerated-sessions.ts';
import { FastPathTable } from '../../src/forwarding/fast-path/fast-path-table.ts';
import { type FastDropReason, fastDropReasons, type PuntReason } from '../../src/forwarding/fast-path/layout.ts';
import type { FastCounters, FastUsage } from '../../src/forwarding/fast-path/usage.ts';
import type { AccessList } from '../../src/forwarding/filter.ts';
import {
  ip,
  lma,
  rg1,
  rg2,
  type Sent,
  vmac,
  type World,
  wlc1,
  wlc2,
  worldOf,
} from '../../src/forwarding/packets-for-tests.ts';
import type { TunnelFigures } from '../../src/forwarding/tunnel-figures.ts';
import { findInterface } from '../../src/host/addresses/network-interface.ts';
import { FastPathProgram } from '../../src/host/xdp/fast-path-program.ts';
import { TestRun, type Verdict } from '../../src/host/xdp/test-run.ts';
import { formatIpv4, type Ipv4Address, type MacAddress, parseMac } from '../../src/kernel/address.ts';
import { decodeEthernet, encodeEthernet, etherType } from '../../src/wire/ethernet/ethernet.ts';
import { decodeIpv4, encodeIpv4, ipProtocol } from '../../src/wire/ipv4/ipv4.ts';
import { enterOwnNetwork, ip as ipCommand, stayOnOneProcessor } from './own-network.ts';

export const accessAddress = ip('192.0.2.254');
export const s2aAddress = ip('203.0.113.254');
export const nextHopMac = parseMac('02:00:00:00:01:01')!;
export const ethernetOctets = 14;

export type Direction = 'uplink' | 'downlink';

/** What both paths made of one packet. */
export interface Outcome {
  readonly verdict: Verdict;
  /** Why the program passed it up, if it was a packet it looks at. */
  readonly punt: PuntReason | undefined;
  readonly input: Uint8Array;
  readonly frame: Uint8Array;
  /** What the slow path sent for it. */
  readonly sent: readonly Sent[];
  readonly handedUp: readonly unknown[];
  /** What the program counted for it. */
  readonly counters: Omit<FastCounters, 'uplinkPunts' | 'downlinkPunts' | 'uplinkDrops' | 'downlinkDrops'>;
  /** Why the program dropped it, if it did. */
  readonly drop: FastDropReason | undefined;
  /** Counters of the slow path that are not zero. */
  readonly counted: Readonly<Record<string, number>>;
}

export interface TestPacket {
  readonly direction: Direction;
  /** The outer source. */
  readonly peer: Ipv4Address;
  /** From the GRE header on. */
  readonly gre: Uint8Array;
  /** Octets behind the outer packet. */
  readonly padding?: number;
  readonly change?: (frame: Uint8Array) => void;
}

/**
 * The fast path and the slow path beside each other, with the same sessions. The program is in the kernel, and asks it for ways in
 * a network namespace in which all tunnel endpoints are neighbours.
 */
export class BothPaths {
  readonly program: FastPathProgram;
  readonly #run: TestRun;
  readonly #table: FastPathTable;
  readonly #sessions: AcceleratedSessions;
  #entries: readonly ForwardingEntry[] = [];
  #now = 0;

  /** @param accessLists those that sessions may have, as `AccessList`s of the slow path */
  constructor({
    puntsPerSecond = 0,
    puntsPerSecondInAll = 0,
    wayLifetimeMs = 0,
    accessLists = [] as readonly AccessList[],
  } = {}) {
    enterOwnNetwork();
    stayOnOneProcessor();
    layOutNetwork();
    this.program = new FastPathProgram({
      accessAddress,
      s2aAddress,
      vmac,
      sessionsMax: 100,
      puntsPerSecond,
      puntsPerSecondInAll,
      wayLifetimeMs,
      accessLists: accessLists.map(({ rules }) => rules),
    });
    for (const name of ['acc0', 's2a0']) this.program.addPort(findInterface(name)!.index);
    this.program.forwardUntil(Number.POSITIVE_INFINITY);
    this.#run = new TestRun(this.program.forwardProgram);
    const side = { mtu: 1500, greTransport: 'raw' } as const;
    const startedAt = Number(process.hrtime.bigint());
    this.#table = new FastPathTable(100, {
      access: side,
      s2a: side,
      mssClamp: true,
      listNumberOf: (list) => {
        const index = accessLists.indexOf(list);
        return index < 0 ? undefined : index + 1;
      },
      isEogreClient: (peer) => peer === rg1 || peer === rg2,
      kernelTimeOf: (instant) => startedAt + instant * 1e6,
    });
    this.#sessions = new AcceleratedSessions(this.#table, {
      records: this.program.records,
      limits: this.program.limits,
      writeNow: (place) => this.program.write(this.#table, place),
      isForwarding: true,
      now: () => this.#now,
      kernelTimeOf: (instant) => startedAt + instant * 1e6,
      instantOf: (kernelTime) => (kernelTime - startedAt) / 1e6,
    });
  }

  /** Has both paths forward for these sessions and no others; what the sessions moved so far is forgotten, and what was seen of tunnels. */
  serve(entries: readonly ForwardingEntry[]): World {
    this.#now += 10_000;
    for (const { sessionId } of this.#entries) this.#sessions.remove(sessionId);
    this.program.apply(this.#table);
    this.#now += 10_000;
    for (const entry of entries) this.#sessions.program(entry);
    this.program.apply(this.#table);
    this.#entries = entries;
    this.program.forgetTunnels();
    return worldOf(entries);
  }

  place(sessionId: number): number {
    return this.#table.placeOf(sessionId)!;
  }

  usage(sessionId: number): FastUsage {
    return this.program.usage(this.place(sessionId));
  }

  /** Puts a packet through both. For the slow path it is the moment 0. */
  put(world: World, packet: TestPacket): Outcome {
    const input = frameOf(packet);
    packet.change?.(input);
    const before = this.program.counters();
    const { verdict, frame } = this.#run.run(input, 1);
    const after = this.program.counters();
    if (packet.direction === 'uplink') world.slowPath.fromAccess(packet.peer, packet.gre, 0);
    else world.slowPath.fromS2a(packet.peer, packet.gre, 0);
    const punts = packet.direction === 'uplink' ? 'uplinkPunts' : 'downlinkPunts';
    const [punt] =
      Object.entries(after[punts]).find(([name, value]) => value > before[punts][name as PuntReason]) ?? [];
    const drops = packet.direction === 'uplink' ? 'uplinkDrops' : 'downlinkDrops';
    const drop = fastDropReasons.find((reason) => after[drops][reason] > before[drops][reason]);
    const difference = (name: keyof Outcome['counters']): number => after[name] - before[name];
    return {
      verdict,
      punt: punt as PuntReason | undefined,
      drop,
      input,
      frame,
      sent: world.takeSent(),
      handedUp: world.takeHandedUp(),
      counters: {
        uplinkPackets: difference('uplinkPackets'),
        uplinkOctets: difference('uplinkOctets'),
        downlinkPackets: difference('downlinkPackets'),
        downlinkOctets: difference('downlinkOctets'),
        mssClamped: difference('mssClamped'),
        policed: difference('policed'),
      },
      counted: world.counted(),
    };
  }

  /** What either path has seen of tunnels, in the same order. */
  tunnels({ table }: World): { readonly fast: readonly TunnelFigures[]; readonly slow: readonly TunnelFigures[] } {
    const sorted = (all: Iterable<TunnelFigures>) =>
      [...all].toSorted((left, right) => `${left.side}${left.peer}`.localeCompare(`${right.side}${right.peer}`));
    return { fast: sorted([...this.program.tunnels()].flat()), slow: sorted(table.tunnels.all()) };
  }

  close(): void {
    this.program.close();
  }
}

/** A frame on the wire with a GRE packet in it. */
function frameOf({ direction, peer, gre, padding = 0 }: TestPacket): Uint8Array {
  const destination = direction === 'uplink' ? accessAddress : s2aAddress;
  const outer = encodeIpv4({ source: peer, destination, protocol: ipProtocol.gre, ttl: 60 }, gre);
  const frame = encodeEthernet(
    { destination: vmac, source: nextHopMac, vlan: undefined, etherType: etherType.ipv4 },
    outer,
  );
  const padded = new Uint8Array(frame.length + padding);
  padded.set(frame);
  return padded;
}

/** What the fast path sent, taken apart as far as the slow path's sockets leave it to the kernel. */
export interface FastSent {
  readonly destinationMac: MacAddress;
  readonly sourceMac: MacAddress;
  readonly source: Ipv4Address;
  readonly peer: Ipv4Address;
  readonly tos: number;
  readonly ttl: number;
  readonly dontFragment: boolean;
  /** From the GRE header on. */
  readonly bytes: Uint8Array;
}

/** @throws Error if it is no Ethernet frame with a valid IPv4 GRE packet that fills it */
export function fastSentOf(frame: Uint8Array): FastSent {
  const ethernet = decodeEthernet(frame);
  const outer = decodeIpv4(frame, ethernetOctets);
  if (!ethernet.ok || ethernet.value.headerLength !== ethernetOctets) throw new Error('not an untagged frame');
  if (!outer.ok || outer.value.protocol !== ipProtocol.gre) throw new Error('not a GRE packet');
  const { headerLength, payloadLength, source, destination, tos, ttl, dontFragment } = outer.value;
  const at = ethernetOctets + headerLength;
  if (frame.length !== at + payloadLength) throw new Error('octets behind the packet');
  return {
    destinationMac: ethernet.value.destination,
    sourceMac: ethernet.value.source,
    source,
    peer: destination,
    tos,
    ttl,
    dontFragment,
    bytes: frame.slice(at),
  };
}

function layOutNetwork(): void {
  const sides = [
    ['acc0', accessAddress, [rg1, rg2, wlc1, wlc2]],
    ['s2a0', s2aAddress, [lma]],
  ] as const;
  for (const [name, address, peers] of sides) {
    // Longer than the tunnels' MTU, which alone is to count.
    ipCommand(`link add ${name} mtu 2000 type veth peer name ${name}p mtu 2000`);
    ipCommand(`address add ${formatIpv4(address)}/24 dev ${name}`);
    ipCommand(`link set ${name} up`);
    ipCommand(`link set ${name}p up`);
    for (const peer of peers) ipCommand(`neighbour add ${formatIpv4(peer)} lladdr 02:00:00:00:01:01 dev ${name}`);
  }
}
