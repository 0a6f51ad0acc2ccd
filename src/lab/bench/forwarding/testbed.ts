import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findInterface } from '../../../host/addresses/network-interface.ts';
import { type Attachment, attach } from '../../../host/xdp/attachment.ts';
import { enableLoopbackForwarding } from '../../../host/xdp/loopback-forwarding.ts';
import { formatIpv4, formatMac } from '../../../kernel/address.ts';
import { bed } from './load-frames.ts';

/** The processors of generator and of what is measured. */
const generatorCpu = 0;
const measuredCpu = 1;

/**
 * Two veth pairs in the network namespace of this process:
 *
 *     generator ── gen0 ═ in0 ┤ what is measured ├ out0 ═ sink0 ── sink
 *
 * The generator has one processor; the kernel thread that serves in0, and with it what is measured and the sink, has the other one.
 */
export class Testbed {
  readonly #threads: readonly string[];
  readonly #measured: Attachment;

  /** @param program what in0 begins with: the thread that serves it exists only while it has one */
  constructor(program: number) {
    for (const [left, right] of [
      ['gen0', 'in0'],
      ['out0', 'sink0'],
    ] as const) {
      // One queue, so that the load meets one processor.
      const queues = 'numtxqueues 1 numrxqueues 1';
      ip(`link add ${left} ${queues} type veth peer name ${right} ${queues}`);
      for (const name of [left, right]) ip(`link set ${name} up`);
    }
    // Whatever comes in by in0, be it from the RG or from the LMA, leaves by out0.
    for (const address of [bed.access, bed.s2a]) ip(`address add ${formatIpv4(address)}/32 dev in0`);
    for (const peer of [bed.rg, bed.lma]) {
      ip(`route add ${formatIpv4(peer)}/32 dev out0`);
      ip(`neighbour add ${formatIpv4(peer)} lladdr ${formatMac(bed.peerMac)} dev out0`);
    }
    enableLoopbackForwarding();
    this.#measured = native('in0', program);
    this.#threads = threadsOf('in0');
    for (const thread of this.#threads) pin(thread, measuredCpu);
    pin(String(process.pid), generatorCpu);
  }

  index(name: 'gen0' | 'in0' | 'out0' | 'sink0'): number {
    return findInterface(name)!.index;
  }

  /** Puts another program on in0. */
  measure(program: number): void {
    this.#measured.replace(program);
  }

  /** Puts a program on sink0 until it is detached. */
  receive(program: number): Attachment {
    return native('sink0', program);
  }

  /** CPU time of the thread that serves in0, and of the one that helps it out, in microseconds. */
  cpuMicroseconds(): number {
    const all = [...this.#threads, threadNamed(`ksoftirqd/${measuredCpu}`)];
    const times = all.map((thread) => readFileSync(`/proc/${thread}/schedstat`, 'utf8').split(' ')[0]);
    return times.reduce((sum, nanoseconds) => sum + Number(nanoseconds) / 1000, 0);
  }
}

function native(name: string, program: number): Attachment {
  const attachment = attach(program, [name]);
  if (attachment.mode !== 'native') throw new Error(`${name} has no native XDP: ${attachment.refusal}`);
  return attachment;
}

/** Has an interface served by threads of its own rather than by whoever brings the packets; their process identifiers. */
function threadsOf(name: string): string[] {
  // The files of this network namespace are only where they are mounted from within it.
  const folder = mkdtempSync(join(tmpdir(), 'samog-sysfs-'));
  execFileSync('mount', ['-t', 'sysfs', 'sysfs', folder]);
  try {
    const before = new Set(kernelThreads(`napi/${name}-`));
    writeFileSync(`${folder}/class/net/${name}/threaded`, '1');
    return kernelThreads(`napi/${name}-`).filter((thread) => !before.has(thread));
  } finally {
    execFileSync('umount', [folder]);
    rmdirSync(folder);
  }
}

function kernelThreads(prefix: string): string[] {
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && nameOf(entry).startsWith(prefix));
}

function threadNamed(name: string): string {
  return kernelThreads(name).find((thread) => nameOf(thread) === name)!;
}

function nameOf(process: string): string {
  try {
    return readFileSync(`/proc/${process}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Has a thread run on one processor, with the priority of this process. */
function pin(thread: string, cpu: number): void {
  setPriority(Number(thread), getPriority());
  execFileSync('taskset', ['-p', '-c', String(cpu), thread], { stdio: 'ignore' });
}

function ip(parameters: string): void {
  execFileSync('ip', parameters.split(' '));
}
