import { expect, it } from 'vitest';
import { utf8Encode } from '../wire/bytes/text.ts';
import { fnv1a64 } from './fnv.ts';

it.each([
  ['', 'cbf29ce484222325'],
  ['a', 'af63dc4c8601ec8c'],
  ['foobar', '85944171f73967e8'],
])('FNV-1a of "%s" is %s (RFC 9923 appendix C)', (text, expected) => {
  const { high, low } = fnv1a64(utf8Encode(text));
  expect([high, low].map((half) => half.toString(16).padStart(8, '0')).join('')).toBe(expected);
});
