import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testDigests as digests } from '../../../tests/support/digests.ts';
import { fromHex, toHex, utf8Decode, utf8Encode } from '../bytes/text.ts';
import { find, tlv } from '../bytes/tlv.ts';
import { radiusAttribute } from './attributes.ts';
import {
  hidePassword,
  revealPassword,
  signAccessRequest,
  signAccountingRequest,
  signResponse,
  verifyAccessRequest,
  verifyAccountingRequest,
  verifyResponse,
} from './authenticator.ts';
import { radiusCode } from './constants.ts';
import { decodeRadius, encodeRadius, type RadiusPacket } from './packet.ts';
import { radiusVectors, vectorSecret } from './vectors.ts';

const secret = utf8Encode(vectorSecret);
const [papRequest, papAccept, accounting, request, accept, disconnect] = radiusVectors.map(({ hex }) =>
  fromHex(hex),
) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
const requestAuthenticator = request.subarray(4, 20);

function decode(bytes: Uint8Array): RadiusPacket {
  const result = decodeRadius(bytes);
  if (!result.ok) throw new Error(`${result.reason} at ${result.offset}`);
  return result.value;
}

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = copy[at]! ^ 1;
  return copy;
}

describe('User-Password', () => {
  it('is that of RFC 2865 section 7.1', () => {
    const authenticator = papRequest.subarray(4, 20);
    const hidden = find(decode(papRequest).attributes, radiusAttribute.userPassword)!;
    expect(toHex(hidePassword(utf8Encode('arctangent'), authenticator, secret, digests))).toBe(toHex(hidden));
    expect(utf8Decode(revealPassword(hidden, authenticator, secret, digests)!)).toBe('arctangent');
  });

  it('comes back, up to 128 octets', () => {
    const octet = fc.integer({ min: 1, max: 255 });
    fc.assert(
      fc.property(
        fc.array(octet, { maxLength: 128 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        (octets, auth) => {
          const hidden = hidePassword(Uint8Array.from(octets), auth, secret, digests);
          expect(hidden.length % 16).toBe(0);
          expect([...revealPassword(hidden, auth, secret, digests)!]).toEqual(octets);
        },
      ),
    );
    expect(hidePassword(new Uint8Array(200).fill(65), requestAuthenticator, secret, digests).length).toBe(128);
    expect(hidePassword(new Uint8Array(0), requestAuthenticator, secret, digests).length).toBe(16);
  });

  it.each([0, 15, 17, 144])('of %i octets is none', (length) => {
    expect(revealPassword(new Uint8Array(length), requestAuthenticator, secret, digests)).toBeUndefined();
  });
});

describe('Access-Request', () => {
  it('is signed as in the vector, Message-Authenticator first', () => {
    const packet = decode(request);
    expect(toHex(signAccessRequest(packet, secret, digests))).toBe(toHex(request));
    const [, ...others] = packet.attributes;
    expect(toHex(signAccessRequest({ ...packet, attributes: others }, secret, digests))).toBe(toHex(request));
    const behind = { ...packet, attributes: [...others, packet.attributes[0]!] };
    expect(toHex(signAccessRequest(behind, secret, digests))).toBe(toHex(request));
  });

  it('verifies, also with padding behind it and the attribute in another place', () => {
    expect(verifyAccessRequest(request, secret, digests)).toBe('ok');
    expect(verifyAccessRequest(Uint8Array.of(...request, 0, 0, 0), secret, digests)).toBe('ok');
    const [, ...others] = decode(request).attributes;
    const unsigned = tlv(radiusAttribute.messageAuthenticator, new Uint8Array(16));
    const last = encodeRadius({ ...decode(request), attributes: [...others, unsigned] });
    last.set(digests.hmacMd5(secret, last), last.length - 16);
    expect(verifyAccessRequest(last, secret, digests)).toBe('ok');
  });

  it('is told apart if the Message-Authenticator is missing, wrong, repeated or short', () => {
    const packet = decode(request);
    const twice = encodeRadius({ ...packet, attributes: [...packet.attributes, packet.attributes[0]!] });
    twice.fill(0, twice.length - 16);
    twice.set(digests.hmacMd5(secret, twice), twice.length - 16);
    const short = { type: 80, data: new Uint8Array(15) };
    expect(verifyAccessRequest(papRequest, secret, digests)).toBe('no-message-authenticator');
    expect(verifyAccessRequest(request, utf8Encode('other'), digests)).toBe('bad-message-authenticator');
    expect(verifyAccessRequest(twice, secret, digests)).toBe('bad-message-authenticator');
    expect(verifyAccessRequest(encodeRadius({ ...packet, attributes: [short] }), secret, digests)).toBe(
      'bad-message-authenticator',
    );
  });
});

describe('replies', () => {
  it('are signed as in the vector', () => {
    expect(toHex(signResponse(decode(accept), requestAuthenticator, secret, digests))).toBe(toHex(accept));
    expect(verifyResponse(accept, requestAuthenticator, secret, digests)).toBe('ok');
  });

  it('are told apart by what is wrong', () => {
    expect(verifyResponse(papAccept, papRequest.subarray(4, 20), secret, digests)).toBe('no-message-authenticator');
    expect(verifyResponse(accept, papRequest.subarray(4, 20), secret, digests)).toBe('bad-authenticator');
    expect(verifyResponse(accept, requestAuthenticator, utf8Encode('other'), digests)).toBe('bad-authenticator');
    // A Response Authenticator that fits a forged Message-Authenticator: what an MD5 collision would reach.
    const forged = changed(accept, 25);
    const head = forged.slice();
    head.set(requestAuthenticator, 4);
    forged.set(digests.md5(Uint8Array.of(...head, ...secret)), 4);
    expect(verifyResponse(forged, requestAuthenticator, secret, digests)).toBe('bad-message-authenticator');
  });

  it('to accounting need no Message-Authenticator', () => {
    const authenticator = accounting.subarray(4, 20);
    const packet = { code: radiusCode.accountingResponse, identifier: 4, authenticator, attributes: [] };
    const reply = signResponse(packet, authenticator, secret, digests);
    expect(toHex(reply)).toBe('05040014363ce0f609a98d4462e333adbf21f58f');
    expect(verifyResponse(reply, authenticator, secret, digests)).toBe('ok');
    expect(verifyResponse(reply, requestAuthenticator, secret, digests)).toBe('bad-authenticator');
  });

  it('to a CoA-Request carry both authenticators', () => {
    const packet = { code: radiusCode.coaAck, identifier: 3, authenticator: new Uint8Array(16), attributes: [] };
    const reply = signResponse(packet, disconnect.subarray(4, 20), secret, digests);
    expect(decode(reply).attributes.map(({ type }) => type)).toEqual([80]);
    expect(verifyResponse(reply, disconnect.subarray(4, 20), secret, digests)).toBe('ok');
  });
});

describe('requests that sign themselves', () => {
  it.each([
    ['Accounting-Request', accounting],
    ['Disconnect-Request', disconnect],
  ])('%s is signed as in the vector', (_what, bytes) => {
    expect(toHex(signAccountingRequest(decode(bytes), secret, digests))).toBe(toHex(bytes));
    expect(verifyAccountingRequest(bytes, secret, digests)).toBe('ok');
    expect(verifyAccountingRequest(bytes, utf8Encode('other'), digests)).toBe('bad-authenticator');
  });

  it('are checked for a Message-Authenticator that fits a forged authenticator', () => {
    const forged = changed(disconnect, 25);
    const head = forged.slice().fill(0, 4, 20);
    forged.set(digests.md5(Uint8Array.of(...head, ...secret)), 4);
    expect(verifyAccountingRequest(forged, secret, digests)).toBe('bad-message-authenticator');
  });
});

describe('every octet of a packet', () => {
  it.each([
    ['Access-Request', request, (bytes: Uint8Array) => verifyAccessRequest(bytes, secret, digests)],
    ['Access-Accept', accept, (bytes: Uint8Array) => verifyResponse(bytes, requestAuthenticator, secret, digests)],
    ['Accounting-Request', accounting, (bytes: Uint8Array) => verifyAccountingRequest(bytes, secret, digests)],
    ['Disconnect-Request', disconnect, (bytes: Uint8Array) => verifyAccountingRequest(bytes, secret, digests)],
  ] as const)('is covered in %s, and no verification changes what it is given', (_what, bytes, verify) => {
    const before = toHex(bytes);
    expect(verify(bytes)).toBe('ok');
    for (let at = 0; at < bytes.length; at += 1) expect(verify(changed(bytes, at))).not.toBe('ok');
    for (let length = 0; length < bytes.length; length += 1) expect(verify(bytes.slice(0, length))).not.toBe('ok');
    expect(toHex(bytes)).toBe(before);
  });

  it('survives arbitrary input', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        if (bytes.length >= 4) bytes.set([0, bytes.length], 2);
        expect(verifyAccessRequest(bytes, secret, digests)).not.toBe('ok');
        expect(verifyResponse(bytes, requestAuthenticator, secret, digests)).not.toBe('ok');
        expect(verifyAccountingRequest(bytes, secret, digests)).not.toBe('ok');
      }),
    );
  });
});

