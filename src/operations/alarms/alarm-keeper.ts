import type { Instant } from '../../kernel/instant.ts';
import type { AlarmChange, AlarmReader, AlarmRecord, StandingAlarm } from './alarm.ts';

/** Cleared alarms that are remembered. */
const clearedMax = 1000;
/** What is gone for less is not cleared: something that flaps is one alarm. */
const clearAfterMs = 5000;

/** An alarm of the catalogue stands once for each thing that it is about. */
const keyOf = ({ alarm, about }: StandingAlarm): string => `${alarm} ${about ?? ''}`;

/**
 * Remembers which alarms stand, since when, and who has acknowledged them; and those that were. It is told again and again
 * what stands, and tells what is new.
 */
export class AlarmKeeper implements AlarmReader {
  readonly #standing = new Map<string, { record: AlarmRecord; seenAt: Instant }>();
  /** Oldest first. */
  readonly #cleared: AlarmRecord[] = [];
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** What stands now; returns what has changed since it was told last. */
  look(alarms: readonly StandingAlarm[], now: Instant): AlarmChange[] {
    const changes: AlarmChange[] = [];
    for (const alarm of alarms) {
      const known = this.#standing.get(keyOf(alarm));
      if (known === undefined) {
        changes.push({ kind: 'raised', record: this.#raise(alarm, now) });
        continue;
      }
      known.seenAt = now;
      const { severity } = known.record;
      // Whoever has acknowledged a warning may not know that it has become critical.
      const isWorse = severity === 'warning' && alarm.severity === 'critical';
      known.record = { ...known.record, ...alarm, ...(isWorse ? { acknowledgement: undefined } : {}) };
      if (alarm.severity !== severity) changes.push({ kind: 'changed', record: known.record });
    }
    for (const [key, { record, seenAt }] of this.#standing) {
      if (now - seenAt < clearAfterMs) continue;
      this.#standing.delete(key);
      changes.push({ kind: 'cleared', record: this.#remember({ ...record, clearedAt: now }) });
    }
    return changes;
  }

  /** Acknowledges an alarm that stands, or all; one that is acknowledged has another note and name then. Returns those it was. */
  acknowledge(which: number | 'all', by: string, note: string | undefined, now: Instant): AlarmChange[] {
    const changes: AlarmChange[] = [];
    for (const entry of this.#standing.values()) {
      const isMeant = which === 'all' ? entry.record.acknowledgement === undefined : entry.record.number === which;
      if (!isMeant) continue;
      entry.record = { ...entry.record, acknowledgement: { by, at: now, note } };
      changes.push({ kind: 'acknowledged', record: entry.record });
    }
    return changes;
  }

  standing(): readonly AlarmRecord[] {
    return Array.from(this.#standing.values(), ({ record }) => record);
  }

  cleared(limit: number): readonly AlarmRecord[] {
    return this.#cleared.slice(-limit).reverse();
  }

  #raise(alarm: StandingAlarm, now: Instant): AlarmRecord {
    this.#total += 1;
    const record = { ...alarm, number: this.#total, raisedAt: now, clearedAt: undefined, acknowledgement: undefined };
    this.#standing.set(keyOf(alarm), { record, seenAt: now });
    return record;
  }

  #remember(record: AlarmRecord): AlarmRecord {
    if (this.#cleared.length >= clearedMax) this.#cleared.shift();
    this.#cleared.push(record);
    return record;
  }
}
