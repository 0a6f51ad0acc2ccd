import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { constants, getPriority, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findInterface } from '../../../host/addresses/network-interface.ts';
import { type Attachment, attach } from '../../../host/xdp/attachment.ts';
import type { LoadProgram } from '../../../host/xdp/load-program.ts';
import { enableLoopbackForwarding } from '../../../host/xdp/loopback-forwarding.ts';
import { formatIpv4, formatMac, ipv4Of } from '../../../kernel/address.ts';
import { bed, bedMac } from './load-frames.ts';

/** The processors of generator and of what is measured. */
const generatorCpu = 0;
const measuredCpu = 1;
const nanosecondsPerMicrosecond = 1000;
const nanosecondsPerMs = 1_000_000;
/** How much lower a priority is that leaves four fifths of a processor to who wants it wholly; and the lowest there is. */
const yieldingBy = 6;
const priorityLowest = 19;

/**
 * Two veth pairs in the network namespace of this process, and one that nothing comes by:
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
    ip('link set lo up');
    ip(`address add ${formatIpv4(bed.aaa)}/32 dev lo`);
    for (const [left, right] of [
      ['gen0', 'in0'],
      ['out0', 'sink0'],
      ['idle0', 'idle1'],
    ] as const) {
      // One queue, so that the load meets one processor.
      const queues = 'numtxqueues 1 numrxqueues 1';
      ip(`link add ${left} ${queues} type veth peer name ${right} ${queues}`);
      for (const name of [left, right]) ip(`link set ${name} up`);
    }
    // Packets for anybody else's are not passed up.
    ip(`link set in0 address ${formatMac(bedMac.gateway)}`);
    address('in0', 'out0');
    enableLoopbackForwarding();
    this.#measured = native('in0', program);
    this.#threads = threadsOf('in0');
    for (const thread of this.#threads) pin(thread, measuredCpu);
    pin(String(process.pid), generatorCpu);
  }

  index(name: 'gen0' | 'out0'): number {
    return findInterface(name)!.index;
  }

  /** Puts another program on in0. */
  measure(program: number): void {
    this.#measured.replace(program);
  }

  /**
   * Has the thread that serves in0 go before all else on its processor, as the kernel's receive work does where it has no thread; share it
   * with processes; or leave most of it to them.
   */
  serve(how: 'first' | 'alike' | 'behind'): void {
    const own = getPriority();
    const behind = Math.min(own + yieldingBy, priorityLowest);
    const priority = { first: constants.priority.PRIORITY_HIGHEST, alike: own, behind }[how];
    for (const thread of this.#threads) setPriority(Number(thread), priority);
  }

  /**
   * Does something while nothing that has a choice takes either processor away: the generator and the thread that serves in0 run
   * as real-time threads. Tells for how long the latter has nevertheless waited for its processor.
   */
  undisturbed<Result>(work: () => Result): { readonly result: Result; readonly waitedMs: number } {
    const all = [...this.#threads, String(process.pid)];
    const before = this.#waitedMs();
    for (const thread of all) execFileSync('chrt', ['--fifo', '--pid', '1', thread]);
    try {
      const result = work();
      return { result, waitedMs: this.#waitedMs() - before };
    } finally {
      for (const thread of all) execFileSync('chrt', ['--other', '--pid', '0', thread]);
    }
  }

  /** Does something with a load that leaves by gen0 and is counted at sink0. */
  loaded<Result>(load: LoadProgram, work: () => Result): Result {
    const attachments = this.#attach(load);
    try {
      return work();
    } finally {
      for (const attachment of attachments) attachment.detach();
    }
  }

  /** The same for what takes its time. */
  async loadedWhile(load: LoadProgram, work: () => Promise<void>): Promise<void> {
    const attachments = this.#attach(load);
    try {
      await work();
    } finally {
      for (const attachment of attachments) attachment.detach();
    }
  }

  /** Has a process, with all its threads and those to come, run where the thread that serves in0 does. */
  adopt(process: number): void {
    execFileSync('taskset', ['-a', '-p', '-c', String(measuredCpu), String(process)], { stdio: 'ignore' });
  }

  /** Leaves addresses and routes to other interfaces: those of a switch that has in0 and out0. */
  hand(inside: string, outside: string): void {
    for (const name of ['in0', 'out0']) ip(`address flush dev ${name}`);
    address(inside, outside);
  }

  /**
   * CPU time in microseconds of the thread that serves in0, of the one that helps it out, and of a process that has part in
   * the work.
   */
  cpuMicroseconds(process?: number): number {
    const own = process === undefined ? [] : readdirSync(`/proc/${process}/task`);
    const all = [...this.#threads, threadNamed(`ksoftirqd/${measuredCpu}`), ...own];
    return all.reduce((sum, thread) => sum + schedule(thread, 0), 0) / nanosecondsPerMicrosecond;
  }

  #waitedMs(): number {
    return this.#threads.reduce((sum, thread) => sum + schedule(thread, 1), 0) / nanosecondsPerMs;
  }

  #attach(load: LoadProgram): Attachment[] {
    load.setPort(0, this.index('gen0'));
    return [native('idle0', load.generatorProgram), native('sink0', load.sinkProgram)];
  }
}

/** Gives the gateway's addresses to the interface that packets come by, and says that every peer is behind the other one. */
function address(inside: string, outside: string): void {
  for (const own of [bed.access, bed.s2a]) {
    ip(`address add ${formatIpv4(own)}/32 dev ${inside}`);
    // Open vSwitch goes only ways that begin in a network of the interface's own.
    ip(`address add ${formatIpv4(ipv4Of(own - 1))}/24 dev ${outside}`);
  }
  for (const peer of [...bed.rgs, bed.lma]) {
    ip(`neighbour replace ${formatIpv4(peer)} lladdr ${formatMac(bedMac.peer)} dev ${outside}`);
  }
}

/** Nanoseconds that a thread has run (0), or has waited for a processor (1). */
function schedule(thread: string, column: 0 | 1): number {
  try {
    return Number(readFileSync(`/proc/${thread}/schedstat`, 'utf8').split(' ')[column]);
  } catch {
    return 0;
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
