import { tunnelPlaces } from '../../forwarding/tunnel-figures.ts';
import { never } from '../../kernel/instant.ts';
import { TwanProfiles } from '../../services/samog/access/twan-profiles.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import { sessionId, sessionMac } from '../../services/samog/session/state.ts';
import { withLinkMtu } from '../link-mtu.ts';
import type { FlowsReader, ManagerReader, RegistryReader } from '../manager-reader.ts';
import { naiOf, type SessionPlace } from '../session-registry.ts';
import type { InstanceMemory } from './instance-memory.ts';
import type { FoundSession, InstanceLook } from './look.ts';

/** The configuration of instances in other threads, as their readers show it. */
export class SeenConfig {
  readonly profiles: TwanProfiles;
  #config: SamogConfig;

  constructor(config: SamogConfig) {
    this.#config = withLinkMtu(config);
    this.profiles = new TwanProfiles(config.mrmeService.twanProfiles);
  }

  get config(): SamogConfig {
    return this.#config;
  }

  set config(config: SamogConfig) {
    this.#config = withLinkMtu(config);
    this.profiles.replace(config.mrmeService.twanProfiles);
  }
}

/**
 * A session manager instance in another thread, as it was seen at the last look: of its sessions there are those that were
 * wished for then. How many there are, and the counters, are those of the moment.
 */
export function lookedReader(
  seen: SeenConfig,
  memory: InstanceMemory,
  index: number,
  look: () => InstanceLook,
): ManagerReader {
  return {
    get config() {
      return seen.config;
    },
    profiles: seen.profiles,
    ...memory.countersOf(index),
    registry: registryOf(
      () => seen.config.samogService.sessionsMax,
      () => Atomics.load(memory.sessions, index),
      look,
    ),
    flows: flowsOf(look),
    get crashes() {
      return look().crashes;
    },
    aaa: { status: () => look().aaa },
    accounting: { status: () => look().accounting },
    s2a: { monitor: { status: () => look().s2a } },
  };
}

function registryOf(sessionsMax: () => number, size: () => number, look: () => InstanceLook): RegistryReader {
  const find = (is: (place: SessionPlace) => boolean): SessionPlace | undefined => {
    for (const place of sessions()) if (is(place)) return place;
    return undefined;
  };
  function* sessions(): Generator<SessionPlace, undefined> {
    for (const { session } of look().found) yield { session, armedAt: never };
    return undefined;
  }
  return {
    get sessionsMax() {
      return sessionsMax();
    },
    get size() {
      return size();
    },
    get isFull() {
      return size() >= sessionsMax();
    },
    get inState() {
      return look().inState;
    },
    get ofType() {
      return look().ofType;
    },
    get handoffsInProgress() {
      return look().handoffsInProgress;
    },
    hasId: (id) => find(({ session }) => sessionId(session) === id) !== undefined,
    ofId: (id) => find(({ session }) => sessionId(session) === id),
    ofMac: (mac) => find(({ session }) => session.kind !== 'Owing' && sessionMac(session) === mac),
    ofNai: (nai) => find(({ session }) => naiOf(session) === nai),
    sessions,
  };
}

/** The session of an identifier among those that were wished for. */
export function foundIn({ found }: InstanceLook, id: number): FoundSession | undefined {
  return found.find(({ session }) => sessionId(session) === id);
}

function flowsOf(look: () => InstanceLook): FlowsReader {
  return {
    get size() {
      return look().flows;
    },
    get unresolved() {
      return look().unresolved;
    },
    // The page that was wished for.
    tunnels: { places: tunnelPlaces, page: () => look().tunnels },
    usage: (id) => foundIn(look(), id)?.usage,
    readBack: (id) => foundIn(look(), id)?.forwarded?.entry,
    // Who follows what UEs use does so where the flow table is.
    slots: 0,
    visitUsed: () => 0,
  };
}
