import { ipv4Of, macOf } from '../../kernel/address.ts';
import type { Vector } from '../bytes/vector.ts';
import type { ArpMessage } from './arp.ts';

export const arpVectors: readonly Vector<ArpMessage>[] = [
  {
    name: 'who has the default router',
    hex: '0001 0800 06 04 0001 020000000001 c0000207 000000000000 c0000201',
    provenance: 'scapy 2.5.0',
    value: {
      operation: 'request',
      senderMac: macOf(0x020000000001),
      senderAddress: ipv4Of(0xc0000207),
      targetMac: macOf(0),
      targetAddress: ipv4Of(0xc0000201),
    },
  },
  {
    name: 'the default router is at',
    hex: '0001 0800 06 04 0002 00005e005213 c0000201 020000000001 c0000207',
    provenance: 'scapy 2.5.0',
    value: {
      operation: 'reply',
      senderMac: macOf(0x00005e005213),
      senderAddress: ipv4Of(0xc0000201),
      targetMac: macOf(0x020000000001),
      targetAddress: ipv4Of(0xc0000207),
    },
  },
];
