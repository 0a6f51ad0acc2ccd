import { BatchedDriver } from '../../src/host/sockets/batched-driver.ts';
import type { Ipv4Address } from '../../src/kernel/address.ts';
import { Tap } from '../../src/lab/tap.ts';
import { decodeEthernet, encodeEthernet } from '../../src/wire/ethernet/ethernet.ts';
import { decodeGre, greLength, greProtocol, writeGre } from '../../src/wire/gre/gre.ts';

/**
 * One end of a GRE tunnel, as a process: what the kernel sends out of the interface leaves through the tunnel, and what comes by it
 * goes to the interface. It says "ready" once, and ends when its standard input does.
 */
export interface TunnelPlan {
  /** `tap`: EoGRE, a UE behind a residential gateway. `tun`: IP over GRE, a UE behind a MAG, or a host behind an LMA. */
  readonly kind: 'tap' | 'tun';
  readonly interface: string;
  readonly local: Ipv4Address;
  readonly remote: Ipv4Address;
  readonly sendKey: number;
  readonly receiveKey: number;
  /** The tag of frames in the tunnel; those of the interface have none. */
  readonly vlan?: number;
}

const plan: TunnelPlan = JSON.parse(process.argv[2]!);
const protocol = plan.kind === 'tap' ? greProtocol.transparentEthernet : greProtocol.ipv4;
const driver = new BatchedDriver();

const socket = await driver.open({ transport: 'gre-over-ip', address: plan.local }, (peer, _port, bytes) => {
  const header = decodeGre(bytes);
  if (!header.ok || peer !== plan.remote) return;
  if (header.value.key !== plan.receiveKey || header.value.protocol !== protocol) return;
  const payload = retagged(bytes.subarray(header.value.headerLength), plan.vlan, undefined);
  if (payload !== undefined) tap.send(payload);
});

const tap = new Tap(plan.kind, plan.interface, {
  received(bytes) {
    const payload = retagged(bytes, undefined, plan.vlan)!;
    const packet = new Uint8Array(greLength(plan.sendKey) + payload.length);
    packet.set(payload, writeGre(packet, 0, protocol, plan.sendKey));
    socket.send(plan.remote, 0, packet);
  },
  batchEnded: () => driver.flush(),
});

/** A frame with another tag; undefined if it does not have the one expected. IP packets have none, and stay as they are. */
function retagged(
  payload: Uint8Array,
  expected: number | undefined,
  wanted: number | undefined,
): Uint8Array | undefined {
  if (plan.kind === 'tun' || expected === wanted) return payload;
  const frame = decodeEthernet(payload);
  if (!frame.ok || frame.value.vlan !== expected) return undefined;
  return encodeEthernet({ ...frame.value, vlan: wanted }, payload.subarray(frame.value.headerLength));
}

process.stdin.once('end', () => process.exit(0)).resume();
process.stdout.write('ready\n');
