import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acknowledgementsOf, acknowledgementsText } from '../../operations/alarms/acknowledgements-text.ts';
import type { FormerAcknowledgement } from '../../operations/alarms/alarm.ts';
import type { Moment } from '../../operations/views/view.ts';

const fileName = 'acknowledgements.json';

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

  read(at: Moment): FormerAcknowledgement[] {
    try {
      return acknowledgementsOf(readFileSync(this.#path, 'utf8'), at);
    } catch {
      return [];
    }
  }

  /** Leaves the former file or the new one, whatever happens; a loss of power may cost the latest. */
  write(acknowledgements: readonly FormerAcknowledgement[], at: Moment): void {
    const fresh = `${this.#path}.new`;
    try {
      writeFileSync(fresh, acknowledgementsText(acknowledgements, at), { mode: 0o600 });
      renameSync(fresh, this.#path);
    } catch {
      // A full disk has an alarm of its own.
    }
  }
}
