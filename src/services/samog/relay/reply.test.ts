import { describe, expect, it } from 'vitest';
import { testDigests as digests } from '../../../../tests/support/digests.ts';
import { SeededRandom } from '../../../kernel/random.ts';
import { fromHex, toHex, utf8Encode } from '../../../wire/bytes/text.ts';
import { type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { ciscoPairTlv, findCiscoPair } from '../../../wire/radius/cisco-pair.ts';
import { joinEapMessage, splitEapMessage } from '../../../wire/radius/eap-message.ts';
import { findMppeKeys, type Hop, mppeKeyTlvs } from '../../../wire/radius/mppe-keys.ts';
import { encodeRadius } from '../../../wire/radius/packet.ts';
import { RadiusOctets } from '../../../wire/radius/packet-octets.ts';
import { passedOnAttributes, passedOnOctets, readChallenge, rejectAttributes, withAdditions } from './reply.ts';

const random = new SeededRandom(1);
const aaa: Hop = { requestAuthenticator: new Uint8Array(16).fill(1), secret: utf8Encode('with the server') };
const wlc: Hop = { requestAuthenticator: new Uint8Array(16).fill(2), secret: utf8Encode('with the WLC') };
const keys = { send: new Uint8Array(32).fill(5), receive: new Uint8Array(32).fill(6) };
const eap = fromHex('01020006 0d 20');

function packet(attributes: readonly Tlv[]): RadiusOctets {
  return new RadiusOctets(encodeRadius({ code: 11, identifier: 0, authenticator: new Uint8Array(16), attributes }));
}

describe('an answer without keys', () => {
  it.each<[string, readonly Tlv[]]>([
    ['a challenge', [tlv(radiusAttribute.state, fromHex('aa')), ...splitEapMessage(new Uint8Array(1000).fill(1))]],
    ['a Reject', [...splitEapMessage(fromHex('04090004')), tlv(radiusAttribute.replyMessage, 'no')]],
    ['nothing', []],
  ])('is the same octets as its attributes are: %s', (_what, kept) => {
    const given = [
      ...kept.slice(0, 1),
      tlv(radiusAttribute.messageAuthenticator, new Uint8Array(16)),
      ...kept.slice(1),
    ];
    const attributes = passedOnAttributes(given, aaa, wlc, random, digests)!;
    expect(attributes).toEqual(kept);
    expect(passedOnOctets(packet(given))).toEqual(packet(attributes).bytes.slice(20));
  });

  it.each<[string, readonly Tlv[]]>([
    ['with a key', mppeKeyTlvs(keys, aaa, random, digests)],
    [
      'with a short piece of an EAP packet',
      [
        { type: 79, data: eap.slice(0, 3) },
        { type: 79, data: eap.slice(3) },
      ],
    ],
    ['with pieces apart', [{ type: 79, data: eap }, tlv(radiusAttribute.userName, 'me'), { type: 79, data: eap }]],
    [
      'that has no room for another Message-Authenticator',
      Array.from({ length: 16 }, () => ({ type: 222, data: new Uint8Array(252) })),
    ],
  ])('is none %s', (_what, attributes) => {
    expect(passedOnOctets(packet(attributes))).toBeUndefined();
  });
});

describe('an answer passed on', () => {
  it('has the keys of AAA, hidden for the WLC under salts of their own', () => {
    const given = mppeKeyTlvs(keys, aaa, random, digests);
    const attributes = passedOnAttributes(given, aaa, wlc, random, digests)!;
    expect(findMppeKeys(attributes, wlc, digests)).toEqual(keys);
    expect(findMppeKeys(attributes, aaa, digests)).not.toEqual(keys);
  });

  it('is none if a key cannot be revealed', () => {
    const given = mppeKeyTlvs(keys, wlc, random, digests).map(({ type, data }) => ({
      type,
      data: data.subarray(0, 30),
    }));
    const cut = given.map((attribute) => ({ ...attribute, data: attribute.data.slice() }));
    for (const { data } of cut) data[5] = data.length - 4;
    expect(passedOnAttributes(cut, aaa, wlc, random, digests)).toBeUndefined();
  });

  it('has all else as it was, without the Message-Authenticator of the other hop', () => {
    const kept: readonly Tlv[] = [
      tlv(radiusAttribute.state, fromHex('aa')),
      ...splitEapMessage(eap),
      { type: 222, data: fromHex('0102') },
      tlv(radiusAttribute.proxyState, fromHex('01')),
      tlv(radiusAttribute.proxyState, fromHex('02')),
    ];
    const given = [tlv(radiusAttribute.messageAuthenticator, new Uint8Array(16)), ...kept];
    expect(passedOnAttributes(given, aaa, wlc, random, digests)).toEqual(kept);
  });
});

describe('an Accept', () => {
  it('tells the WLC by which NAI to ask for IPv4', () => {
    const attributes = withAdditions([], { nai: 'me@example' });
    expect(findCiscoPair(attributes, 'mn-nai')).toBe('me@example');
    expect(findCiscoPair(attributes, 'mn-service')).toBe('ipv4');
  });

  it('leaves what AAA has said of it', () => {
    const attributes = withAdditions([ciscoPairTlv('mn-nai', 'of AAA')], { nai: 'of ours' });
    expect(findCiscoPair(attributes, 'mn-nai')).toBe('of AAA');
    expect(attributes.length).toBe(2);
  });
});

describe('a Reject of our own', () => {
  const proxyStates = [tlv(radiusAttribute.proxyState, fromHex('01'))];
  it('has an EAP Failure with the Identifier of the Response', () => {
    const attributes = rejectAttributes(9, proxyStates);
    const message = joinEapMessage(attributes);
    expect(message.kind === 'packet' && toHex(message.octets)).toBe('04090004');
    expect(attributes.slice(1)).toEqual(proxyStates);
  });

  it('has none for a password', () => {
    expect(rejectAttributes(undefined, proxyStates)).toEqual(proxyStates);
  });
});

describe('a challenge', () => {
  const state = fromHex('aa');
  const withEap = (hex: string): readonly Tlv[] => [
    tlv(radiusAttribute.state, state),
    tlv(radiusAttribute.sessionTimeout, 40),
    ...splitEapMessage(fromHex(hex)),
  ];
  it.each<[string, readonly Tlv[], number | undefined, number]>([
    ['with an EAP Request', withEap('01020006 0d 20'), 2, 6],
    ['to a password', withEap(''), undefined, 0],
  ])('%s is read', (_what, attributes, eapIdentifier, eapOctets) => {
    expect(readChallenge(packet(attributes))).toEqual({ state, eapIdentifier, timeoutSeconds: 40, eapOctets });
  });

  it.each([
    ['a Response', '02020006 0d 20'],
    ['a Success', '03020004'],
    ['half a packet', '01020009 0d 20'],
  ])('with %s is none', (_what, hex) => {
    expect(readChallenge(packet(withEap(hex)))).toBeUndefined();
  });
});
