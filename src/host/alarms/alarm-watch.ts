import type { Instant } from '../../kernel/instant.ts';
import type { AlarmChange, AlarmReader, AlarmRecord } from '../../operations/alarms/alarm.ts';
import { AlarmKeeper } from '../../operations/alarms/alarm-keeper.ts';
import { alarmSentences } from '../../operations/alarms/pair-alarms.ts';
import { standingAlarms } from '../../operations/alarms/standing-alarms.ts';
import { acknowledgementsHeard, takenOnOf } from '../../operations/alarms/taken-on.ts';
import { Thresholds } from '../../operations/alarms/thresholds.ts';
import type { ThresholdConfig } from '../../operations/config/notifications-config.ts';
import { type Moment, shownBy, type ViewSource } from '../../operations/views/view.ts';
import type { EventSink } from '../../services/samog/events.ts';
import type { TakenOn } from '../../wire/srp/messages.ts';
import { now, wallClock } from '../clock.ts';
import { tellEvent } from '../gateway-event.ts';
import type { AcknowledgementFile } from './acknowledgement-file.ts';

/** Nobody acts faster on an alarm, and a look costs less than a tenth of a millisecond. */
const lookIntervalMs = 1000;

/** Far below what an acknowledgement of the other chassis is remembered for. */
const shareIntervalMs = 60_000;

/** Told of every change of an alarm, in order. */
export type OnAlarm = (change: AlarmChange, at: Moment) => void;

/** Looks at the gateway every second, remembers its alarms, and tells when one comes or goes. */
export class AlarmWatch {
  readonly #keeper = new AlarmKeeper();
  #thresholds: Thresholds;
  readonly #report: EventSink | undefined;
  readonly #listeners: OnAlarm[] = [];
  readonly #file: AcknowledgementFile | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #share: (taken: readonly TakenOn[]) => void = () => {};
  #sharedAt: Instant = Number.NEGATIVE_INFINITY;

  /** @param file where acknowledgements outlast this run; without it they end with it */
  constructor(
    report: EventSink | undefined,
    thresholds: readonly ThresholdConfig[] = [],
    file: AcknowledgementFile | undefined = undefined,
  ) {
    this.#report = report;
    this.#file = file;
    if (file !== undefined) this.#keeper.remember(file.read({ now: now(), wallClock: wallClock() }), now());
    this.#thresholds = new Thresholds(thresholds);
  }

  /** Goes on with other limits; an alarm whose limit is gone, or has changed, is over with the next look unless it is raised by that. */
  reconfigure(thresholds: readonly ThresholdConfig[]): void {
    this.#thresholds = new Thresholds(thresholds, this.#thresholds);
  }

  get reader(): AlarmReader {
    return this.#keeper;
  }

  /** Has it called with everything that changes from now on. */
  onChange(listener: OnAlarm): void {
    this.#listeners.push(listener);
  }

  /** Has the other chassis of a pair told which alarms are acknowledged: after each change, and again and again. */
  shareWith(share: (taken: readonly TakenOn[]) => void): void {
    this.#share = share;
  }

  /** Tells the other chassis now. */
  share(at: Moment = { now: now(), wallClock: wallClock() }): void {
    this.#sharedAt = at.now;
    this.#share(takenOnOf(this.#keeper.acknowledgements(at.now), at));
  }

  /** What stands acknowledged at the other chassis. */
  heard(taken: readonly TakenOn[], at: Moment = { now: now(), wallClock: wallClock() }): void {
    this.#tell(this.#keeper.heard(acknowledgementsHeard(taken, at), at.now), at);
  }

  start(source: ViewSource): void {
    // While a thread of the gateway is begun anew nobody can look; the next second somebody can.
    const look = (): void => void this.look(source).catch(() => {});
    this.#timer = setInterval(look, lookIntervalMs);
    this.#timer.unref();
    look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks once; a look that is under way is not begun again. */
  async look(source: ViewSource): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      await shownBy(source, {}, () => {
        const at = { now: now(), wallClock: wallClock() };
        const standing = [...standingAlarms(source, at), ...this.#thresholds.look(source, at)];
        this.#tell(this.#keeper.look(standing, at.now), at);
      });
    } finally {
      this.#looking = false;
    }
  }

  /** Takes on an alarm, or all that nobody has; returns those that it was. */
  acknowledge(which: number | 'all', by: string, note: string | undefined, at: Instant): readonly AlarmRecord[] {
    const changes = this.#keeper.acknowledge(which, by, note, at);
    this.#tell(changes, { now: at, wallClock: wallClock() });
    return changes.map(({ record }) => record);
  }

  #tell(changes: readonly AlarmChange[], at: Moment): void {
    for (const change of changes) {
      this.#log(change);
      for (const listener of this.#listeners) listener(change, at);
    }
    if (changes.some(({ record }) => record.acknowledgement !== undefined)) {
      this.#file?.write(this.#keeper.acknowledgements(at.now), at);
    }
    if (changes.length > 0 || at.now - this.#sharedAt >= shareIntervalMs) this.share(at);
  }

  /** The chassis machine tells itself when an alarm of the pair comes and goes, at once and with more detail. */
  #log({ kind, record }: AlarmChange): void {
    if (Object.hasOwn(alarmSentences, record.alarm) && kind !== 'acknowledged') return;
    tellEvent(this.#report, `alarm-${kind}`, textOf(kind, record));
  }
}

function textOf(kind: AlarmChange['kind'], { number, alarm, about, severity, meaning, acknowledgement }: AlarmRecord) {
  const name = `alarm ${alarm}${about === null ? '' : ` ${about}`} (${number})`;
  if (kind === 'cleared') return name;
  if (kind !== 'acknowledged') return `${name}, ${severity}: ${meaning}`;
  const note = acknowledgement?.note === undefined ? '' : `: ${acknowledgement.note}`;
  return `${name}, by ${acknowledgement?.by}${note}`;
}
