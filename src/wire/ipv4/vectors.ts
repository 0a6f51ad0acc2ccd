import { ipv4Of } from '../../kernel/address.ts';
import { fromHex } from '../bytes/text.ts';
import type { Vector } from '../bytes/vector.ts';
import type { Ipv4Header } from './ipv4.ts';

const source = ipv4Of(0xc0000207);
const destination = ipv4Of(0xc6336409);

/** Whole packets, UDP inside. */
export const ipv4Vectors: readonly Vector<Ipv4Header>[] = [
  {
    name: 'no options',
    hex: '4500001f0001000040118e89c0000207c6336409 03e807d0000b4379 616263',
    provenance: 'scapy 2.5.0',
    value: {
      source,
      destination,
      protocol: 17,
      payloadLength: 11,
      tos: 0,
      identification: 1,
      dontFragment: false,
      moreFragments: false,
      fragmentOffset: 0,
      ttl: 64,
      options: new Uint8Array(0),
      headerLength: 20,
    },
  },
  {
    name: 'Router Alert, DF',
    hex: '46100024000740000311f669c0000207c633640994040000 03e807d0000c4313 61626364',
    provenance: 'scapy 2.5.0',
    value: {
      source,
      destination,
      protocol: 17,
      payloadLength: 12,
      tos: 0x10,
      identification: 7,
      dontFragment: true,
      moreFragments: false,
      fragmentOffset: 0,
      ttl: 3,
      options: fromHex('94040000'),
      headerLength: 24,
    },
  },
];
