import { type IpPrefix, type Ipv4Address, ipv4Mask, isIpv4 } from '../../kernel/address.ts';
import { acceptWhole, assembled, code, type Instruction } from './packet-filter.ts';

/** SKF_NET_OFF: what is read from here on is counted from the IP header, -0x100000 as the kernel has it. */
const networkHeader = 0xfff00000;
const sourceAt = 12;
const memory = 0;

/** From whom a socket takes packets. */
export interface SourceRule {
  /** Nobody else; undefined for everybody. Those of IPv6 are none. */
  readonly only: readonly IpPrefix[] | undefined;
  /** Nor these. */
  readonly except: readonly Ipv4Address[];
}

/** A program for a UDP socket (SO_ATTACH_FILTER): what it rejects costs nobody but the kernel. */
export function sourceFilter({ only, except }: SourceRule): Uint8Array {
  const lines: (Instruction | string)[] = [
    { code: code.loadWord, k: networkHeader + sourceAt },
    { code: code.storeAccumulator, k: memory },
  ];
  // Each rule returns by itself: jumps on a condition reach no further than 255 instructions.
  const rule = (name: string, k: number, result: number): void => {
    const [met, next] = [`${name} met`, `after ${name}`];
    lines.push({ code: code.jumpIfEqual, k, ifTrue: met, ifFalse: next }, met);
    lines.push({ code: code.returnConstant, k: result }, next);
  };
  for (const [index, address] of except.entries()) rule(`exception ${index}`, address, 0);
  for (const [index, { address, length }] of (only ?? []).entries()) {
    if (!isIpv4(address)) continue;
    const mask = ipv4Mask(length);
    lines.push({ code: code.loadMemory, k: memory }, { code: code.and, k: mask });
    rule(`prefix ${index}`, (address & mask) >>> 0, acceptWhole);
  }
  lines.push({ code: code.returnConstant, k: only === undefined ? acceptWhole : 0 });
  return assembled(lines);
}
