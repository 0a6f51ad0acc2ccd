import { describe, expect, it } from 'vitest';
import { openDriver } from './open-driver.ts';

describe('openDriver', () => {
  it('takes node:dgram when asked to', async () => {
    const { driver, fallbackReason } = await openDriver('dgram');
    expect([driver.name, fallbackReason]).toEqual(['dgram', undefined]);
  });

  it('prefers the batched driver on Linux, and says why it took another elsewhere', async () => {
    const { driver, fallbackReason } = await openDriver();
    if (process.platform === 'linux') expect([driver.name, fallbackReason]).toEqual(['batched', undefined]);
    else expect([driver.name, fallbackReason]).toEqual(['dgram', `it needs Linux, and this is ${process.platform}`]);
  });
});
