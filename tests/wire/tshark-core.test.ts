import { describe, expect, it } from 'vitest';
import { type Ipv4Address, parseIpv4, parseIpv6 } from '../../src/kernel/address.ts';
import { fromHex, toHex, utf8Encode } from '../../src/wire/bytes/text.ts';
import { find, findAll, tlv } from '../../src/wire/bytes/tlv.ts';
import { pmipv6Port } from '../../src/wire/pmipv6/constants.ts';
import { decodeMobility, encodeMobility, type MobilityMessage } from '../../src/wire/pmipv6/message.ts';
import { mobilityOption } from '../../src/wire/pmipv6/options.ts';
import { mobilityVectors } from '../../src/wire/pmipv6/vectors.ts';
import { radiusAttribute } from '../../src/wire/radius/attributes.ts';
import {
  hidePassword,
  signAccessRequest,
  signAccountingRequest,
  signResponse,
  verifyAccessRequest,
} from '../../src/wire/radius/authenticator.ts';
import { radiusCode, radiusPort } from '../../src/wire/radius/constants.ts';
import { decodeRadius, type RadiusPacket } from '../../src/wire/radius/packet.ts';
import {
  ciscoAttribute,
  dslForumAttribute,
  findVendor,
  threeGppAttribute,
  vendorTlv,
} from '../../src/wire/radius/vendor-attributes.ts';
import { encodeUdpPacket } from '../../src/wire/udp/udp.ts';
import { testDigests } from '../support/digests.ts';
import { requireTool } from '../support/require-tool.ts';
import { hasScapy, scapyPackets } from '../support/scapy.ts';
import { type Dissection, dissect, linkType } from '../support/tshark.ts';

/** PMIPv6 and RADIUS, judged by other implementations: numbers are compared, not labels. */

const gateway = parseIpv4('192.0.2.1')!;
const peer = parseIpv4('192.0.2.2')!;
const secretText = 'a secret between two';
const secret = utf8Encode(secretText);

function datagram(
  source: Ipv4Address,
  destination: Ipv4Address,
  sourcePort: number,
  destinationPort: number,
  payload: Uint8Array,
): Uint8Array {
  return encodeUdpPacket({ source, destination }, { sourcePort, destinationPort, payload });
}

function dissectMobility(messages: readonly Uint8Array[]): Dissection[] {
  const packets = messages.map((message) => datagram(gateway, peer, pmipv6Port, pmipv6Port, message));
  return dissect(linkType.rawIpv4, packets);
}

function mobility(bytes: Uint8Array): MobilityMessage {
  const result = decodeMobility(bytes);
  if (!result.ok) throw new Error(`${result.reason} at ${result.offset}`);
  return result.value;
}

function radius(bytes: Uint8Array): RadiusPacket {
  const result = decodeRadius(bytes);
  if (!result.ok) throw new Error(`${result.reason} at ${result.offset}`);
  return result.value;
}

