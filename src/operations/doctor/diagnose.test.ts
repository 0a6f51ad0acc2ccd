import { describe, expect, it } from 'vitest';
import type { TunnelMtu } from '../views/forwarding-mtu.ts';
import { diagnose, findingLines } from './diagnose.ts';
import type { ForwardingFacts, HostFacts, InterfaceFacts, SocketFacts, WantedFacts } from './host-facts.ts';

const eth0: InterfaceFacts = {
  name: 'eth0',
  up: true,
  mtu: 1500,
  addresses: ['192.0.2.1'],
  reversePathFilter: 2,
  largeReceiveOffload: false,
};
const sockets: SocketFacts = {
  driver: 'batched',
  driverFallbackReason: null,
  receiveBufferOctets: 8_388_608,
  kernelDrops: 0,
  receivesTruncated: 0,
  worstStallMs: 3,
};
const forwarding: ForwardingFacts = {
  mode: 'native',
  reason: null,
  isWanted: true,
  policed: 0,
  failures: 0,
  repaired: 0,
  suspectedTunnels: [],
};
const tunnel: TunnelMtu = {
  side: 'access',
  peer: '198.51.100.7',
  mtu: 1500,
  longestReceived: 1500,
  longestSent: 1500,
  mssClamped: 3,
  fragmentationNeededReceived: 0,
  tooLong: 4,
  fragmentationNeededSent: 4,
  lastTooLongSecondsAgo: 9,
  fragmented: 0,
  fragmentsReceived: 0,
  longestFragment: null,
  suspicion: 'limit',
};
const healthy: HostFacts = {
  rightsOf: 'gateway',
  capabilities: 2 ** 13 + 2 ** 12 + 2 ** 39,
  openFilesMax: 1_048_576,
  kernelSettings: { 'net/core/rmem_max': '212992', 'net/ipv4/conf/all/rp_filter': '0' },
  interfaces: [eth0],
  modules: ['nf_tables'],
  clock: { synchronised: true, errorMs: 20 },
  sockets,
  forwarding,
  wanted: undefined,
};
const wanted: WantedFacts = {
  rawSockets: true,
  serviceAddresses: false,
  addresses: [{ setting: 'cgw-service.access.address', address: '192.0.2.1', mtu: 1500 }],
  recovery: { directory: '/var/lib/samog', writable: true, freeOctets: 5e9 },
};
const nothing: HostFacts = {
  ...healthy,
  capabilities: undefined,
  openFilesMax: undefined,
  kernelSettings: {},
  interfaces: [],
  modules: undefined,
  clock: undefined,
  sockets: undefined,
  forwarding: undefined,
};

describe('the doctor', () => {
  it('finds nothing where all is well', () => {
    const findings = diagnose({ ...healthy, wanted });
    expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(findingLines(findings).every((line) => !line.includes('undefined'))).toBe(true);
  });

  it.each<[string, string, Partial<HostFacts>]>([
    ['right CAP_NET_RAW', 'warning', { capabilities: 2 ** 12 }],
    ['right CAP_NET_RAW', 'fault', { capabilities: 2 ** 12, wanted }],
    ['right CAP_NET_RAW', 'unknown', { capabilities: 0, rightsOf: 'this process' }],
    ['right CAP_NET_ADMIN', 'warning', { capabilities: 2 ** 13, wanted }],
    ['right CAP_NET_ADMIN', 'fault', { capabilities: 2 ** 13, wanted: { ...wanted, serviceAddresses: true } }],
    ['open files', 'warning', { openFilesMax: 256 }],
    ['socket buffers', 'warning', { sockets: { ...sockets, receiveBufferOctets: 425_984 } }],
    ['socket buffers', 'warning', { sockets: undefined }],
    ['packets dropped by the kernel', 'warning', { sockets: { ...sockets, kernelDrops: 3 } }],
    ['packets too long', 'warning', { sockets: { ...sockets, receivesTruncated: 3 } }],
    ['socket driver', 'warning', { sockets: { ...sockets, driver: 'dgram', driverFallbackReason: 'no libc' } }],
    ['event loop', 'warning', { sockets: { ...sockets, worstStallMs: 300 } }],
    ['fast path', 'ok', { forwarding: { ...forwarding, mode: 'generic', reason: 'eth0 has no native one' } }],
    ['fast path', 'ok', { forwarding: { ...forwarding, mode: 'off', reason: 'off', isWanted: false } }],
    ['fast path', 'warning', { forwarding: { ...forwarding, mode: 'off', reason: 'no libbpf' } }],
    ['lo.forwarding', 'warning', { kernelSettings: { 'net/ipv4/conf/lo/forwarding': '0' } }],
    ['punt policer', 'warning', { forwarding: { ...forwarding, policed: 7 } }],
    ['fast path maps', 'warning', { forwarding: { ...forwarding, failures: 1 } }],
    ['forwarding audit', 'warning', { forwarding: { ...forwarding, repaired: 2 } }],
    ['tunnel to 198.51.100.7', 'warning', { forwarding: { ...forwarding, suspectedTunnels: [tunnel] } }],
    ['rp_filter', 'warning', { interfaces: [{ ...eth0, reversePathFilter: 1 }] }],
    ['rp_filter', 'ok', { interfaces: [{ ...eth0, reversePathFilter: 1, up: false }] }],
    ['rp_filter', 'ok', { kernelSettings: { 'net/ipv4/conf/all/rp_filter': '1' } }],
    ['offload', 'warning', { interfaces: [{ ...eth0, largeReceiveOffload: true }] }],
    ['ip_gre module', 'warning', { modules: ['ip_gre'] }],
    ['clock', 'warning', { clock: { synchronised: false, errorMs: 16_000_000 } }],
    ['clock', 'warning', { clock: { synchronised: true, errorMs: 2000 } }],
    ['cgw-service.access.address', 'fault', { wanted, interfaces: [] }],
    ['cgw-service.access.address', 'fault', { wanted, interfaces: [{ ...eth0, up: false }] }],
    ['cgw-service.access.address', 'fault', { wanted, interfaces: [{ ...eth0, mtu: 1400 }] }],
    ['cgw-service.access.address', 'ok', { wanted: { ...wanted, serviceAddresses: true }, interfaces: [] }],
    ['recovery.directory', 'fault', { wanted: { ...wanted, recovery: { ...wanted.recovery!, writable: false } } }],
    ['recovery.directory', 'warning', { wanted: { ...wanted, recovery: { ...wanted.recovery!, freeOctets: 1e6 } } }],
  ])('%s: %s', (check, verdict, changes) => {
    const found = diagnose({ ...healthy, ...changes }).filter((finding) => finding.check === check);
    expect(found.map((finding) => finding.verdict)).toEqual([verdict]);
    expect(found[0]!.advice === null).toBe(verdict === 'ok' || verdict === 'unknown');
  });

  it('judges nothing that it cannot find out', () => {
    const findings = diagnose(nothing);
    expect(findings.map(({ check, verdict }) => [check, verdict])).toEqual([
      ['right CAP_NET_RAW', 'unknown'],
      ['right CAP_NET_ADMIN', 'unknown'],
      ['open files', 'unknown'],
      ['socket buffers', 'unknown'],
      ['rp_filter', 'ok'],
      ['offload', 'ok'],
      ['ip_gre module', 'unknown'],
      ['clock', 'unknown'],
    ]);
  });
});
