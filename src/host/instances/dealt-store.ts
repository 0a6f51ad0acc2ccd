import { type Instant, never } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';
import type { RecoveryConfig } from '../../operations/config/redundancy-config.ts';
import type { EventSink } from '../../services/samog/events.ts';
import { instanceOfMac } from '../../sessmgr/instances/owner.ts';
import type { ManagerReader } from '../../sessmgr/manager-reader.ts';
import { type RowRefusal, readStored } from '../../sessmgr/recovery/recover.ts';
import type { RecoveredAtStart, RecoveryStatus } from '../../sessmgr/recovery/recovery-status.ts';
import type { RecoveryBatch, StoredSession } from '../../sessmgr/recovery/recovery-store.ts';
import type { RecoveryWriterStatistics } from '../../sessmgr/recovery/recovery-writer.ts';
import { countersOf } from '../../sessmgr/recovery/service-counters.ts';
import { now, wallClock } from '../clock.ts';
import { CallStore, type OpenedStore } from '../recovery/call-store.ts';
import { ChassisStateFile } from '../recovery/chassis-state-file.ts';
import { tellRecovered, tellSetAside, tellStoreNotice } from '../recovery/recovery-events.ts';
import type { RowsOf } from '../recovery/store-messages.ts';

/** Acknowledgements that wait for a store that is behind are looked at so often. */
const behindMs = 20;

/**
 * What a chassis keeps on its own disk where its session manager instances have threads: each thread makes the batches of its
 * sessions, and the chassis has the store, to which it adds the counters, and deals out what was in it.
 */
export class DealtStore implements Timed {
  readonly state: ChassisStateFile;
  readonly #config: RecoveryConfig;
  readonly #store: CallStore;
  readonly #report: EventSink | undefined;
  readonly #openedAt: Instant;
  readonly #content: OpenedStore['content'];
  #rows: readonly StoredSession[];
  #heldSessions = 0;
  #recovered: RecoveredAtStart | undefined;
  /** Those who wait until the store takes more. */
  readonly #waiting: (() => void)[] = [];
  readonly #countersWritten = new Map<string, number>();
  #counted: ManagerReader | undefined;
  #countAt: Instant = never;

  private constructor(
    config: RecoveryConfig,
    state: ChassisStateFile,
    { store, content, rows }: OpenedStore,
    report: EventSink | undefined,
    openedAt: Instant,
  ) {
    this.#config = config;
    this.state = state;
    this.#store = store;
    this.#content = content;
    this.#rows = rows;
    this.#report = report;
    this.#openedAt = openedAt;
    if (content.setAside !== undefined) tellSetAside(report, content.setAside);
  }

  /**
   * Opens what the directory holds, or begins it.
   *
   * @param emptied told when the store has lost everything while it was in use
   * @throws StartError if it is not to be had, or another process has it
   */
  static async open(
    config: RecoveryConfig,
    chassisName: string,
    report: EventSink | undefined,
    emptied: () => void,
  ): Promise<DealtStore> {
    const openedAt = now();
    const { directory } = config;
    const opened = await CallStore.open({
      directory,
      chassisName,
      notice: (what) => tellStoreNotice(report, what),
      emptied: () => {
        kept?.forgetCounters();
        emptied();
      },
    });
    let kept: DealtStore | undefined;
    try {
      kept = new DealtStore(config, ChassisStateFile.open(directory), opened, report, openedAt);
      return kept;
    } catch (error) {
      await opened.store.close();
      throw error;
    }
  }

  /** What was counted before, as a sum of all instances. */
  get counters(): OpenedStore['content']['counters'] {
    return this.#content.counters;
  }

  /** Of the rows that were dealt out those that can be read. */
  get heldSessions(): number {
    return this.#heldSessions;
  }

  /**
   * What the store held when it was opened, by whose it is: once. A row that does not say whose it is goes to the first
   * instance, which refuses it and has it deleted; so is a damaged one.
   */
  deal(count: number): readonly (readonly StoredSession[])[] {
    const dealt: StoredSession[][] = Array.from({ length: count }, () => []);
    const at = { now: now(), wallClock: wallClock() };
    for (const row of this.#rows) {
      const owner = ownerOf(row, count, at);
      if (owner !== undefined) this.#heldSessions += 1;
      dealt[owner ?? 0]!.push(row);
    }
    this.#rows = [];
    const { damagedRows, setAside } = this.#content;
    if (damagedRows.length > 0 && setAside === undefined) {
      this.#store.write({ writtenAt: at.wallClock, over: damagedRows, sessions: [], usage: [], counters: [] });
    }
    return dealt;
  }

