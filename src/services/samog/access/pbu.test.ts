import { describe, expect, it } from 'vitest';
import { ip, mac, nai, pbu, wlcA, wlcB } from '../../../../tests/support/session-samples.ts';
import { ipv4Of } from '../../../kernel/address.ts';
import { find, type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import { bindingStatus, bindingUpdateFlag } from '../../../wire/pmipv6/constants.ts';
import type { ProxyBindingUpdate } from '../../../wire/pmipv6/message.ts';
import { mobilityOption } from '../../../wire/pmipv6/options.ts';
import { acceptDeregistration, acceptPbu, rejectPbu, rejectSequence } from './pba.ts';
import { examinePbu, orderPbu, type PbuRules } from './pbu.ts';

const wallClock = 1_700_000_000_000;
const rules: PbuRules = {
  timestampWindowMs: 7000,
  macOfKnownNai: (known) => (known === 'subscriber@realm' ? mac : undefined),
};

/** Everything a PBU must carry, in the order of most MAGs; `change` takes one option out or another in. */
const complete: readonly Tlv[] = [
  tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: nai }),
  tlv(mobilityOption.handoffIndicator, 1),
  tlv(mobilityOption.accessTechnologyType, 4),
  tlv(mobilityOption.mnLinkLayerIdentifier, Uint8Array.of(2, 0, 0x5e, 0x11, 0x22, 0x33)),
  tlv(mobilityOption.timestamp, wallClock),
  tlv(mobilityOption.ipv4HomeAddressRequest, { prefixLength: 0, address: ipv4Of(0) }),
  tlv(mobilityOption.greKey, { key: 0xa1 }),
];
const without = ({ type }: { readonly type: number }) => complete.filter((option) => option.type !== type);
const instead = (option: Tlv) => complete.map((other) => (other.type === option.type ? option : other));

function message(options: readonly Tlv[], overrides: Partial<ProxyBindingUpdate> = {}): ProxyBindingUpdate {
  const flags = bindingUpdateFlag.acknowledge | bindingUpdateFlag.proxyRegistration;
  return { kind: 'proxyBindingUpdate', sequence: 7, flags, lifetimeSeconds: 3600, options, ...overrides };
}

function examined(options: readonly Tlv[], overrides: Partial<ProxyBindingUpdate> = {}) {
  return examinePbu(message(options, overrides), wlcA, 5555, wallClock, rules);
}

function statusOf(options: readonly Tlv[], overrides: Partial<ProxyBindingUpdate> = {}): number | string {
  const outcome = examined(options, overrides);
  return outcome.kind === 'rejected' ? outcome.status : outcome.kind;
}

const named = (identifier: string) => instead(tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier }));
const at = (clock: number) => instead(tlv(mobilityOption.timestamp, clock));

describe('a PBU', () => {
  it('that is complete is read, with the port it came from', () => {
    expect(examined(complete)).toMatchObject({
      kind: 'valid',
      update: { mag: wlcA, magPort: 5555, nai, mac, sequence: 7, timestamp: wallClock, downlinkKey: 0xa1 },
    });
    expect(examined(complete)).toHaveProperty('update.requestedAddress', undefined);
  });

  it('may ask for an address', () => {
    const address = ip('10.0.0.7');
    const asked = instead(tlv(mobilityOption.ipv4HomeAddressRequest, { prefixLength: 24, address }));
    expect(examined(asked)).toHaveProperty('update.requestedAddress', address);
  });

  it.each([
    ['Mobile Node Identifier', mobilityOption.mnIdentifier, bindingStatus.missingMnIdentifierOption],
    ['Handoff Indicator', mobilityOption.handoffIndicator, bindingStatus.missingHandoffIndicatorOption],
    ['Access Technology Type', mobilityOption.accessTechnologyType, bindingStatus.missingAccessTechnologyTypeOption],
    ['request for an address', mobilityOption.ipv4HomeAddressRequest, bindingStatus.missingHomeNetworkPrefixOption],
    ['GRE Key', mobilityOption.greKey, bindingStatus.greKeyOptionRequired],
  ])('without %s is refused', (_name, option, status) => {
    expect(statusOf(without(option))).toBe(status);
  });

  it('with a GRE Key option that has no key is refused', () => {
    expect(statusOf(instead(tlv(mobilityOption.greKey, { key: undefined })))).toBe(bindingStatus.greKeyOptionRequired);
  });

  it('for IPv6 alone is refused', () => {
    const { type } = mobilityOption.homeNetworkPrefix;
    const prefix: Tlv = { type, data: new Uint8Array(18) };
    const options = [...without(mobilityOption.ipv4HomeAddressRequest), prefix];
    expect(statusOf(options)).toBe(bindingStatus.notAuthorizedForIpv6MobilityService);
  });

  it('that deregisters needs neither address nor key', () => {
    const options = without(mobilityOption.greKey).filter(
      ({ type }) => type !== mobilityOption.ipv4HomeAddressRequest.type,
    );
    expect(statusOf(options, { lifetimeSeconds: 0 })).toBe('valid');
  });

  it('without the P flag is none', () => {
    expect(statusOf(complete, { flags: bindingUpdateFlag.acknowledge })).toBe('ignored');
  });

  it.each([
    ['02005e112233', 'valid'],
    ['02-00-5e-11-22-33@realm', 'valid'],
    ['02:00:5E:11:22:33', 'valid'],
    ['0200.5e11.2233@a.b', 'valid'],
    ['subscriber@realm', 'valid'],
  ])('names its UE as %s', (identifier, kind) => {
    expect(examined(named(identifier))).toMatchObject({ kind, update: { mac, nai: identifier } });
  });

  it('that names nobody we can tell is refused', () => {
    const { type } = mobilityOption.mnLinkLayerIdentifier;
    const options = named('somebody@realm').filter((option) => option.type !== type);
    expect(statusOf(options)).toBe(bindingStatus.notLmaForThisMobileNode);
    expect(statusOf(named('somebody@realm'))).toBe('valid');
  });

  it.each([
    [-7000, 'valid'],
    [7000, 'valid'],
    [-7001, bindingStatus.timestampMismatch],
    [7001, bindingStatus.timestampMismatch],
  ])('with a timestamp %d ms from our clock: %s', (difference, outcome) => {
    expect(statusOf(at(wallClock + difference))).toBe(outcome);
  });
});

