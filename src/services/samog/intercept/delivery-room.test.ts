import { describe, expect, it } from 'vitest';
import { DeliveryRoom } from './delivery-room.ts';

describe('the room of a delivery function', () => {
  it('is one for the queue and for all threads, with a part that content cannot take', () => {
    const room = DeliveryRoom.for(100, 2);
    const elsewhere = DeliveryRoom.of(100, room.buffer);
    expect([room.take('content', 50), elsewhere.takeFor(1, 'content', 40)]).toEqual([true, true]);
    expect([room.take('content', 1), elsewhere.takeFor(1, 'event', 11), room.taken]).toEqual([false, false, 90]);
    expect([elsewhere.takeFor(0, 'event', 10), room.take('event', 1)]).toEqual([true, false]);
    room.arrived(1, 40);
    room.free(50);
    expect(elsewhere.taken).toBe(50);
  });

  it('has back what a thread took along', () => {
    const room = DeliveryRoom.for(100, 2);
    for (const instance of [0, 1]) room.takeFor(instance, 'event', 30);
    room.arrived(0, 20);
    room.lost(0);
    expect(room.taken).toBe(50);
    room.lost(1);
    room.lost(1);
    expect(room.taken).toBe(20);
  });
});
