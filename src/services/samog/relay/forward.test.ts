import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testDigests as digests } from '../../../../tests/support/digests.ts';
import { assertRobust } from '../../../../tests/wire/robustness.ts';
import { ipv4Of, parseIp } from '../../../kernel/address.ts';
import { fromHex, toHex, utf8Decode, utf8Encode } from '../../../wire/bytes/text.ts';
import { find, findAll, type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { hidePassword, revealPassword, signAccessRequest } from '../../../wire/radius/authenticator.ts';
import { joinEapMessage, splitEapMessage } from '../../../wire/radius/eap-message.ts';
import type { Hop } from '../../../wire/radius/mppe-keys.ts';
import { describeRadius, encodeRadius } from '../../../wire/radius/packet.ts';
import { openRadius, RadiusOctets } from '../../../wire/radius/packet-octets.ts';
import { radiusVectors } from '../../../wire/radius/vectors.ts';
import {
  type ForwardingNas,
  fitsPacket,
  forwardedAttributes,
  forwardedOctets,
  forwardingNas,
  readRelayedRequest,
} from './forward.ts';

function nasWith(given: Partial<ForwardingNas>): ForwardingNas {
  const { address = ipv4Of(0xc0000201), identifier = 'samog-1', framedMtu } = given;
  return forwardingNas(address, identifier, '00001a2b6720dd5a', framedMtu);
}

const nas = nasWith({});
const wlc: Hop = { requestAuthenticator: new Uint8Array(16).fill(1), secret: utf8Encode('with the WLC') };
const aaa: Hop = { requestAuthenticator: new Uint8Array(16).fill(2), secret: utf8Encode('with the server') };

function packet(...attributes: readonly Tlv[]): RadiusOctets {
  return new RadiusOctets(
    encodeRadius({ code: 1, identifier: 3, authenticator: wlc.requestAuthenticator, attributes }),
  );
}

/** As they stand in a packet; undefined if it has no room for them besides a Message-Authenticator. */
function octetsOf(attributes: readonly Tlv[]): Uint8Array | undefined {
  const authenticator = new Uint8Array(16);
  return fitsPacket(attributes)
    ? encodeRadius({ code: 1, identifier: 0, authenticator, attributes }).slice(20)
    : undefined;
}

const identity = splitEapMessage(fromHex('02050008 01 616263'));

function forwarded(given: Partial<ForwardingNas>, ...attributes: readonly Tlv[]): readonly Tlv[] {
  return forwardedAttributes(readRelayedRequest(packet(...attributes))!, nasWith(given), wlc, aaa, digests);
}

describe('what there is to relay', () => {
  const eapOf = (hex: string): Tlv => ({ type: radiusAttribute.eapMessage.type, data: fromHex(hex) });
  it.each<[string, readonly Tlv[], string | undefined, number | undefined]>([
    ['an identity', identity, 'eap', 5],
    ['EAP-Start', [eapOf('')], 'eap-start', undefined],
    ['a password', [tlv(radiusAttribute.userPassword, new Uint8Array(16))], 'password', undefined],
    ['what cannot be a password', [tlv(radiusAttribute.userPassword, new Uint8Array(15))], undefined, undefined],
    ['a CHAP response', [tlv(radiusAttribute.chapPassword, new Uint8Array(17))], 'chap', undefined],
    [
      'two kinds of password',
      [tlv(radiusAttribute.chapPassword, new Uint8Array(17)), tlv(radiusAttribute.userPassword, new Uint8Array(16))],
      undefined,
      undefined,
    ],
    ['nothing', [tlv(radiusAttribute.userName, 'me')], undefined, undefined],
    ['an EAP Request', [eapOf('01050005 01')], undefined, undefined],
    ['an EAP Success', [eapOf('03050004')], undefined, undefined],
    ['a Length beyond the end', [eapOf('02050009 01 616263')], undefined, undefined],
    ['pieces apart', [...identity, tlv(radiusAttribute.userName, 'me'), eapOf('00')], undefined, undefined],
  ])('%s', (_what, attributes, kind, eapIdentifier) => {
    const relayed = readRelayedRequest(packet(...attributes));
    expect(relayed?.kind).toBe(kind);
    expect(relayed?.eapIdentifier).toBe(eapIdentifier);
  });

  it('survives truncated and mutated input', () => {
    assertRobust(openRadius, radiusVectors, (read) => {
      const relayed = readRelayedRequest(read);
      if (relayed === undefined) return;
      const attributes = forwardedAttributes(relayed, nas, wlc, aaa, digests);
      if (relayed.isPlain) expect(forwardedOctets(relayed, nas)).toEqual(octetsOf(attributes));
    });
  });
});

/** Any attributes of a request that the gateway leaves as they are, or leaves out. */
const anyAttributes = fc.array(
  fc.record({
    type: fc.constantFrom(1, 4, 5, 12, 24, 26, 30, 31, 32, 33, 44, 80, 95, 200),
    data: fc.uint8Array({ maxLength: 253 }),
  }),
  { maxLength: 16 },
);

describe('a plain request', () => {
  it('is the same octets as its attributes are', () => {
    fc.assert(
      fc.property(
        anyAttributes,
        fc.uint8Array({ minLength: 1, maxLength: 1200 }),
        fc.option(fc.integer({ min: 64, max: 1500 }), { nil: undefined }),
        (others, data, framedMtu) => {
          const eap = Uint8Array.of(2, 7, (5 + data.length) >> 8, 5 + data.length, 25, ...data);
          const bytes = encodeRadius({
            code: 1,
            identifier: 3,
            authenticator: wlc.requestAuthenticator,
            attributes: [...others.slice(0, 8), ...splitEapMessage(eap)],
          });
          const opened = openRadius(bytes);
          const relayed = opened.ok ? readRelayedRequest(opened.value) : undefined;
          if (relayed === undefined) return;
          const given = nasWith(framedMtu === undefined ? {} : { framedMtu });
          expect(relayed.isPlain).toBe(true);
          expect(forwardedOctets(relayed, given)).toEqual(
            octetsOf(forwardedAttributes(relayed, given, wlc, aaa, digests)),
          );
        },
      ),
    );
  });

  it.each<[string, readonly Tlv[]]>([
    ['a password', [tlv(radiusAttribute.userPassword, new Uint8Array(16)), ...identity]],
    [
      'short pieces',
      [
        { type: 79, data: fromHex('020500') },
        { type: 79, data: fromHex('08 01 616263') },
      ],
    ],
    ['an empty piece', [...identity, { type: 79, data: new Uint8Array(0) }]],
  ])('has not %s', (_what, attributes) => {
    expect(readRelayedRequest(packet(...attributes))).toMatchObject({ kind: 'eap', eapIdentifier: 5, isPlain: false });
  });
});

describe('CHAP', () => {
  const response = tlv(radiusAttribute.chapPassword, fromHex('01 00112233445566778899aabbccddeeff'));
  it.each<[string, readonly Tlv[], string]>([
    ['was the Request Authenticator', [], toHex(wlc.requestAuthenticator)],
    ['is an attribute', [tlv(radiusAttribute.chapChallenge, fromHex('0102030405'))], '0102030405'],
  ])('goes on with the challenge that %s', (_what, challenge, expected) => {
    const relayed = readRelayedRequest(packet(response, ...challenge))!;
    const attributes = forwardedAttributes(relayed, nas, wlc, aaa, digests);
    expect(findAll(attributes, radiusAttribute.chapPassword)).toEqual([response.data]);
    expect(findAll(attributes, radiusAttribute.chapChallenge).map(toHex)).toEqual([expected]);
    expect(relayed.isPlain).toBe(true);
    expect(forwardedOctets(relayed, nas)).toEqual(octetsOf(attributes));
  });

  it('is shown to nobody', () => {
    const text = describeRadius(packet(response));
    expect(text).toContain('CHAP-Password (hidden)');
    expect(text).not.toContain('00112233');
  });
});

describe('a request passed on', () => {
  it('names the gateway as NAS, and the account as the gateway’s', () => {
    const attributes = forwarded(
      {},
      tlv(radiusAttribute.nasIpAddress, ipv4Of(9)),
      tlv(radiusAttribute.nasIdentifier, 'wlc-1'),
      tlv(radiusAttribute.acctSessionId, 'of the WLC'),
      ...identity,
    );
    expect(findAll(attributes, radiusAttribute.nasIpAddress)).toEqual([nas.address]);
    expect(findAll(attributes, radiusAttribute.nasIdentifier)).toEqual(['samog-1']);
    expect(findAll(attributes, radiusAttribute.acctSessionId)).toEqual([nas.acctSessionId]);
  });

  it('has an IPv6 address of its own in the attribute for it, and no name if it has none', () => {
    const attributes = forwarded({ address: parseIp('2001:db8::1')!, identifier: '' }, ...identity);
    expect(find(attributes, radiusAttribute.nasIpv6Address)).toBe(parseIp('2001:db8::1'));
    expect(find(attributes, radiusAttribute.nasIpAddress)).toBeUndefined();
    expect(find(attributes, radiusAttribute.nasIdentifier)).toBeUndefined();
  });

  it('keeps State, Class, Proxy-State, a decorated NAI and what nobody knows, unchanged and in order', () => {
    const kept: readonly Tlv[] = [
      tlv(radiusAttribute.userName, 'home.example!0123@visited.example'),
      tlv(radiusAttribute.proxyState, fromHex('01')),
      tlv(radiusAttribute.state, fromHex('aa00')),
      { type: 222, data: fromHex('0102') },
      tlv(radiusAttribute.class, fromHex('c1')),
      tlv(radiusAttribute.proxyState, fromHex('02')),
      tlv(radiusAttribute.callingStationId, '02-00-5E-10-20-30'),
    ];
    const attributes = forwarded({}, ...kept, ...identity);
    const types = kept.map(({ type }) => type);
    expect(attributes.filter(({ type }) => types.includes(type))).toEqual(kept);
    expect(attributes.some(({ type }) => type === radiusAttribute.messageAuthenticator.type)).toBe(false);
  });

  it.each([
    [undefined, undefined, undefined],
    [1400, undefined, 1400],
    [undefined, 1300, 1300],
    [1400, 1300, 1300],
    [1200, 1300, 1200],
  ])('with Framed-MTU %s of the WLC and %s of the operator says %s', (ofWlc, ofOperator, said) => {
    const given = ofWlc === undefined ? [] : [tlv(radiusAttribute.framedMtu, ofWlc)];
    const attributes = forwarded({ framedMtu: ofOperator }, ...given, ...identity);
    expect(findAll(attributes, radiusAttribute.framedMtu)).toEqual(said === undefined ? [] : [said]);
  });

  it('hides the password anew', () => {
    const hidden = hidePassword(utf8Encode('open sesame'), wlc.requestAuthenticator, wlc.secret, digests);
    const attributes = forwarded({}, tlv(radiusAttribute.userPassword, hidden));
    const anew = find(attributes, radiusAttribute.userPassword)!;
    expect(toHex(anew)).not.toBe(toHex(hidden));
    expect(utf8Decode(revealPassword(anew, aaa.requestAuthenticator, aaa.secret, digests)!)).toBe('open sesame');
  });

  it('has the EAP packet octet by octet, however it was cut', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 2000 }),
        fc.array(fc.integer({ min: 1, max: 253 }), { minLength: 1, maxLength: 8 }),
        (data, cuts) => {
          const eap = Uint8Array.of(2, 9, (5 + data.length) >> 8, (5 + data.length) & 255, 13, ...data);
          const pieces: Tlv[] = [];
          for (let at = 0, turn = 0; at < eap.length; turn += 1) {
            const length = cuts[turn % cuts.length]!;
            pieces.push({ type: radiusAttribute.eapMessage.type, data: eap.subarray(at, at + length) });
            at += length;
          }
          const around = [tlv(radiusAttribute.userName, 'me'), ...pieces, tlv(radiusAttribute.class, fromHex('c1'))];
          const attributes = forwarded({}, ...around);
          const message = joinEapMessage(attributes);
          expect(message.kind === 'packet' && toHex(message.octets)).toBe(toHex(eap));
          const lengths = attributes
            .filter(({ type }) => type === radiusAttribute.eapMessage.type)
            .map((piece) => piece.data.length);
          expect(lengths.slice(0, -1).every((length) => length === 253)).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the room in a packet', () => {
  it.each([
    ['the most there can be', 231, true],
    ['an octet more', 232, false],
  ])('with %s', (_what, last, fits) => {
    const full = Array.from({ length: 15 }, () => tlv(radiusAttribute.proxyState, new Uint8Array(253)));
    const attributes = [...full, tlv(radiusAttribute.proxyState, new Uint8Array(last))];
    expect(fitsPacket(attributes)).toBe(fits);
    const encode = () => signAccessRequest(packet(...attributes), wlc.secret, digests);
    if (fits) expect(encode().length).toBe(4096);
    else expect(encode).toThrow(RangeError);
  });
});
