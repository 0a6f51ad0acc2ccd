import { macBroadcast, macOf } from '../../kernel/address.ts';
import type { Vector } from '../bytes/vector.ts';
import type { EthernetHeader } from './ethernet.ts';

const client = macOf(0x020000000001);

export const ethernetVectors: readonly Vector<EthernetHeader>[] = [
  {
    name: 'untagged broadcast',
    hex: 'ffffffffffff 020000000001 0806',
    provenance: 'scapy 2.5.0',
    value: { destination: macBroadcast, source: client, vlan: undefined, etherType: 0x0806, headerLength: 14 },
  },
  {
    name: 'VLAN 100, priority 5',
    hex: 'ffffffffffff 020000000001 8100 a064 0800',
    provenance: 'scapy 2.5.0',
    value: { destination: macBroadcast, source: client, vlan: 100, etherType: 0x0800, headerLength: 18 },
  },
  {
    name: 'priority tag',
    hex: 'ffffffffffff 020000000001 8100 a000 0800',
    provenance: 'scapy 2.5.0',
    value: { destination: macBroadcast, source: client, vlan: undefined, etherType: 0x0800, headerLength: 18 },
  },
];
