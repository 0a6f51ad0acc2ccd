import { describe, expect, it } from 'vitest';
import { tlv } from '../bytes/tlv.ts';
import { radiusAttribute } from './attributes.ts';
import { errorCause, radiusCode } from './constants.ts';
import {
  errorCauseFits,
  foreignToDisconnect,
  nasIdentification,
  sessionIdentification,
} from './dynamic-authorization.ts';

const { coaAck, coaNak, disconnectAck, disconnectNak } = radiusCode;

/** RFC 5176 section 3.5. */
const fitting: readonly (readonly [keyof typeof errorCause, readonly number[]])[] = [
  ['residualContextRemoved', [disconnectAck]],
  ['invalidEapPacket', [coaAck, disconnectAck]],
  ['unsupportedAttribute', [coaNak, disconnectNak]],
  ['nasIdentificationMismatch', [coaNak, disconnectNak]],
  ['invalidAttributeValue', [coaNak, disconnectNak]],
  ['administrativelyProhibited', [coaNak, disconnectNak]],
  ['sessionContextNotFound', [coaNak, disconnectNak]],
  ['sessionContextNotRemovable', [disconnectNak]],
  ['requestInitiated', [coaNak, disconnectNak]],
  ['multipleSessionSelectionUnsupported', [coaNak, disconnectNak]],
];

describe('Error-Cause', () => {
  it.each(fitting)('%s goes only where RFC 5176 section 3.5 lets it', (name, codes) => {
    for (const code of Object.values(radiusCode)) {
      expect([code, errorCauseFits(code, errorCause[name])]).toEqual([code, codes.includes(code)]);
    }
  });

  it.each([0, 199, 300, 399, 600, 0xffffffff])('%i is reserved and goes nowhere', (cause) => {
    for (const code of Object.values(radiusCode)) expect(errorCauseFits(code, cause)).toBe(false);
  });

  it('has the numbers of RFC 5176 section 3.5', () => {
    expect(Object.values(errorCause)).toEqual([
      201, 202, 401, 402, 403, 404, 405, 406, 407, 501, 502, 503, 504, 505, 506, 507, 508,
    ]);
  });
});

describe('what identifies', () => {
  it('the NAS and the session is what RFC 5176 section 3 lists', () => {
    expect(nasIdentification.map(({ type }) => type)).toEqual([4, 32, 95]);
    expect(sessionIdentification.map(({ type }) => type)).toEqual([1, 5, 8, 26, 30, 31, 44, 50, 87, 89, 96, 97]);
  });

  it('may stand in a Disconnect-Request, as may what says why and by whom', () => {
    const allowed = [1, 4, 5, 8, 18, 25, 26, 30, 31, 32, 33, 44, 49, 50, 55, 79, 80, 87, 89, 95, 96, 97];
    const types = Array.from({ length: 256 }, (_, type) => type);
    const found = types.filter((type) => foreignToDisconnect([{ type, data: new Uint8Array(4) }]) === undefined);
    expect(found).toEqual(allowed);
  });

  it('leaves the first attribute that has no place there', () => {
    const name = tlv(radiusAttribute.userName, 'nemo');
    const timeout = tlv(radiusAttribute.sessionTimeout, 60);
    const service = tlv(radiusAttribute.serviceType, 17);
    expect(foreignToDisconnect([name, timeout, service])).toBe(timeout);
    expect(foreignToDisconnect([name])).toBeUndefined();
  });
});
