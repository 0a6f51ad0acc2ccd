import { describe, expect, it } from 'vitest';
import { macOf, parseIpv4, parseIpv6 } from '../../../kernel/address.ts';
import { utf8Encode } from '../../../wire/bytes/text.ts';
import { type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import type { BearerQos } from '../../../wire/radius/bearer-qos.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import { octets, text } from '../../../wire/radius/values.ts';
import {
  ciscoAttribute,
  starentAttribute,
  threeGppAttribute,
  vendorAttribute,
  vendorTlv,
} from '../../../wire/radius/vendor-attributes.ts';
import { identifies, type RequestContext, readDynamicRequest, type SessionFacts } from './request.ts';

const a = radiusAttribute;
const second = 1_700_000_000;
const context: RequestContext = {
  nasIdentifier: 'samog-1',
  nasIpAddress: parseIpv4('192.0.2.1')!,
  wallClock: second * 1000,
  windowMs: 300_000,
  eventTimestamp: 'required',
  accessLists: new Set(['open', 'closed']),
};
const now = tlv(a.eventTimestamp, second);
const who = tlv(a.acctSessionId, '01ca11b165531f00');

function read(code: number, attributes: readonly Tlv[], changes: Partial<RequestContext> = {}) {
  return readDynamicRequest(
    { code, identifier: 1, authenticator: new Uint8Array(16), attributes },
    { ...context, ...changes },
  );
}
const coa = (...attributes: Tlv[]) => read(radiusCode.coaRequest, [now, who, ...attributes]);
const disconnect = (...attributes: Tlv[]) => read(radiusCode.disconnectRequest, [now, who, ...attributes]);

const bearer = { qci: 8, priorityLevel: 9, mayPreempt: true, mayBePreempted: false };
const aggregate: BearerQos = { ...bearer, rates: { kind: 'aggregate', uplinkKbps: 1000, downlinkKbps: 5000 } };
const rates = { uplinkKbps: 64, downlinkKbps: 128, uplinkGuaranteedKbps: 32, downlinkGuaranteedKbps: 16 };
const qos = (changes: Partial<BearerQos> = {}) =>
  vendorTlv(threeGppAttribute.negotiatedQosProfile, { ...aggregate, ...changes });
const unchanged = { subscriber: {}, accessLists: {}, ambr: undefined, bearer: undefined };

describe('a CoA-Request changes', () => {
  it.each<[string, Tlv[], object]>([
    ['Session-Timeout', [tlv(a.sessionTimeout, 60)], { subscriber: { sessionTimeoutSeconds: 60 } }],
    ['Session-Timeout to none', [tlv(a.sessionTimeout, 0)], { subscriber: { sessionTimeoutSeconds: undefined } }],
    ['Idle-Timeout', [tlv(a.idleTimeout, 30)], { subscriber: { idleTimeoutSeconds: 30 } }],
    ['Termination-Action', [tlv(a.terminationAction, 1)], { subscriber: { terminationAction: 'ask' } }],
    ['Acct-Interim-Interval', [tlv(a.acctInterimInterval, 60)], { subscriber: { interimIntervalSeconds: 60 } }],
    ['and back', [tlv(a.terminationAction, 0)], { subscriber: { terminationAction: 'end' } }],
    [
      'Class, all of them',
      [tlv(a.class, Uint8Array.of(1)), tlv(a.class, Uint8Array.of(2))],
      { subscriber: { classes: [Uint8Array.of(1), Uint8Array.of(2)] } },
    ],
    ['Filter-Id', [tlv(a.filterId, 'open')], { accessLists: { uplink: 'open', downlink: 'open' } }],
    ['SN-IP-In-ACL', [vendorTlv(starentAttribute.ipInAcl, 'closed')], { accessLists: { uplink: 'closed' } }],
    ['SN-IP-Out-ACL', [vendorTlv(starentAttribute.ipOutAcl, 'closed')], { accessLists: { downlink: 'closed' } }],
    [
      'the APN-AMBR',
      [qos()],
      {
        ambr: { uplinkKbps: 1000, downlinkKbps: 5000, source: 'change' },
        bearer: { ...bearer, rates: undefined, source: 'change' },
      },
    ],
    [
      'the rates of the bearer',
      [qos({ rates: { kind: 'guaranteed', ...rates } })],
      { bearer: { ...bearer, rates, source: 'change' } },
    ],
    [
      'several at once',
      [tlv(a.idleTimeout, 30), tlv(a.filterId, 'open'), tlv(a.proxyState, Uint8Array.of(1))],
      { subscriber: { idleTimeoutSeconds: 30 }, accessLists: { uplink: 'open', downlink: 'open' } },
    ],
  ])('%s', (_, attributes, change) => {
    expect(coa(...attributes)).toMatchObject({ kind: 'change', change: { ...unchanged, ...change } });
  });
});

describe('a request is refused', () => {
  const imsi = vendorTlv(threeGppAttribute.imsi, '001010123456789');
  const oldQos = vendorTlv({ ...threeGppAttribute.negotiatedQosProfile, value: octets }, utf8Encode('99-1B921F73'));
  const otherVendor = vendorTlv(vendorAttribute(4242, 1, 'Other', text), 'x');
  const cutShort: Tlv = { type: 26, data: Uint8Array.of(0, 0, 40, 175, 5, 9, 1) };
  it.each<[string, ReturnType<typeof read>, number]>([
    ['another NAS-Identifier', coa(tlv(a.nasIdentifier, 'samog-2'), qos()), 403],
    ['another NAS-IP-Address', disconnect(tlv(a.nasIpAddress, parseIpv4('192.0.2.2')!)), 403],
    ['a NAS-IPv6-Address', disconnect(tlv(a.nasIpv6Address, parseIpv6('2001:db8::1')!)), 403],
    ['one of two sessions', coa(tlv(a.acctSessionId, '01ca11b165531f01'), qos()), 404],
    ['one of two timeouts', coa(tlv(a.idleTimeout, 1), tlv(a.idleTimeout, 2)), 404],
    ['nothing to change', coa(), 402],
    ['an attribute that changes nothing here', coa(tlv(a.framedMtu, 1400), qos()), 401],
    ['State alone', coa(tlv(a.state, Uint8Array.of(1))), 401],
    ['an attribute of another vendor', coa(otherVendor, qos()), 401],
    ['of a known vendor, but unknown', coa(vendorTlv(starentAttribute.rulebase, 'x'), qos()), 401],
    ['Cisco-AVPair', coa(vendorTlv(ciscoAttribute.avPair, 'subscriber:command=reauthenticate')), 401],
    ['cut short', coa(cutShort), 401],
    ['a list that is not configured', coa(tlv(a.filterId, 'other')), 407],
    ['two lists at once', coa(tlv(a.filterId, 'open'), tlv(a.filterId, 'closed')), 407],
    ['QoS of an old form', coa(oldQos), 407],
    ['QCI 0', coa(qos({ qci: 0 })), 407],
    ['QCI 255', coa(qos({ qci: 255 })), 407],
    ['priority 0', coa(qos({ priorityLevel: 0 })), 407],
    ['an Acct-Interim-Interval below a minute', coa(tlv(a.acctInterimInterval, 59)), 407],
    ['an unknown Termination-Action', coa(tlv(a.terminationAction, 2)), 407],
    ['one possible change and one that is not', coa(tlv(a.idleTimeout, 5), tlv(a.filterId, 'other')), 407],
    ['Authorize Only without State', coa(tlv(a.serviceType, 17)), 402],
    ['Authorize Only with a change', coa(tlv(a.serviceType, 17), tlv(a.state, Uint8Array.of(1)), qos()), 401],
    [
      'Authorize Only with a timeout',
      coa(tlv(a.serviceType, 17), tlv(a.state, Uint8Array.of(1)), tlv(a.idleTimeout, 1)),
      401,
    ],
    ['another Service-Type', coa(tlv(a.serviceType, 2), tlv(a.state, Uint8Array.of(1))), 405],
    ['a Disconnect with a change', disconnect(tlv(a.idleTimeout, 5)), 401],
    ['a Disconnect with a vendor’s change', disconnect(imsi, qos()), 401],
  ])('%s', (_, request, cause) => {
    expect(request).toEqual({ kind: 'refused', cause });
  });

  it('unless it is possible', () => {
    expect(disconnect(imsi, tlv(a.nasIdentifier, 'samog-1'), tlv(a.acctTerminateCause, 6))).toMatchObject({
      kind: 'disconnect',
      session: { imsi: '001010123456789' },
    });
    expect(coa(tlv(a.serviceType, 17), tlv(a.state, Uint8Array.of(1, 2)))).toMatchObject({
      kind: 'authorizeOnly',
      state: Uint8Array.of(1, 2),
    });
  });
});

describe('Event-Timestamp', () => {
  const at = (seconds: number, changes = {}) =>
    read(radiusCode.disconnectRequest, [who, tlv(a.eventTimestamp, seconds)], changes).kind;

  it('has to be there, unless that is not required', () => {
    expect(read(radiusCode.disconnectRequest, [who])).toEqual({ kind: 'discarded', why: 'no-event-timestamp' });
    expect(read(radiusCode.disconnectRequest, [who], { eventTimestamp: 'optional' }).kind).toBe('disconnect');
  });

  it('has to be in the window, even where it need not be there', () => {
    expect([-301, -300, 300, 301].map((off) => at(second + off))).toEqual([
      'discarded',
      'disconnect',
      'disconnect',
      'discarded',
    ]);
    expect(at(second - 301, { eventTimestamp: 'optional' })).toBe('discarded');
  });
});

describe('a session is identified', () => {
  const facts: SessionFacts = {
    acctSessionId: '01ca11b165531f00',
    mac: macOf(0x02005e112233),
    addresses: [parseIpv4('10.0.0.7')!],
    userNames: ['user@example', '02005e112233@wlan.example'],
    calledStationId: '192.0.2.10',
    chargeableUserIdentity: Uint8Array.of(1, 2),
    imsi: '001010123456789',
  };
  const named = (...attributes: Tlv[]) => {
    const request = read(radiusCode.disconnectRequest, [now, ...attributes]);
    if (request.kind !== 'disconnect') throw new Error(request.kind);
    return identifies(request.session, facts);
  };

  it.each<[string, Tlv, Tlv]>([
    ['Acct-Session-Id', who, tlv(a.acctSessionId, '01ca11b165531f01')],
    ['Acct-Session-Id in upper case', tlv(a.acctSessionId, '01CA11B165531F00'), tlv(a.acctSessionId, '')],
    ['Calling-Station-Id', tlv(a.callingStationId, '02-00-5E-11-22-33'), tlv(a.callingStationId, '02-00-5E-11-22-34')],
    ['Calling-Station-Id of a MAC address', tlv(a.callingStationId, '02005e112233'), tlv(a.callingStationId, 'nobody')],
    [
      'Framed-IP-Address',
      tlv(a.framedIpAddress, parseIpv4('10.0.0.7')!),
      tlv(a.framedIpAddress, parseIpv4('10.0.0.8')!),
    ],
    ['User-Name', tlv(a.userName, 'user@example'), tlv(a.userName, 'user')],
    ['User-Name of its MAC address', tlv(a.userName, '02005e112233@wlan.example'), tlv(a.userName, '02005e112233')],
    ['Called-Station-Id', tlv(a.calledStationId, '192.0.2.10'), tlv(a.calledStationId, '192.0.2.11')],
    [
      'Chargeable-User-Identity',
      tlv(a.chargeableUserIdentity, Uint8Array.of(1, 2)),
      tlv(a.chargeableUserIdentity, Uint8Array.of(1)),
    ],
    [
      '3GPP-IMSI',
      vendorTlv(threeGppAttribute.imsi, '001010123456789'),
      vendorTlv(threeGppAttribute.imsi, '001010123456780'),
    ],
    ['no port', tlv(a.userName, 'user@example'), tlv(a.nasPort, 5)],
  ])('by %s', (_, right, wrong) => {
    expect(named(right)).toBe(true);
    const other = right.type === who.type ? tlv(a.userName, 'user@example') : who;
    if (right.type !== other.type) expect(named(other, right)).toBe(true);
    if (wrong.type !== other.type) expect(named(other, wrong)).toBe(false);
  });
});
