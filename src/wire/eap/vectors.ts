import type { Vector } from '../bytes/vector.ts';

/** What a vector means: its kind, its method if it has one, and its line for people. */
export interface EapVectorValue {
  readonly kind: 'request' | 'response' | 'success' | 'failure';
  readonly vendor?: number;
  readonly type?: number;
  readonly line: string;
}

export const eapVectors: readonly Vector<EapVectorValue>[] = [
  {
    name: 'Request/Identity',
    hex: '01000005 01',
    provenance: 'RFC 4186 appendix A.1',
    value: { kind: 'request', vendor: 0, type: 1, line: 'EAP request identifier 0 identity of 0 octets' },
  },
  {
    name: 'Response/Identity',
    hex: '02000020 01 31323434303730313030303030303031 4065617073696d2e666f6f',
    provenance: 'RFC 4186 appendix A.2',
    value: {
      kind: 'response',
      vendor: 0,
      type: 1,
      line: 'EAP response identifier 0 identity "1244070100000001@eapsim.foo"',
    },
  },
  {
    name: 'Request/SIM/Start',
    hex: '01010010 12 0a0000 0f02 0002 0001 0000',
    provenance: 'RFC 4186 appendix A.3',
    value: { kind: 'request', vendor: 0, type: 18, line: 'EAP request identifier 1 sim of 11 octets' },
  },
  {
    name: 'Response/SIM/Start',
    hex: '02010020 12 0a0000 0705 0000 0123456789abcdef fedcba9876543210 1001 0001',
    provenance: 'RFC 4186 appendix A.4',
    value: { kind: 'response', vendor: 0, type: 18, line: 'EAP response identifier 1 sim of 27 octets' },
  },
  {
    name: 'Success',
    hex: '03020004',
    provenance: 'by hand from RFC 3748 section 4.2',
    value: { kind: 'success', line: 'EAP success identifier 2' },
  },
  {
    name: 'Failure',
    hex: '04ff0004',
    provenance: 'by hand from RFC 3748 section 4.2',
    value: { kind: 'failure', line: 'EAP failure identifier 255' },
  },
  {
    name: 'Response/Nak for TLS or PEAP',
    hex: '02030007 03 0d 19',
    provenance: 'by hand from RFC 3748 section 5.3.1',
    value: { kind: 'response', vendor: 0, type: 3, line: 'EAP response identifier 3 nak wants tls, peap' },
  },
  {
    name: 'Expanded Nak for OTP or type 6 of MIT',
    hex: '0204001c fe 000000 00000003 fe 000000 00000005 fe 000014 00000006',
    provenance: 'RFC 3748 section 5.3.2, with identifier 4',
    value: { kind: 'response', vendor: 0, type: 3, line: 'EAP response identifier 4 nak of 16 octets' },
  },
  {
    name: 'Request of a vendor',
    hex: '01050010 fe 000137 00000022 00000001',
    provenance: 'by hand from RFC 3748 section 5.7 and MS-PEAP section 2.2.8.3 (capabilities negotiation)',
    value: { kind: 'request', vendor: 311, type: 34, line: 'EAP request identifier 5 vendor 311 type 34 of 4 octets' },
  },
];
