import type { Vector } from '../bytes/vector.ts';

/** The rest of chaddr, and empty sname and file. */
const unusedFields = '00'.repeat(202);

export const dhcpVectors: readonly Vector[] = [
  {
    name: 'DISCOVER of udhcpc',
    hex: `01010600 3482fd4d 0000 0000 00000000 00000000 00000000 00000000 020000000001 ${unusedFields} 63825363
      350101 39020240 37070103060c0f1c2a 0c0475652d31 3c0c756468637020312e33352e30 3d0701020000000001 ff
      ${'00'.repeat(14)}`,
    provenance: 'captured from BusyBox 1.35.0 udhcpc (Debian 12) with -x hostname:ue-1',
  },
  {
    name: 'DISCOVER of udhcpc that asks for an address',
    hex: `01010600 b1ea8079 0000 0000 00000000 00000000 00000000 00000000 020000000001 ${unusedFields} 63825363
      350101 3204c0000207 39020240 37070103060c0f1c2a 3c0c756468637020312e33352e30 3d0701020000000001 ff
      ${'00'.repeat(14)}`,
    provenance: 'captured from BusyBox 1.35.0 udhcpc (Debian 12) with -r 192.0.2.7',
  },
  {
    name: 'ACK through a relay agent',
    hex: `02010600 3903f326 0000 8000 00000000 c0000207 00000000 0a000002 020000000001 ${unusedFields} 63825363
      350105 3604c0000201 330400000e10 0104ffffff00 0304c0000201 0608c0000235c0000236
      520e0104006400010206020000000099 ff`,
    provenance: 'scapy 2.5.0',
  },
  {
    name: 'REQUEST with options in sname and file',
    hex: `01010600 00000001 0005 8000 00000000 00000000 00000000 00000000 020000000001 ${'00'.repeat(10)}
      0c0131 ff ${'00'.repeat(60)}
      0c0375652d 3604c0000201 ff ${'00'.repeat(116)} 63825363
      350103 340103 3204c0000207 ff`,
    provenance: 'by hand from RFC 2132 section 9.3 and RFC 3396 section 5',
  },
  {
    name: 'a long option in two parts and a classless route',
    hex: `02010600 00000001 0000 0000 00000000 c0000207 00000000 00000000 020000000001 ${unusedFields} 63825363
      350105 38ff ${'61'.repeat(255)} 790d 180a0000c0000201 00c0000202 3803626262 ff`,
    provenance: 'by hand from RFC 3396 section 5 and RFC 3442',
  },
];
