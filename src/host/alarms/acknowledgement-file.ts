import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Instant } from '../../kernel/instant.ts';
import type { FormerAcknowledgement } from '../../operations/alarms/alarm.ts';
import { type AlarmName, alarmNames, alarmSeverities } from '../../operations/alarms/alarm-catalogue.ts';
import type { Moment } from '../../operations/views/view.ts';

const fileName = 'acknowledgements.json';

const written = z.strictObject({
  version: z.literal(1),
  acknowledgements: z.array(
    z.strictObject({
      alarm: z.enum(alarmNames as [AlarmName, ...AlarmName[]]),
      severity: z.enum(alarmSeverities),
      about: z.string().nullable(),
      by: z.string(),
      epochMs: z.number(),
      note: z.string().optional(),
    }),
  ),
});

/**
 * Who has taken on which alarm, in a file beside what a gateway recovers its sessions from: so that nobody has to do so again
 * after a restart. What it cannot write or read is as if it had not been kept: an alarm is acknowledged again then.
 */
export class AcknowledgementFile {
  readonly #path: string;

  constructor(directory: string) {
    this.#path = join(directory, fileName);
  }

  /** Undefined where nothing outlasts the process. */
  static of(recovery: { readonly directory: string } | undefined): AcknowledgementFile | undefined {
    return recovery && new AcknowledgementFile(recovery.directory);
  }

  read(now: Instant, wallClock: number): FormerAcknowledgement[] {
    try {
      const { acknowledgements } = written.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
      return acknowledgements.map(({ epochMs, note, ...others }) => ({
        ...others,
        note,
        at: now - Math.max(0, wallClock - epochMs),
      }));
    } catch {
      return [];
    }
  }

  /** Leaves the former file or the new one, whatever happens; a loss of power may cost the latest. */
  write(acknowledgements: readonly FormerAcknowledgement[], at: Moment): void {
    const kept: z.infer<typeof written> = {
      version: 1,
      acknowledgements: acknowledgements.map(({ at: instant, note, ...others }) => ({
        ...others,
        epochMs: Math.round(at.wallClock - (at.now - instant)),
        ...(note === undefined ? {} : { note }),
      })),
    };
    const fresh = `${this.#path}.new`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      writeFileSync(fresh, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
      renameSync(fresh, this.#path);
    } catch {
      // A full disk has an alarm of its own.
    }
  }
}
