import { describe, expect, it } from 'vitest';
import { type IpAddress, macOf, parseIp } from '../../kernel/address.ts';
import { bool, bytes, double, enumOf, ipAddress, mac, text, uint, type ValueOf } from './codec.ts';
import { field, list, optional, recordOf } from './record.ts';
import { unionOf, variant } from './union.ts';

const access = unionOf('kind', {
  pmipv6: variant(1, recordOf({ peer: field(1, ipAddress), key: field(2, optional(uint)) })),
  eogre: variant(2, recordOf({ rg: field(1, ipAddress), vmac: field(2, mac) })),
});
const session = recordOf({
  mac: field(1, mac),
  nai: field(2, text),
  state: field(3, enumOf({ setup: 1, connected: 2, leaving: 7 })),
  access: field(4, access),
  keys: field(5, list(bytes)),
  octets: field(6, uint),
  remaining: field(7, double),
  idle: field(8, bool, true),
});
type Session = ValueOf<typeof session>;

const sample: Session = {
  mac: macOf(0x02005e112233),
  nai: 'ue@example.org',
  state: 'connected',
  access: { kind: 'eogre', rg: parseIp('2001:db8::1') as IpAddress, vmac: macOf(0x020000000001) },
  keys: [Uint8Array.of(1, 2), new Uint8Array(0)],
  octets: 2 ** 53 - 1,
  remaining: Number.POSITIVE_INFINITY,
  idle: false,
};

describe('a record', () => {
  it('comes back as it was', () => {
    const result = session.decode(session.encode(sample));
    expect(result).toEqual({ ok: true, value: { value: sample, unknownFields: 0 } });
  });
});
