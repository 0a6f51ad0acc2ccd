import { expect, it } from 'vitest';
import { homeMaskOf, homePlaceOf } from './home-place.ts';

it.each([
  [1, 0],
  [2, 1],
  [3, 3],
  [100, 127],
  [65_536, 65_535],
])('tells one of %d places by the bits %d', (places, mask) => {
  expect(homeMaskOf(places)).toBe(mask);
});

it.each([
  [{ instances: 1, placesEach: 100 }, 0x80000005, 5],
  [{ instances: 1, placesEach: 100 }, 0xffffffff, undefined],
  [{ instances: 3, placesEach: 4 }, 7, 1 * 4 + 2],
  [{ instances: 3, placesEach: 4 }, 0xffffffff, 0x55555555 & 3],
  [{ instances: 2, placesEach: 3 }, 7, undefined],
])('is, of %j, of the identifier %d, the place %d', (homes, id, place) => {
  expect(homePlaceOf(id, homes)).toBe(place);
});