/** Vectors by the beginning of their names. */
function vector(name: string): Uint8Array {
  return fromHex(radiusVectors.find((one) => one.name.startsWith(name))!.hex);
}

describe('the packets of EAP, accounting, CoA and Status-Server', () => {
  const eapRequest = vector('Access-Request with an EAP identity');
  const stop = vector('Accounting-Request, Stop');
  const coa = vector('CoA-Request');

  it.each([
    ['Access-Request', eapRequest],
    ['Status-Server', vector('Status-Server')],
  ])('%s is signed as in the vector and verifies', (_what, bytes) => {
    expect(toHex(signAccessRequest(decode(bytes), secret, digests))).toBe(toHex(bytes));
    expect(verifyAccessRequest(bytes, secret, digests)).toBe('ok');
    for (let at = 0; at < bytes.length; at += 1) {
      expect(verifyAccessRequest(changed(bytes, at), secret, digests)).not.toBe('ok');
    }
  });

  it.each([
    ['Access-Challenge', vector('Access-Challenge'), eapRequest],
    ['Access-Accept', vector('Access-Accept with MS-MPPE'), eapRequest],
    ['Accounting-Response', vector('Accounting-Response'), stop],
    ['CoA-NAK', vector('CoA-NAK'), coa],
  ])('%s is signed as in the vector and verifies for its request alone', (_what, reply, request) => {
    const authenticator = request.subarray(4, 20);
    expect(toHex(signResponse(decode(reply), authenticator, secret, digests))).toBe(toHex(reply));
    expect(verifyResponse(reply, authenticator, secret, digests)).toBe('ok');
    expect(verifyResponse(reply, changed(authenticator, 0), secret, digests)).toBe('bad-authenticator');
  });

  it.each([
    ['Accounting-Request', stop],
    ['CoA-Request', coa],
  ])('%s is signed as in the vector and verifies', (_what, bytes) => {
    expect(toHex(signAccountingRequest(decode(bytes), secret, digests))).toBe(toHex(bytes));
    expect(verifyAccountingRequest(bytes, secret, digests)).toBe('ok');
    for (let at = 0; at < bytes.length; at += 1) {
      expect(verifyAccountingRequest(changed(bytes, at), secret, digests)).not.toBe('ok');
    }
  });

  it.each([
    [radiusCode.accountingRequest, 'ok'],
    [radiusCode.coaRequest, 'no-message-authenticator'],
    [radiusCode.disconnectRequest, 'no-message-authenticator'],
  ] as const)('a request of code %i without Message-Authenticator is %s', (code, verdict) => {
    const bytes = encodeRadius({ code, identifier: 1, authenticator: new Uint8Array(16), attributes: [] });
    bytes.set(digests.md5(Uint8Array.of(...bytes, ...secret)), 4);
    expect(verifyAccountingRequest(bytes, secret, digests)).toBe(verdict);
    expect(verifyAccountingRequest(changed(bytes, 1), secret, digests)).toBe('bad-authenticator');
  });
});
