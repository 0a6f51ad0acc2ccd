import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tlv } from '../bytes/tlv.ts';
import { proxyStates, takeProxyState, withProxyState } from './proxy-state.ts';

const note = (...data: number[]): Tlv => ({ type: 33, data: Uint8Array.from(data) });
const other = (...data: number[]): Tlv => ({ type: 25, data: Uint8Array.from(data) });

describe('Proxy-State', () => {
  it('of a request is all of it, in order and unchanged, also where two are alike', () => {
    expect(proxyStates([note(2), other(9), note(1), note(2)])).toEqual([note(2), note(1), note(2)]);
    expect(proxyStates([other(9)])).toEqual([]);
  });

  it('of one’s own stands behind those of others', () => {
    expect(withProxyState([note(1), other(9)], Uint8Array.of(7))).toEqual([note(1), other(9), note(7)]);
  });

  it('that is taken from a reply is the last', () => {
    expect(takeProxyState([note(1), note(7), other(9)])).toEqual({
      own: Uint8Array.of(7),
      others: [note(1), other(9)],
    });
    expect(takeProxyState([other(9)])).toEqual({ own: undefined, others: [other(9)] });
  });

  it('comes back through any number of proxies', () => {
    const attribute = fc.record({ type: fc.constantFrom(25, 33, 80), data: fc.uint8Array({ maxLength: 4 }) });
    fc.assert(
      fc.property(fc.array(attribute, { maxLength: 6 }), fc.array(fc.uint8Array({ maxLength: 253 })), (first, owns) => {
        let request: readonly Tlv[] = first;
        for (const own of owns) request = withProxyState(request, own);
        let reply = proxyStates(request);
        for (const own of owns.toReversed()) {
          const taken = takeProxyState(reply);
          expect(taken.own).toEqual(own);
          reply = taken.others;
        }
        expect(reply).toEqual(proxyStates(first));
      }),
    );
  });
});
