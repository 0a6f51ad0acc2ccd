import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIpv4, parseIpv6 } from '../../kernel/address.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { type MobilityOptionCodec, mobilityOption } from './options.ts';

const codecs: readonly MobilityOptionCodec<unknown>[] = Object.values(mobilityOption);

describe('the table of mobility options', () => {
  it('has no number twice, none above 63 and no padding', () => {
    const types = codecs.map((codec) => codec.type);
    expect(new Set(types).size).toBe(types.length);
    // Message decoding keeps which options it has seen in 64 bits.
    expect(types.filter((type) => type < 2 || type > 63)).toEqual([]);
  });

  it('cites a clause for every option and aligns within a unit', () => {
    for (const { citation, align } of codecs) {
      expect(citation).toMatch(/^RFC \d{4} \d/);
      expect(align.offset).toBeLessThan(align.n);
    }
  });

  it('decodes exactly the data that it calls valid', () => {
    fc.assert(
      fc.property(fc.constantFrom(...codecs), fc.uint8Array({ maxLength: 40 }), (codec, data) => {
        expect(codec.decode(data) !== undefined).toBe(codec.valid(data));
      }),
      { numRuns: 2000 },
    );
  });

  it('encodes again what it decoded, and to the same value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...codecs), fc.uint8Array({ maxLength: 40 }), (codec, data) => {
        // A Timestamp of more than 2^53 units is later than a number can hold exactly.
        if (codec.type === mobilityOption.timestamp.type) data.fill(0, 0, 1);
        const value = codec.decode(data);
        if (value === undefined) return;
        expect(codec.decode(codec.encode(value))).toEqual(value);
      }),
      { numRuns: 2000 },
    );
  });
});

const address = parseIpv4('192.0.2.1')!;
const prefix = { address: parseIpv6('2001:db8:1:2::')!, length: 64 };

function example<T>(codec: MobilityOptionCodec<T>, value: T, hex: string): () => void {
  return () => {
    expect(toHex(codec.encode(value))).toBe(hex);
    expect(codec.decode(fromHex(hex))).toEqual(value);
  };
}

describe('option data', () => {
  it('Binding Refresh Advice', example(mobilityOption.bindingRefreshAdvice, 3600, '0384'));
  it('Mobile Node Identifier', example(mobilityOption.mnIdentifier, { subtype: 1, identifier: 'a@b' }, '01614062'));
  it('Service Selection', example(mobilityOption.serviceSelection, 'ims', '696d73'));
  it('Home Network Prefix', example(mobilityOption.homeNetworkPrefix, prefix, `0040${prefix.address}`));
  it('Handoff Indicator', example(mobilityOption.handoffIndicator, 3, '0003'));
  it('Access Technology Type', example(mobilityOption.accessTechnologyType, 4, '0004'));
  it('MN-LLI', example(mobilityOption.mnLinkLayerIdentifier, fromHex('0200005e5301'), '00000200005e5301'));
  it('Link-local Address', example(mobilityOption.linkLocalAddress, prefix.address, prefix.address));
  it('Timestamp', example(mobilityOption.timestamp, 1_700_000_000_250, '00006553f1004000'));
  it('Restart Counter', example(mobilityOption.restartCounter, 7, '00000007'));
  it('GRE Key', example(mobilityOption.greKey, { key: 0xfffffffe }, '0000fffffffe'));
  it('GRE Key 0', example(mobilityOption.greKey, { key: 0 }, '000000000000'));
  it('GRE Key without key', example(mobilityOption.greKey, { key: undefined }, '0000'));
  it('HoA request', example(mobilityOption.ipv4HomeAddressRequest, { prefixLength: 32, address }, '8000c0000201'));
  it(
    'HoA reply',
    example(mobilityOption.ipv4HomeAddressReply, { status: 128, prefixLength: 24, address }, '8060c0000201'),
  );
  it('Default router', example(mobilityOption.ipv4DefaultRouter, address, '0000c0000201'));
  it('DHCP mode server', example(mobilityOption.ipv4DhcpSupportMode, 'server', '0001'));
  it('DHCP mode relay', example(mobilityOption.ipv4DhcpSupportMode, 'relay', '0000'));
  it('Alternate IPv4 CoA', example(mobilityOption.alternateIpv4CareOf, address, 'c0000201'));
  it('MN group', example(mobilityOption.mnGroupIdentifier, { subtype: 1, group: 1 }, '010000000001'));
  it(
    'Vendor Specific',
    example(mobilityOption.vendorSpecific, { vendor: 10415, subType: 1, data: fromHex('aa') }, '000028af01aa'),
  );
  it('Access Network Identifier with a location', () => {
    const value = { location: { latitudeDegrees: -33.5, longitudeDegrees: 151.25 } };
    example(mobilityOption.accessNetworkIdentifier, value, '0206ef40004ba000')();
  });
  it.each(['01', '0102', '0103800500', '01048001610a', '0205000000', '030101'])(
    'an Access Network Identifier that contradicts itself: %s',
    (hex) => {
      expect(mobilityOption.accessNetworkIdentifier.decode(fromHex(hex))).toBeUndefined();
    },
  );
});

describe('the Timestamp option', () => {
  it('keeps every step of 1/65536 s of this era', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 34 }), fc.integer({ min: 0, max: 65535 }), (seconds, fraction) => {
        const hex = seconds.toString(16).padStart(12, '0') + fraction.toString(16).padStart(4, '0');
        expect(toHex(mobilityOption.timestamp.encode(mobilityOption.timestamp.decode(fromHex(hex))!))).toBe(hex);
      }),
      { numRuns: 1000 },
    );
  });

  it('carries into the seconds', () => {
    expect(toHex(mobilityOption.timestamp.encode(999.9999))).toBe('0000000000010000');
  });
});

describe('text longer than an option', () => {
  it('is cut, so that every value can be sent', () => {
    const identifier = 'x'.repeat(400);
    expect(mobilityOption.mnIdentifier.encode({ subtype: 1, identifier }).length).toBe(255);
    expect(mobilityOption.serviceSelection.encode(identifier).length).toBe(255);
    const network = { networkName: identifier, accessPointName: identifier };
    const operator = { type: 2, identifier: new Uint8Array(400) };
    const location = { latitudeDegrees: 400, longitudeDegrees: -400 };
    const data = mobilityOption.accessNetworkIdentifier.encode({ network, operator, location });
    expect(data.length).toBeLessThan(256);
    expect(mobilityOption.accessNetworkIdentifier.decode(data)?.location).toEqual({
      latitudeDegrees: 256 - 2 ** -15,
      longitudeDegrees: -256,
    });
  });
});
