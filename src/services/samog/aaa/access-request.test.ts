import { describe, expect, it } from 'vitest';
import { noAccounting } from '../../../../tests/support/accounting-sample.ts';
import { testDigests } from '../../../../tests/support/digests.ts';
import { relayConfig } from '../../../../tests/support/relay-config.ts';
import { macOf, parseIp, parseIpv4 } from '../../../kernel/address.ts';
import { utf8Decode, utf8Encode } from '../../../wire/bytes/text.ts';
import { find, type Tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { revealPassword } from '../../../wire/radius/authenticator.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import { describeRadius } from '../../../wire/radius/packet.ts';
import { octets } from '../../../wire/radius/values.ts';
import { dslForumAttribute, findVendor } from '../../../wire/radius/vendor-attributes.ts';
import type { MrmeServiceConfig } from '../config.ts';
import { type AuthenticationRequest, accessRequestWriter } from './access-request.ts';

const config: MrmeServiceConfig = {
  name: 'mrme',
  twanProfiles: [],
  bind: { address: parseIpv4('192.0.2.1')!, interface: undefined, sourcePorts: 1 },
  nasIdentifier: 'samog-1',
  nasIpAddress: parseIpv4('192.0.2.1')!,
  userName: { format: 'mac-no-separator', case: 'lower', realm: 'wlan.example' },
  password: { kind: 'mac' },
  relay: relayConfig,
  radius: { servers: [], timeoutMs: 1000, retransmissions: 2, deadTimeMs: 0, outstandingMax: 256 },
  accounting: noAccounting,
  dynamicAuthorization: undefined,
};

const hop = {
  requestAuthenticator: Uint8Array.from({ length: 16 }, (_, index) => index * 7),
  secret: utf8Encode('xyzzy5461'),
};
const request: AuthenticationRequest = {
  mac: macOf(0x02005eabcdef),
  acctSessionId: '00001a2b65000000',
  calledStation: parseIpv4('198.51.100.7')!,
};

function written(change: Partial<MrmeServiceConfig>, asked: Partial<AuthenticationRequest>): readonly Tlv[] {
  return accessRequestWriter({ ...config, ...change }, testDigests)({ ...request, ...asked }, hop);
}

function passwordIn(change: Partial<MrmeServiceConfig>): string {
  const hidden = find(written(change, {}), radiusAttribute.userPassword)!;
  return utf8Decode(revealPassword(hidden, hop.requestAuthenticator, hop.secret, testDigests)!);
}

describe('an Access-Request for MAC authentication', () => {
  it('says who asks for whom', () => {
    const head = { code: radiusCode.accessRequest, identifier: 42, authenticator: hop.requestAuthenticator };
    expect(describeRadius({ ...head, attributes: written({}, {}) })).toBe(
      'accessRequest identifier 42 [' +
        'User-Name "02005eabcdef@wlan.example", User-Password (hidden), Service-Type 10, NAS-IP-Address 192.0.2.1, ' +
        'NAS-Identifier "samog-1", NAS-Port-Type 19, Calling-Station-Id "02-00-5E-AB-CD-EF", ' +
        'Called-Station-Id "198.51.100.7", Acct-Session-Id "00001a2b65000000"]',
    );
  });

  it('of a session that lives has the State, and no password where it authorizes only', () => {
    const state = Uint8Array.of(1, 2);
    const only = written({}, { state, authorizeOnly: true });
    expect(find(only, radiusAttribute.state)).toEqual(state);
    expect(find(only, radiusAttribute.serviceType)).toBe(17);
    expect(find(only, radiusAttribute.userPassword)).toBeUndefined();
    const again = written({}, { state, authorizeOnly: false });
    expect(find(again, radiusAttribute.state)).toEqual(state);
    expect(find(again, radiusAttribute.serviceType)).toBe(10);
    expect(find(again, radiusAttribute.userPassword)).toBeDefined();
  });

  it('has the MAC without the realm as its password, or the fixed one', () => {
    expect(passwordIn({})).toBe('02005eabcdef');
    expect(passwordIn({ userName: { format: 'mac-hyphen', case: 'upper', realm: undefined } })).toBe(
      '02-00-5E-AB-CD-EF',
    );
    expect(passwordIn({ password: { kind: 'fixed', text: 'of more than sixteen octets' } })).toBe(
      'of more than sixteen octets',
    );
  });

  it('passes on option 82 octet by octet, as much as RFC 4679 allows', () => {
    const circuitId = Uint8Array.of(0, 4, 0xff, 0x80);
    const remoteId = new Uint8Array(200).fill(0x41);
    const attributes = written({}, { circuitId, remoteId });
    expect(findVendor(attributes, { ...dslForumAttribute.agentCircuitId, value: octets })).toEqual(circuitId);
    expect(findVendor(attributes, { ...dslForumAttribute.agentRemoteId, value: octets })).toHaveLength(63);
  });

  it('carries the APN and the address asked for as hints', () => {
    const attributes = written({}, { apn: 'internet', homeAddress: parseIpv4('203.0.113.9')! });
    expect(find(attributes, radiusAttribute.serviceSelection)).toBe('internet');
    expect(find(attributes, radiusAttribute.pmip6HomeIpv4HomeAddress)).toEqual({
      address: parseIpv4('203.0.113.9'),
      length: 32,
    });
  });

  it('leaves out what is empty', () => {
    const empty = { circuitId: new Uint8Array(), remoteId: new Uint8Array(), apn: '' };
    expect(written({ nasIdentifier: '' }, empty)).toHaveLength(8);
  });

  it('names a NAS and a client that have IPv6 addresses', () => {
    const attributes = written({ nasIpAddress: parseIp('2001:db8::1')! }, { calledStation: parseIp('2001:db8::7')! });
    expect(find(attributes, radiusAttribute.nasIpAddress)).toBeUndefined();
    expect(find(attributes, radiusAttribute.nasIpv6Address)).toBe(parseIp('2001:db8::1'));
    expect(find(attributes, radiusAttribute.calledStationId)).toBe('2001:db8::7');
  });
});
