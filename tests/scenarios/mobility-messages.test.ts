import { describe, expect, it } from 'vitest';
import type { IpAddress } from '../../src/kernel/address.ts';
import { ipv4Of, parseIpv4 } from '../../src/kernel/address.ts';
import type { PortName } from '../../src/kernel/port.ts';
import { find, type Tlv, tlv } from '../../src/wire/bytes/tlv.ts';
import { bindingStatus, revocationFlag, revocationStatus, revocationTrigger } from '../../src/wire/pmipv6/constants.ts';
import { decodeMobility, encodeMobility, type MobilityMessage } from '../../src/wire/pmipv6/message.ts';
import { mobilityOption } from '../../src/wire/pmipv6/options.ts';
import { address, configOf, MemoryWorld } from './memory-world.ts';

/** PMIPv6 messages as bytes, and what the gateway answers to each: every status code it has on the wire. */

const nai = '02-00-5E-10-00-01@realm.example';
const wallClock = 1_700_000_000_000;

const mnIdentifier = tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: nai });
const handoffIndicator = tlv(mobilityOption.handoffIndicator, 1);
const accessTechnology = tlv(mobilityOption.accessTechnologyType, 4);
const anyAddress = tlv(mobilityOption.ipv4HomeAddressRequest, { prefixLength: 0, address: ipv4Of(0) });
const greKey = tlv(mobilityOption.greKey, { key: 5 });
const complete = [mnIdentifier, handoffIndicator, accessTechnology, anyAddress, greKey];

let sequence = 0;

function pbu(options: readonly Tlv[], lifetimeSeconds = 600, flags = 0x8200): MobilityMessage {
  sequence += 1;
  return { kind: 'proxyBindingUpdate', sequence, flags, lifetimeSeconds, options };
}

/** Hands a message to the gateway and returns what it answers to that peer within the time given. */
function exchange(
  world: MemoryWorld,
  message: MobilityMessage,
  from: IpAddress = address.wlc1,
  port: PortName = 'access-pmipv6',
  forMs = 100,
): MobilityMessage[] {
  const answers: MobilityMessage[] = [];
  const before = world.drops;
  world.drops = (datagram) => {
    if (datagram.destination !== from || datagram.destinationPort !== 5436) return before(datagram);
    const decoded = decodeMobility(datagram.bytes);
    if (decoded.ok) answers.push(decoded.value);
    return true;
  };
  world.gateway.receive(port, 0, from, 5436, encodeMobility(message), world.now);
  world.run(forMs);
  world.drops = before;
  return answers;
}

function statusOf(answers: readonly MobilityMessage[]): number | undefined {
  const pba = answers.find((answer) => answer.kind === 'proxyBindingAcknowledgement');
  return pba?.status;
}

describe('a PBU of an access point', () => {
  it.each<[string, Tlv[], number]>([
    ['complete', complete, bindingStatus.accepted],
    ['without MN-Identifier', complete.slice(1), bindingStatus.missingMnIdentifierOption],
    ['without Handoff Indicator', [mnIdentifier, ...complete.slice(2)], bindingStatus.missingHandoffIndicatorOption],
    [
      'without Access Technology Type',
      complete.filter((option) => option !== accessTechnology),
      bindingStatus.missingAccessTechnologyTypeOption,
    ],
    [
      'without an address option',
      complete.filter((option) => option !== anyAddress),
      bindingStatus.missingHomeNetworkPrefixOption,
    ],
    [
      'with two address options',
      [...complete, anyAddress],
      bindingStatus.multipleIpv4HomeAddressAssignmentNotSupported,
    ],
    ['without GRE key', complete.filter((option) => option !== greKey), bindingStatus.greKeyOptionRequired],
    [
      'whose NAI names nobody',
      [tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: 'nobody@realm' }), ...complete.slice(1)],
      bindingStatus.notLmaForThisMobileNode,
    ],
    [
      'with a timestamp 8 s off',
      [...complete, tlv(mobilityOption.timestamp, wallClock - 8000)],
      bindingStatus.timestampMismatch,
    ],
    [
      'with a timestamp 6 s off',
      [...complete, tlv(mobilityOption.timestamp, wallClock + 6000)],
      bindingStatus.accepted,
    ],
  ])('%s', (_, options, status) => {
    expect(statusOf(exchange(new MemoryWorld(), pbu(options)))).toBe(status);
  });

  it('from a client of no profile, or of an EoGRE profile, is answered 154', () => {
    for (const from of [parseIpv4('203.0.113.77')!, address.rg1]) {
      const world = new MemoryWorld();
      expect(statusOf(exchange(world, pbu(complete), from))).toBe(bindingStatus.magNotAuthorizedForProxyRegistration);
      expect(world.gateway.registry.size).toBe(0);
    }
  });

  it('that asks a live session for another address is answered 171, and the session stays', () => {
    const world = new MemoryWorld();
    exchange(world, pbu(complete));
    const other = tlv(mobilityOption.ipv4HomeAddressRequest, { prefixLength: 24, address: parseIpv4('10.45.0.99')! });
    const options = complete.map((option) => (option === anyAddress ? other : option));
    expect(statusOf(exchange(world, pbu(options), address.wlc2))).toBe(bindingStatus.notAuthorizedForIpv4HomeAddress);
    expect(world.counted()).toMatchObject({ 'handoff.pmip-to-pmip.denied': 1, 'handoff.denied.address-mismatch': 1 });
  });

  it('beyond the session limit is answered 130, and the sessions there are undisturbed', () => {
    const limited = configOf((config) => ({ ...config, samogService: { ...config.samogService, sessionsMax: 1 } }));
    const world = new MemoryWorld(limited);
    expect(statusOf(exchange(world, pbu(complete)))).toBe(bindingStatus.accepted);
    const another = tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: '020000000009' });
    expect(statusOf(exchange(world, pbu([another, ...complete.slice(1)])))).toBe(bindingStatus.insufficientResources);
    expect(world.counted()['session.failed.session-limit']).toBe(1);
    expect(world.gateway.registry.size).toBe(1);
  });

  it.each(['020000000001', '02-00-00-00-00-01', '02:00:00:00:00:01', '0200.0000.0001', '02000000000A@realm.example'])(
    'names its UE as %s',
    (identifier) => {
      const named = tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier });
      const world = new MemoryWorld();
      expect(statusOf(exchange(world, pbu([named, ...complete.slice(1)])))).toBe(bindingStatus.accepted);
    },
  );

  it('without the P flag is a Binding Update of a mobile node, which nobody serves here', () => {
    const world = new MemoryWorld();
    expect(exchange(world, pbu(complete, 600, 0x8000))).toEqual([]);
    expect(world.counted()['pmipv6.discarded.unsupported']).toBe(1);
  });

  it('that deregisters a UE nobody knows is answered: the wish is fulfilled', () => {
    expect(statusOf(exchange(new MemoryWorld(), pbu(complete, 0)))).toBe(bindingStatus.accepted);
  });
});

