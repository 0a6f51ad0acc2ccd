import { expect, it } from 'vitest';
import { DeliveryQueue } from './delivery-queue.ts';

const pdu = (name: number, octets = 10) => new Uint8Array(octets).fill(name);

function sent(queue: DeliveryQueue): number[] {
  const names: number[] = [];
  for (let next = queue.send(); next !== undefined; next = queue.send()) names.push(next[0]!);
  return names;
}

it('keeps what was sent until it is known to have come, and sends the rest of it again on a new connection', () => {
  const queue = new DeliveryQueue(1000);
  for (const name of [1, 2, 3]) queue.offer('content', pdu(name));
  expect(sent(queue)).toEqual([1, 2, 3]);
  const place = queue.sentPlace;
  queue.offer('content', pdu(4));
  expect(sent(queue)).toEqual([4]);
  queue.acknowledge(place);
  expect([queue.length, queue.octets]).toEqual([1, 10]);
  queue.rewind();
  queue.offer('event', pdu(5));
  expect(sent(queue)).toEqual([4, 5]);
  queue.acknowledge(place);
  expect(queue.length).toBe(2);
  queue.acknowledge(queue.sentPlace);
  expect([queue.length, queue.octets, queue.unsent]).toEqual([0, 0, 0]);
});

it('does not take for known what it has not sent', () => {
  const queue = new DeliveryQueue(1000);
  queue.offer('event', pdu(1));
  queue.acknowledge(99);
  expect(sent(queue)).toEqual([1]);
});

it('is bounded, with room left for events', () => {
  const queue = new DeliveryQueue(100);
  const taken = Array.from({ length: 12 }, (_, index) => queue.offer('content', pdu(index)));
  expect(taken.filter((is) => is)).toHaveLength(9);
  expect([queue.offer('event', pdu(20)), queue.offer('event', pdu(21))]).toEqual([true, false]);
  sent(queue);
  queue.acknowledge(2);
  expect(queue.offer('content', pdu(30))).toBe(true);
});
