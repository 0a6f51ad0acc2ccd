import type { StoreRole } from '../../wire/srp/names.ts';
import { holdsTheRole } from './hello.ts';
import type { Chassis } from './state.ts';
import type { StoreStanding } from './store-standing.ts';

/** What the disk of a chassis is worth from now on: to be called after every step. */
export function standingOf(chassis: Chassis): StoreStanding {
  const { state, term, store, peer, synchronisation } = chassis;
  if (state.kind === 'ACTIVE') {
    const { peerInstancesReady, instances } = synchronisation;
    return standing(store, term.own, peerInstancesReady === instances ? 'active' : 'alone');
  }
  const { hello } = peer;
  if (state.kind === 'PENDING_ACTIVE' || hello === undefined || !holdsTheRole(hello)) return store;
  if (state.kind === 'STANDBY' && synchronisation.ready) return standing(store, hello.term, 'standby');
  if (store.as !== 'alone') return store;
  return standing(store, store.term, store.term > 0 ? 'active' : 'standby');
}

function standing(former: StoreStanding, term: number, as: StoreRole): StoreStanding {
  return former.term === term && former.as === as ? former : { term, as };
}
