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
        ['Vendor-Specific', 'of vendor 10415 (3GPP-IMSI "001010123456789")'],
        ['Vendor-Specific', 'of vendor 8164 (SN-Rad-APN-Name "internet")'],
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
  {
    name: 'Access-Request with an EAP identity',
    hex: `010a006f 202122232425262728292a2b2c2d2e2f
          5012 f5f041b4be6041c1a7fa1699e37cf50a
          011d 313234343037303130303030303030314065617073696d2e666f6f
          0c06 00000578
          4f22 0200002001313234343037303130303030303030314065617073696d2e666f6f
          2104 0102`,
    provenance:
      'by hand from RFC 3579 section 3.1, the EAP packet of RFC 4186 appendix A.2; digests by another program',
    value: {
      code: 1,
      identifier: 10,
      attributes: [
        ['Message-Authenticator', '0xf5f041b4be6041c1a7fa1699e37cf50a'],
        ['User-Name', '"1244070100000001@eapsim.foo"'],
        ['Framed-MTU', '1400'],
        ['EAP-Message', 'of 32 octets'],
        ['Proxy-State', '0x0102'],
      ],
    },
  },
  {
    name: 'Access-Challenge with an EAP packet in two pieces, in reply to the vector above',
    hex: `0b0a0163 9d4171c1a9f481a482c7360da3122bcc
          5012 c53bf25e9159c60de12041ef7ef802bd
          1809 73746174652d31
          4fff 0101012c0d00070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a11181f2
          62d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1f8ff060d141b222930373e454c535a61686f767d8
          48b9299a0a7aeb5bcc3cad1d8dfe6edf4fb020910171e252c333a41484f565d646b727980878e959ca3aab1b8bfc6cdd4dbe
          2e9f0f7fe050c131a21282f363d444b525960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa01080f161d242b32394
          0474e555c636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd040b121920272e353c434a51585f666d747b828990979
          ea5acb3bac1
          4f31 c8cfd6dde4ebf2f900070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a
          2104 0102`,
    provenance: 'by hand from RFC 3579 section 3.1; digests by another program',
    value: {
      code: 11,
      identifier: 10,
      attributes: [
        ['Message-Authenticator', '0xc53bf25e9159c60de12041ef7ef802bd'],
        ['State', '0x73746174652d31'],
        ['EAP-Message', 'of 253 octets'],
        ['EAP-Message', 'of 47 octets'],
        ['Proxy-State', '0x0102'],
      ],
    },
  },
  {
    name: 'Access-Accept with MS-MPPE keys, in reply to the same request',
    hex: `020a00ab 44a09daaf7e8ab1f37936049d8051426
          5012 13c77090f995300ee2974d888fd2dc39
          4f06 03020004
          1a3a 000001371134800196e543ecc439d932eac6265fb21bdc2c093182a5bbdfc4efb8a80035f9e388f83d244afb00c4d67
          d784bac7a2cbeee5b
          1a3a 0000013710348002e484090819823740c7355fbcc8ee80728e4eca783e9db7f02823dbbdb4276ea9a275af5da95c157
          9efae059995c808cb
          5907 6375692d37
          2104 0102`,
    provenance:
      'by hand from RFC 2548 sections 2.4.2 and 2.4.3; the keys are the MSK of RFC 4186 appendix A.5; digests by another program',
    value: {
      code: 2,
      identifier: 10,
      attributes: [
        ['Message-Authenticator', '0x13c77090f995300ee2974d888fd2dc39'],
        ['EAP-Message', 'of 4 octets'],
        ['Vendor-Specific', 'of vendor 311 (MS-MPPE-Recv-Key (hidden))'],
        ['Vendor-Specific', 'of vendor 311 (MS-MPPE-Send-Key (hidden))'],
        ['Chargeable-User-Identity', '0x6375692d37'],
        ['Proxy-State', '0x0102'],
      ],
    },
  },
  {
    name: 'Accounting-Request, Stop, beyond 2^32 octets',
    hex: `040b004e 12ccc5f1e03eec7371ab384846e3b36e
          2806 00000002
          2c0a 3030303030303261
          2a06 00000005
          3406 00000003
          2b06 ffffffff
          2e06 00000e10
          3106 00000005
          3706 6553f100
          2103 aa
          2103 bb`,
    provenance: 'by hand from RFC 2866 section 5 and RFC 2869 section 5; digests by another program',
    value: {
      code: 4,
      identifier: 11,
      attributes: [
        ['Acct-Status-Type', '2'],
        ['Acct-Session-Id', '"0000002a"'],
        ['Acct-Input-Octets', '5'],
        ['Acct-Input-Gigawords', '3'],
        ['Acct-Output-Octets', '4294967295'],
        ['Acct-Session-Time', '3600'],
        ['Acct-Terminate-Cause', '5'],
        ['Event-Timestamp', '1700000000'],
        ['Proxy-State', '0xaa'],
        ['Proxy-State', '0xbb'],
      ],
    },
  },
  {
    name: 'Accounting-Response, in reply to the vector above',
    hex: `050b001a be0dbb49a00d53cbba8be0d054ef0256
          2103 aa
          2103 bb`,
    provenance: 'by hand from RFC 2866 section 4.2; digests by another program',
    value: {
      code: 5,
      identifier: 11,
      attributes: [
        ['Proxy-State', '0xaa'],
        ['Proxy-State', '0xbb'],
      ],
    },
  },
  {
    name: 'CoA-Request with Message-Authenticator',
    hex: `2b0c0048 1b1b9e4aa1894754ca47efb9ad63d50b
          5012 90dd8c78db5d4a2f28a949a5bf8772e5
          0106 6e656d6f
          2c0a 3030303030303261
          3706 6553f100
          1b06 00000258
          0b06 676f6c64`,
    provenance: 'by hand from RFC 5176 sections 2.3, 3.4 and 3.6; digests by another program',
    value: {
      code: 43,
      identifier: 12,
      attributes: [
        ['Message-Authenticator', '0x90dd8c78db5d4a2f28a949a5bf8772e5'],
        ['User-Name', '"nemo"'],
        ['Acct-Session-Id', '"0000002a"'],
        ['Event-Timestamp', '1700000000'],
        ['Session-Timeout', '600'],
        ['Filter-Id', '"gold"'],
      ],
    },
  },
  {
    name: 'CoA-NAK, in reply to the vector above',
    hex: `2d0c002c b012bb5174c320309d5a01e8e845eb87
          5012 3876d10566f749725d71315e384f2c8d
          6506 000001f7`,
    provenance: 'by hand from RFC 5176 sections 2.3 and 3.5; digests by another program',
    value: {
      code: 45,
      identifier: 12,
      attributes: [
        ['Message-Authenticator', '0x3876d10566f749725d71315e384f2c8d'],
        ['Error-Cause', '503'],
      ],
    },
  },
  {
    name: 'Status-Server',
    hex: `0c0d002a 202122232425262728292a2b2c2d2e2f
          5012 3290d6abcd9da03a1927f32cb8bc51d5
          2004 6777`,
    provenance: 'by hand from RFC 5997 section 3; digests by another program',
    value: {
      code: 12,
      identifier: 13,
      attributes: [
        ['Message-Authenticator', '0x3290d6abcd9da03a1927f32cb8bc51d5'],
        ['NAS-Identifier', '"gw"'],
      ],
    },
  },
];
