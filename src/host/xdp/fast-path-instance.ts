import type { ForwardingEntry } from '../../forwarding/entry.ts';
import { AcceleratedSessions } from '../../forwarding/fast-path/accelerated-sessions.ts';
import { FastPathTable, type LeftToSlowPath } from '../../forwarding/fast-path/fast-path-table.ts';
import type { FastPathRules } from '../../forwarding/fast-path/fast-session.ts';
import { accessListsMax, accessRulesMax, sessionOctets } from '../../forwarding/fast-path/layout.ts';
import type { AccessRule } from '../../forwarding/filter.ts';
import type { GatewayConfig } from '../../operations/config/gateway-config.ts';
import { TwanProfiles } from '../../services/samog/access/twan-profiles.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import { now } from '../clock.ts';
import type { FastPathAudit } from './fast-path-audit.ts';
import { FastPathMaps, type FastPathMemory } from './fast-path-maps.ts';
import { FastPathState } from './fast-path-state.ts';
import { instantOf, kernelTimeOf } from './kernel-clock.ts';

/** What a session manager instance in a thread of its own has its sessions forwarded by: plain data. */
export interface FastPathShare {
  readonly memory: FastPathMemory;
  /** Of `FastPathState`. */
  readonly state: SharedArrayBuffer;
  readonly accessLists: LoadedLists;
}

/** The access lists that the program was loaded with, which knows each by its place, from 1. */
type LoadedLists = readonly (readonly AccessRule[])[];

export interface FastPathInstanceDependencies {
  readonly maps: FastPathMaps;
  readonly state: FastPathState;
  readonly accessLists: LoadedLists;
  /** Told what the kernel has refused; the next audit makes up for it. */
  failed(error: unknown): void;
}

/**
 * The fast path of one session manager instance, in the thread of that instance: the table of its sessions, and its part of the
 * kernel's maps (ADR 0018).
 */
export class FastPathInstance {
  readonly accelerator: AcceleratedSessions;
  readonly table: FastPathTable;
  readonly #index: number;
  readonly #profiles: TwanProfiles;
  readonly #maps: FastPathMaps;
  readonly #state: FastPathState;
  readonly #failed: (error: unknown) => void;

  constructor(config: GatewayConfig, index: number, dependencies: FastPathInstanceDependencies) {
    const { maps, state, accessLists, failed } = dependencies;
    this.#index = index;
    this.#maps = maps;
    this.#state = state;
    this.#failed = failed;
    this.#profiles = new TwanProfiles(config.mrmeService.twanProfiles);
    const { count } = config.sessionManagers;
    const places = Math.floor(config.fastPath.sessionsMax / count);
    const first = index * places;
    const { records, limits } = maps;
    this.table = new FastPathTable(places, rulesOf(config, this.#profiles, accessLists), first, count);
    // What a process or thread before this one has programmed is forwarded still.
    if (state.use(index)) {
      const from = records.byteOffset + first * sessionOctets;
      this.table.adopt(new DataView(records.buffer, from, places * sessionOctets));
    }
    this.accelerator = new AcceleratedSessions(this.table, {
      records,
      limits,
      writeNow: (place) => this.#contained(() => maps.write(this.table, place)),
      get isForwarding() {
        return state.forwards;
      },
      now,
      kernelTimeOf,
      instantOf,
    });
  }

  /** In a thread of its own. */
  static apart(
    { memory, state, accessLists }: FastPathShare,
    config: GatewayConfig,
    index: number,
    failed: (error: unknown) => void,
  ): FastPathInstance {
    const maps = new FastPathMaps(memory);
    return new FastPathInstance(config, index, { maps, state: FastPathState.of(state), accessLists, failed });
  }

  /** Carries out what has changed since the last call: to be called before anything is sent that follows from it. */
  settle(): void {
    if (!this.table.changed) return;
    this.#contained(() => this.#maps.apply(this.table));
    this.#state.setSessions(this.#index, this.table.size);
  }

  /** As of `FastPath`. */
  reconfigure({ mrmeService }: Pick<SamogConfig, 'mrmeService'>): void {
    this.#profiles.replace(mrmeService.twanProfiles);
  }

  /** Removes what former flow tables have programmed and this one has not; returns how much that was. */
  removeStale(): number {
    return this.accelerator.removeStale();
  }

  /** The comparison of this part of the kernel's maps with the table. */
  auditSlices(): Generator<undefined, FastPathAudit> {
    return this.#maps.auditSlices([this.table]);
  }

  whyNot(entry: ForwardingEntry): LeftToSlowPath | undefined {
    return this.accelerator.whyNot(entry);
  }

  #contained(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#state.failed(this.#index);
      this.#failed(error);
    }
  }
}

/** The access lists that a program is loaded with. */
export function listsOf({ accessLists }: GatewayConfig): LoadedLists {
  return accessLists
    .map(({ rules }) => rules)
    .filter(({ length }) => length <= accessRulesMax)
    .slice(0, accessListsMax);
}

function rulesOf(config: GatewayConfig, profiles: TwanProfiles, loaded: LoadedLists): FastPathRules {
  const { cgwService } = config;
  const texts = loaded.map((rules) => JSON.stringify(rules));
  // By their rules, because every session manager compiles its own; and they may have been changed since the program was loaded.
  const numbers = new Map(
    config.accessLists.map(({ rules }) => [rules, texts.indexOf(JSON.stringify(rules)) + 1 || undefined]),
  );
  return {
    access: cgwService.access,
    s2a: cgwService.s2a,
    mssClamp: true,
    listNumberOf: ({ rules }) => numbers.get(rules),
    isEogreClient: (peer) => profiles.of(peer)?.accessType === 'eogre',
    kernelTimeOf,
  };
}
