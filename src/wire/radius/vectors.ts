import type { Vector } from '../bytes/vector.ts';

/** What a vector means: head fields, and the name and description of each attribute in order. */
export interface RadiusVectorValue {
  readonly code: number;
  readonly identifier: number;
  readonly attributes: readonly (readonly [string, string])[];
}

/** The shared secret of every vector, as text. */
export const vectorSecret = 'xyzzy5461';

/** Packets with authenticators that verify under `vectorSecret`. */
export const radiusVectors: readonly Vector<RadiusVectorValue>[] = [
  {
    name: 'Access-Request, PAP',
    hex: `01000038 0f403f9473978057bd83d5cb98f4227a
          01066e656d6f 02120dbe708d93d413ce3196e43f782a0aee 0406c0a80110 050600000003`,
    provenance: 'RFC 2865 section 7.1; the password is arctangent',
    value: {
      code: 1,
      identifier: 0,
      attributes: [
        ['User-Name', '"nemo"'],
        ['User-Password', '(hidden)'],
        ['NAS-IP-Address', '192.168.1.16'],
        ['NAS-Port', '3'],
      ],
    },
  },
  {
    name: 'Access-Accept',
    hex: '02000026 86fe220e7624ba2a1005f6bf9b55e0b2 060600000001 0f0600000000 0e06c0a80103',
    provenance: 'RFC 2865 section 7.1, the reply to the vector above',
    value: {
      code: 2,
      identifier: 0,
      attributes: [
        ['Service-Type', '1'],
        ['15', '00000000'],
        ['14', 'c0a80103'],
      ],
    },
  },
  {
    name: 'Accounting-Request',
    hex: '04040027 11019c27d4e00cbc523b3e2fc834baf4 01066e656d6f 280600000001 2c073230303234',
    provenance:
      'authenticator = MD5 of the packet with 16 zeros and the secret (RFC 2866 section 3), by another program',
    value: {
      code: 4,
      identifier: 4,
      attributes: [
        ['User-Name', '"nemo"'],
        ['Acct-Status-Type', '1'],
        ['Acct-Session-Id', '"20024"'],
      ],
    },
  },
  {
    name: 'Access-Request with Message-Authenticator',
    hex: `01090032 000102030405060708090a0b0c0d0e0f 5012 1d5606ce14c69890d9119e9e2c158553
          01066e656d6f 3d0600000013`,
    provenance: 'by hand from RFC 3579 section 3.2, digest by another program',
    value: {
      code: 1,
      identifier: 9,
      attributes: [
        ['Message-Authenticator', '0x1d5606ce14c69890d9119e9e2c158553'],
        ['User-Name', '"nemo"'],
        ['NAS-Port-Type', '19'],
      ],
    },
  },
  {
    name: 'Access-Accept with vendor and mobility attributes, in reply to the vector above',
    hex: `02090081 e324084156af06db2ee1ff5d63a4c9ad 5012 86e238431e663aaaf8767a50f92a174e
          1a17 000028af 0111 303031303130313233343536373839  1a12 00001fe4 00a2000c 696e7465726e6574
          1906aabbccdd 1904eeff 9506c0000209 9b08 0018 c0000205
          9714 0040 20010db8000100020000000000000000 1b0600000e10`,
    provenance: 'by hand from RFC 2865 section 5.26 and RFC 6572 section 4, digests by another program',
    value: {
      code: 2,
      identifier: 9,
      attributes: [
        ['Message-Authenticator', '0x86e238431e663aaaf8767a50f92a174e'],
        ['Vendor-Specific', '0x000028af0111303031303130313233343536373839'],
        ['Vendor-Specific', '0x00001fe400a2000c696e7465726e6574'],
        ['Class', '0xaabbccdd'],
        ['Class', '0xeeff'],
        ['PMIP6-Home-LMA-IPv4-Address', '192.0.2.9'],
        ['PMIP6-Home-IPv4-HoA', '192.0.2.5/24'],
        ['PMIP6-Home-HN-Prefix', '2001:db8:1:2::/64'],
        ['Session-Timeout', '3600'],
      ],
    },
  },
  {
    name: 'Disconnect-Request with Message-Authenticator',
    hex: '2803002d 6d8ff3bd4df8b491d335f58b234ea2f3 5012 71d50b2d497d72787b8767e740caf02a 2c073230303234',
    provenance: 'by hand from RFC 5176 sections 2.3 and 3.4, digests by another program',
    value: {
      code: 40,
      identifier: 3,
      attributes: [
        ['Message-Authenticator', '0x71d50b2d497d72787b8767e740caf02a'],
        ['Acct-Session-Id', '"20024"'],
      ],
    },
  },
];
