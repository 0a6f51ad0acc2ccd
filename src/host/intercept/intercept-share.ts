import { DeliveryRoom } from '../../services/samog/intercept/delivery-room.ts';
import { ServedIntercepts } from '../../sessmgr/instances/served-intercepts.ts';
import { wallClock } from '../clock.ts';
import { hostSeal } from '../seal.ts';

/** What the thread of a session manager instance needs to intercept: plain data. */
export interface InterceptShare {
  readonly networkFunction: string;
  readonly targetsMax: number;
  readonly key: Uint8Array;
  /** Of each delivery function. */
  readonly rooms: readonly { readonly name: string; readonly octetsMax: number; readonly buffer: SharedArrayBuffer }[];
}

/** What both chassis of a pair seal what they tell each other with. */
export function checkpointSeal(key: Uint8Array) {
  return hostSeal(key, 'intercept checkpoints');
}

/** In the thread of the instance at a place, from 0. */
export function servedIntercepts({ key, rooms, ...options }: InterceptShare, index: number): ServedIntercepts {
  const known = rooms.map(({ name, octetsMax, buffer }) => [name, DeliveryRoom.of(octetsMax, buffer)] as const);
  return new ServedIntercepts({ index, ...options }, { seal: checkpointSeal(key), wallClock, rooms: new Map(known) });
}
