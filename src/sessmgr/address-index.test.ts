import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Of, parseIp } from '../kernel/address.ts';
import { AddressIndex } from './address-index.ts';

const step = fc.record({ adds: fc.boolean(), address: fc.nat(3), holder: fc.nat(4) });

describe('the index of addresses', () => {
  it('has whoever has an address, as a map of sets would', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const index = new AddressIndex();
        const model = [0, 1, 2, 3].map(() => new Set<number>());
        for (const { adds, address, holder } of steps) {
          index[adds ? 'add' : 'delete'](ipv4Of(address), holder);
          model[address]![adds ? 'add' : 'delete'](holder);
          for (const [at, holders] of model.entries()) {
            const found = [...index.holders(ipv4Of(at))];
            expect(found.toSorted()).toEqual([...holders].toSorted());
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('has nobody for an IPv6 address', () => {
    const index = new AddressIndex();
    const address = parseIp('2001:db8::1')!;
    index.add(address, 1);
    expect([...index.holders(address)]).toEqual([]);
    index.delete(address, 1);
  });
});
