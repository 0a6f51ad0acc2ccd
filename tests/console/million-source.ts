import { formatIp, formatMac, ipv4Of, type MacAddress, macOf } from '../../src/kernel/address.ts';
import type { ViewSource } from '../../src/operations/views/view.ts';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import type { SessionPlace } from '../../src/sessmgr/session-registry.ts';
import { busySource, movedSession } from '../operations/view-source.ts';

const firstOfMillion = 0x02005e000000;
const firstAddress = 0x64400000;

/** The MAC address of one of them. */
export function macOfMillion(index: number): string {
  return formatMac(macOf(firstOfMillion + index));
}

export function addressOfMillion(index: number): string {
  return formatIp(ipv4Of(firstAddress + index));
}

/** A gateway with very many sessions, each made when it is looked at: what is asked of it is what is asked of any other. */
export function millionSource(sessions = 1_000_000): ViewSource {
  const source = busySource();
  const place = (index: number): SessionPlace => ({ session: sessionAt(index), armedAt: 0 });
  const { registry } = source.manager;
  const many = {
    sessionsMax: 1_500_000,
    size: sessions,
    isFull: false,
    inState: { ...registry.inState, Established: sessions },
    ofType: { pmipv6: 0, dhcp: sessions, accounting: 0 },
    handoffsInProgress: registry.handoffsInProgress,
    hasId: (id: number) => id < sessions,
    ofId: (id: number) => (id < sessions ? place(id) : undefined),
    ofMac(mac: MacAddress) {
      const index = mac - firstOfMillion;
      return index >= 0 && index < sessions ? place(index) : undefined;
    },
    ofNai: () => undefined,
    *sessions(): Generator<SessionPlace, undefined> {
      for (let index = 0; index < sessions; index += 1) yield place(index);
    },
  };
  const manager = new Proxy(source.manager, {
    get: (of, name) => (name === 'registry' ? many : Reflect.get(of, name, of)),
  });
  return { ...source, manager };
}

function sessionAt(index: number): LiveSession {
  const session = movedSession(index, macOf(firstOfMillion + index));
  const address = { address: ipv4Of(firstAddress + index), prefixLength: 10, router: ipv4Of(0x64400001) };
  return { ...session, durable: { ...session.durable, addresses: [address] } };
}
