import { macOfNai } from '../../services/samog/nai.ts';
import type { Lab } from '../lab.ts';
import type { Column, Observation } from '../observation.ts';

/** The observations by which steps are seen. */

export type Seen = (observation: Observation) => boolean;

/** A message from one party to the next, through an RG or WLC if it is named. */
export function message(from: Column, what: string, to: Column, accessPoint?: string): Seen {
  return (seen) =>
    seen.from === from &&
    seen.to === to &&
    seen.what === what &&
    (accessPoint === undefined || seen.accessPoint === accessPoint);
}

/** A UE at a new access point. */
export const moves = (to: string): Seen => message('ue', 'moves', 'access', to);

/** A decision of the gateway, by its event's name. */
export const decided = (name: string): Seen => message('samog', name, 'samog');

/** A session that is up, and, if so wanted, has the UE-MAC flow by which EoGRE may take it over (seed, step 01). */
export function established(lab: Lab, type: 'pmipv6' | 'dhcp', options: { readonly eogreFlow: boolean }): Seen {
  return (seen) => {
    const session = seen.mac === undefined ? undefined : lab.gateway.manager.registry.ofMac(seen.mac)?.session;
    if (!decided('session-established')(seen) || session?.kind !== 'Live') return false;
    const entry = lab.gateway.manager.flows.readBack(session.durable.id);
    return session.durable.sessionType === type && entry?.eogreFlow === options.eogreFlow;
  };
}

/** The switch of a session's path, seen only if session type and data path have really changed by then. */
export function switched(lab: Lab, type: 'pmipv6' | 'dhcp'): Seen {
  return (seen) => {
    const session = seen.mac === undefined ? undefined : lab.gateway.manager.registry.ofMac(seen.mac)?.session;
    if (!decided('path-switched')(seen) || session?.kind !== 'Live') return false;
    const entry = lab.gateway.manager.flows.readBack(session.durable.id);
    const kind = type === 'dhcp' ? 'eogre' : 'pmipv6';
    return session.durable.sessionType === type && entry?.access?.kind === kind;
  };
}

/** The same message, but only if it gives the address that the UE's session had all along. */
export function withSessionAddress(lab: Lab, seen: Seen): Seen {
  return (observation) => {
    if (!seen(observation)) return false;
    const { mac, address } = observation;
    const session = mac === undefined ? undefined : lab.gateway.manager.registry.ofMac(mac)?.session;
    return session?.kind === 'Live' && address !== undefined && session.durable.addresses[0]?.address === address;
  };
}

/** Data in both directions between a UE and the host behind the LMA, through an RG or WLC. */
export function dataBothWays(accessPoint: string): Seen {
  const up = message('access', 'data', 'samog', accessPoint);
  const atLma = message('samog', 'data', 'lma');
  const down = message('access', 'data', 'ue', accessPoint);
  let left = false;
  let arrived = false;
  let received = false;
  return (seen) => {
    left ||= up(seen);
    arrived ||= left && atLma(seen);
    received ||= down(seen);
    return arrived && received;
  };
}

/** A PBU of a WLC whose NAI is made of the UE's MAC address, with or without a realm. */
export function pbuFrom(accessPoint: string): Seen {
  const pbu = message('access', 'PBU', 'samog', accessPoint);
  return (seen) => pbu(seen) && seen.mac !== undefined && macOfNai(seen.detail) === seen.mac;
}

/** An Accounting-Request of a WLC or access point, and the gateway's answer. */
export const recordFrom = (nas: string): Seen => message('access', 'Accounting-Request', 'samog', nas);

/** The gateway's Accounting-Response to a WLC or access point. */
export const recordAnswered = (nas: string): Seen => message('samog', 'Accounting-Response', 'access', nas);

/** A PBA with this status. */
export function pbaTo(accessPoint: string, status: number): Seen {
  const pba = message('samog', 'PBA', 'access', accessPoint);
  return (seen) => pba(seen) && seen.status === status;
}
