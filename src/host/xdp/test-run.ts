import { errnoName, FixedMemory } from '../sockets/linux.ts';
import { checked, libbpf, testLiveFrames, XdpError } from './libbpf.ts';

/** What the program says is to happen to a packet, as linux/bpf.h numbers it. */
export const verdicts = ['aborted', 'drop', 'pass', 'transmit', 'redirect'] as const;
export type Verdict = (typeof verdicts)[number];

/** What came of one packet. */
export interface TestResult {
  readonly verdict: Verdict;
  /** The frame as the program left it. */
  readonly frame: Uint8Array;
  /** Of one run on average, as the kernel has measured it. */
  readonly nanoseconds: number;
}

/** `struct bpf_test_run_opts` */
const options = {
  octets: 80,
  dataInAt: 8,
  dataOutAt: 16,
  dataInOctetsAt: 24,
  dataOutOctetsAt: 28,
  contextInAt: 32,
  contextInOctetsAt: 48,
  verdictAt: 56,
  repeatAt: 60,
  nanosecondsAt: 64,
  flagsAt: 68,
  batchAt: 76,
} as const;
/** `struct xdp_md` */
const context = { octets: 24, dataEndAt: 4, interfaceAt: 12 } as const;
const frameOctetsMax = 3520;

/** Runs an XDP program on frames of ours (BPF_PROG_TEST_RUN), as if they had come by an interface of this network namespace. */
export class TestRun {
  readonly #program: number;
  readonly #options = new FixedMemory(options.octets);
  readonly #context = new FixedMemory(context.octets);
  readonly #in = new FixedMemory(frameOctetsMax);
  readonly #out = new FixedMemory(2 * frameOctetsMax);

  /** @param program its file descriptor */
  constructor(program: number) {
    this.#program = program;
    this.#options.view.setUint32(0, options.octets, true);
    this.#options.setPointer(options.dataInAt, this.#in, 0);
    this.#options.setPointer(options.contextInAt, this.#context, 0);
    this.#options.view.setUint32(options.contextInOctetsAt, context.octets, true);
  }

  /**
   * What the program makes of one frame; nothing is sent.
   *
   * @param interfaceIndex where the frame seems to come from; it must have received with XDP once (a veth or the loopback)
   * @throws XdpError for a frame that XDP cannot hold, or an interface that is none
   */
  run(frame: Uint8Array, interfaceIndex: number): TestResult {
    const { view } = this.#options;
    this.#fill(frame, interfaceIndex);
    this.#options.setPointer(options.dataOutAt, this.#out, 0);
    view.setUint32(options.dataOutOctetsAt, this.#out.bytes.length, true);
    view.setUint32(options.repeatAt, 1, true);
    view.setUint32(options.flagsAt, 0, true);
    view.setUint32(options.batchAt, 0, true);
    checked(libbpf().testRun(this.#program, this.#options.address), 'run', 'the program');
    return {
      verdict: verdicts[view.getUint32(options.verdictAt, true)] ?? 'aborted',
      frame: this.#out.bytes.slice(0, view.getUint32(options.dataOutOctetsAt, true)),
      nanoseconds: view.getUint32(options.nanosecondsAt, true),
    };
  }

  /**
   * Runs the program on copies of a frame, and has them all sent where it says. Does not return before they are, unless a
   * signal comes: then fewer are.
   *
   * @param batch how many are run before they are sent
   */
  send(frame: Uint8Array, interfaceIndex: number, times: number, batch: number): void {
    const { view } = this.#options;
    this.#fill(frame, interfaceIndex);
    view.setBigUint64(options.dataOutAt, 0n, true);
    view.setUint32(options.dataOutOctetsAt, 0, true);
    view.setUint32(options.repeatAt, times, true);
    view.setUint32(options.flagsAt, testLiveFrames, true);
    view.setUint32(options.batchAt, batch, true);
    if (libbpf().testRun(this.#program, this.#options.address) >= 0) return;
    const reason = errnoName();
    if (reason !== 'EINTR') throw new XdpError('run', 'the program', reason);
  }

  #fill(frame: Uint8Array, interfaceIndex: number): void {
    this.#in.bytes.set(frame);
    this.#options.view.setUint32(options.dataInOctetsAt, frame.length, true);
    this.#context.view.setUint32(context.dataEndAt, frame.length, true);
    this.#context.view.setUint32(context.interfaceAt, interfaceIndex, true);
  }
}
