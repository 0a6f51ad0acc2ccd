import { acceptWhole, assembled, code, type Instruction } from './packet-filter.ts';

/**
 * Which of several sockets of one address the kernel gives a GRE packet to: the one whose session manager instance the packet
 * says (ADR 0017), by a program of the classic packet filter (`linux/filter.h`), so that nobody has to read it first. It says
 * the same as `PacketRouter` of `sessmgr/instances`, but for packets whose GRE checksum is wrong, which are nobody's anyway.
 */

/** Which packets a socket is to be given. */
export interface Steering {
  /** The place of the socket's instance, from 0; `count` stands for the chassis. */
  readonly index: number;
  /** How many instances there are. */
  readonly count: number;
  /**
   * There is a socket besides, at place `count`, to which packets without a key go, but for Ethernet: whose these are only the
   * chassis can tell. Without it they go to the first instance.
   */
  readonly hasChassis?: boolean;
}

/**
 * Of two raw sockets of one address: whose packets are DHCP and ARP of UEs in EoGRE, and whose all others are. Each has a receive buffer
 * of its own, so that what UEs become attached by is not lost among what they send.
 */
export type Lane = 'signalling' | 'data';

/** Scratch memory. */
const memory = { gre: 0, flags: 1, checksumOctets: 2, headerOctets: 3, payload: 4 } as const;

const transparentEthernet = 0x6558;
const vlanTag = 0x8100;
const arp = 0x0806;
const ipv4 = 0x0800;
const udp = 17;
const fragmentOffset = 0x1fff;
const dhcpServer = 67;
/** Ethernet, and ARP or the headers of IPv4 and UDP: both are 28 octets. */
const signallingFrameOctets = 42;
const keyPresent = 0x2000;
/** RFC 2784 section 2.1: bits that nobody may set who is to be understood, and the version. */
const mustBeZero = 0x4c07;
/** Of an Ethernet frame without a tag, and where the low 32 bits of its source address are. */
const ethernetOctets = 14;
const ethernetSourceLowAt = 8;

/**
 * A program for one raw socket of IP protocol 47: it accepts the packets of its lane, if it has one, and of its instance, if there are
 * several, from the IP header on (SO_ATTACH_FILTER).
 */
export function rawGreFilter(lane: Lane | undefined, steering: Steering | undefined): Uint8Array {
  return assembled([
    ...(lane === undefined ? [] : onlyLane(lane)),
    ...(steering === undefined ? [] : onlyInstance(steering)),
    { code: code.returnConstant, k: acceptWhole },
    'reject',
    { code: code.returnConstant, k: 0 },
  ]);
}

function onlyInstance({ index, count, hasChassis }: Steering): (Instruction | string)[] {
  return [
    { code: code.indexHeaderLength, k: 0 },
    ...instanceOfPacket(count),
    { code: code.jumpIfEqual, k: index, ifTrue: 'accept', ifFalse: 'reject' },
    'first',
    { code: code.returnConstant, k: index === 0 ? acceptWhole : 0 },
    'unkeyed',
    { code: code.returnConstant, k: index === (hasChassis === true ? count : 0) ? acceptWhole : 0 },
    'accept',
  ];
}

function onlyLane(lane: Lane): (Instruction | string)[] {
  return [
    { code: code.indexHeaderLength, k: 0 },
    ...laneOfPacket(),
    lane === 'signalling' ? 'data' : 'signalling',
    { code: code.returnConstant, k: 0 },
    lane,
  ];
}

/**
 * Goes to `signalling` for ARP and for UDP to the port of DHCP servers, whole and in an EoGRE frame with one tag or none, under a GRE
 * header with a key or nothing; to `data` for all else. The GRE packet is at the index register.
 */
function laneOfPacket(): (Instruction | string)[] {
  return [
    { code: code.storeIndex, k: memory.gre },
    ...longEnough(4, 'lane flags', 'data'),
    { code: code.indexMemory, k: memory.gre },
    { code: code.loadHalfAt, k: 0 },
    { code: code.storeAccumulator, k: memory.flags },
    { code: code.jumpIfAnyBit, k: 0xffff & ~keyPresent, ifTrue: 'data', ifFalse: 'lane protocol' },
    'lane protocol',
    { code: code.loadHalfAt, k: 2 },
    { code: code.jumpIfEqual, k: transparentEthernet, ifTrue: 'lane frame', ifFalse: 'data' },
    'lane frame',
    ...fourIfFlag(11),
    { code: code.add, k: 4 },
    { code: code.addIndex, k: 0 },
    { code: code.accumulatorToIndex, k: 0 },
    { code: code.storeIndex, k: memory.payload },
    ...longEnough(signallingFrameOctets, 'lane type', 'data'),
    { code: code.indexMemory, k: memory.payload },
    { code: code.loadHalfAt, k: 12 },
    { code: code.jumpIfEqual, k: vlanTag, ifTrue: 'lane tag', ifFalse: 'lane untagged' },
    'lane tag',
    { code: code.loadMemory, k: memory.payload },
    { code: code.add, k: 4 },
    { code: code.accumulatorToIndex, k: 0 },
    { code: code.storeIndex, k: memory.payload },
    ...longEnough(signallingFrameOctets, 'lane untagged', 'data'),
    { code: code.indexMemory, k: memory.payload },
    { code: code.loadHalfAt, k: 12 },
    { code: code.jumpIfEqual, k: arp, ifTrue: 'signalling', ifFalse: 'lane not ARP' },
    'lane not ARP',
    { code: code.jumpIfEqual, k: ipv4, ifTrue: 'lane IPv4', ifFalse: 'data' },
    'lane IPv4',
    { code: code.loadOctetAt, k: ethernetOctets + 9 },
    { code: code.jumpIfEqual, k: udp, ifTrue: 'lane UDP', ifFalse: 'data' },
    'lane UDP',
    { code: code.loadHalfAt, k: ethernetOctets + 6 },
    { code: code.jumpIfAnyBit, k: fragmentOffset, ifTrue: 'data', ifFalse: 'lane first' },
    'lane first',
    { code: code.loadOctetAt, k: ethernetOctets },
    { code: code.and, k: 0x0f },
    { code: code.shiftLeft, k: 2 },
    { code: code.addIndex, k: 0 },
    { code: code.accumulatorToIndex, k: 0 },
    { code: code.storeIndex, k: memory.payload },
    ...longEnough(ethernetOctets + 4, 'lane ports', 'data'),
    { code: code.indexMemory, k: memory.payload },
    { code: code.loadHalfAt, k: ethernetOctets + 2 },
    { code: code.jumpIfEqual, k: dhcpServer, ifTrue: 'signalling', ifFalse: 'data' },
  ];
}

