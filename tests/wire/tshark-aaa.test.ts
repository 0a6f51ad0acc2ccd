import { describe, expect, it } from 'vitest';
import { parseIpv4 } from '../../src/kernel/address.ts';
import { fromHex, utf8Encode } from '../../src/wire/bytes/text.ts';
import { type Tlv, tlv } from '../../src/wire/bytes/tlv.ts';
import { eapType } from '../../src/wire/eap/constants.ts';
import { encodeEap, expandedData } from '../../src/wire/eap/eap.ts';
import { eapVectors } from '../../src/wire/eap/vectors.ts';
import { radiusAttribute } from '../../src/wire/radius/attributes.ts';
import { signAccessRequest, signAccountingRequest, signResponse } from '../../src/wire/radius/authenticator.ts';
import { radiusCode, radiusPort } from '../../src/wire/radius/constants.ts';
import { splitEapMessage } from '../../src/wire/radius/eap-message.ts';
import { octetTlvs } from '../../src/wire/radius/octet-counters.ts';
import { radiusVectors, vectorSecret } from '../../src/wire/radius/vectors.ts';
import { threeGppAttribute, vendorTlv } from '../../src/wire/radius/vendor-attributes.ts';
import { encodeUdpPacket } from '../../src/wire/udp/udp.ts';
import { testDigests } from '../support/digests.ts';
import { requireTool } from '../support/require-tool.ts';
import { type Dissection, dissect, linkType } from '../support/tshark.ts';

/** EAP over RADIUS, accounting and dynamic authorization, judged by tshark, which does not decipher MS-MPPE keys. */

const client = parseIpv4('192.0.2.1')!;
const server = parseIpv4('192.0.2.2')!;
const secretText = 'a secret between two';
const secret = utf8Encode(secretText);
const requestAuthenticator = fromHex('101112131415161718191a1b1c1d1e1f');

function packet(code: number, attributes: readonly Tlv[]) {
  return { code, identifier: 77, authenticator: requestAuthenticator, attributes };
}

/** Packets of one port; replies are those with a code of a reply. tshark knows the secret and checks authenticators. */
function dissectRadius(port: number, packets: readonly Uint8Array[], shared = secretText): Dissection[] {
  const requests: readonly number[] = [
    radiusCode.accessRequest,
    radiusCode.accountingRequest,
    radiusCode.coaRequest,
    radiusCode.statusServer,
  ];
  const datagrams = packets.map((payload) =>
    requests.includes(payload[0]!)
      ? encodeUdpPacket({ source: client, destination: server }, { sourcePort: 40_000, destinationPort: port, payload })
      : encodeUdpPacket(
          { source: server, destination: client },
          { sourcePort: port, destinationPort: 40_000, payload },
        ),
  );
  const preferences = [`shared_secret:${shared}`, 'validate_authenticator:TRUE'];
  return dissect(
    linkType.rawIpv4,
    datagrams,
    preferences.flatMap((preference) => ['-o', `radius.${preference}`]),
  );
}

function accessRequest(eap: Uint8Array, identifier = 77): Uint8Array {
  const request = { ...packet(radiusCode.accessRequest, splitEapMessage(eap)), identifier };
  return signAccessRequest(request, secret, testDigests);
}

function reply(code: number, attributes: readonly Tlv[], authenticator = requestAuthenticator): Uint8Array {
  return signResponse(packet(code, attributes), authenticator, secret, testDigests);
}

describe.skipIf(!requireTool('tshark'))('EAP in tshark', () => {
  it('has no problem with any vector, and sees its head', () => {
    const requests = eapVectors.map(({ hex }, index) => accessRequest(fromHex(hex), index));
    const dissections = dissectRadius(radiusPort.authentication, requests);
    eapVectors.forEach(({ name, hex, value }, index) => {
      const bytes = fromHex(hex);
      const seen = dissections[index]!;
      expect([name, seen.problems]).toEqual([name, []]);
      const code = { request: '1', response: '2', success: '3', failure: '4' }[value!.kind];
      expect([name, seen.value('eap.code'), seen.value('eap.id')]).toEqual([name, code, String(bytes[1])]);
      expect(seen.value('eap.len')).toBe(String(bytes.length));
      expect(seen.values('eap.type')).toEqual(bytes.length > 4 ? [String(bytes[4])] : []);
    });
  });

  it('has the identity and the vendor of an expanded type', () => {
    const identity = utf8Encode('0001010123456789@wlan.example');
    const data = expandedData({ vendor: 311, type: 34 }, fromHex('00000001'));
    const [first, second] = dissectRadius(radiusPort.authentication, [
      accessRequest(encodeEap({ kind: 'response', identifier: 5, type: eapType.identity, data: identity }), 1),
      accessRequest(encodeEap({ kind: 'request', identifier: 6, type: eapType.expanded, data }), 2),
    ]);
    expect(first!.values('eap.identity')).toEqual(['0001010123456789@wlan.example']);
    expect(Number(second!.value('eap.ext.vendor_id'))).toBe(311);
    expect(Number(second!.value('eap.ext.vendor_type'))).toBe(34);
  });

  it('is put together again from several attributes', () => {
    const data = Uint8Array.from({ length: 1200 }, (_, at) => at & 255);
    const eap = encodeEap({ kind: 'request', identifier: 9, type: eapType.aka, data });
    const challenge = reply(radiusCode.accessChallenge, [
      tlv(radiusAttribute.state, fromHex('0102')),
      ...splitEapMessage(eap),
    ]);
    const [, seen] = dissectRadius(radiusPort.authentication, [accessRequest(eap), challenge]);
    expect(seen!.value('radius.authenticator.valid')).toBe('1');
    expect(seen!.value('eap.len')).toBe(String(eap.length));
    expect(seen!.value('eap.type')).toBe(String(eapType.aka));
    expect(seen!.values('radius.avp.type').filter((type) => type === '79')).toHaveLength(5);
  });
});

