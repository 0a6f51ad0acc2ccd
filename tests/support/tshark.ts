import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Link types of a capture file (the tcpdump.org registry). */
export const linkType = { ethernet: 1, rawIpv4: 228 } as const;

/** What tshark makes of one packet. */
export interface Dissection {
  /** Protocols in order, such as `eth:ethertype:arp`. */
  readonly protocols: string;
  /** All values of a field, by its Wireshark name, such as `ip.src` or `dhcp.option.type`, in packet order. */
  values(field: string): string[];
  /** The first value of a field; throws if the packet has none. */
  value(field: string): string;
  /** Malformed layers and expert information of severity warning or error. */
  readonly problems: readonly string[];
}

/** Wireshark's PI_WARN: notes and chats (a DHCP retransmission, a SYN) are not faults of an encoder. */
const warningSeverity = 0x600000;

/**
 * Dissects packets with tshark, checksums verified. The capture lives in a temporary folder that is removed.
 *
 * @param options further tshark arguments, such as `['-d', 'udp.port==4754,gre']`
 */
export function dissect(link: number, packets: readonly Uint8Array[], options: readonly string[] = []): Dissection[] {
  const folder = mkdtempSync(join(tmpdir(), 'samog-tshark-'));
  try {
    const path = join(folder, 'packets.pcap');
    writeFileSync(path, pcapOf(link, packets));
    const checks = ['ip', 'udp', 'tcp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
    const dissections = dissectFile(path, [...checks, ...options]);
    if (dissections.length !== packets.length) {
      throw new Error(`tshark saw ${dissections.length} of ${packets.length} packets`);
    }
    return dissections;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Dissects a capture file with tshark. Checksums are as they were captured, so they are verified only where asked for. */
export function dissectFile(path: string, options: readonly string[] = []): Dissection[] {
  const text = execFileSync('tshark', ['-n', '-r', path, '-T', 'json', '--no-duplicate-keys', ...options], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return (JSON.parse(text) as { _source: { layers: Json } }[]).map((frame) => dissectionOf(frame._source.layers));
}

/** A capture file (libpcap format 2.4, microseconds, big-endian) of packets one second apart. */
export function pcapOf(link: number, packets: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [words(0xa1b2c3d4, 0x00020004, 0, 0, 0x40000, link)];
  packets.forEach((packet, index) => {
    parts.push(words(1_700_000_000 + index, 0, packet.length, packet.length), packet);
  });
  return Buffer.concat(parts);
}

function words(...values: number[]): Uint8Array {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value, index * 4);
  });
  return bytes;
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

function dissectionOf(layers: Json): Dissection {
  const values = (field: string): string[] => collect(layers, field).flatMap(textsOf);
  return {
    protocols: values('frame.protocols')[0] ?? '',
    values,
    value(field) {
      const first = values(field)[0];
      if (first === undefined) throw new Error(`no ${field} in ${JSON.stringify(layers)}`);
      return first;
    },
    problems: problemsOf(layers),
  };
}

function problemsOf(layers: Json): string[] {
  const problems = collect(layers, '_ws.malformed').map((found) => `malformed: ${JSON.stringify(found)}`);
  for (const found of collect(layers, '_ws.expert').flatMap((entry) => (Array.isArray(entry) ? entry : [entry]))) {
    const severity = Number(collect(found, '_ws.expert.severity').flatMap(textsOf)[0] ?? 0);
    if (severity >= warningSeverity) problems.push(`expert: ${JSON.stringify(found)}`);
  }
  return problems;
}

/** All values under `key`, at any depth. */
function collect(tree: Json, key: string): Json[] {
  if (Array.isArray(tree)) return tree.flatMap((branch) => collect(branch, key));
  if (tree === null || typeof tree !== 'object') return [];
  return Object.entries(tree).flatMap(([name, branch]) => [...(name === key ? [branch] : []), ...collect(branch, key)]);
}

function textsOf(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return typeof value === 'object' ? [] : [String(value)];
}