/**
 * A program for all sockets of one UDP port: it says which of them, in the order in which they were bound, a payload goes to
 * (SO_ATTACH_REUSEPORT_CBPF).
 */
export function udpGreSelector({ count, hasChassis }: Omit<Steering, 'index'>): Uint8Array {
  return assembled([
    { code: code.indexImmediate, k: 0 },
    ...instanceOfPacket(count),
    { code: code.returnAccumulator, k: 0 },
    'first',
    { code: code.returnConstant, k: 0 },
    'unkeyed',
    { code: code.returnConstant, k: hasChassis === true ? count : 0 },
  ]);
}

/** Leaves in the accumulator whose the GRE packet at the index register is, or goes to `first`, or to `unkeyed`. */
function instanceOfPacket(count: number): (Instruction | string)[] {
  return [
    { code: code.storeIndex, k: memory.gre },
    ...longEnough(4, 'flags'),
    { code: code.indexMemory, k: memory.gre },
    { code: code.loadHalfAt, k: 0 },
    { code: code.storeAccumulator, k: memory.flags },
    { code: code.jumpIfAnyBit, k: mustBeZero, ifTrue: 'first', ifFalse: 'length' },
    'length',
    // Each of the flags C, K and S adds four octets: its bit is moved to where it counts four.
    ...fourIfFlag(13),
    { code: code.storeAccumulator, k: memory.checksumOctets },
    ...fourIfFlag(11),
    { code: code.indexMemory, k: memory.checksumOctets },
    { code: code.addIndex, k: 0 },
    { code: code.storeAccumulator, k: memory.headerOctets },
    ...fourIfFlag(10),
    { code: code.indexMemory, k: memory.headerOctets },
    { code: code.addIndex, k: 0 },
    { code: code.indexMemory, k: memory.gre },
    { code: code.addIndex, k: 0 },
    { code: code.add, k: 4 },
    { code: code.accumulatorToIndex, k: 0 },
    { code: code.storeIndex, k: memory.payload },
    ...longEnough(0, 'protocol'),
    { code: code.indexMemory, k: memory.gre },
    { code: code.loadHalfAt, k: 2 },
    { code: code.jumpIfEqual, k: transparentEthernet, ifTrue: 'ethernet', ifFalse: 'key' },
    'ethernet',
    { code: code.indexMemory, k: memory.payload },
    ...longEnough(ethernetOctets, 'source'),
    { code: code.indexMemory, k: memory.payload },
    { code: code.loadWordAt, k: ethernetSourceLowAt },
    { code: code.jump, k: 0, ifTrue: 'modulo' },
    'key',
    { code: code.loadMemory, k: memory.flags },
    { code: code.jumpIfAnyBit, k: keyPresent, ifTrue: 'keyed', ifFalse: 'unkeyed' },
    'keyed',
    { code: code.loadMemory, k: memory.checksumOctets },
    { code: code.indexMemory, k: memory.gre },
    { code: code.addIndex, k: 0 },
    { code: code.accumulatorToIndex, k: 0 },
    { code: code.loadWordAt, k: 4 },
    'modulo',
    { code: code.modulo, k: count },
  ];
}

/** Goes on if the packet has so many octets behind the index register; otherwise elsewhere: it is the first instance's. */
function longEnough(octets: number, next: string, otherwise = 'first'): (Instruction | string)[] {
  return [
    { code: code.indexToAccumulator, k: 0 },
    { code: code.add, k: octets },
    { code: code.accumulatorToIndex, k: 0 },
    { code: code.loadLength, k: 0 },
    { code: code.jumpIfAtLeastIndex, k: 0, ifTrue: next, ifFalse: otherwise },
    next,
  ];
}

function fourIfFlag(shift: number): Instruction[] {
  return [
    { code: code.loadMemory, k: memory.flags },
    { code: code.shiftRight, k: shift },
    { code: code.and, k: 4 },
  ];
}
