import { isDeepStrictEqual } from 'node:util';
import { Worker } from 'node:worker_threads';
import { TokenBucket } from '../../forwarding/token-bucket.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { AlarmChange, AlarmRecord } from '../../operations/alarms/alarm.ts';
import type { EventThreshold } from '../../operations/catalogue/event-kind.ts';
import type { NotificationsConfig } from '../../operations/config/notifications-config.ts';
import {
  alarmNotification,
  eventNotification,
  isWanted,
  type Notification,
} from '../../operations/notifications/notification.ts';
import type { NotificationReader, SinkStatus } from '../../operations/notifications/notification-reader.ts';
import { scalarValues } from '../../operations/snmp/scalar-values.ts';
import { type Moment, shownBy, type ViewSource } from '../../operations/views/view.ts';
import type { EventName } from '../../services/samog/event-names.ts';
import type { SamogEvent } from '../../services/samog/events.ts';
import { now, wallClock } from '../clock.ts';
import type { FromNotificationThread, NotificationThreadData, ToNotificationThread } from './thread-messages.ts';

/** Events that receivers are told of in a second; each may be described by somebody who pretends. */
const eventsPerSecond = 100;
/** What the thread has not taken yet; beyond it nothing more is given to it. */
const untakenMax = 2000;
/** A thread that has ended is begun anew after this. */
const restartMs = 10_000;
const stopMs = 3000;

const nobody: NotificationsConfig = { syslog: [], webhooks: [], snmp: [], agentx: undefined };

/**
 * Tells receivers of alarms and events. All of their work is done in a thread of its own, and nothing here waits for it: what it
 * does not take is not told, and counted.
 */
export class Notifier implements NotificationReader {
  /** Undefined while nobody is to be told. */
  #config: NotificationsConfig | undefined;
  readonly #chassis: string;
  readonly #life: string;
  #thresholds: readonly EventThreshold[];
  readonly #budget = new TokenBucket(eventsPerSecond);
  #source: ViewSource | undefined;
  #thread: Worker | undefined;
  #restart: NodeJS.Timeout | undefined;
  #isStopping = false;
  #untaken = 0;
  #sinks: readonly SinkStatus[] = [];
  #suppressed = 0;

  constructor(config: NotificationsConfig | undefined, chassis: string) {
    this.#config = config;
    this.#chassis = chassis;
    this.#life = `${chassis}-${Math.floor(wallClock())}`;
    this.#thresholds = thresholdsOf(config);
    if (config !== undefined) this.#begin(config);
  }

  /** Whether anybody is to be told. */
  get isWanted(): boolean {
    return this.#config !== undefined;
  }

  /** Goes on with other receivers. @param standing alarms, for those that are new */
  reconfigure(config: NotificationsConfig | undefined, standing: readonly AlarmRecord[], at: Moment): void {
    if (isDeepStrictEqual(config, this.#config)) return;
    this.#config = config;
    this.#thresholds = thresholdsOf(config);
    if (this.#thread !== undefined) {
      const told = standing.map((record) => alarmNotification(this.#chassis, { kind: 'raised', record }, at));
      this.#post({ kind: 'take', config: config ?? nobody, standing: told });
    } else if (config !== undefined && this.#restart === undefined) {
      this.#begin(config);
      for (const record of standing) this.alarm({ kind: 'raised', record }, at);
    }
  }

  get suppressed(): number {
    return this.#suppressed;
  }

  sinks(): readonly SinkStatus[] {
    return this.#sinks;
  }

  /** From now on values can be read. */
  serve(source: ViewSource): void {
    this.#source = source;
  }

  /** Whether anybody is to be told of events of this name. */
  wants(name: EventName): boolean {
    return this.#thresholds.some((threshold) => isWanted(name, threshold));
  }

  event(event: SamogEvent, at: Instant): void {
    if (!this.wants(event.name)) return;
    if (!this.#budget.take(at)) {
      this.#suppressed += 1;
      return;
    }
    this.#tell(eventNotification(this.#chassis, event, at, { now: now(), wallClock: wallClock() }));
  }

  alarm(change: AlarmChange, at: Moment): void {
    if (this.#config === undefined) return;
    this.#tell(alarmNotification(this.#chassis, change, at));
  }

  /** Resolves when what waits has been told, or soon after. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    const thread = this.#thread;
    if (thread === undefined) return;
    const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
    this.#post({ kind: 'stop' });
    const late = setTimeout(() => void thread.terminate(), stopMs);
    await ended;
    clearTimeout(late);
  }

  #tell(notification: Notification): void {
    if (this.#thread === undefined || this.#untaken >= untakenMax) {
      this.#suppressed += 1;
      return;
    }
    this.#untaken += 1;
    this.#post({ kind: 'tell', notification });
  }

  #post(message: ToNotificationThread): void {
    this.#thread?.postMessage(message);
  }

  #begin(config: NotificationsConfig): void {
    const data: NotificationThreadData = { config, chassis: this.#chassis, life: this.#life };
    const thread = new Worker(new URL('./notification-thread.ts', import.meta.url), { workerData: data });
    this.#thread = thread;
    this.#untaken = 0;
    thread.on('message', (message: FromNotificationThread) => this.#heard(message));
    // Its end follows, and is what counts.
    thread.on('error', () => {});
    thread.once('exit', () => {
      this.#thread = undefined;
      if (this.#isStopping) return;
      this.#restart = setTimeout(() => {
        this.#restart = undefined;
        if (this.#config !== undefined) this.#begin(this.#config);
      }, restartMs);
      this.#restart.unref();
    });
    thread.unref();
  }

  #heard(message: FromNotificationThread): void {
    if (message.kind === 'taken') this.#untaken -= 1;
    else if (message.kind === 'status') this.#sinks = message.sinks;
    else void this.#readValues();
  }

  async #readValues(): Promise<void> {
    const source = this.#source;
    if (source === undefined) return;
    try {
      const values = await shownBy(source, {}, () => scalarValues(source, { now: now(), wallClock: wallClock() }));
      this.#post({ kind: 'values', values });
    } catch {
      // While a thread of the gateway is begun anew nobody can look; the master asks again.
    }
  }
}

function thresholdsOf({ syslog, webhooks, snmp }: NotificationsConfig = nobody): readonly EventThreshold[] {
  return [...syslog, ...webhooks, ...snmp].map(({ events }) => events);
}
