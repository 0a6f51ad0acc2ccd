import type { ChassisEvent } from '../../icsr/chassis/event.ts';
import type { Condition } from '../../icsr/chassis/readiness.ts';
import {
  type Chassis,
  type ChassisState,
  isHandingOver,
  type PromotionStage,
  type TransitionReason,
} from '../../icsr/chassis/state.ts';
import type { Instant, WallClock } from '../../kernel/instant.ts';

/** A promotion of this chassis: what became of the sessions, and how long each stage took. */
export interface PromotionRecord {
  readonly begunAt: Instant;
  readonly wallClock: WallClock;
  readonly reason: TransitionReason;
  readonly term: number;
  /**
   * What the peer said last that it had, sessions in setup included, which are on no record; undefined if it never said
   * anything.
   */
  readonly peerSessions: number | undefined;
  /** The records held as it began, and whether they were all that the peer had. */
  readonly records: number;
  readonly wasReady: boolean;
  /** The sessions once the records were committed; undefined until then. */
  sessions: number | undefined;
  /** Records of which no session could be made. */
  refused: number;
  readonly stages: StageTime[];
  /** Undefined while it goes on. */
  end: 'serving' | 'yielded' | undefined;
}

export interface StageTime {
  readonly stage: PromotionStage;
  readonly tookMs: number;
  /** What went wrong, if something did. */
  readonly failure: string | undefined;
}

/** This chassis has ceased to serve. */
export interface Departure {
  readonly wallClock: WallClock;
  readonly reason: TransitionReason;
  readonly term: number;
  readonly sessions: number;
  /** Sessions of which more was promised than the peer had acknowledged, as it ceased. */
  readonly unprotected: number;
  /** Undefined while it hands over. */
  end: 'gave the role away' | 'took it back' | undefined;
}

/** The last answer to `srp validate-switchover`. */
export interface Validation {
  readonly at: Instant;
  readonly failed: readonly Condition['condition'][];
}

/** What a chassis knows of itself beside its machine. */
export interface PairFacts {
  readonly now: Instant;
  readonly wallClock: WallClock;
  readonly records: number;
  readonly sessions: number;
  /** Records that found no place, since the start. */
  readonly refused: number;
  readonly unprotected: number;
}

/** Entries kept of each sort. */
const entriesMax = 32;

/** What has become of the role and of the sessions with it: the latest promotions and departures, oldest first. */
export class PairJournal {
  readonly promotions: PromotionRecord[] = [];
  readonly departures: Departure[] = [];
  lastValidation: Validation | undefined;
  /** By the wall clock: all stages may run in one turn, in which the chassis's own clock stands still. */
  #stageBegunAt: WallClock = 0;
  #refusedBefore = 0;

  /** Writes down a step of the machine. `factsOf` is asked only if there is something to write. */
  stepped(before: Chassis, event: ChassisEvent, after: Chassis, factsOf: () => PairFacts): void {
    const from = before.state;
    const to = after.state;
    if (from === to) return;
    if (from.kind === 'ACTIVE' && to.kind !== 'ACTIVE') this.#departed(after, factsOf());
    else if (isHandingOver(from) && !isHandingOver(to)) this.#departureEnded(to);
    if (to.kind === 'PENDING_ACTIVE' && from.kind !== 'PENDING_ACTIVE') this.#begun(before, after, factsOf());
    else if (stageOf(from) !== undefined && stageOf(from) !== stageOf(to)) this.#stageEnded(from, event, to, factsOf());
  }

  validated(conditions: readonly Condition[], now: Instant): void {
    const failed = conditions.filter(({ passed }) => !passed).map(({ condition }) => condition);
    this.lastValidation = { at: now, failed };
  }

  #begun(before: Chassis, after: Chassis, { now, wallClock, records, refused }: PairFacts): void {
    this.#stageBegunAt = wallClock;
    this.#refusedBefore = refused;
    add(this.promotions, {
      begunAt: now,
      wallClock,
      reason: after.state.reason,
      term: after.term.own,
      peerSessions: before.peer.hello?.sessions,
      records,
      wasReady: before.synchronisation.ready,
      sessions: undefined,
      refused: 0,
      stages: [],
      end: undefined,
    });
  }

  #stageEnded(from: ChassisState, event: ChassisEvent, to: ChassisState, facts: PairFacts): void {
    const { wallClock, sessions, refused } = facts;
    const promotion = this.promotions.at(-1);
    const stage = stageOf(from);
    if (promotion === undefined || stage === undefined) return;
    const failure = event.kind === 'promotionStageFailed' && event.stage === stage ? event.reason : undefined;
    promotion.stages.push({ stage, tookMs: Math.max(0, wallClock - this.#stageBegunAt), failure });
    this.#stageBegunAt = wallClock;
    if (stage === 'commit') {
      promotion.sessions = sessions;
      promotion.refused = refused - this.#refusedBefore;
    }
    if (stageOf(to) === undefined) promotion.end = to.kind === 'ACTIVE' ? 'serving' : 'yielded';
  }

  #departed({ state, term }: Chassis, { wallClock, sessions, unprotected }: PairFacts): void {
    const end = isHandingOver(state) ? undefined : 'gave the role away';
    add(this.departures, { wallClock, reason: state.reason, term: term.own, sessions, unprotected, end });
  }

  #departureEnded(to: ChassisState): void {
    const departure = this.departures.at(-1);
    if (departure !== undefined) departure.end = to.kind === 'ACTIVE' ? 'took it back' : 'gave the role away';
  }
}

/** The stage of a promotion that runs: it goes on when the chassis serves early. */
function stageOf(state: ChassisState): PromotionStage | undefined {
  if (state.kind === 'PENDING_ACTIVE') return state.stage;
  return state.kind === 'ACTIVE' ? state.unfinished : undefined;
}

function add<Entry>(entries: Entry[], entry: Entry): void {
  if (entries.length >= entriesMax) entries.shift();
  entries.push(entry);
}
