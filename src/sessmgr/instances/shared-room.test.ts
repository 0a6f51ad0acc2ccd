import { expect, it } from 'vitest';
import { SharedRoom } from './shared-room.ts';

it('is full when all together have taken it, and has room again when one gives some back', () => {
  const room = new SharedRoom(new Int32Array(3), 5);
  const [a, b, c] = [0, 1, 2].map((index) => room.seatsOf(index));
  a!.taken(2);
  b!.taken(2);
  expect([a!.isFull, b!.isFull, c!.isFull]).toEqual([false, false, false]);
  c!.taken(1);
  expect([a!.isFull, b!.isFull, c!.isFull]).toEqual([true, true, true]);
  a!.taken(1);
  expect(c!.isFull).toBe(false);
});

it('is one for all who share its memory', () => {
  const memory = new SharedArrayBuffer(8);
  new SharedRoom(new Int32Array(memory), 1).seatsOf(1).taken(1);
  expect(new SharedRoom(new Int32Array(memory), 1).seatsOf(0).isFull).toBe(true);
});
