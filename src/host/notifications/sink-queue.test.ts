import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Notification } from '../../operations/notifications/notification.ts';
import { type Delivery, SinkQueue } from './sink-queue.ts';

const numbered = (number: number): Notification => ({
  ...{ kind: 'event', time: '2026-03-01T11:00:00.000Z', chassis: 'a', name: 'lma-down', severity: 'warning' },
  ...{ mac: null, peer: null, party: 'lma', text: String(number) },
});

/** A receiver that fails while `fails` says so, and is as slow as `gate` is. */
class Receiver implements Delivery {
  readonly told: string[] = [];
  attempts = 0;
  fails = (): boolean => false;
  gate: Promise<void> = Promise.resolve();

  async deliver(notification: Notification): Promise<void> {
    this.attempts += 1;
    await this.gate;
    if (this.fails()) throw new Error('not now');
    this.told.push(notification.kind === 'event' ? notification.text : '');
  }

  close(): void {}
}

const queues: SinkQueue[] = [];
afterEach(() => {
  for (const queue of queues.splice(0)) queue.close();
});

function queueOf(receiver: Receiver): SinkQueue {
  const queue = new SinkQueue(receiver, 1);
  queues.push(queue);
  return queue;
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5000 && !holds(); turn += 1) await sleep(1);
  expect(holds()).toBe(true);
}

describe('what waits for a receiver', () => {
  it('is told in order', async () => {
    const receiver = new Receiver();
    const queue = queueOf(receiver);
    for (let number = 0; number < 20; number += 1) queue.push(numbered(number));
    await until(() => receiver.told.length === 20);
    expect(receiver.told).toEqual(Array.from({ length: 20 }, (_, number) => String(number)));
    expect(queue.counts()).toEqual({ sent: 20, failed: 0, dropped: 0, waiting: 0, failing: null, failingMs: null });
  });

  it('is told again and again, until it is', async () => {
    const receiver = new Receiver();
    receiver.fails = () => receiver.attempts < 4;
    const queue = queueOf(receiver);
    queue.push(numbered(1));
    queue.push(numbered(2));
    await until(() => queue.counts().failed === 3);
    await until(() => receiver.told.length === 2);
    expect(receiver.told).toEqual(['1', '2']);
    await until(() => queue.counts().waiting === 0);
    expect(queue.counts()).toMatchObject({ sent: 2, failed: 3, failing: null });
  });

  it('says why, and for how long, while it is not', async () => {
    const receiver = new Receiver();
    receiver.fails = () => true;
    const queue = queueOf(receiver);
    queue.push(numbered(1));
    await until(() => queue.counts().failing !== null);
    expect(queue.counts()).toMatchObject({ failing: 'not now', waiting: 1, sent: 0 });
    expect(queue.counts().failingMs).toBeGreaterThanOrEqual(0);
  });

  it('is bounded: the oldest makes room, but for the one that is under way', async () => {
    const receiver = new Receiver();
    let open = (): void => {};
    receiver.gate = new Promise((resolve) => {
      open = resolve;
    });
    const queue = queueOf(receiver);
    for (let number = 0; number < 5000; number += 1) queue.push(numbered(number));
    expect(queue.counts()).toMatchObject({ waiting: 1000, dropped: 4000 });
    open();
    await until(() => queue.counts().waiting === 0);
    expect(receiver.told.slice(0, 2)).toEqual(['0', '4001']);
    expect(receiver.told.at(-1)).toBe('4999');
  });
});