describe.skipIf(!requireTool('tshark'))('PMIPv6 in tshark', () => {
  it('has no problem with any vector', () => {
    const dissections = dissectMobility(mobilityVectors.map(({ hex }) => fromHex(hex)));
    for (const { protocols } of dissections) expect(protocols).toMatch(/^ip:udp:mipv6/);
    expect(dissections.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it('sees every field of a PBU', () => {
    const options = [
      tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: '02-00-5e-10-00-01@example.org' }),
      tlv(mobilityOption.serviceSelection, 'internet'),
      tlv(mobilityOption.homeNetworkPrefix, { address: parseIpv6('2001:db8:7::')!, length: 64 }),
      tlv(mobilityOption.handoffIndicator, 3),
      tlv(mobilityOption.accessTechnologyType, 4),
      tlv(mobilityOption.mnLinkLayerIdentifier, fromHex('02005e100001')),
      tlv(mobilityOption.linkLocalAddress, parseIpv6('fe80::1')!),
      tlv(mobilityOption.timestamp, 1_700_000_000_250),
      tlv(mobilityOption.greKey, { key: 0xfedcba98 }),
      tlv(mobilityOption.ipv4HomeAddressRequest, { prefixLength: 24, address: parseIpv4('198.51.100.7')! }),
      tlv(mobilityOption.ipv4DhcpSupportMode, 'server'),
      tlv(mobilityOption.accessNetworkIdentifier, {
        network: { networkName: 'Hotspot', accessPointName: '02-00-5e-20-00-01' },
        location: { latitudeDegrees: 52.5, longitudeDegrees: -13.25 },
        operator: { type: 2, identifier: utf8Encode('op.example') },
      }),
      tlv(mobilityOption.vendorSpecific, { vendor: 10415, subType: 7, data: fromHex('000000007b') }),
      tlv(mobilityOption.mnGroupIdentifier, { subtype: 1, group: 1 }),
    ];
    const bytes = encodeMobility({
      kind: 'proxyBindingUpdate',
      sequence: 51_966,
      flags: 0x8200,
      lifetimeSeconds: 3600,
      options,
    });
    const [seen] = dissectMobility([bytes]);
    expect(seen!.problems).toEqual([]);
    const expected: Record<string, string[]> = {
      'mip6.mhtype': ['5'],
      'mip6.hlen': [String(bytes.length / 8 - 1)],
      'mip6.bu.seqnr': ['51966'],
      'mip6.bu.a_flag': ['1'],
      'mip6.bu.h_flag': ['0'],
      'mip6.bu.p_flag': ['1'],
      'mip6.bu.t_flag': ['0'],
      'mip6.bu.b_flag': ['0'],
      'mip6.bu.lifetime': ['900'],
      'mip6.mnid.subtype': ['1'],
      'mip6.mnid.identifier': ['02-00-5e-10-00-01@example.org'],
      'mip6.ss.identifier': ['internet'],
      'mip6.nemo.mnp.pfl': ['64'],
      'mip6.nemo.mnp.mnp': ['2001:db8:7::'],
      'mip6.hi': ['3'],
      'mip6.att': ['4'],
      'mip6.mnlli.lli': ['02:00:5e:10:00:01'],
      'mip6.lila_lla': ['fe80::1'],
      'mip6.timestamp_tmp': ['Nov 14, 2023 22:13:20.250000000 UTC'],
      'mip6.gre_key': [String(0xfedcba98)],
      'mip6.ipv4ha.preflen': ['24'],
      'mip6.ipv4ha.ha': ['198.51.100.7'],
      'mip6.ipv4dsm.s_flag': ['1'],
      'mip6.acc_net_id.e_bit': ['1'],
      'mip6.acc_net_id.net_name': ['Hotspot'],
      'mip6.acc_net_id.ap_name': ['02-00-5e-20-00-01'],
      'mip6.acc_net_id.geo.latitude_degrees': [String(52.5 * 32768)],
      'mip6.acc_net_id.geo.longitude_degrees': [String(-13.25 * 32768)],
      'mip6.acc_net_id.op_id.type': ['2'],
      'mip6.vsm.vendorId': ['10415'],
      'mip6.vsm.subtype': ['7'],
      'mip6.3gpp.chg_id': ['123'],
      'mip6.mng.sub_type': ['1'],
      'mip6.mng.mng_id': ['1'],
    };
    for (const [field, values] of Object.entries(expected))
      expect([field, seen!.values(field)]).toEqual([field, values]);
  });

  it('sees every field of a PBA', () => {
    const options = [
      tlv(mobilityOption.ipv4HomeAddressReply, { status: 132, prefixLength: 32, address: peer }),
      tlv(mobilityOption.ipv4DefaultRouter, gateway),
      tlv(mobilityOption.bindingRefreshAdvice, 1200),
      tlv(mobilityOption.restartCounter, 9),
      tlv(mobilityOption.alternateIpv4CareOf, peer),
      tlv(mobilityOption.greKey, { key: undefined }),
    ];
    const bytes = encodeMobility({
      kind: 'proxyBindingAcknowledgement',
      status: 156,
      flags: 0x20,
      sequence: 7,
      lifetimeSeconds: 0,
      options,
    });
    const [seen] = dissectMobility([bytes]);
    expect(seen!.problems).toEqual([]);
    const expected: Record<string, string[]> = {
      'mip6.mhtype': ['6'],
      'mip6.ba.status': ['156'],
      'mip6.ba.k_flag': ['0'],
      'mip6.ba.p_flag': ['1'],
      'mip6.ba.seqnr': ['7'],
      'mip6.ba.lifetime': ['0'],
      'mip6.ipv4aa.sts': ['132'],
      'mip6.ipv4ha.preflen': ['32'],
      'mip6.ipv4ha.ha': ['192.0.2.2'],
      'mip6.ipv4dra.dra': ['192.0.2.1'],
      'mip6.bra.interval': ['300'],
      'mip6.rc': ['9'],
      'mip6.options.alt_ip4': ['31:04:c0:00:02:02'],
      'mip6.options.grek': ['21:02:00:00'],
    };
    for (const [field, values] of Object.entries(expected))
      expect([field, seen!.values(field)]).toEqual([field, values]);
  });

  it('sees revocation, heartbeat and error', () => {
    const homeAddress = new Uint8Array(16).fill(0x20, 0, 1);
    const [indication, acknowledgement, heartbeat, error] = dissectMobility(
      (
        [
          { kind: 'bindingRevocationIndication', trigger: 129, sequence: 300, flags: 0xa000, options: [] },
          { kind: 'bindingRevocationAcknowledgement', status: 128, sequence: 300, flags: 0xc000, options: [] },
          { kind: 'heartbeat', response: true, unsolicited: false, sequence: 0xfffffffe, options: [] },
          { kind: 'bindingError', status: 2, homeAddress, options: [] },
        ] as const
      ).map(encodeMobility),
    );
    expect([indication, acknowledgement, heartbeat, error].flatMap((seen) => seen!.problems)).toEqual([]);
    const numbers = (seen: Dissection | undefined, ...fields: string[]) => fields.map((field) => seen!.value(field));
    expect(
      numbers(indication, 'mip6.bri_br.type', 'mip6.bri_r.trigger', 'mip6.bri_seqnr', 'mip6.bri_ip', 'mip6.bri_iv'),
    ).toEqual(['1', '129', '300', '1', '0']);
    expect(indication!.value('mip6.bri_ig')).toBe('1');
    expect(
      numbers(acknowledgement, 'mip6.bri_br.type', 'mip6.bri_status', 'mip6.bri_seqnr', 'mip6.bri_ap', 'mip6.bri_av'),
    ).toEqual(['2', '128', '300', '1', '1']);
    expect(numbers(heartbeat, 'mip6.hb.u_flag', 'mip6.hb.r_flag', 'mip6.hb.seqnr')).toEqual(['0', '1', '4294967294']);
    expect(numbers(error, 'mip6.be.status', 'mip6.be.haddr')).toEqual(['2', '2000::']);
  });
});

const requestAuthenticator = fromHex('101112131415161718191a1b1c1d1e1f');

function accessRequest(): Uint8Array {
  const attributes = [
    tlv(radiusAttribute.userName, '02-00-5e-10-00-01'),
    tlv(radiusAttribute.userPassword, hidePassword(utf8Encode('pass word'), requestAuthenticator, secret, testDigests)),
    tlv(radiusAttribute.nasIpAddress, gateway),
    tlv(radiusAttribute.serviceType, 10),
    tlv(radiusAttribute.framedMtu, 1400),
    tlv(radiusAttribute.calledStationId, '02-00-5e-20-00-01:Hotspot'),
    tlv(radiusAttribute.callingStationId, '02-00-5e-10-00-01'),
    tlv(radiusAttribute.nasIdentifier, 'gateway'),
    tlv(radiusAttribute.nasPortType, 19),
    tlv(radiusAttribute.nasPortId, 'rg-1'),
    tlv(radiusAttribute.eapMessage, fromHex('0201000501')),
    vendorTlv(threeGppAttribute.imsi, '001010123456789'),
    vendorTlv(threeGppAttribute.selectionMode, '0'),
    vendorTlv(dslForumAttribute.agentCircuitId, 'circuit'),
    vendorTlv(dslForumAttribute.agentRemoteId, 'remote'),
    vendorTlv(ciscoAttribute.avPair, 'mn-service=ipv4'),
  ];
  const packet = { code: radiusCode.accessRequest, identifier: 200, authenticator: requestAuthenticator, attributes };
  return signAccessRequest(packet, secret, testDigests);
}

function accessAccept(key: Uint8Array = secret): Uint8Array {
  const attributes = [
    tlv(radiusAttribute.framedIpAddress, parseIpv4('198.51.100.7')!),
    tlv(radiusAttribute.class, fromHex('0102')),
    tlv(radiusAttribute.sessionTimeout, 86_400),
    tlv(radiusAttribute.idleTimeout, 300),
    tlv(radiusAttribute.acctInterimInterval, 600),
    tlv(radiusAttribute.mobileNodeIdentifier, utf8Encode('mn@example.org')),
    tlv(radiusAttribute.serviceSelection, 'internet'),
    tlv(radiusAttribute.pmip6HomeLmaIpv4Address, peer),
    tlv(radiusAttribute.pmip6HomeHnPrefix, { address: parseIpv6('2001:db8:7::')!, length: 64 }),
    tlv(radiusAttribute.pmip6HomeIpv4HomeAddress, { address: parseIpv4('198.51.100.7')!, length: 24 }),
    tlv(radiusAttribute.pmip6HomeIpv4Gateway, gateway),
    tlv(radiusAttribute.proxyState, fromHex('aa')),
    tlv(radiusAttribute.proxyState, fromHex('bb')),
  ];
  const packet = { code: radiusCode.accessAccept, identifier: 200, authenticator: requestAuthenticator, attributes };
  return signResponse(packet, requestAuthenticator, key, testDigests);
}

function dissectExchange(port: number, request: Uint8Array, ...replies: readonly Uint8Array[]): Dissection[] {
  const packets = [
    datagram(gateway, peer, 40_000, port, request),
    ...replies.map((reply) => datagram(peer, gateway, port, 40_000, reply)),
  ];
  const preferences = [`shared_secret:${secretText}`, 'validate_authenticator:TRUE'];
  return dissect(
    linkType.rawIpv4,
    packets,
    preferences.flatMap((preference) => ['-o', `radius.${preference}`]),
  );
}

// StarOS attributes are not among these: Wireshark reads vendor 8164 with one octet for type and length.
describe.skipIf(!requireTool('tshark'))('RADIUS in tshark', () => {
  it('sees every attribute of an Access-Request and deciphers the password', () => {
    const [seen] = dissectExchange(radiusPort.authentication, accessRequest());
    expect(seen!.problems).toEqual([]);
    const expected: Record<string, string[]> = {
      'radius.code': ['1'],
      'radius.id': ['200'],
      'radius.User_Name': ['02-00-5e-10-00-01'],
      'radius.User_Password': ['pass word'],
      'radius.NAS_IP_Address': ['192.0.2.1'],
      'radius.Service_Type': ['10'],
      'radius.Framed_MTU': ['1400'],
      'radius.Called_Station_Id': ['02-00-5e-20-00-01:Hotspot'],
      'radius.Calling_Station_Id': ['02-00-5e-10-00-01'],
      'radius.NAS_Identifier': ['gateway'],
      'radius.NAS_Port_Type': ['19'],
      'radius.NAS_Port_Id': ['rg-1'],
      'eap.code': ['2'],
      'e212.imsi': ['001010123456789'],
      'radius.avp.vendor_id': ['10415', '10415', '3561', '3561', '9'],
      'radius.avp.vendor_type': ['1', '12', '1', '2', '1'],
      'radius.ADSL_Agent_Circuit_Id': ['circuit'],
      'radius.ADSL_Agent_Remote_Id': ['remote'],
      'radius.Cisco_AVPair': ['mn-service=ipv4'],
    };
    for (const [field, values] of Object.entries(expected))
      expect([field, seen!.values(field)]).toEqual([field, values]);
    expect(seen!.values('radius.avp.type')[0]).toBe('80');
  });

  it('sees every attribute of an Access-Accept and finds its authenticator valid', () => {
    const [, seen] = dissectExchange(radiusPort.authentication, accessRequest(), accessAccept());
    expect(seen!.problems).toEqual([]);
    const expected: Record<string, string[]> = {
      'radius.code': ['2'],
      'radius.authenticator.valid': ['1'],
      'radius.Framed-IP-Address': ['198.51.100.7'],
      'radius.Class': ['01:02'],
      'radius.Session_Timeout': ['86400'],
      'radius.Idle_Timeout': ['300'],
      'radius.Acct_Interim_Interval': ['600'],
      'radius.Mobile_Node_Identifier': [toHex(utf8Encode('mn@example.org')).match(/../g)!.join(':')],
      'radius.Service_Selection': ['internet'],
      'radius.PMIP6_Home_LMA_IPv4_Address': ['192.0.2.2'],
      'radius.PMIP6_Home_IPv4_Gateway': ['192.0.2.1'],
      'radius.Proxy_State': ['aa', 'bb'],
    };
    for (const [field, values] of Object.entries(expected))
      expect([field, seen!.values(field)]).toEqual([field, values]);
  });

  it('finds the authenticator of another secret invalid', () => {
    const [, seen] = dissectExchange(radiusPort.authentication, accessRequest(), accessAccept(utf8Encode('other')));
    expect(seen!.values('radius.authenticator.invalid')).toEqual(['1']);
  });

  it('sees accounting and finds the authenticator of its reply valid', () => {
    const attributes = [
      tlv(radiusAttribute.acctStatusType, 2),
      tlv(radiusAttribute.acctSessionId, '0000002a'),
      tlv(radiusAttribute.acctInputOctets, 0xffffffff),
      tlv(radiusAttribute.acctInputGigawords, 3),
      tlv(radiusAttribute.acctTerminateCause, 4),
      tlv(radiusAttribute.eventTimestamp, 1_700_000_000),
    ];
    const packet = {
      code: radiusCode.accountingRequest,
      identifier: 1,
      authenticator: requestAuthenticator,
      attributes,
    };
    const request = signAccountingRequest(packet, secret, testDigests);
    const reply = signResponse(
      { ...packet, code: radiusCode.accountingResponse, attributes: [] },
      request.subarray(4, 20),
      secret,
      testDigests,
    );
    const [asked, answered] = dissectExchange(radiusPort.accounting, request, reply);
    expect([...asked!.problems, ...answered!.problems]).toEqual([]);
    expect(asked!.value('radius.Acct_Status_Type')).toBe('2');
    expect(asked!.value('radius.Acct_Session_Id')).toBe('0000002a');
    expect(asked!.value('radius.Acct_Input_Octets')).toBe('4294967295');
    expect(asked!.value('radius.Acct_Terminate_Cause')).toBe('4');
    expect(answered!.value('radius.authenticator.valid')).toBe('1');
  });
});

describe.skipIf(!requireTool('python3-scapy', hasScapy()))('packets made by scapy', () => {
  it('of Mobile IPv6 decode to the same values', () => {
    const [update, acknowledgement, error] = scapyPackets([
      "MIP6MH_BU(cksum=0, seq=7, flags='A', mhtime=900, options=[MIP6OptMNID(id='mn@x'), MIP6OptBRAdvice(rinter=3)])",
      "MIP6MH_BA(cksum=0, status=130, flags=0x20, seq=7, mhtime=3, options=[MIP6OptMNID(id='mn@xyz')])",
      "MIP6MH_BE(cksum=0, status=2, ha='2001:db8::1')",
    ]).map(mobility);
    expect(update).toMatchObject({
      kind: 'proxyBindingUpdate',
      sequence: 7,
      flags: 0x8000,
      lifetimeSeconds: 3600,
    });
    expect(find(update!.options, mobilityOption.mnIdentifier)).toEqual({ subtype: 1, identifier: 'mn@x' });
    expect(find(update!.options, mobilityOption.bindingRefreshAdvice)).toBe(12);
    expect(acknowledgement).toMatchObject({
      kind: 'proxyBindingAcknowledgement',
      status: 130,
      sequence: 7,
      lifetimeSeconds: 12,
    });
    expect(find(acknowledgement!.options, mobilityOption.mnIdentifier)?.identifier).toBe('mn@xyz');
    expect(error).toMatchObject({ kind: 'bindingError', status: 2, options: [] });
  });

  it('of RADIUS decode to the same values', () => {
    const attributes = [
      "RadiusAttr_User_Name(value=b'nemo')",
      "RadiusAttr_NAS_IP_Address(value='192.0.2.1')",
      'RadiusAttr_Session_Timeout(value=60)',
      "RadiusAttr_EAP_Message(value=b'\\x02\\x01\\x00\\x05\\x01')",
      "RadiusAttr_Vendor_Specific(vendor_id=10415, vendor_type=1, value=b'001010123456789')",
      "RadiusAttr_PMIP6_Home_LMA_IPv4_Address(value='192.0.2.9')",
    ].join(', ');
    const [bytes] = scapyPackets(
      [`Radius(code=1, id=9, authenticator=bytes(range(16)), attributes=[${attributes}])`],
      ['from scapy.layers.radius import *'],
    );
    const packet = radius(bytes!);
    expect(packet).toMatchObject({ code: 1, identifier: 9 });
    expect(toHex(packet.authenticator)).toBe('000102030405060708090a0b0c0d0e0f');
    expect(find(packet.attributes, radiusAttribute.userName)).toBe('nemo');
    expect(find(packet.attributes, radiusAttribute.nasIpAddress)).toBe(gateway);
    expect(find(packet.attributes, radiusAttribute.sessionTimeout)).toBe(60);
    expect(findAll(packet.attributes, radiusAttribute.eapMessage).map(toHex)).toEqual(['0201000501']);
    expect(findVendor(packet.attributes, threeGppAttribute.imsi)).toBe('001010123456789');
    expect(find(packet.attributes, radiusAttribute.pmip6HomeLmaIpv4Address)).toBe(parseIpv4('192.0.2.9'));
  });

  it('of RADIUS with a Message-Authenticator computed by scapy verify', () => {
    const [bytes] = scapyPackets(
      ['signed()'],
      [
        'from scapy.layers.radius import *',
        'import hmac',
        'def signed():',
        '    blank = RadiusAttr_Message_Authenticator(value=bytes(16))',
        "    name = RadiusAttr_User_Name(value=b'nemo')",
        '    packet = Radius(code=1, id=9, authenticator=bytes(range(16)), attributes=[name, blank])',
        `    digest = hmac.new(b'${secretText}', bytes(packet), 'md5').digest()`,
        '    packet.attributes[1].value = digest',
        '    return packet',
      ],
    );
    expect(verifyAccessRequest(bytes!, secret, testDigests)).toBe('ok');
    expect(verifyAccessRequest(bytes!, utf8Encode('other'), testDigests)).toBe('bad-message-authenticator');
  });
});
