import { describe, expect, it } from 'vitest';
import { parseIpv4 } from '../../src/kernel/address.ts';
import { fromHex, utf8Encode } from '../../src/wire/bytes/text.ts';
import {
  encodeLiPdu,
  keepalivePdu,
  liAttribute,
  liDirection,
  liPayloadFormat,
  liPduType,
  sequenceAttribute,
  timestampAttribute,
} from '../../src/wire/li/pdu.ts';
import { encodeUdpPacket } from '../../src/wire/udp/udp.ts';
import { requireTool } from '../support/require-tool.ts';
import { dissect, linkType } from '../support/tshark.ts';

/** PDUs of lawful intercept, judged by tshark. It knows them in TLS and in plain TCP or UDP alike; here they are in UDP. */

const port = 50_010;
const [gateway, delivery, ue, server] = ['192.0.2.1', '192.0.2.9', '10.1.0.7', '198.51.100.80'].map(
  (text) => parseIpv4(text)!,
);
const xid = fromHex('0f1e2d3c4b5a69788796a5b4c3d2e1f0');
const correlation = fromHex('00000000deadbeef');

function dissectPdu(pdu: Uint8Array) {
  const datagram = { sourcePort: 40_000, destinationPort: port, payload: pdu };
  const packet = encodeUdpPacket({ source: gateway!, destination: delivery!, ttl: 64 }, datagram);
  return dissect(linkType.rawIpv4, [packet], ['-o', `5gli.udp.port:${port}`])[0]!;
}

describe.skipIf(!requireTool('tshark'))('tshark reads an X2/X3 PDU', () => {
  it('of content, with the packet in it', () => {
    const inner = { sourcePort: 40_002, destinationPort: 40_001, payload: utf8Encode('said') };
    const pdu = dissectPdu(
      encodeLiPdu({
        type: liPduType.x3,
        format: liPayloadFormat.ipv4,
        direction: liDirection.fromTarget,
        xid,
        correlation,
        attributes: [
          { type: liAttribute.networkFunctionId, data: utf8Encode('samog-a') },
          { type: liAttribute.interceptionPointId, data: utf8Encode('twan') },
          sequenceAttribute(3),
          timestampAttribute(1_700_000_000_250),
          { type: liAttribute.matchedTarget, data: utf8Encode('<imsi>001010000000001</imsi>') },
        ],
        payload: encodeUdpPacket({ source: ue!, destination: server!, ttl: 63 }, inner),
      }),
    );
    expect(pdu.value('li5g.ver')).toBe('5');
    expect(pdu.value('li5g.type')).toBe('2');
    expect(pdu.value('li5g.pf')).toBe('5');
    expect(pdu.value('li5g.pd')).toBe('3');
    expect(pdu.value('li5g.xid')).toBe('0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0');
    expect(pdu.value('li5g.cid')).toBe('00:00:00:00:de:ad:be:ef');
    expect(pdu.value('li5g.ts')).toMatch(/^Nov 14, 2023 22:13:20\.250000000/);
    expect(pdu.values('li5g.attrType')).toEqual(['6', '7', '8', '9', '17']);
    expect(pdu.values('ip.src')).toEqual(['192.0.2.1', '10.1.0.7']);
    expect(pdu.problems).toEqual([]);
  });

  it('of an event, and a keepalive', () => {
    const payload = utf8Encode('{"event":"session-begin"}');
    const head = { type: liPduType.x2, format: liPayloadFormat.proprietary, direction: liDirection.notApplicable };
    const event = dissectPdu(encodeLiPdu({ ...head, xid, correlation, attributes: [sequenceAttribute(0)], payload }));
    expect([event.value('li5g.type'), event.value('li5g.pf'), event.value('li5g.pd')]).toEqual(['1', '4', '5']);
    expect(event.problems).toEqual([]);

    const keepalive = dissectPdu(encodeLiPdu(keepalivePdu('keepalive', 7)));
    expect([keepalive.value('li5g.type'), keepalive.value('li5g.hl'), keepalive.value('li5g.pl')]).toEqual([
      '3',
      '48',
      '0',
    ]);
    expect(keepalive.problems).toEqual([]);
  });
});
