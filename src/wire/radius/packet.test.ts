import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertRobust } from '../../../tests/wire/robustness.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { findAll, type Tlv, tlv } from '../bytes/tlv.ts';
import { radiusAttribute, radiusAttributeByType } from './attributes.ts';
import { radiusCode } from './constants.ts';
import { answers, decodeRadius, describeRadius, encodeRadius, type RadiusPacket } from './packet.ts';
import { radiusVectors } from './vectors.ts';

function decode(bytes: Uint8Array): RadiusPacket {
  const result = decodeRadius(bytes);
  if (!result.ok) throw new Error(`${result.reason} at ${result.offset}`);
  return result.value;
}

function namesAndValues(attributes: readonly Tlv[]): [string, string][] {
  return attributes.map(({ type, data }) => {
    const codec = radiusAttributeByType[type];
    return codec === undefined ? [String(type), toHex(data)] : [codec.name, codec.describe(codec.decode(data)!)];
  });
}

describe('RADIUS packets', () => {
  it.each(radiusVectors)('$name: decodes to its attributes and encodes to its octets', ({ hex, value }) => {
    const bytes = fromHex(hex);
    const packet = decode(bytes);
    expect(packet).toMatchObject({ code: value!.code, identifier: value!.identifier });
    expect(toHex(packet.authenticator)).toBe(toHex(bytes.subarray(4, 20)));
    expect(namesAndValues(packet.attributes)).toEqual(value!.attributes);
    expect(toHex(encodeRadius(packet))).toBe(toHex(bytes));
  });

  it('survive truncated and mutated input', () => {
    assertRobust(decodeRadius, radiusVectors, (packet) => {
      encodeRadius(packet);
      describeRadius(packet);
    });
  });

  it('are described in one line without the password', () => {
    expect(describeRadius(decode(fromHex(radiusVectors[0]!.hex)))).toBe(
      'accessRequest identifier 0 [User-Name "nemo", User-Password (hidden), NAS-IP-Address 192.168.1.16, NAS-Port 3]',
    );
    expect(describeRadius(decode(fromHex(radiusVectors[1]!.hex)))).toBe(
      'accessAccept identifier 0 [Service-Type 1, attribute 15 of 4 octets, attribute 14 of 4 octets]',
    );
  });

  it('are described with the EAP packet they hold, and nothing of what its method says', () => {
    const line = (attributes: readonly Tlv[]) =>
      describeRadius({ code: 1, identifier: 1, authenticator: new Uint8Array(16), attributes });
    const eap = (hex: string): Tlv => ({ type: 79, data: fromHex(hex) });
    expect(line([eap('0201000d06'), eap('3331343135393236')])).toBe(
      'accessRequest identifier 1 [EAP-Message of 5 octets, EAP-Message of 8 octets] ' +
        'EAP response identifier 1 genericTokenCard of 8 octets',
    );
    expect(line([eap('')])).toBe('accessRequest identifier 1 [EAP-Message of 0 octets] EAP start');
    expect(line([eap('0201000901')])).toMatch(/ EAP truncated$/);
    expect(line([eap('0201000501'), tlv(radiusAttribute.userName, 'x'), eap('00')])).toMatch(/ EAP scattered$/);
  });

  it.each([
    [radiusCode.accessRequest, [2, 3, 11]],
    [radiusCode.accountingRequest, [5]],
    [radiusCode.statusServer, [2, 5]],
    [radiusCode.disconnectRequest, [41, 42]],
    [radiusCode.coaRequest, [44, 45]],
    [radiusCode.accessAccept, []],
    [255, []],
  ])('of code %i are answered by %j alone', (request, replies) => {
    const found = Array.from({ length: 256 }, (_, code) => code).filter((code) => answers(request, code));
    expect(found).toEqual(replies);
  });

  const authenticator = '00'.repeat(16);
  it.each([
    ['nothing', '', 'truncated', 0],
    ['19 octets', `01010014${authenticator.slice(2)}`, 'truncated', 19],
    ['a Length of 19', `01010013${authenticator}`, 'bad-length', 2],
    ['a Length of 4097', `01011001${authenticator}`, 'oversized', 2],
    ['a Length beyond the end', `01010016${authenticator}01`, 'truncated', 21],
    ['an attribute type alone', `01010015${authenticator}01`, 'truncated', 20],
    ['an attribute of length 1', `01010016${authenticator}0101`, 'bad-length', 21],
    ['an attribute of length 0', `01010016${authenticator}0100`, 'bad-length', 21],
    ['an attribute that overruns the packet', `01010018${authenticator}01056162`, 'truncated', 20],
    ['an integer of 3 octets', `01010019${authenticator}1b05000001`, 'bad-value', 20],
    ['an address of 5 octets', `0101001b${authenticator}0407c000020101`, 'bad-value', 20],
    ['an IPv4 prefix of 33 bits', `0101001c${authenticator}9b080021c0000201`, 'bad-value', 20],
    ['an IPv6 prefix longer than its octets', `01010019${authenticator}9705000920`, 'bad-value', 20],
  ])('refuse %s', (_what, hex, reason, offset) => {
    expect(decodeRadius(fromHex(hex))).toEqual({ ok: false, reason, offset });
  });

  it('end at Length: octets behind it are padding', () => {
    const bytes = fromHex(radiusVectors[2]!.hex);
    expect(decode(Uint8Array.of(...bytes, 1, 2, 3))).toEqual(decode(bytes));
  });

  it('keep repeated attributes in order', () => {
    const attributes = ['01', '02', '03'].map((hex) => tlv(radiusAttribute.proxyState, fromHex(hex)));
    const packet = decode(encodeRadius({ code: 1, identifier: 1, authenticator: new Uint8Array(16), attributes }));
    expect(findAll(packet.attributes, radiusAttribute.proxyState).map(toHex)).toEqual(['01', '02', '03']);
  });

  it('are not made where the wire has no length for them', () => {
    const of = (attributes: readonly Tlv[]): RadiusPacket => ({
      code: 1,
      identifier: 1,
      authenticator: new Uint8Array(16),
      attributes,
    });
    const longest = { type: 79, data: new Uint8Array(253) };
    expect(() => encodeRadius(of([{ type: 79, data: new Uint8Array(254) }]))).toThrow(RangeError);
    expect(encodeRadius(of(new Array<Tlv>(15).fill(longest))).length).toBe(20 + 15 * 255);
    expect(() => encodeRadius(of(new Array<Tlv>(16).fill(longest)))).toThrow(RangeError);
  });

  it('come back from their octets', () => {
    const u8 = fc.integer({ min: 0, max: 255 });
    const text = fc.string({ maxLength: 60 }).map((value) => tlv(radiusAttribute.userName, value));
    const unknown = fc.record({
      type: fc.integer({ min: 200, max: 255 }),
      data: fc.uint8Array({ maxLength: 253 }),
    });
    const packets = fc.record({
      code: u8,
      identifier: u8,
      authenticator: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      attributes: fc.array(fc.oneof(text, unknown), { maxLength: 15 }),
    });
    fc.assert(
      fc.property(packets, (packet) => {
        expect(decode(encodeRadius(packet))).toEqual(packet);
      }),
    );
  });
});
