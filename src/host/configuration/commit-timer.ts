import type { StoredSchedule } from '../../operations/configuration/stored.ts';
import type { VersionFolder } from './version-folder.ts';

/** It looks at the clock so often, which may be set meanwhile. */
const lookMs = 30_000;

export interface CommitTimerOptions {
  readonly folder: VersionFolder;
  /** Milliseconds since 1970. */
  wallClock(): number;
  /** Its time has come. It stays scheduled until `drop`. */
  due(): void;
}

/** A commit that waits for its time: one of the chassis, kept on disk, so that a restart in between takes nothing away. */
export class CommitTimer {
  readonly #options: CommitTimerOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CommitTimerOptions) {
    this.#options = options;
    this.#look();
  }

  get scheduled(): StoredSchedule | undefined {
    return this.#options.folder.scheduled;
  }

  /** @throws as the file system does; then nothing is scheduled */
  async schedule(schedule: StoredSchedule): Promise<void> {
    await this.#options.folder.schedule(schedule);
    this.#look();
  }

  async drop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#options.folder.unschedule();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    clearTimeout(this.#timer);
    if (this.scheduled === undefined) return;
    const leftMs = this.scheduled.atMs - this.#options.wallClock();
    if (leftMs <= 0) this.#options.due();
    else this.#timer = setTimeout(() => this.#look(), Math.min(leftMs, lookMs));
  }
}
