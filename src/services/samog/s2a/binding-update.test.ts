import { describe, expect, it } from 'vitest';
import { ip, mac, nai } from '../../../../tests/support/session-samples.ts';
import { ipv4Of } from '../../../kernel/address.ts';
import { find, type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import { bindingStatus, bindingUpdateFlag } from '../../../wire/pmipv6/constants.ts';
import type { ProxyBindingAcknowledgement } from '../../../wire/pmipv6/message.ts';
import { mobilityOption } from '../../../wire/pmipv6/options.ts';
import { readS2aAcknowledgement, s2aBindingUpdate } from './binding-update.ts';

const wallClock = 1_700_000_000_000;
const wish = {
  sequence: 9,
  nai,
  mac,
  apn: 'internet',
  address: undefined,
  downlinkKey: 0xc3,
  lifetimeSeconds: 3600,
} as const;

describe('a PBU of ours', () => {
  it('carries everything an LMA must know', () => {
    const { flags, sequence, lifetimeSeconds, options } = s2aBindingUpdate({ ...wish, purpose: 'initial' }, wallClock);
    expect(flags).toBe(bindingUpdateFlag.acknowledge | bindingUpdateFlag.proxyRegistration);
    expect([sequence, lifetimeSeconds]).toEqual([9, 3600]);
    expect(find(options, mobilityOption.mnIdentifier)).toEqual({ subtype: 1, identifier: nai });
    expect(find(options, mobilityOption.handoffIndicator)).toBe(1);
    expect(find(options, mobilityOption.accessTechnologyType)).toBe(4);
    expect(find(options, mobilityOption.mnLinkLayerIdentifier)).toEqual(Uint8Array.of(2, 0, 0x5e, 0x11, 0x22, 0x33));
    expect(find(options, mobilityOption.timestamp)).toBe(wallClock);
    expect(find(options, mobilityOption.ipv4HomeAddressRequest)?.address).toBe(0);
    expect(find(options, mobilityOption.greKey)).toEqual({ key: 0xc3 });
    expect(find(options, mobilityOption.serviceSelection)).toBe('internet');
  });

  it('asks for an address only if one is wanted, and names a service only if there is one', () => {
    const { options } = s2aBindingUpdate(
      { ...wish, purpose: 'initial', address: ip('10.0.0.7'), apn: undefined },
      wallClock,
    );
    expect(find(options, mobilityOption.ipv4HomeAddressRequest)?.address).toBe(ip('10.0.0.7'));
    expect(find(options, mobilityOption.serviceSelection)).toBeUndefined();
  });

  it.each([
    ['refresh', 5, 3600],
    ['deregistration', 5, 0],
  ] as const)('says that it is a %s', (purpose, indicator, lifetime) => {
    const { lifetimeSeconds, options } = s2aBindingUpdate({ ...wish, purpose }, wallClock);
    expect([find(options, mobilityOption.handoffIndicator), lifetimeSeconds]).toEqual([indicator, lifetime]);
  });
});

describe('an answer of the LMA', () => {
  const address = tlv(mobilityOption.ipv4HomeAddressReply, { status: 0, prefixLength: 24, address: ip('10.0.0.7') });
  const router = tlv(mobilityOption.ipv4DefaultRouter, ip('10.0.0.254'));
  const key = tlv(mobilityOption.greKey, { key: 0xd4 });
  const answer = (options: readonly Tlv[], change: Partial<ProxyBindingAcknowledgement> = {}) =>
    readS2aAcknowledgement({
      kind: 'proxyBindingAcknowledgement',
      status: 0,
      flags: 0x20,
      sequence: 9,
      lifetimeSeconds: 600,
      options,
      ...change,
    });

  it('gives address, router, key and lifetime', () => {
    expect(answer([address, router, key])).toEqual({
      kind: 'accepted',
      lifetimeSeconds: 600,
      address: ip('10.0.0.7'),
      prefixLength: 24,
      router: ip('10.0.0.254'),
      uplinkKey: 0xd4,
    });
  });

  it.each([
    ['10.0.0.7', '10.0.0.1'],
    ['10.0.0.1', '10.0.0.2'],
  ])('to %s without a router has the first other host as router: %s', (own, other) => {
    const reply = tlv(mobilityOption.ipv4HomeAddressReply, { status: 0, prefixLength: 24, address: ip(own) });
    expect(answer([reply, key])).toMatchObject({ kind: 'accepted', router: ip(other) });
  });

  it.each<[string, readonly Tlv[], number]>([
    ['no key', [address], bindingStatus.greKeyOptionRequired],
    ['no address', [key], 0],
    [
      'address 0.0.0.0',
      [key, tlv(mobilityOption.ipv4HomeAddressReply, { status: 0, prefixLength: 0, address: ipv4Of(0) })],
      0,
    ],
    [
      'an address with a failure',
      [key, tlv(mobilityOption.ipv4HomeAddressReply, { status: 128, prefixLength: 24, address: ip('10.0.0.7') })],
      128,
    ],
  ])('that accepts with %s is a refusal', (_name, options, status) => {
    expect(answer(options)).toMatchObject({ kind: 'denied', status });
  });

  it('that refuses keeps its status, and lifetime 0 deregisters', () => {
    expect(answer([], { status: 130 })).toMatchObject({ kind: 'denied', status: 130 });
    expect(answer([], { lifetimeSeconds: 0 })).toEqual({ kind: 'deregistered' });
  });
});
