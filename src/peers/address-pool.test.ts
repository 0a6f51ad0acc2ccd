import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIp, type Ipv4Address, parsePrefix } from '../kernel/address.ts';
import { AddressPool } from './address-pool.ts';
import { ip } from './script-for-tests.ts';

const pool = (prefix: string) => new AddressPool(parsePrefix(prefix)!, 10_000);
const text = (address: Ipv4Address | undefined) => (address === undefined ? undefined : formatIp(address));

describe('AddressPool', () => {
  it('has the first host as router and leases the others in turn', () => {
    const small = pool('10.0.0.0/29');
    expect(formatIp(small.router)).toBe('10.0.0.1');
    const leased = ['a', 'b', 'c', 'd', 'e', 'f'].map((owner) => text(small.lease(owner, undefined, 0)));
    expect(leased).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6', undefined]);
  });

  it('keeps an address for its owner until the end of the memory, and not longer', () => {
    const small = pool('10.0.0.0/30');
    expect(text(small.lease('a', undefined, 0))).toBe('10.0.0.2');
    small.release('a', 1000);
    expect(small.lease('b', undefined, 10_999)).toBeUndefined();
    expect(text(small.lease('a', undefined, 10_999))).toBe('10.0.0.2');
    small.release('a', 20_000);
    expect(text(small.lease('b', undefined, 30_000))).toBe('10.0.0.2');
    expect(small.lease('a', undefined, 30_000)).toBeUndefined();
  });

  it.each([
    ['a free one', '10.0.0.5', '10.0.0.5'],
    ['one that another has', '10.0.0.2', '10.0.0.3'],
    ['the router', '10.0.0.1', '10.0.0.3'],
    ['the broadcast address', '10.0.0.7', '10.0.0.3'],
    ['one of another network', '10.0.1.2', '10.0.0.3'],
  ])('gives the wanted address if it can: %s', (_, wanted, given) => {
    const small = pool('10.0.0.0/29');
    small.lease('other', undefined, 0);
    expect(text(small.lease('a', ip(wanted), 0))).toBe(given);
  });

  it.each(['10.0.0.0/31', '00:/64', '2001:db8::/64'])('refuses %s', (prefix) => {
    const parsed = parsePrefix(prefix);
    if (parsed !== undefined) expect(() => new AddressPool(parsed, 0)).toThrow(RangeError);
  });

  it('never leases an address twice, nor two to one owner, nor another within the memory', () => {
    const step = fc.record({
      owner: fc.integer({ min: 0, max: 7 }),
      wanted: fc.option(fc.integer({ min: 0, max: 7 }), { nil: undefined }),
      release: fc.boolean(),
      waitMs: fc.constantFrom(0, 5000, 9999, 10_000, 20_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const small = pool('10.0.0.0/29');
        const held = new Map<number, Ipv4Address>();
        const released = new Map<number, { address: Ipv4Address; at: number }>();
        let now = 0;
        for (const { owner, wanted, release, waitMs } of steps) {
          now += waitMs;
          if (release) {
            if (held.has(owner)) released.set(owner, { address: held.get(owner)!, at: now });
            small.release(owner.toString(), now);
            held.delete(owner);
            continue;
          }
          const wish = wanted === undefined ? undefined : ((ip('10.0.0.0') + wanted) as Ipv4Address);
          const address = small.lease(owner.toString(), wish, now);
          if (held.has(owner)) expect(address).toBe(held.get(owner));
          const memory = released.get(owner);
          if (memory !== undefined && now < memory.at + 10_000 && !held.has(owner))
            expect(address).toBe(memory.address);
          if (address === undefined) continue;
          for (const [other, taken] of held) if (other !== owner) expect(taken).not.toBe(address);
          expect(small.contains(address) && address !== small.router).toBe(true);
          held.set(owner, address);
          released.delete(owner);
        }
      }),
    );
  });
});