describe.skipIf(!requireTool('tshark'))('RADIUS for EAP, accounting and CoA in tshark', () => {
  it('has no problem with the vectors, and finds every reply’s authenticator valid', () => {
    const vector = (name: string) => fromHex(radiusVectors.find((one) => one.name.startsWith(name))!.hex);
    const exchanges: readonly (readonly [number, string, string])[] = [
      [radiusPort.authentication, 'Access-Request with an EAP identity', 'Access-Accept with MS-MPPE'],
      [radiusPort.accounting, 'Accounting-Request, Stop', 'Accounting-Response'],
      [radiusPort.dynamicAuthorization, 'CoA-Request', 'CoA-NAK'],
    ];
    for (const [port, request, answer] of exchanges) {
      const seen = dissectRadius(port, [vector(request), vector(answer)], vectorSecret);
      expect(seen.flatMap(({ problems }) => problems)).toEqual([]);
      expect([answer, seen[1]!.values('radius.authenticator.valid')]).toEqual([answer, ['1']]);
    }
  });

  it('sees octets beyond 2^32 and the QoS of a bearer', () => {
    const rates = { kind: 'aggregate', uplinkKbps: 300_000, downlinkKbps: 600_000 } as const;
    const qos = { qci: 9, priorityLevel: 2, mayPreempt: false, mayBePreempted: true, rates };
    const guaranteed = {
      kind: 'guaranteed',
      uplinkKbps: 1,
      downlinkKbps: 2,
      uplinkGuaranteedKbps: 3,
      downlinkGuaranteedKbps: 2 ** 32 + 4,
    } as const;
    const attributes = [
      tlv(radiusAttribute.acctStatusType, 2),
      ...octetTlvs('input', 3 * 2 ** 32 + 5),
      ...octetTlvs('output', 2 ** 32 - 1),
    ];
    const withQos = [qos, { ...qos, qci: 1, rates: guaranteed }].map((value) =>
      vendorTlv(threeGppAttribute.negotiatedQosProfile, value),
    );
    const requests = withQos.map((attribute, identifier) =>
      signAccountingRequest(
        { ...packet(radiusCode.accountingRequest, [...attributes, attribute]), identifier },
        secret,
        testDigests,
      ),
    );
    const [first, second] = dissectRadius(radiusPort.accounting, requests);
    expect([...first!.problems, ...second!.problems]).toEqual([]);
    const fields = (seen: Dissection, names: readonly string[]) => names.map((name) => seen.value(name));
    expect(
      fields(first!, ['radius.Acct_Input_Octets', 'radius.Acct_Input_Gigawords', 'radius.Acct_Output_Octets']),
    ).toEqual(['5', '3', '4294967295']);
    expect(first!.values('radius.Acct_Output_Gigawords')).toEqual([]);
    expect(
      fields(first!, ['gtp.qos_arp_pl', 'gtp.qos_arp_pci', 'gtp.qos_arp_pvi', 'gtp.qos_qci', 'gtp.qos_ul_apn_ambr']),
    ).toEqual(['2', '1', '0', '9', '300000']);
    expect(fields(second!, ['gtp.qos_ul_mbr', 'gtp.qos_dl_mbr', 'gtp.qos_ul_gbr', 'gtp.qos_dl_gbr'])).toEqual([
      '1',
      '2',
      '3',
      String(2 ** 32 + 4),
    ]);
  });

  it('sees a CoA-Request and why it is refused', () => {
    const change = [
      tlv(radiusAttribute.acctSessionId, '0000002a'),
      tlv(radiusAttribute.filterId, 'gold'),
      tlv(radiusAttribute.terminationAction, 1),
      tlv(radiusAttribute.chargeableUserIdentity, utf8Encode('cui-7')),
    ];
    const request = signAccountingRequest(packet(radiusCode.coaRequest, change), secret, testDigests);
    const refused = reply(radiusCode.coaNak, [tlv(radiusAttribute.errorCause, 503)], request.subarray(4, 20));
    const [asked, answered] = dissectRadius(radiusPort.dynamicAuthorization, [request, refused]);
    expect([...asked!.problems, ...answered!.problems]).toEqual([]);
    expect(asked!.values('radius.avp.type')).toEqual(['80', '44', '11', '29', '89']);
    expect(asked!.value('radius.Filter_Id')).toBe('gold');
    expect(asked!.value('radius.Termination_Action')).toBe('1');
    expect(answered!.value('radius.Error_Cause')).toBe('503');
    expect(answered!.value('radius.authenticator.valid')).toBe('1');
  });
});
