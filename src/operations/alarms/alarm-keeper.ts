import type { Instant } from '../../kernel/instant.ts';
import type {
  Acknowledgement,
  AlarmChange,
  AlarmReader,
  AlarmRecord,
  FormerAcknowledgement,
  StandingAlarm,
} from './alarm.ts';

/** Cleared alarms that are remembered. */
const clearedMax = 1000;
/** What is gone for less is not cleared: something that flaps is one alarm. */
const clearAfterMs = 5000;

/** What a gateway finds wrong this soon after its start may be what it has found before it. */
const formerMs = 10 * 60_000;

/** One moment as two chassis tell it, by clocks that differ and are read one after the other. */
const sameMs = 1000;

/** An alarm of the catalogue stands once for each thing that it is about. */
const keyOf = ({ alarm, about }: Pick<StandingAlarm, 'alarm' | 'about'>): string => `${alarm} ${about ?? ''}`;

/**
 * Remembers which alarms stand, since when, and who has acknowledged them; and those that were. It is told again and again
 * what stands, and tells what is new.
 */
export class AlarmKeeper implements AlarmReader {
  readonly #standing = new Map<string, { record: AlarmRecord; seenAt: Instant }>();
  /** Oldest first. */
  readonly #cleared: AlarmRecord[] = [];
  #former = new Map<string, FormerAcknowledgement>();
  #formerUntil: Instant = 0;
  /** As the other chassis has told them last, of alarms that do not stand here. */
  #others = new Map<string, FormerAcknowledgement>();
  #othersUntil: Instant = 0;
  #total = 0;

  /** Who had taken what on before this run: those who did need not again, if it is found soon and is no worse. */
  remember(former: readonly FormerAcknowledgement[], now: Instant): void {
    this.#former = new Map(former.map((one) => [keyOf(one), one]));
    this.#formerUntil = now + formerMs;
  }

  /**
   * What stands acknowledged at the other chassis of the pair, in place of what it has told before. Whoever took an alarm on there
   * has taken it on here, if it is the same and no worse: at once if it stands, and otherwise when it is found soon. The later of
   * two that differ holds. Returns what has changed.
   */
  heard(others: readonly FormerAcknowledgement[], now: Instant): AlarmChange[] {
    const changes: AlarmChange[] = [];
    this.#others = new Map(others.map((one) => [keyOf(one), one]));
    this.#othersUntil = now + formerMs;
    for (const [key, one] of this.#others) {
      const entry = this.#standing.get(key);
      if (entry === undefined) continue;
      this.#others.delete(key);
      const { acknowledgement, severity } = entry.record;
      const isKnown = acknowledgement !== undefined && acknowledgement.at >= one.at - sameMs;
      if (isKnown || isWorse(one, severity)) continue;
      entry.record = { ...entry.record, acknowledgement: { by: one.by, at: one.at, note: one.note } };
      changes.push({ kind: 'acknowledged', record: entry.record });
    }
    return changes;
  }

  /** What a next run is to remember. */
  acknowledgements(now: Instant): FormerAcknowledgement[] {
    const waiting = now < this.#formerUntil ? [...this.#former] : [];
    const standing = Array.from(this.#standing, ([key, { record }]) => [key, formerOf(record)] as const);
    return [...new Map([...waiting, ...standing]).values()].filter((one) => one !== undefined);
  }

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
      const forgets = isWorse(known.record, alarm.severity);
      known.record = { ...known.record, ...alarm, ...(forgets ? { acknowledgement: undefined } : {}) };
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
    const acknowledgement = this.#formerOf(alarm, now);
    const record = { ...alarm, number: this.#total, raisedAt: now, clearedAt: undefined, acknowledgement };
    this.#standing.set(keyOf(alarm), { record, seenAt: now });
    return record;
  }

  /** Of the run before this one, or of the other chassis, whichever is later. */
  #formerOf(alarm: StandingAlarm, now: Instant): Acknowledgement | undefined {
    const key = keyOf(alarm);
    const former = now < this.#formerUntil ? this.#former.get(key) : undefined;
    const other = now < this.#othersUntil ? this.#others.get(key) : undefined;
    this.#former.delete(key);
    this.#others.delete(key);
    const latest = (former?.at ?? Number.NEGATIVE_INFINITY) >= (other?.at ?? Number.NEGATIVE_INFINITY) ? former : other;
    if (latest === undefined || isWorse(latest, alarm.severity)) return undefined;
    return { by: latest.by, at: latest.at, note: latest.note };
  }

  #remember(record: AlarmRecord): AlarmRecord {
    if (this.#cleared.length >= clearedMax) this.#cleared.shift();
    this.#cleared.push(record);
    return record;
  }
}

/** Whoever has taken on a warning may not know that it has become critical. */
function isWorse({ severity }: Pick<StandingAlarm, 'severity'>, now: StandingAlarm['severity']): boolean {
  return severity === 'warning' && now === 'critical';
}

function formerOf({ alarm, severity, about, acknowledgement }: AlarmRecord): FormerAcknowledgement | undefined {
  return acknowledgement && { alarm, severity, about, ...acknowledgement };
}