  /** All instances have what was dealt to them. */
  recovered(sessions: number, refused: ReadonlyMap<RowRefusal, number>): void {
    const all = new Map(refused);
    const damaged = this.#content.damagedRows.length;
    if (damaged > 0) all.set('bad-checksum', (all.get('bad-checksum') ?? 0) + damaged);
    const { wasClean } = this.#content;
    this.#recovered = { sessions, refused: Object.fromEntries(all), tookMs: now() - this.#openedAt, wasClean };
    tellRecovered(this.#report, this.#recovered, all);
  }

  /** Has these counters kept as well, from now on. */
  count(reader: ManagerReader): void {
    this.#counted = reader;
    this.#countAt = now() + this.#config.accountingIntervalMs;
  }

  forgetCounters(): void {
    this.#countersWritten.clear();
  }

  /** Takes a batch of an instance; `taken` is told as soon as there is room for the next. */
  write(batch: RecoveryBatch, taken: () => void): void {
    this.#store.write(batch);
    if (this.#store.isReady) taken();
    else this.#waiting.push(taken);
  }

  /** Reads the sessions of one instance, as they are when all batches that came before are written. */
  read(of: RowsOf, done: (rows: readonly StoredSession[]) => void): void {
    this.#store.read(of, done);
  }

  advance(at: Instant): void {
    if (this.#store.isReady) for (const taken of this.#waiting.splice(0)) taken();
    if (at < this.#countAt) return;
    this.#countAt = at + this.#config.accountingIntervalMs;
    if (this.#store.isReady) this.#writeCounters();
  }

  nextDeadline(): Instant {
    return this.#waiting.length > 0 ? Math.min(now() + behindMs, this.#countAt) : this.#countAt;
  }

  /** Writes all there is and ends in good order, if the disk lets it; false if it did not. */
  async stop(): Promise<boolean> {
    this.#writeCounters();
    return this.#store.close();
  }

  /** @param writers of the instances, as they were seen last */
  status(managerRestarts: number, writers: readonly RecoveryWriterStatistics[]): RecoveryStatus {
    return {
      directory: this.#config.directory,
      restartCounter: this.state.restartCounter,
      term: this.state.term,
      recovered: this.#recovered,
      writer: sumOf(writers),
      store: this.#store.statistics(),
      managerRestarts,
    };
  }

  #writeCounters(): void {
    if (this.#counted === undefined) return;
    const fresh = [...countersOf(this.#counted)].filter(
      ([name, value]) => value !== (this.#countersWritten.get(name) ?? 0),
    );
    if (fresh.length === 0) return;
    for (const [name, value] of fresh) this.#countersWritten.set(name, value);
    this.#store.write({ writtenAt: wallClock(), over: [], sessions: [], usage: [], counters: fresh });
  }
}

function ownerOf(row: StoredSession, count: number, at: Parameters<typeof readStored>[1]): number | undefined {
  const saved = readStored([row], at).records[0]?.saved;
  if (saved === undefined) return undefined;
  return instanceOfMac(saved.kind === 'Live' ? saved.durable.mac : saved.mac, count);
}

function sumOf(writers: readonly RecoveryWriterStatistics[]): RecoveryWriterStatistics {
  const sum = (of: (writer: RecoveryWriterStatistics) => number) => writers.reduce((all, each) => all + of(each), 0);
  const last = writers.flatMap(({ lastBatchAt }) => lastBatchAt ?? []);
  return {
    sessions: sum(({ sessions }) => sessions),
    waiting: sum(({ waiting }) => waiting),
    batches: sum(({ batches }) => batches),
    sessionsWritten: sum(({ sessionsWritten }) => sessionsWritten),
    usageWritten: sum(({ usageWritten }) => usageWritten),
    unwritable: sum(({ unwritable }) => unwritable),
    lastBatchAt: last.length === 0 ? undefined : Math.max(...last),
  };
}
