import { noTunnelPage } from '../../forwarding/tunnel-figures.ts';
import type { RadiusServerStatus } from '../../services/samog/aaa/radius-server.ts';
import type { ServerGroupStatus } from '../../services/samog/aaa/server-group.ts';
import type { CountersReader, FlowsReader, ManagerReader, RegistryReader } from '../manager-reader.ts';
import type { SessionPlace } from '../session-registry.ts';

/**
 * All instances of a chassis, read as if they were one: numbers are added, and lists follow one another, instance by instance.
 * Of one alone it is that one.
 */
export function mergedReader(members: readonly ManagerReader[]): ManagerReader {
  const first = members[0]!;
  if (members.length === 1) return first;
  return {
    get config() {
      return first.config;
    },
    profiles: first.profiles,
    registry: registryOf(members.map(({ registry }) => registry)),
    flows: flowsOf(members.map(({ flows }) => flows)),
    counters: mergedCounters(members.map(({ counters }) => counters)),
    forwardingCounters: mergedCounters(members.map(({ forwardingCounters }) => forwardingCounters)),
    get crashes() {
      return members.flatMap(({ crashes }) => crashes).toSorted((left, right) => left.at - right.at);
    },
    aaa: {
      status: (now) => {
        const all = members.map(({ aaa }) => aaa.status(now));
        return {
          authentication: groupOf(all.map(({ authentication }) => authentication)),
          accounting: groupOf(all.map(({ accounting }) => accounting)),
        };
      },
    },
    accounting: {
      status: (now) => {
        const all = members.map(({ accounting }) => accounting.status(now));
        return {
          owing: all.reduce((sum, { owing }) => sum + owing, 0),
          underway: all.reduce((sum, { underway }) => sum + underway, 0),
          pausedForMs: Math.max(...all.map(({ pausedForMs }) => pausedForMs)),
        };
      },
    },
    s2a: { monitor: { status: (now) => members.flatMap(({ s2a }) => s2a.monitor.status(now)) } },
  };
}

/** The reader of instances that may be replaced: the same as long as they are the same. */
export function lastingReader(members: () => readonly ManagerReader[]): () => ManagerReader {
  let of: readonly ManagerReader[] = [];
  let reader: ManagerReader | undefined;
  return () => {
    const present = members();
    if (reader === undefined || present.some((member, index) => member !== of[index])) {
      of = [...present];
      reader = mergedReader(of);
    }
    return reader;
  };
}

function registryOf(all: readonly RegistryReader[]): RegistryReader {
  const sum = (of: (registry: RegistryReader) => number) => all.reduce((total, each) => total + of(each), 0);
  const found = (find: (registry: RegistryReader) => SessionPlace | undefined) => {
    for (const each of all) {
      const place = find(each);
      if (place !== undefined) return place;
    }
    return undefined;
  };
  return {
    get sessionsMax() {
      return all[0]!.sessionsMax;
    },
    get size() {
      return sum(({ size }) => size);
    },
    get isFull() {
      return all[0]!.isFull;
    },
    get inState() {
      return added(all.map(({ inState }) => inState));
    },
    get ofType() {
      return added(all.map(({ ofType }) => ofType));
    },
    get handoffsInProgress() {
      return added(all.map(({ handoffsInProgress }) => handoffsInProgress));
    },
    hasId: (id) => all.some((each) => each.hasId(id)),
    ofId: (id) => found((each) => each.ofId(id)),
    ofMac: (mac) => found((each) => each.ofMac(mac)),
    ofNai: (nai) => found((each) => each.ofNai(nai)),
    *sessions(): Generator<SessionPlace, undefined> {
      for (const each of all) yield* each.sessions();
      return undefined;
    },
  };
}

