import { tlv } from '../../../wire/bytes/tlv.ts';
import { revocationFlag } from '../../../wire/pmipv6/constants.ts';
import type { BindingRevocationIndication } from '../../../wire/pmipv6/message.ts';
import { mobilityOption } from '../../../wire/pmipv6/options.ts';

/**
 * A Binding Revocation Indication for one binding at a MAG: P flag, and the MN-Identifier as the MAG wrote it
 * (RFC 5846 section 9.1).
 */
export function revocationOf(nai: string, sequence: number, trigger: number): BindingRevocationIndication {
  return {
    kind: 'bindingRevocationIndication',
    trigger,
    sequence,
    flags: revocationFlag.proxyBinding,
    options: [tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: nai })],
  };
}
