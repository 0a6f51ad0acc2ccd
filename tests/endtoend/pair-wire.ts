import { execFileSync } from 'node:child_process';
import { type ChassisLetter, probeAddress, serviceAddresses } from './chassis.ts';
import { place } from './surroundings.ts';

/** One frame on the segment: its outer headers, and what it says. */
export interface Frame {
  /** By Date.now. */
  readonly at: number;
  readonly from: string;
  /** IPv4: the outer source, undefined for others. */
  readonly source: string | undefined;
  readonly destination: string | undefined;
  /** ARP on the segment, not in a tunnel. */
  readonly arp: { readonly sender: string; readonly target: string } | undefined;
  /** `Access-Request`, `PBU`, `REQUEST`, `heartbeat answer 7` and the like; undefined for data. */
  readonly message: string | undefined;
  /** Of a DHCP message: a client that is not answered in time says the same again. */
  readonly transaction: string | undefined;
}

const fields = [
  'frame.time_epoch',
  'frame.protocols',
  'eth.src',
  'ip.src',
  'ip.dst',
  'arp.src.proto_ipv4',
  'arp.dst.proto_ipv4',
  'radius.code',
  'mip6.mhtype',
  'dhcp.option.dhcp',
  'dhcp.id',
  'mip6.hb.r_flag',
  'mip6.rc',
];
const dhcpNames: Readonly<Record<string, string>> = { 1: 'DISCOVER', 2: 'OFFER', 3: 'REQUEST', 5: 'ACK', 6: 'NAK' };
const radiusNames: Readonly<Record<string, string>> = { 1: 'Access-Request', 2: 'Access-Accept', 12: 'Status-Server' };
const mobilityNames: Readonly<Record<string, string>> = { 5: 'PBU', 6: 'PBA', 16: 'revocation' };
const heartbeatType = '13';

/** What was captured on the segment, by tshark. */
export function framesOf(path: string): Frame[] {
  const columns = ['-E', 'separator=|', '-E', 'occurrence=f', ...fields.flatMap((field) => ['-e', field])];
  const text = execFileSync('tshark', ['-n', '-r', path, '-T', 'fields', ...columns], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return text.split('\n').filter(Boolean).map(frameOf);
}

function frameOf(line: string): Frame {
  const values = line.split('|');
  const fieldOf = (name: string): string | undefined => values[fields.indexOf(name)] || undefined;
  const isArp = fieldOf('frame.protocols')?.startsWith('eth:ethertype:arp') === true;
  return {
    at: Number(fieldOf('frame.time_epoch')) * 1000,
    from: fieldOf('eth.src') ?? '',
    source: isArp ? undefined : fieldOf('ip.src'),
    destination: isArp ? undefined : fieldOf('ip.dst'),
    arp: isArp ? { sender: fieldOf('arp.src.proto_ipv4')!, target: fieldOf('arp.dst.proto_ipv4')! } : undefined,
    message: messageOf(fieldOf),
    transaction: fieldOf('dhcp.id'),
  };
}

function messageOf(fieldOf: (name: string) => string | undefined): string | undefined {
  // An ICMP error holds the packet that it is about.
  if (fieldOf('frame.protocols')?.includes(':icmp')) return undefined;
  const radius = fieldOf('radius.code');
  if (radius !== undefined) return radiusNames[radius] ?? `RADIUS ${radius}`;
  const mobility = fieldOf('mip6.mhtype');
  if (mobility === heartbeatType) {
    const role = ['1', 'True'].includes(fieldOf('mip6.hb.r_flag') ?? '') ? 'answer' : 'question';
    return `heartbeat ${role} ${fieldOf('mip6.rc') ?? 'without counter'}`;
  }
  if (mobility !== undefined) return mobilityNames[mobility] ?? `mobility header ${mobility}`;
  const dhcp = fieldOf('dhcp.option.dhcp');
  return dhcp === undefined ? undefined : (dhcpNames[dhcp] ?? `DHCP ${dhcp}`);
}

/** A gratuitous ARP for one of the service addresses: that address; undefined for any other frame. */
export function announcedBy({ arp }: Frame): string | undefined {
  return arp !== undefined && arp.sender === arp.target
    ? serviceAddresses.find((own) => own === arp.sender)
    : undefined;
}

/** Whether a frame speaks in the name of the gateway. */
export function speaksForThePair({ source, arp }: Frame): boolean {
  const name = source ?? arp?.sender;
  return serviceAddresses.some((own) => own === name);
}

/**
 * Whether a chassis asks in a name of its own if the AAA server lives. The ARP of its kernel says its own name as well,
 * which tells nobody anything of the service addresses.
 */
export function probes({ source, destination, arp, message }: Frame, letter: ChassisLetter): boolean {
  if (arp !== undefined) return arp.sender === probeAddress[letter];
  return source === probeAddress[letter] && destination === place.aaa && message === 'Status-Server';
}

/** Who has announced an address, one after the other: MAC addresses, none twice in a row. */
export function announcers(frames: readonly Frame[], address: string): string[] {
  const all = frames.filter((frame) => announcedBy(frame) === address).map(({ from }) => from);
  return all.filter((from, index) => from !== all[index - 1]);
}