function flowsOf(all: readonly FlowsReader[]): FlowsReader {
  const found = <Value>(find: (flows: FlowsReader) => Value | undefined) => {
    for (const each of all) {
      const value = find(each);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  return {
    get size() {
      return all.reduce((sum, { size }) => sum + size, 0);
    },
    get unresolved() {
      return all.reduce((sum, { unresolved }) => sum + unresolved, 0);
    },
    // The places of one table after those of another.
    tunnels: {
      get places() {
        return all.reduce((sum, { tunnels }) => sum + tunnels.places, 0);
      },
      page(from, most) {
        let begin = 0;
        for (const [index, { tunnels }] of all.entries()) {
          const end = begin + tunnels.places;
          if (from < end) {
            const { figures, next } = tunnels.page(from - begin, most);
            if (next !== undefined) return { figures, next: begin + next };
            return { figures, next: index === all.length - 1 ? undefined : end };
          }
          begin = end;
        }
        return noTunnelPage;
      },
    },
    usage: (id) => found((each) => each.usage(id)),
    readBack: (id) => found((each) => each.readBack(id)),
    get slots() {
      return all.reduce((sum, { slots }) => sum + slots, 0);
    },
    // The places of one table after those of another: one that grows meanwhile moves the walk by so many.
    visitUsed(follower, from, slots, visit) {
      let begin = 0;
      let at = from;
      const end = from + slots;
      for (const each of all) {
        const next = begin + each.slots;
        const until = Math.min(end, next);
        if (at < until) {
          each.visitUsed(follower, at - begin, until - at, visit);
          at = until;
        }
        begin = next;
      }
      return at < begin ? at : 0;
    },
  };
}

/** Counters of several as their sums. */
export function mergedCounters<Name extends string>(all: readonly CountersReader<Name>[]): CountersReader<Name> {
  return {
    get names() {
      return all[0]!.names;
    },
    get: (name) => all.reduce((sum, counters) => sum + counters.get(name), 0),
    snapshot: () => added(all.map((counters) => counters.snapshot())),
  };
}

/** The same numbers of several, added. */
function added<Name extends string>(all: readonly Record<Name, number>[]): Record<Name, number> {
  const sum = { ...all[0]! };
  for (const each of all.slice(1)) for (const name of Object.keys(each) as Name[]) sum[name] += each[name];
  return sum;
}

function groupOf(all: readonly ServerGroupStatus[]): ServerGroupStatus {
  const waiting = all.reduce((sum, status) => sum + status.waiting, 0);
  // Of an instance in a thread that has only begun nothing is known yet.
  const known = all.filter(({ servers: each }) => each.length > 0);
  const servers = (known[0]?.servers ?? []).map((_, index) => serverOf(known.map((each) => each.servers[index]!)));
  return { servers, waiting };
}

/** A server is up while any instance takes it for that: each of them finds out by its own requests. */
function serverOf(all: readonly RadiusServerStatus[]): RadiusServerStatus {
  const sum = (of: (status: RadiusServerStatus) => number) => all.reduce((total, each) => total + of(each), 0);
  const ages = all.flatMap(({ lastResponseAgeMs }) => lastResponseAgeMs ?? []);
  const waits = all.flatMap(({ deadForMs }) => deadForMs ?? []);
  const { name, address, port, transport, priority, weight } = all[0]!;
  const up = all.some(({ state }) => state === 'up');
  return {
    ...{ name, address, port, transport, priority, weight },
    state: up ? 'up' : 'dead',
    deadForMs: up ? 0 : waits.length === 0 ? undefined : Math.min(...waits),
    outstanding: sum(({ outstanding }) => outstanding),
    sent: sum(({ sent }) => sent),
    retransmitted: sum(({ retransmitted }) => retransmitted),
    accepted: sum(({ accepted }) => accepted),
    rejected: sum(({ rejected }) => rejected),
    challenged: sum(({ challenged }) => challenged),
    accounted: sum(({ accounted }) => accounted),
    timeouts: sum(({ timeouts }) => timeouts),
    lastResponseAgeMs: ages.length === 0 ? undefined : Math.min(...ages),
  };
}
