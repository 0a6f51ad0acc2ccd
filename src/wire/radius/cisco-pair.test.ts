import { describe, expect, it } from 'vitest';
import { ciscoPairName, ciscoPairTlv, findCiscoPair } from './cisco-pair.ts';
import { ciscoAttribute, findVendor, vendorTlv } from './vendor-attributes.ts';

const pairs = [
  'mn-nai-x=no',
  'mn-nai',
  'mn-service*ipv4',
  'mn-nai=a@b=c',
  'mn-nai=later',
  'ip:inacl#1=permit ip any any',
];
const attributes = pairs.map((pair) => vendorTlv(ciscoAttribute.avPair, pair));

describe('Cisco’s pairs', () => {
  it.each([
    [ciscoPairName.mnNai, 'a@b=c'],
    [ciscoPairName.mnService, 'ipv4'],
    ['ip:inacl#1', 'permit ip any any'],
    ['inacl#1', undefined],
    ['mn', undefined],
    [ciscoPairName.homeLmaIpv4Address, undefined],
  ])('%s is %j', (name, value) => {
    expect(findCiscoPair(attributes, name)).toBe(value);
  });

  it('are written with an equals sign', () => {
    const attribute = ciscoPairTlv(ciscoPairName.homeLmaIpv4Address, '192.0.2.9');
    expect(findVendor([attribute], ciscoAttribute.avPair)).toBe('home-lma-ipv4-address=192.0.2.9');
    expect(findCiscoPair([attribute], ciscoPairName.homeLmaIpv4Address)).toBe('192.0.2.9');
  });
});