describe('the order of PBUs', () => {
  const last = { mag: wlcA, sequence: 10, timestamp: 5000 };

  it.each([
    ['a later timestamp', { timestamp: 5001, sequence: 1 }, 'new'],
    ['the same message', { timestamp: 5000, sequence: 10 }, 'retransmission'],
    ['an earlier timestamp', { timestamp: 4999, sequence: 11 }, 'timestamp-lower'],
    ['an earlier timestamp of another MAG', { timestamp: 4999, sequence: 11, mag: wlcB }, 'timestamp-lower'],
    ['the next sequence number, no timestamp', { timestamp: undefined, sequence: 11 }, 'new'],
    ['the same sequence number, no timestamp', { timestamp: undefined, sequence: 10 }, 'retransmission'],
    ['one before, no timestamp', { timestamp: undefined, sequence: 9 }, 'sequence-out-of-window'],
    ['the last of the window, no timestamp', { timestamp: undefined, sequence: 10 + 0x7fff }, 'new'],
    ['the first behind it, no timestamp', { timestamp: undefined, sequence: 10 + 0x8000 }, 'sequence-out-of-window'],
    ['any sequence number of another MAG, no timestamp', { timestamp: undefined, sequence: 9, mag: wlcB }, 'new'],
  ] as const)('%s', (_name, change, order) => {
    expect(orderPbu(pbu(change), last)).toBe(order);
  });

  it('goes on behind 65535', () => {
    const before = { mag: wlcA, sequence: 0xffff, timestamp: undefined };
    expect(orderPbu(pbu({ timestamp: undefined, sequence: 0 }), before)).toBe('new');
  });
});

describe('a PBA', () => {
  const repeatedTypes = complete.slice(0, 5).map(({ type }) => type);
  const grant = {
    lifetimeSeconds: 600,
    address: ip('10.0.0.7'),
    prefixLength: 24,
    router: ip('10.0.0.1'),
    uplinkKey: 0xb2,
  };

  it.each([
    ['accepts', acceptPbu(message(complete), grant)],
    ['accepts a deregistration', acceptDeregistration(message(complete))],
    ['rejects', rejectPbu(message(complete), bindingStatus.insufficientResources, wallClock)],
  ])('that %s repeats what identifies its PBU', (_name, answer) => {
    expect(answer.sequence).toBe(7);
    expect(answer.options.filter(({ type }) => repeatedTypes.includes(type))).toEqual(complete.slice(0, 5));
  });

  it('that accepts grants address, router, DHCP mode and our key', () => {
    const { status, lifetimeSeconds, options } = acceptPbu(message(complete), grant);
    expect([status, lifetimeSeconds]).toEqual([bindingStatus.accepted, 600]);
    expect(find(options, mobilityOption.ipv4HomeAddressReply)).toEqual({
      status: 0,
      prefixLength: 24,
      address: ip('10.0.0.7'),
    });
    expect(find(options, mobilityOption.ipv4DefaultRouter)).toBe(ip('10.0.0.1'));
    expect(find(options, mobilityOption.ipv4DhcpSupportMode)).toBe('server');
    expect(find(options, mobilityOption.greKey)).toEqual({ key: 0xb2 });
  });

  it('that rejects grants nothing', () => {
    const { lifetimeSeconds, options } = rejectPbu(message(complete), bindingStatus.insufficientResources, wallClock);
    expect(lifetimeSeconds).toBe(0);
    expect(find(options, mobilityOption.greKey)).toBeUndefined();
  });

  it('about a timestamp out of the window tells our own time, others the MAG’s', () => {
    const late = message(at(wallClock - 9000));
    const timestampOf = (status: number) => find(rejectPbu(late, status, wallClock).options, mobilityOption.timestamp);
    expect(timestampOf(bindingStatus.timestampMismatch)).toBe(wallClock);
    expect(timestampOf(bindingStatus.insufficientResources)).toBe(wallClock - 9000);
  });

  it('about a sequence number out of the window tells the last one accepted', () => {
    expect(rejectSequence(message(complete), 42)).toMatchObject({
      status: bindingStatus.sequenceNumberOutOfWindow,
      sequence: 42,
      lifetimeSeconds: 0,
    });
  });
});
