import type { Vector } from '../bytes/vector.ts';

/** What a vector means: the fields of the message, and the name and description of each option in order. */
export interface MobilityVectorValue {
  readonly fields: Readonly<Record<string, number | boolean | string>>;
  readonly options: readonly (readonly [string, string])[];
}

/** Mobility Headers with the checksum that `encodeMobility` writes. */
export const mobilityVectors: readonly Vector<MobilityVectorValue>[] = [
  {
    name: 'PBU of an attach, IPv4 only',
    hex: `3b0c0500f4b3 0001 8200 0384
          081a 01 30323030356531313232333340776c616e2e6578616d706c65
          1408 696e7465726e6574  1702 0004  1802 0004  1908 0000 02005e112233  010400000000
          1b08 00006553f100 8000  2406 8000 00000000  2106 0000 00001234  2702 0001`,
    provenance: 'by hand from RFC 6275 6.1.7, RFC 4283 3, RFC 5149 3, RFC 5213 8.4-8.8, RFC 5844 3.1, RFC 5845 6.1',
    value: {
      fields: { kind: 'proxyBindingUpdate', sequence: 1, flags: 0x8200, lifetimeSeconds: 3600 },
      options: [
        ['Mobile Node Identifier', '02005e112233@wlan.example'],
        ['Service Selection', 'internet'],
        ['Handoff Indicator', 'unknown'],
        ['Access Technology Type', 'ieee80211'],
        ['Mobile Node Link-layer Identifier', '02005e112233'],
        ['Timestamp', '1700000000.500000'],
        ['IPv4 Home Address Request', '0.0.0.0/32'],
        ['GRE Key', '0x00001234'],
        ['IPv4 DHCP Support Mode', 'server'],
      ],
    },
  },
  {
    name: 'PBA, IPv4 and IPv6',
    hex: `3b0a06006d57 00 20 0001 0384
          081a 01 30323030356531313232333340776c616e2e6578616d706c65
          2506 00 60 c0000201  2606 0000 c00002fe  2106 0000 00005678  01020000
          1612 00 40 20010db8000100020000000000000000`,
    provenance: 'by hand from RFC 6275 6.1.8, RFC 5213 8.3, RFC 5844 3.1.2-3.1.3',
    value: {
      fields: { kind: 'proxyBindingAcknowledgement', status: 0, flags: 0x20, sequence: 1, lifetimeSeconds: 3600 },
      options: [
        ['Mobile Node Identifier', '02005e112233@wlan.example'],
        ['IPv4 Home Address Reply', 'success 192.0.2.1/24'],
        ['IPv4 Default-Router Address', '192.0.2.254'],
        ['GRE Key', '0x00005678'],
        ['Home Network Prefix', '2001:db8:1:2::/64'],
      ],
    },
  },
  {
    name: 'PBU with an access network identifier, a vendor option and an unknown option',
    hex: `3b0c0500a63c ffff 8240 0000
          3428 0118 80 04 73736964 11 30303a30303a35653a30303a35333a3031  0206 1a4000 f38000  0304 01 0028af
          130a 000028af 07 00 0000007b  01020000  1a10 fe8000000000000000005efffe005213
          c803 aaaaaa  010100  3206 01 00 00000001`,
    provenance: 'by hand from RFC 6757 3.1, RFC 5094 3, RFC 5213 8.7, RFC 6602 4.1',
    value: {
      fields: { kind: 'proxyBindingUpdate', sequence: 65535, flags: 0x8240, lifetimeSeconds: 0 },
      options: [
        ['Access Network Identifier', 'ssid at 00:00:5e:00:53:01 52.50000,-25.00000 operator 1/0028af'],
        ['Vendor Specific', '10415/7 000000007b'],
        ['Link-local Address', 'fe80::5eff:fe00:5213'],
        ['200', 'aaaaaa'],
        ['Mobile Node Group Identifier', '1/1'],
      ],
    },
  },
  {
    name: 'BRI',
    hex: '3b04100072f2 01 02 0009 8000 081a 01 30323030356531313232333340776c616e2e6578616d706c65',
    provenance: 'by hand from RFC 5846 5.1',
    value: {
      fields: { kind: 'bindingRevocationIndication', trigger: 2, sequence: 9, flags: 0x8000 },
      options: [['Mobile Node Identifier', '02005e112233@wlan.example']],
    },
  },
  {
    name: 'BRA, one octet of padding',
    hex: '3b041000725a 02 00 0009 8000 0819 01 30323030356531313232333340776c616e2e6578616d706c 00',
    provenance: 'by hand from RFC 5846 5.2 and RFC 6275 6.2.2',
    value: {
      fields: { kind: 'bindingRevocationAcknowledgement', status: 0, sequence: 9, flags: 0x8000 },
      options: [['Mobile Node Identifier', '02005e112233@wlan.exampl']],
    },
  },
  {
    name: 'heartbeat request',
    hex: '3b010d00b6f7 0000 00000005 01020000',
    provenance: 'by hand from RFC 5847 3.1',
    value: { fields: { kind: 'heartbeat', response: false, unsolicited: false, sequence: 5 }, options: [] },
  },
  {
    name: 'unsolicited heartbeat response of a restarted node',
    hex: '3b020d0099c5 0003 00000005 0100 1c04 0000002a 01020000',
    provenance: 'by hand from RFC 5847 3.1 and 3.2',
    value: {
      fields: { kind: 'heartbeat', response: true, unsolicited: true, sequence: 5 },
      options: [['Restart Counter', '42']],
    },
  },
  {
    name: 'Binding Error',
    hex: '3b0207008e43 02 00 20010db8000000000000000000000001',
    provenance: 'by hand from RFC 6275 6.1.9',
    value: { fields: { kind: 'bindingError', status: 2 }, options: [] },
  },
];
