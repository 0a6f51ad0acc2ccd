import { expect, it } from 'vitest';
import { hostCompressions } from './compressions.ts';
import { dials } from './endpoint.ts';
import { MessageBatch, messagesOf } from './thread-messages.ts';

it('a batch gives its messages back in order, and can be used again', () => {
  const batch = new MessageBatch(1);
  const messages = [0, 1, 70_000].map((length, index) => ({
    term: 2 ** 40 + index,
    type: 4 + index,
    body: new Uint8Array(length).fill(index),
  }));
  for (let round = 0; round < 2; round += 1) {
    for (const message of messages) batch.add(message);
    expect([...messagesOf(batch.take())]).toEqual(messages);
    expect(batch.length).toBe(0);
  }
  batch.add(messages[1]!);
  batch.clear();
  expect(batch.take().byteLength).toBe(0);
});

it.each([...hostCompressions])('%s gives back what it took, and never more than may be', (_, compression) => {
  const body = new Uint8Array(100_000).fill(1);
  const compressed = compression.compress(body);
  expect(compressed.length).toBeLessThan(1000);
  expect(new Uint8Array(compression.decompress(compressed, body.length)!)).toEqual(body);
  expect(compression.decompress(compressed, body.length - 1)).toBeUndefined();
  expect(compression.decompress(Uint8Array.of(1, 2, 3), 1000)).toBeUndefined();
});

it.each([
  ['10.0.0.2:7000', '10.0.0.10:7000'],
  ['9.255.0.1:7000', '10.0.0.1:6000'],
  ['10.0.0.1:6000', '10.0.0.1:7000'],
])('of %s and %s the first dials', (low, high) => {
  const [a, b] = [low, high].map((text) => {
    const [address, port] = text.split(':') as [string, string];
    return { address, port: Number(port) };
  }) as [Parameters<typeof dials>[0], Parameters<typeof dials>[0]];
  expect([dials(a, b), dials(b, a)]).toEqual([true, false]);
});
