/** Programs of the classic packet filter (`linux/filter.h`), which the kernel runs on each packet of a socket. */

/** One instruction: `struct sock_filter`, with the labels of its jumps in place of their distances. */
export interface Instruction {
  readonly code: number;
  readonly k: number;
  readonly ifTrue?: string;
  readonly ifFalse?: string;
}

/** Operation codes, as `BPF_CLASS | BPF_SIZE or BPF_OP | BPF_MODE or BPF_SRC`. */
export const code = {
  /** At a fixed place, which may be counted from the IP header. */
  loadWord: 0x20,
  loadWordAt: 0x40,
  loadHalfAt: 0x48,
  loadOctetAt: 0x50,
  loadLength: 0x80,
  loadMemory: 0x60,
  indexImmediate: 0x01,
  /** Four times the low nibble of an octet: the length of an IPv4 header. */
  indexHeaderLength: 0xb1,
  indexMemory: 0x61,
  storeAccumulator: 0x02,
  storeIndex: 0x03,
  accumulatorToIndex: 0x07,
  indexToAccumulator: 0x87,
  add: 0x04,
  addIndex: 0x0c,
  and: 0x54,
  shiftLeft: 0x64,
  shiftRight: 0x74,
  modulo: 0x94,
  jump: 0x05,
  jumpIfEqual: 0x15,
  jumpIfAnyBit: 0x45,
  jumpIfAtLeastIndex: 0x3d,
  returnConstant: 0x06,
  returnAccumulator: 0x16,
} as const;

/** What a program returns to have the packet queued as it is. */
export const acceptWhole = 0xffffffff;

const instructionOctets = 8;

/** The instructions as the kernel reads them, labels resolved: `struct sock_filter` each, in host order. */
export function assembled(lines: readonly (Instruction | string)[]): Uint8Array {
  const places = new Map<string, number>();
  const program: Instruction[] = [];
  for (const line of lines) {
    if (typeof line === 'string') places.set(line, program.length);
    else program.push(line);
  }
  const bytes = new Uint8Array(program.length * instructionOctets);
  const view = new DataView(bytes.buffer);
  for (const [at, { code: operation, k, ifTrue, ifFalse }] of program.entries()) {
    const distance = (label: string | undefined) => (label === undefined ? 0 : places.get(label)! - at - 1);
    const isJump = operation === code.jump;
    view.setUint16(at * instructionOctets, operation, true);
    view.setUint8(at * instructionOctets + 2, isJump ? 0 : distance(ifTrue));
    view.setUint8(at * instructionOctets + 3, isJump ? 0 : distance(ifFalse));
    view.setUint32(at * instructionOctets + 4, isJump ? distance(ifTrue) : k, true);
  }
  return bytes;
}
