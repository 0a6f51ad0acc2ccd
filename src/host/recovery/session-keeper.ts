import type { Instant } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';
import type { RecoveryConfig } from '../../operations/config/redundancy-config.ts';
import type { EventSink } from '../../services/samog/events.ts';
import type { InstanceGroup } from '../../sessmgr/instances/instance-group.ts';
import type { ManagerReader } from '../../sessmgr/manager-reader.ts';
import { adoptStored, readStored, type StoredRecords } from '../../sessmgr/recovery/recover.ts';
import type { RecoveredAtStart, RecoveryStatus } from '../../sessmgr/recovery/recovery-status.ts';
import { RecoveryWriter } from '../../sessmgr/recovery/recovery-writer.ts';
import { restoreCounters } from '../../sessmgr/recovery/service-counters.ts';
import type { SessionObserver } from '../../sessmgr/session-observer.ts';
import { now, wallClock } from '../clock.ts';
import { CallStore, type OpenedStore, type StoreNotice } from './call-store.ts';
import { ChassisStateFile, keptRestartCounter } from './chassis-state-file.ts';
import { tellRecovered, tellSetAside, tellStoreNotice } from './recovery-events.ts';

/**
 * What a chassis keeps on its own disk: the call recovery store with its sessions, and the numbers it must not forget. It
 * holds what the store had until `recover` or `leave` is called, and writes from then on.
 */
export class SessionKeeper implements Timed {
  readonly state: ChassisStateFile;
  readonly #config: RecoveryConfig;
  readonly #store: CallStore;
  readonly #writer: RecoveryWriter;
  readonly #report: EventSink | undefined;
  readonly #wasClean: boolean;
  readonly #openedAt: Instant;
  #held: StoredRecords & Pick<OpenedStore['content'], 'counters'>;
  #recovered: RecoveredAtStart | undefined;

  private constructor(
    config: RecoveryConfig,
    state: ChassisStateFile,
    opened: OpenedStore,
    writer: RecoveryWriter,
    report: EventSink | undefined,
    openedAt: Instant,
  ) {
    this.#config = config;
    this.state = state;
    this.#store = opened.store;
    this.#writer = writer;
    this.#report = report;
    this.#openedAt = openedAt;
    const { content, rows } = opened;
    this.#wasClean = content.wasClean;
    const { records, refused } = readStored(rows, { now: now(), wallClock: wallClock() });
    if (content.damagedRows.length > 0) refused.set('bad-checksum', content.damagedRows.length);
    this.#held = { records, refused, counters: content.counters };
    if (content.setAside === undefined) {
      for (const { callId, revision } of rows) writer.has(callId, revision);
      for (const callId of content.damagedRows) writer.has(callId, 0);
    } else tellSetAside(report, content.setAside);
  }

  /**
   * Opens what the directory holds, or begins it.
   *
   * @throws StartError if it is not to be had, or another process has it
   */
  static async open(
    config: RecoveryConfig,
    chassisName: string,
    report: EventSink | undefined,
  ): Promise<SessionKeeper> {
    const openedAt = now();
    const { directory } = config;
    const notice = (what: StoreNotice): void => tellStoreNotice(report, what);
    const opened = await CallStore.open({ directory, chassisName, notice, emptied: () => writer.emptied(now()) });
    const writer = new RecoveryWriter(config, opened.store, wallClock);
    try {
      const state = ChassisStateFile.open(directory);
      return new SessionKeeper(config, state, opened, writer, report, openedAt);
    } catch (error) {
      await opened.store.close();
      throw error;
    }
  }

  /** To be told of every change of the sessions. */
  get observer(): SessionObserver {
    return this.#writer;
  }

  /** How many sessions there are to recover. */
  get heldSessions(): number {
    return this.#held.records.length;
  }

  /**
   * As `keptRestartCounter`.
   *
   * @throws Error of the file system
   */
  restartCounter(sessionsKept: boolean): number {
    return keptRestartCounter(this.state, sessionsKept);
  }

  /** Gives session managers that do not serve yet the sessions and counters that the store held, and keeps their sessions. */
  recover(group: InstanceGroup): void {
    const { records, refused, counters } = this.#held;
    const sessions = adoptStored(group, { records, refused }, now());
    // What was counted counts on as a sum: whose it was is not kept.
    restoreCounters(group.members[0]!, counters);
    this.#recovered = {
      sessions,
      refused: Object.fromEntries(refused),
      tookMs: now() - this.#openedAt,
      wasClean: this.#wasClean,
    };
    this.#held = { records: [], refused: new Map(), counters: [] };
    tellRecovered(this.#report, this.#recovered, refused);
    this.#writer.attach(group.reader, now());
  }

  /** Forgets what the store held, and keeps these sessions instead. */
  leave(manager: ManagerReader): void {
    this.#held = { records: [], refused: new Map(), counters: [] };
    this.keep(manager);
  }

  /** Keeps these sessions from now on, of session managers of which one or all have taken over from others. */
  keep(manager: ManagerReader): void {
    this.#writer.attach(manager, now());
  }

  advance(at: Instant): void {
    this.#writer.advance(at);
  }

  nextDeadline(): Instant {
    return this.#writer.nextDeadline();
  }

  /** Writes all there is and ends in good order, if the disk lets it; false if it did not. */
  async stop(): Promise<boolean> {
    this.#writer.finish(now());
    return this.#store.close();
  }

  status(managerRestarts: number): RecoveryStatus {
    return {
      directory: this.#config.directory,
      restartCounter: this.state.restartCounter,
      term: this.state.term,
      recovered: this.#recovered,
      writer: this.#writer.statistics(),
      store: this.#store.statistics(),
      managerRestarts,
    };
  }
}
