import { describe, expect, it } from 'vitest';
import { parseIpv6, parseMac } from '../../kernel/address.ts';
import type { ForwardingEntry } from '../entry.ts';
import { AccessList } from '../filter.ts';
import {
  eogre,
  ip,
  lma,
  otherAddress,
  pmipv6,
  rg1,
  router,
  ueAddress,
  ueEntry,
  ueMac,
  wlc1,
} from '../packets-for-tests.ts';
import { type FastPathRules, fastSessionOf, heldBackBy, limitsOf } from './fast-session.ts';
import { noLimit } from './layout.ts';

const known = new AccessList('known', []);
const rules: FastPathRules = {
  access: { mtu: 1500, greTransport: 'raw' },
  s2a: { mtu: 1480, greTransport: 'raw' },
  mssClamp: true,
  listNumberOf: (list) => (list === known ? 3 : undefined),
  isEogreClient: (peer) => peer === rg1,
  kernelTimeOf: (instant) => 5000 + instant,
};
const v6 = parseIpv6('2001:db8::1')!;
const ue = (changes: Partial<ForwardingEntry> = {}) => ueEntry({ sessionId: 21, ...changes });
const address = { address: ueAddress, prefixLength: 24, router };

describe('what the fast path is told of a session', () => {
  it('is all that the slow path goes by', () => {
    const entry = ue({ access: eogre(rg1, 7, 5), previous: pmipv6(wlc1, 21, 70), previousUntil: 100 });
    expect(fastSessionOf(entry, rules)).toEqual({
      id: 21,
      mac: ueMac,
      address: ueAddress,
      router,
      access: { kind: 'eogre', peer: rg1, key: 7, vlan: 5, innerMtu: 1500 - 20 - 8 - 18 },
      previous: { kind: 'pmipv6', peer: wlc1, key: 70, vlan: undefined, innerMtu: 1500 - 20 - 8 },
      previousUntil: 5100,
      lma,
      lmaKey: 12,
      lmaInnerMtu: 1480 - 20 - 8,
      mssMax: 1480 - 20 - 8 - 40,
      limited: false,
      uplinkList: 0,
      downlinkList: 0,
      heldBack: false,
      untold: false,
    });
  });

  it.each<[string, Partial<ForwardingEntry>, number]>([
    ['the access tunnel, where it is narrower', { access: eogre(rg1, 7, 5) }, 1400 - 20 - 8 - 18 - 40],
    ['S2a, for a UE attached nowhere', { access: undefined }, 1480 - 20 - 8 - 40],
  ])('has the MSS that fits %s', (_, changes, mssMax) => {
    expect(fastSessionOf(ue(changes), { ...rules, access: { mtu: 1400, greTransport: 'raw' } })).toMatchObject({
      mssMax,
    });
  });

  it('has no MSS where the clamp is off', () => {
    expect(fastSessionOf(ue(), { ...rules, mssClamp: false })).toMatchObject({ mssMax: 0 });
  });

  it('does not mind an IPv6 address beside its IPv4 address', () => {
    const addresses = [{ address: v6, prefixLength: 64, router: v6 }, address];
    expect(fastSessionOf(ue({ addresses }), rules)).toMatchObject({ address: ueAddress });
  });

  it.each<[string, Partial<ForwardingEntry>]>([
    ['over IPv6', { previous: eogre(v6) }],
    ['of no client', { previous: eogre(wlc1) }],
    ['with a key of its own', { previous: pmipv6(wlc1, 7, 70) }],
  ])('has no path just left %s: its packets go up', (_, changes) => {
    expect(fastSessionOf(ue({ ...changes, previousUntil: 100 }), rules)).toMatchObject({ id: 21, previous: undefined });
  });

  it('has its limits and its lists, whichever of them there are', () => {
    const entry = ue({
      police: { uplink: 1000.5, downlink: undefined },
      filter: { uplink: undefined, downlink: known },
    });
    expect(fastSessionOf(entry, rules)).toMatchObject({
      limited: true,
      uplinkList: 0,
      downlinkList: 3,
      heldBack: false,
      untold: false,
    });
    expect(limitsOf(entry)).toEqual({ uplink: 1000, downlink: noLimit });
    expect(limitsOf(ue({ police: { uplink: undefined, downlink: undefined } }))).toBeUndefined();
  });

  it.each<[string, Partial<ForwardingEntry>]>([
    ['rate', { police: { uplink: 1000, downlink: 2 ** 32 } }],
    ['filter', { filter: { uplink: undefined, downlink: new AccessList('another', []) } }],
  ])('is a session held back (%s)', (reason, changes) => {
    expect(heldBackBy(ue(changes), rules)).toBe(reason);
    expect(fastSessionOf(ue(changes), rules)).toMatchObject({ id: 21, heldBack: true });
  });

  it.each<[string, string, Partial<ForwardingEntry>]>([
    ['addresses', 'no address', { addresses: [] }],
    ['addresses', 'an IPv6 address only', { addresses: [{ address: v6, prefixLength: 64, router: v6 }] }],
    ['addresses', 'two IPv4 addresses', { addresses: [address, { ...address, address: otherAddress }] }],
    ['addresses', 'an IPv6 router', { addresses: [{ ...address, router: v6 }] }],
    ['mac', 'a group address', { mac: parseMac('01:00:5e:00:00:01')! }],
    ['keys', 'identifier 0', { sessionId: 0, s2a: { peer: lma, uplinkKey: 1, downlinkKey: 0 } }],
    ['keys', 'another key on S2a', { sessionId: 20 }],
    ['keys', 'another key on PMIPv6', { access: pmipv6(wlc1, 7, 70) }],
    ['ipv6-peer', 'an LMA over IPv6', { s2a: { peer: v6, uplinkKey: 12, downlinkKey: 21 } }],
    ['ipv6-peer', 'an RG over IPv6', { access: eogre(v6) }],
    ['translated', 'an address of the access point', { access: { kind: 'ip', peer: wlc1, address: address.address } }],
    ['not-a-client', 'an RG of no profile', { access: eogre(ip('192.0.2.99')) }],
  ])('is nothing (%s) for %s', (reason, _, changes) => {
    expect(fastSessionOf(ue(changes), rules)).toBe(reason);
  });
});
