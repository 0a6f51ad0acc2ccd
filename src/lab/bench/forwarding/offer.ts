import type { LoadProgram } from '../../../host/xdp/load-program.ts';
import type { Testbed } from './testbed.ts';

/** How packets are offered to what is measured. */
export interface Offer {
  readonly packets: number;
  /** When it ends even if fewer were sent. */
  readonly secondsMost?: number;
  /** As fast as the generator can, without it. */
  readonly ratePerSecond?: number;
  /** A process that has part in the work; without it the kernel does it alone. */
  readonly worker?: number;
}

/** What became of them. */
export interface Outcome {
  /** Packets a second. */
  readonly offered: number;
  /** Packets a second that arrived while they were offered. */
  readonly arrived: number;
  /** Packets sent, and those of them that came out at last. */
  readonly sent: number;
  readonly came: number;
  /** What never arrived. */
  readonly lossPercent: number;
  /** CPU time of all that was measured, for each packet that arrived; and packets in a second of it. */
  readonly cpuMicroseconds: number;
  readonly perCore: number;
}

/** Packets sent by one system call: as many as there is nothing else to be done meanwhile. */
const chunkPackets = 50_000;
const chunkMs = 20;
/** How often it is looked whether packets that are under way still arrive, and for how long none may; and before the first. */
const drainStepMs = 10;
const quietMostMs = 150;
const firstMostMs = 3000;
const settleMs = 20;

/** Sends packets, and counts those that come out. This process does nothing else meanwhile. */
export function offer(bench: Testbed, load: LoadProgram, asked: Offer): Outcome {
  settled();
  const before = load.sunk().packets;
  const cpuBefore = bench.cpuMicroseconds(asked.worker);
  const begin = performance.now();
  const sent = send(load, asked);
  const seconds = (performance.now() - begin) / 1000;
  const meanwhile = load.sunk().packets - before;
  const cpu = bench.cpuMicroseconds(asked.worker) - cpuBefore;
  const arrived = drained(load, before, sent);
  return {
    offered: sent / seconds,
    arrived: meanwhile / seconds,
    sent,
    came: arrived,
    lossPercent: 100 * Math.max(0, 1 - arrived / sent),
    cpuMicroseconds: cpu / meanwhile,
    perCore: (meanwhile / cpu) * 1e6,
  };
}

/** Sends packets; returns how many. */
export function send(load: LoadProgram, { packets, secondsMost, ratePerSecond }: Offer): number {
  const end = performance.now() + 1000 * (secondsMost ?? Number.POSITIVE_INFINITY);
  const chunk = ratePerSecond === undefined ? chunkPackets : Math.ceil((ratePerSecond * chunkMs) / 1000);
  let sent = 0;
  while (sent < packets && performance.now() < end) {
    const next = Math.min(chunk, Math.ceil(packets - sent));
    load.send(next, ratePerSecond);
    sent += next;
  }
  return sent;
}

/** How many of the packets sent had arrived when no more came. */
function drained(load: LoadProgram, before: number, sent: number): number {
  let arrived = load.sunk().packets - before;
  for (
    let quietMs = 0;
    arrived < sent && quietMs < (arrived === 0 ? firstMostMs : quietMostMs);
    quietMs += drainStepMs
  ) {
    pause(drainStepMs);
    const now = load.sunk().packets - before;
    if (now > arrived) quietMs = 0;
    arrived = now;
  }
  return arrived;
}

/** Waits for what was sent before, which is none of what is sent now. */
export function settled(): void {
  pause(settleMs);
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
