import { describe, expect, it } from 'vitest';
import { testDigests } from '../../tests/support/digests.ts';
import { formatMac, type MacAddress, parseMac } from '../kernel/address.ts';
import { utf8Encode } from '../wire/bytes/text.ts';
import { tlv } from '../wire/bytes/tlv.ts';
import { radiusAttribute } from '../wire/radius/attributes.ts';
import { signAccessRequest, verifyResponse } from '../wire/radius/authenticator.ts';
import { radiusCode } from '../wire/radius/constants.ts';
import { encodeRadius } from '../wire/radius/packet.ts';
import { type AaaAnswer, AaaServer } from './aaa-server.ts';
import { ip, Script } from './script-for-tests.ts';

const client = ip('192.0.2.10');
const secret = utf8Encode('shared');
const mac = parseMac('02:00:5e:10:00:01')!;
const authenticator = Uint8Array.from({ length: 16 }, (_, index) => index);

function packetOf(identifier: number, random = authenticator) {
  return {
    code: radiusCode.accessRequest,
    identifier,
    authenticator: random,
    attributes: [
      tlv(radiusAttribute.userName, '02005e100001'),
      tlv(radiusAttribute.callingStationId, formatMac(mac, '-').toUpperCase()),
      tlv(radiusAttribute.proxyState, Uint8Array.of(7)),
    ],
  };
}

function serverOf(policy: (mac: MacAddress | undefined, userName: string) => AaaAnswer) {
  const script = new Script();
  const secretOf = (address: unknown) => (address === client ? secret : undefined);
  const server = new AaaServer({ name: 'aaa', address: ip('192.0.2.20'), secretOf, policy }, script, testDigests);
  const ask = (bytes: Uint8Array, source = client) =>
    server.receive(
      { protocol: 'udp', source, sourcePort: 3000, destination: server.address, destinationPort: 1812, bytes },
      script.now,
    );
  const asks = (identifier: number, random = authenticator) =>
    ask(signAccessRequest(packetOf(identifier, random), secret, testDigests));
  const counted = () => Object.fromEntries(Object.entries(server.counters.snapshot()).filter(([, value]) => value > 0));
  return { script, server, ask, asks, counted };
}

const messageAuthenticator = /Message-Authenticator 0x[0-9a-f]{32}, /;

describe('AaaServer', () => {
  it('accepts with the profile, in a reply that is rightly signed', () => {
    const { script, asks } = serverOf((asked, userName) => {
      expect([asked, userName]).toEqual([mac, '02005e100001']);
      return {
        kind: 'accept',
        profile: { apn: 'internet', nai: 'user@realm', lma: ip('203.0.113.9'), sessionTimeoutSeconds: 600 },
      };
    });
    asks(5);
    expect(script.take().map((line) => line.replace(messageAuthenticator, ''))).toEqual([
      '0 → 192.0.2.10 accessAccept identifier 5 [Proxy-State 0x07, User-Name "02005e100001", ' +
        'Service-Selection "internet", Mobile-Node-Identifier 0x75736572407265616c6d, ' +
        'PMIP6-Home-LMA-IPv4-Address 203.0.113.9, Session-Timeout 600]',
    ]);
    expect(verifyResponse(script.sent[0]!.bytes, authenticator, secret, testDigests)).toBe('ok');
    expect(script.sent[0]).toMatchObject({ sourcePort: 1812, destinationPort: 3000 });
  });

  it('rejects with a message, and can be silent', () => {
    const { script, asks, server, counted } = serverOf(() => ({ kind: 'reject', replyMessage: 'no' }));
    asks(1);
    expect(script.take().map((line) => line.replace(messageAuthenticator, ''))).toEqual([
      '0 → 192.0.2.10 accessReject identifier 1 [Proxy-State 0x07, Reply-Message "no"]',
    ]);
    server.policy = () => ({ kind: 'silent' });
    asks(2);
    expect(script.take()).toEqual([]);
    expect(counted()).toEqual({ requests: 2, rejects: 1, silences: 1 });
  });

  it('repeats its reply to a repeated request, for a while, and serves a new one of the same identifier', () => {
    let served = 0;
    const { script, asks, counted } = serverOf(() => {
      served += 1;
      return { kind: 'accept' };
    });
    asks(1);
    asks(1);
    expect(served).toBe(1);
    expect(script.sent[1]!.bytes).toEqual(script.sent[0]!.bytes);
    asks(1, authenticator.toReversed());
    expect(served).toBe(2);
    script.now = 6000;
    asks(1, authenticator.toReversed());
    expect(served).toBe(3);
    expect(counted()).toEqual({ requests: 3, duplicates: 1, accepts: 3 });
  });

  it('thinks for as long as it is told, and does not decide twice meanwhile', () => {
    const { script, asks, server, counted } = serverOf(() => ({ kind: 'accept' }));
    server.delayMs = 250;
    asks(1);
    asks(1);
    expect(script.take()).toEqual([]);
    script.runUntil(1000, server);
    expect(script.take().map((line) => line.slice(0, 30))).toEqual(['250 → 192.0.2.10 accessAccept ']);
    expect(counted()).toMatchObject({ requests: 1, duplicates: 1 });
  });

  it.each([
    [
      'from a client it does not know',
      signAccessRequest(packetOf(1), secret, testDigests),
      ip('192.0.2.66'),
      'unknown-client',
    ],
    ['without Message-Authenticator', encodeRadius(packetOf(1)), client, 'unsigned'],
    [
      'signed with another secret',
      signAccessRequest(packetOf(1), utf8Encode('other'), testDigests),
      client,
      'bad-signature',
    ],
    ['that is truncated', signAccessRequest(packetOf(1), secret, testDigests).subarray(0, 30), client, 'malformed'],
    ['that is no Access-Request', encodeRadius({ ...packetOf(1), code: radiusCode.accessAccept }), client, 'malformed'],
  ])('drops a request %s', (_, bytes, source, why) => {
    const { script, ask, counted } = serverOf(() => ({ kind: 'accept' }));
    ask(bytes, source);
    expect(script.take()).toEqual([]);
    expect(counted()).toEqual({ [`discarded.${why}`]: 1 });
  });
});
