import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OctetPool } from './octet-pool.ts';

it('gives arrays that are zero, and nobody else’s, however long they are', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 40 }), (lengths) => {
      const pool = new OctetPool();
      const taken = lengths.map((length, index) => {
        const bytes = pool.take(length);
        expect(bytes.length).toBe(length);
        expect(bytes.every((octet) => octet === 0)).toBe(true);
        return bytes.fill(1 + index);
      });
      for (const [index, bytes] of taken.entries()) expect(bytes.every((octet) => octet === 1 + index)).toBe(true);
    }),
  );
});

it('copies', () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const copy = new OctetPool().copyOf(bytes);
  bytes[0] = 9;
  expect(copy).toEqual(Uint8Array.of(1, 2, 3));
});
