import { expect, it } from 'vitest';
import { accountNameOf, acctSessionIdOf, secondOf } from './account-id.ts';

it.each([
  [0, 0, '0000000000000000'],
  [0x1a2b, 0x65000000, '00001a2b65000000'],
  [0xffffffff, 0xffffffff, 'ffffffffffffffff'],
])('Acct-Session-Id of session %d, begun at %d, is %s, and names it', (id, bornSecond, text) => {
  expect(acctSessionIdOf({ id, bornSecond })).toBe(text);
  expect(accountNameOf(text)).toEqual({ id, bornSecond });
});

it.each(['', '00001a2b', '00001a2b6500000g', '0x001a2b65000000', '00001a2b650000000'])(
  '%j names no session',
  (text) => {
    expect(accountNameOf(text)).toBeUndefined();
  },
);

it('is of whole seconds', () => {
  expect(secondOf(1_700_000_000_999)).toBe(1_700_000_000);
});
