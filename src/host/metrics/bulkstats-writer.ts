import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { WallClock } from '../../kernel/instant.ts';
import { afterTimer, endOfInterval } from '../../operations/bulkstats/intervals.ts';
import { bulkstatFileName, bulkstatLines, outdatedFiles } from '../../operations/bulkstats/lines.ts';
import type { BulkstatsConfig } from '../../operations/config/operations-config.ts';
import { shownBy, type ViewSource } from '../../operations/views/view.ts';
import { now, wallClock } from '../clock.ts';

/** No timer of Node's is longer. */
const timerMsMax = 2 ** 31 - 1;

/** Writes a file of bulk statistics at the end of every interval, and takes the oldest away. */
export class BulkstatsWriter {
  readonly #config: BulkstatsConfig;
  readonly #source: ViewSource;
  readonly #log: Logger | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failing = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(config: BulkstatsConfig, source: ViewSource, log?: Logger) {
    this.#config = config;
    this.#source = source;
    this.#log = log;
  }

  start(): void {
    this.#waitFor(endOfInterval(wallClock(), this.#config.intervalMs));
  }

  #waitFor(end: WallClock): void {
    const { intervalMs } = this.#config;
    const waitMs = Math.min(Math.ceil(end - wallClock()), timerMsMax);
    this.#timer = setTimeout(() => {
      const { isOver, next } = afterTimer(end, wallClock(), intervalMs);
      if (isOver) this.#writing = this.#writing.then(() => this.write());
      this.#waitFor(next);
    }, waitMs);
    this.#timer.unref();
  }

  /** Writes one now. A fault is logged when it begins and when it is over; the next interval tries again. */
  async write(): Promise<void> {
    const { directory, filesMax } = this.#config;
    const { name, text } = await shownBy(this.#source, {}, () => {
      const at = { now: now(), wallClock: wallClock() };
      const lines = bulkstatLines(this.#config, this.#source, at);
      return { name: bulkstatFileName(this.#source, at), text: `${lines.join('\n')}\n` };
    });
    try {
      await mkdir(directory, { recursive: true, mode: 0o755 });
      // Whoever collects the files never sees half of one.
      const partial = join(directory, `.${name}.part`);
      await writeFile(partial, text);
      await rename(partial, join(directory, name));
      for (const old of outdatedFiles(await readdir(directory), this.#source.config.chassis.name, filesMax)) {
        await rm(join(directory, old), { force: true });
      }
    } catch (error) {
      if (!this.#failing)
        this.#log?.warn({ event: 'bulkstats-not-written', directory, err: error }, 'no bulk statistics');
      this.#failing = true;
      return;
    }
    if (this.#failing) this.#log?.info({ event: 'bulkstats-written', directory }, 'bulk statistics are written again');
    this.#failing = false;
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
  }
}
