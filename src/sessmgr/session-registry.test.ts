import { describe, expect, it } from 'vitest';
import { established } from '../../tests/support/session-samples.ts';
import { macOf, parseIp } from '../kernel/address.ts';
import { type LiveSession, type Session, sessionId } from '../services/samog/session/state.ts';
import { SessionRegistry } from './session-registry.ts';

const ip = (text: string) => parseIp(text)!;

function sessionOf(index: number): Session {
  const session = established() as LiveSession;
  const own = { id: 1000 + index, mac: macOf(0x02005e000000 + index), nai: `ue${index}@example` };
  return { ...session, durable: { ...session.durable, ...own } };
}

function registryOf(...indexes: readonly number[]): SessionRegistry {
  const registry = new SessionRegistry(100);
  for (const index of indexes) registry.add(sessionOf(index));
  return registry;
}

function idsOf(registry: SessionRegistry): number[] {
  return [...registry.sessions()].map(({ session }) => sessionId(session));
}

describe('a session registry', () => {
  it('finds a session by each of its names, and by none when it is gone', () => {
    const registry = registryOf(1, 2);
    const names = () => [registry.ofId(1001), registry.ofMac(macOf(0x02005e000001)), registry.ofNai('ue1@example')];
    const place = registry.ofId(1001)!;
    expect(names()).toEqual([place, place, place]);
    registry.remove(place);
    expect(names()).toEqual([undefined, undefined, undefined]);
    expect([registry.size, registry.hasId(1001), registry.hasId(1002)]).toEqual([1, false, true]);
  });

  it('finds whoever has an address, whoever else has it, and however it changes', () => {
    const registry = registryOf(1, 2, 3);
    const found = (address: string) => [...registry.ofAddress(ip(address))].map(({ session }) => sessionId(session));
    const give = (index: number, ...addresses: readonly string[]) => {
      const place = registry.ofId(1000 + index)!;
      const session = place.session as LiveSession;
      const given = addresses.map((address) => ({ address: ip(address), prefixLength: 24, router: ip('10.0.0.254') }));
      registry.replace(place, { ...session, durable: { ...session.durable, addresses: given } });
    };
    give(1, '10.0.0.1');
    give(2, '10.0.0.2', '10.0.0.1');
    give(3, '10.0.0.3');
    expect([found('10.0.0.1'), found('10.0.0.2'), found('10.0.0.9')]).toEqual([[1001, 1002], [1002], []]);
    give(1, '10.0.0.9');
    give(3);
    expect([found('10.0.0.1'), found('10.0.0.3'), found('10.0.0.9')]).toEqual([[1002], [], [1001]]);
    registry.remove(registry.ofId(1002)!);
    expect([found('10.0.0.1'), found('10.0.0.2')]).toEqual([[], []]);
  });

  it('has room again where a session was', () => {
    const registry = registryOf(1, 2, 3);
    registry.reserve(1_000_000);
    registry.remove(registry.ofId(1002)!);
    for (const index of [4, 5]) registry.add(sessionOf(index));
    expect(idsOf(registry).sort()).toEqual([1001, 1003, 1004, 1005]);
    for (const index of [1, 3, 4, 5]) expect(sessionId(registry.ofId(1000 + index)!.session)).toBe(1000 + index);
  });

  it('can be walked while sessions come and go', () => {
    const registry = registryOf(1, 2, 3, 4);
    const walk = registry.sessions();
    const [first, second] = [walk.next().value!, walk.next().value!];
    for (const place of [first, second, registry.ofId(1003)!]) registry.remove(place);
    for (const index of [5, 6, 7, 8]) registry.add(sessionOf(index));
    const rest = [...walk].map(({ session }) => sessionId(session));
    expect(rest).toContain(1004);
    expect(new Set(rest).size).toBe(rest.length);
    expect(rest).not.toContain(1003);
  });
});
