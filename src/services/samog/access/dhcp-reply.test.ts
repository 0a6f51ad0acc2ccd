import { describe, expect, it } from 'vitest';
import {
  dhcp,
  discover,
  exampleConfig,
  ip,
  mac,
  router,
  selecting,
  ueAddress,
} from '../../../../tests/support/session-samples.ts';
import { ipv4Broadcast, macBroadcast, macOf } from '../../../kernel/address.ts';
import { find, type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import type { DhcpMessage } from '../../../wire/dhcpv4/message.ts';
import { dhcpOption } from '../../../wire/dhcpv4/options.ts';
import type { AccessDhcp, DhcpIntent } from '../trigger.ts';
import { examineDhcp } from './dhcp-intent.ts';
import { type DhcpReply, grantReply, nakReply } from './dhcp-reply.ts';

const relay = ip('198.51.100.10');
const relayMac = macOf(0x02005e000001);
const granted = { address: ueAddress, prefixLength: 24, router };

function asked(intent: DhcpIntent, change: Partial<DhcpMessage> = {}, options: readonly Tlv[] = []): AccessDhcp {
  const sample = dhcp(intent, undefined, options);
  return { ...sample, sourceMac: relayMac, message: { ...sample.message, ...change } };
}

const ack = (to: AccessDhcp) => grantReply(to, 'ack', granted, 3600, exampleConfig.dhcpService);
const nak = (to: AccessDhcp) => nakReply(to, router, 'no');
const whereTo = ({ destination, destinationMac, destinationPort }: DhcpReply) => [
  destination,
  destinationMac,
  destinationPort,
];

describe('a reply goes', () => {
  it.each<[string, DhcpReply, unknown[]]>([
    ['to the relay where there is one', ack(asked(discover, { relayAddress: relay })), [relay, relayMac, 67]],
    [
      'to the relay before the client’s own address',
      ack(asked({ kind: 'extending', clientAddress: ueAddress }, { relayAddress: relay })),
      [relay, relayMac, 67],
    ],
    [
      'to the client’s address if it has one',
      ack(asked({ kind: 'extending', clientAddress: ueAddress }, { broadcast: true })),
      [ueAddress, mac, 68],
    ],
    ['by broadcast if it asks so', ack(asked(discover, { broadcast: true })), [ipv4Broadcast, macBroadcast, 68]],
    ['to its hardware address otherwise', ack(asked(discover)), [ueAddress, mac, 68]],
    ['by broadcast if it is a NAK', nak(asked(selecting)), [ipv4Broadcast, macBroadcast, 68]],
    [
      'by broadcast if it is a NAK to a client with an address',
      nak(asked({ kind: 'extending', clientAddress: ueAddress })),
      [ipv4Broadcast, macBroadcast, 68],
    ],
    ['to the relay if it is a NAK', nak(asked(selecting, { relayAddress: relay })), [relay, relayMac, 67]],
  ])('%s', (_name, reply, destination) => {
    expect(whereTo(reply)).toEqual(destination);
  });

  it('to the relay with the broadcast flag if it is a NAK', () => {
    expect(nak(asked(selecting, { relayAddress: relay })).message.broadcast).toBe(true);
  });
});

describe('a reply repeats', () => {
  const clientId: Tlv = { type: dhcpOption.clientIdentifier.type, data: Uint8Array.of(1, 2, 3) };
  const line = tlv(dhcpOption.relayAgentInformation, [{ type: 1, data: Uint8Array.of(9) }]);

  it.each([
    ['ACK', ack],
    ['NAK', nak],
  ])('xid, flags, giaddr and chaddr: %s', (_name, answer) => {
    const to = asked(discover, { relayAddress: relay, broadcast: true, hops: 3, transactionId: 0xabcdef01 });
    expect(answer(to).message).toMatchObject({
      op: 'reply',
      hops: 0,
      transactionId: 0xabcdef01,
      broadcast: true,
      relayAddress: relay,
      clientMac: mac,
    });
  });

  it.each([
    ['ACK', ack],
    ['NAK', nak],
  ])('client identifier and option 82 where they were, and only there: %s', (_name, answer) => {
    const types = [clientId.type, line.type];
    const of = (options: readonly Tlv[]) =>
      answer(asked(discover, {}, options)).message.options.filter(({ type }) => types.includes(type));
    expect(of([line, clientId])).toEqual([line, clientId]);
    expect(of([])).toEqual([]);
  });
});

describe('a client that means', () => {
  const examinedAs = (
    change: Partial<DhcpMessage>,
    options: readonly Tlv[],
    type: 'request' | 'discover' = 'request',
  ) =>
    examineDhcp(
      { ...dhcp(discover).message, ...change, options: [tlv(dhcpOption.messageType, type), ...options] },
      dhcp(discover).path,
      mac,
    );
  const wanted = tlv(dhcpOption.requestedAddress, ueAddress);
  const server = tlv(dhcpOption.serverIdentifier, router);

  it.each<[string, Partial<DhcpMessage>, readonly Tlv[], string]>([
    ['our offer, names us and the address', {}, [server, wanted], 'selecting'],
    ['the address it had, names only that', {}, [wanted], 'init-reboot'],
    ['to extend its lease, has it as its address', { clientAddress: ueAddress }, [], 'extending'],
  ])('%s', (_name, change, options, kind) => {
    expect(examinedAs(change, options)).toMatchObject({ kind: 'valid', dhcp: { intent: { kind } } });
  });

  it.each<[string, Partial<DhcpMessage>, readonly Tlv[], string]>([
    ['a reply', { op: 'reply' }, [wanted], 'not-for-us'],
    ['a REQUEST for nothing', {}, [], 'malformed'],
    ['a selection without an address', {}, [server], 'malformed'],
    ['a group as its client', { clientMac: macBroadcast }, [wanted], 'malformed'],
    ['another’s hardware address', { clientMac: macOf(0x02005e999999) }, [wanted], 'mac-mismatch'],
  ])('nothing we can serve is dropped: %s', (_name, change, options, why) => {
    expect(examinedAs(change, options)).toEqual({ kind: 'ignored', why });
  });

  it('another’s hardware address may come through a relay', () => {
    const change = { clientMac: macOf(0x02005e999999), relayAddress: relay };
    expect(examinedAs(change, [wanted]).kind).toBe('valid');
  });

  it('what it has is told by what is found', () => {
    const found = examinedAs({}, [wanted]);
    expect(found.kind === 'valid' && find(found.dhcp.message.options, dhcpOption.requestedAddress)).toBe(ueAddress);
  });
});
