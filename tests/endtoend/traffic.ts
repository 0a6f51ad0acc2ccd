import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Namespaces } from './namespaces.ts';

/** What a run of ping saw. */
export interface PingResult {
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  /** The longest time between two replies, of those that end within half a second of an instant (Date.now). */
  gapMs(around: number): number;
  /** The longest time between two replies. */
  readonly longestGapMs: number;
  readonly output: string;
}

/** ping leaves two round trips after its last request, so the last ones do not tell what is lost: they are not judged. */
const trailingPings = 20;

/** Pings from a namespace. Needs no reply to succeed. */
export async function ping(
  namespaces: Namespaces,
  namespace: string,
  target: string,
  options: {
    readonly count: number;
    readonly intervalMs?: number;
    readonly trailing?: number;
    readonly extra?: string[];
  },
): Promise<PingResult> {
  const { count, intervalMs = 10, trailing = trailingPings, extra = [] } = options;
  const pace = ['-c', String(count + trailing), '-i', String(intervalMs / 1000), '-W', '1'];
  const { output } = await namespaces.run(namespace, ['ping', '-n', '-D', ...pace, ...extra, target]);
  return resultOf(output, count);
}

/** Pings from a namespace a hundred times a second, until it is told to end. */
export class EndlessPing {
  readonly #child: ChildProcess;
  #output = '';

  constructor(namespaces: Namespaces, namespace: string, target: string) {
    const command = ['ping', '-n', '-D', '-i', '0.01', target];
    this.#child = namespaces.start(namespace, command, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#child.stdout!.setEncoding('utf8').on('data', (text) => (this.#output += text));
  }

  async end(): Promise<PingResult> {
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGINT');
    await closed;
    const sent = Number(/(\d+) packets transmitted/.exec(this.#output)?.[1] ?? 0);
    return resultOf(this.#output, sent - trailingPings);
  }
}

function resultOf(output: string, count: number): PingResult {
  const replies = [...output.matchAll(/^\[(\d+\.\d+)\] \d+ bytes from .* icmp_seq=(\d+) /gm)];
  const instants = replies.map((reply) => Number(reply[1]) * 1000);
  const gaps = instants.map((at, index) => ({ at, ms: at - (instants[index - 1] ?? at) }));
  const received = new Set(replies.map((reply) => Number(reply[2])).filter((number) => number <= count)).size;
  return {
    sent: count,
    received,
    lost: count - received,
    gapMs: (around) => Math.max(0, ...gaps.filter(({ at }) => at >= around && at <= around + 500).map(({ ms }) => ms)),
    longestGapMs: Math.max(0, ...gaps.map(({ ms }) => ms)),
    output,
  };
}

/** One direction of an iperf3 run. Packets only for UDP. */
export interface StreamResult {
  readonly octets: number;
  readonly packets: number;
  readonly lostPackets: number;
}

export interface IperfResult {
  readonly exitCode: number | null;
  readonly error: string | undefined;
  /** From the UE to the host, and back. */
  readonly uplink: StreamResult;
  readonly downlink: StreamResult;
}

/** An iperf3 server at the host; one serves one client at a time. */
export async function startIperfServer(namespaces: Namespaces, namespace: string, port: number): Promise<ChildProcess> {
  const child = namespaces.start(namespace, ['iperf3', '-s', '-p', String(port)], { stdio: 'ignore' });
  await sleep(300);
  return child;
}

interface IperfSum {
  readonly bytes: number;
  readonly packets?: number;
  readonly lost_packets?: number;
  readonly sender: boolean;
}

/** Runs an iperf3 client at a UE; `--bidir` and `-R` among the options tell the directions. */
export async function iperf(
  namespaces: Namespaces,
  namespace: string,
  host: string,
  options: readonly string[],
): Promise<IperfResult> {
  const { output, exitCode } = await namespaces.run(namespace, ['iperf3', '-c', host, '-J', ...options]);
  const { end, error } = JSON.parse(output) as {
    end: { streams?: { udp?: IperfSum; receiver?: IperfSum; sender?: IperfSum }[] };
    error?: string;
  };
  const result: { uplink: StreamResult; downlink: StreamResult } = { uplink: nothing, downlink: nothing };
  for (const { udp, receiver } of end.streams ?? []) {
    // `sender` tells whether the client was the sender of this stream.
    const sum = udp ?? receiver;
    if (sum === undefined) continue;
    const stream = { octets: sum.bytes, packets: sum.packets ?? 0, lostPackets: sum.lost_packets ?? 0 };
    if (sum.sender) result.uplink = stream;
    else result.downlink = stream;
  }
  return { exitCode, error, ...result };
}

const nothing: StreamResult = { octets: 0, packets: 0, lostPackets: 0 };
