import { createHash } from 'node:crypto';
import type { AuditEntry, AuditRecord, AuditTrail } from '../../operations/audit/audit.ts';
import { wallClock } from '../clock.ts';
import { AuditFile, type AuditFileOptions } from './audit-file.ts';

/** Records at hand for `show audit`. */
const keptMax = 1000;
/** What the first record names as the one before it. */
const noDigest = '0'.repeat(64);

/**
 * An audit: each record a line of JSON with the digest of the line before it, in a file or, without one, only at hand and
 * with whoever is told of each.
 */
export class AuditLog implements AuditTrail {
  readonly #file: AuditFile | undefined;
  readonly #told: ((record: AuditRecord) => void) | undefined;
  readonly #kept: AuditRecord[] = [];
  #number = 0;
  #digest = noDigest;

  private constructor(file: AuditFile | undefined, told: ((record: AuditRecord) => void) | undefined) {
    this.#file = file;
    this.#told = told;
  }

  /** One that is in no file. @param told gets each record when it is made */
  static inMemory(told?: (record: AuditRecord) => void): AuditLog {
    return new AuditLog(undefined, told);
  }

  /** One in a file, going on where it ended. @throws if the file cannot be written or read */
  static async open(options: AuditFileOptions, told?: (record: AuditRecord) => void): Promise<AuditLog> {
    const file = new AuditFile(options);
    await file.open();
    const log = new AuditLog(file, told);
    log.#takeUp(await file.tail(keptMax));
    return log;
  }

  get total(): number {
    return this.#number;
  }

  get file(): string | null {
    return this.#file?.path ?? null;
  }

  get failing(): string | null {
    return this.#file?.failing ?? null;
  }

  latest(limit: number, who?: string): readonly AuditRecord[] {
    const wanted = who === undefined ? this.#kept : this.#kept.filter((record) => record.who === who);
    return wanted.slice(-limit);
  }

  async append(entry: AuditEntry): Promise<number> {
    this.#number += 1;
    const time = new Date(wallClock()).toISOString();
    const record: AuditRecord = { number: this.#number, time, ...entry, previous: this.#digest };
    const line = JSON.stringify(record);
    this.#digest = digestOf(line);
    this.#kept.push(record);
    if (this.#kept.length > keptMax) this.#kept.shift();
    this.#told?.(record);
    await this.#file?.append(line);
    return record.number;
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  #takeUp(lines: readonly string[]): void {
    for (const line of lines) {
      const record = recordOf(line);
      if (record === undefined) continue;
      this.#kept.push(record);
      this.#number = record.number;
    }
    const last = lines.at(-1);
    if (last !== undefined) this.#digest = digestOf(last);
  }
}

function digestOf(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}

function recordOf(line: string): AuditRecord | undefined {
  try {
    const record = JSON.parse(line) as AuditRecord;
    return Number.isInteger(record.number) ? record : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The first line of an audit that does not follow from the one before it, counted from 1; undefined if all do. The first
 * line of all is taken as it is: a file that has made room for others begins in the middle.
 */
export function brokenLine(lines: readonly string[]): number | undefined {
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1];
    const record = recordOf(line);
    const follows = before === undefined || record?.previous === digestOf(before);
    if (record === undefined || !follows) return index + 1;
  }
  return undefined;
}
