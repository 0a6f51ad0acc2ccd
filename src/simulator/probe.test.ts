import { describe, expect, it } from 'vitest';
import { ipv4Of, macOf } from '../kernel/address.ts';
import { decodeProbe, encodeProbe, type Probe } from './probe.ts';

describe('a probe', () => {
  const probe: Probe = { owner: macOf(0x02005e000101), direction: 'down', number: 70_000 };
  const packet = encodeProbe(probe, ipv4Of(0x0a000001), ipv4Of(0x0a000002));

  it('reads back', () => {
    expect(decodeProbe(packet)).toEqual(probe);
  });

  it('says nothing once an octet is changed', () => {
    for (let at = 0; at < packet.length; at += 1) {
      const damaged = packet.slice();
      damaged[at]! ^= 0x21;
      const read = decodeProbe(damaged);
      // The header's identification and such are not the checksum's business, but the owner is.
      if (read !== undefined) expect(read).toEqual(probe);
    }
  });
});