describe('a BRI of the LMA', () => {
  const bri = (flags: number, options: readonly Tlv[], trigger: number = revocationTrigger.administrativeReason) =>
    ({ kind: 'bindingRevocationIndication', trigger, sequence: 9, flags, options }) as const;
  const { proxyBinding, global } = revocationFlag;
  const own = [tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: '02005e100001' })];

  function withSession(): MemoryWorld {
    const world = new MemoryWorld();
    exchange(world, pbu(complete));
    return world;
  }

  it.each<[string, ReturnType<typeof bri>, number, number]>([
    ['for the session', bri(proxyBinding, own), revocationStatus.success, 0],
    [
      'for nobody',
      bri(proxyBinding, [tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: 'x' })]),
      revocationStatus.bindingDoesNotExist,
      1,
    ],
    ['without the P flag', bri(0, own), revocationStatus.proxyBindingRevocationNotSupported, 1],
    ['without MN-Identifier', bri(proxyBinding, []), revocationStatus.revokedMobileNodesIdentityRequired, 1],
    [
      'for all, by its policy',
      bri(proxyBinding | global, [], revocationTrigger.perPeerPolicy),
      revocationStatus.success,
      0,
    ],
    [
      'for all, by a trigger of one binding',
      bri(proxyBinding | global, []),
      revocationStatus.revocationTriggerNotSupported,
      1,
    ],
  ])('%s', (_, message, status, established) => {
    const world = withSession();
    const answers = exchange(world, message, address.lma, 's2a-pmipv6');
    const bra = answers.find((answer) => answer.kind === 'bindingRevocationAcknowledgement');
    expect(bra?.status).toBe(status);
    expect(bra?.sequence).toBe(9);
    expect(world.gateway.registry.inState.Established).toBe(established);
  });

  it('from another than a configured LMA is not listened to', () => {
    const world = withSession();
    expect(exchange(world, bri(proxyBinding, own), parseIpv4('203.0.113.200')!, 's2a-pmipv6')).toEqual([]);
    expect(world.counted()['s2a.discarded.unknown-peer']).toBe(1);
    expect(world.gateway.registry.inState.Established).toBe(1);
  });

  it('reaches the access point too: its binding is revoked', () => {
    const world = withSession();
    world.gateway.receive('s2a-pmipv6', 0, address.lma, 5436, encodeMobility(bri(proxyBinding, own)), world.now);
    const answers = exchange(world, pbu([...complete], 0), address.wlc2);
    expect(statusOf(answers)).toBe(bindingStatus.accepted);
    expect(world.counted()['bri.sent']).toBe(1);
  });
});

describe('a PBA to an access point', () => {
  it('repeats the options by which the MAG knows its own PBU, octet by octet', () => {
    const timestamp = tlv(mobilityOption.timestamp, wallClock + 0.25);
    const linkLayer = tlv(mobilityOption.mnLinkLayerIdentifier, Uint8Array.of(2, 0, 0x5e, 0x10, 0, 1));
    const [pba] = exchange(new MemoryWorld(), pbu([...complete, timestamp, linkLayer]));
    for (const option of [mnIdentifier, handoffIndicator, accessTechnology, timestamp, linkLayer]) {
      expect(pba?.options.find(({ type }) => type === option.type)?.data).toEqual(option.data);
    }
    expect(find(pba!.options, mobilityOption.ipv4DhcpSupportMode)).toBe('server');
  });
});
