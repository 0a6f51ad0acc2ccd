import { describe, expect, it } from 'vitest';
import { FailureLimit } from './failure-limit.ts';

function failing(limit: FailureLimit, address: string, times: number, now = 0): void {
  for (let count = 0; count < times; count += 1) limit.failed(address, now);
}

describe('the limit of failures', () => {
  it('lets an address fail ten times, then once in half a minute', () => {
    const limit = new FailureLimit();
    failing(limit, '192.0.2.7', 9);
    expect(limit.blockedUntil('192.0.2.7', 0)).toBeUndefined();
    failing(limit, '192.0.2.7', 1);
    expect(limit.blockedUntil('192.0.2.7', 0)).toBe(30_000);
    expect(limit.blockedUntil('192.0.2.7', 29_999)).toBeGreaterThan(29_999);
    expect(limit.blockedUntil('192.0.2.7', 30_000)).toBeUndefined();
    failing(limit, '192.0.2.7', 1, 30_000);
    expect(limit.blockedUntil('192.0.2.7', 30_000)).toBe(60_000);
    expect(limit.blockedUntil('192.0.2.7', 1_000_000)).toBeUndefined();
  });

  it('does not hold against anybody what went well', () => {
    const limit = new FailureLimit();
    for (let count = 0; count < 100; count += 1) {
      limit.failed('192.0.2.7', 0);
      limit.succeeded('192.0.2.7');
    }
    expect(limit.blockedUntil('192.0.2.7', 0)).toBeUndefined();
  });

  it('is of each address by itself, of an IPv6 network as a whole, and of a mapped address like of the address', () => {
    const limit = new FailureLimit();
    failing(limit, '192.0.2.7', 10);
    failing(limit, '2001:db8:0:1::a', 10);
    expect(limit.blockedUntil('192.0.2.8', 0)).toBeUndefined();
    expect(limit.blockedUntil('::ffff:192.0.2.7', 0)).toBe(30_000);
    expect(limit.blockedUntil('2001:db8:0:1:ffff:1:2:3', 0)).toBe(30_000);
    expect(limit.blockedUntil('2001:db8:0:2::a', 0)).toBeUndefined();
  });

  it('remembers a fixed number of addresses', () => {
    const limit = new FailureLimit();
    failing(limit, '192.0.2.7', 10);
    for (let count = 0; count < 10_000; count += 1) limit.failed(`10.${count >> 8}.${count & 255}.1`, 0);
    expect(limit.blockedUntil('192.0.2.7', 0)).toBeUndefined();
  });
});
