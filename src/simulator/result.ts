export interface Violation {
  readonly seed: number;
  readonly step: number;
  /** Milliseconds of virtual time. */
  readonly at: number;
  readonly checker: string;
  readonly message: string;
}

/** What two chassis went through. */
export interface PairTally {
  /** How often one became ACTIVE. */
  readonly promotions: number;
  /** Sessions of which a UE was told while the standby was READY, and how many a chassis then took over from another. */
  readonly promised: number;
  readonly takenOver: number;
  /** How often each fault of a chassis or of the link between them was tried. */
  readonly faults: Readonly<Record<string, number>>;
}

/** What was found and done in one run, or in several. */
export interface RunFigures {
  readonly steps: number;
  readonly virtualMs: number;
  readonly violations: readonly Violation[];
  readonly sessions: number;
  readonly handovers: number;
  readonly packets: { readonly up: number; readonly down: number };
  /** Of runs with two chassis. */
  readonly pair: PairTally | undefined;
}

export interface RunResult extends RunFigures {
  readonly seed: number;
  /** Of everything that happened: the same for the same seed. */
  readonly traceHash: number;
}

export interface SimulationResult extends RunFigures {
  readonly runs: number;
}

/** Adds a run up with those before. */
export function added(total: SimulationResult, run: RunFigures): SimulationResult {
  return {
    runs: total.runs + 1,
    steps: total.steps + run.steps,
    virtualMs: total.virtualMs + run.virtualMs,
    violations: run.violations.length === 0 ? total.violations : [...total.violations, ...run.violations],
    sessions: total.sessions + run.sessions,
    handovers: total.handovers + run.handovers,
    packets: { up: total.packets.up + run.packets.up, down: total.packets.down + run.packets.down },
    pair: pairsAdded(total.pair, run.pair),
  };
}

function pairsAdded(left: PairTally | undefined, right: PairTally | undefined): PairTally | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  const faults: Record<string, number> = { ...left.faults };
  for (const [fault, count] of Object.entries(right.faults)) faults[fault] = (faults[fault] ?? 0) + count;
  return {
    promotions: left.promotions + right.promotions,
    promised: left.promised + right.promised,
    takenOver: left.takenOver + right.takenOver,
    faults,
  };
}
