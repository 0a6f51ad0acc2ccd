import type { Logger } from 'pino';
import { formatIp, formatMac } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import { eventKinds } from '../operations/catalogue/event-catalogue.ts';
import type { EventSeverity } from '../operations/catalogue/event-kind.ts';
import type { EventName } from '../services/samog/event-names.ts';
import type { SamogEvent } from '../services/samog/events.ts';

/** Levels of the log. */
const levels = {
  fatal: 'fatal',
  error: 'error',
  warning: 'warn',
  info: 'info',
  debug: 'debug',
} as const satisfies Readonly<Record<EventSeverity, string>>;

/** Whether an event is one that an operator must not miss. */
export function isUrgent(name: EventName): boolean {
  return levels[eventKinds[name].severity] === 'warn';
}

/** Lines of one event and peer in one window; the others are counted. */
const linesMax = 5;
/** The same of the chassis itself: it has no end that peers could forge, and each step of a fault counts. */
const chassisLinesMax = 50;
/** Lines altogether in one window: peers can be forged. */
const linesTotalMax = 500;
/** Pairs of event and peer told apart in one window. */
const keysMax = 256;
const windowMs = 10_000;

interface Window {
  lines: number;
  suppressed: number;
}

/**
 * Writes events to the log, a bounded number of lines however many events there are: what exceeds the rate of an event
 * and peer is counted, and the count follows when the window has passed.
 */
export class EventLogger {
  readonly #log: Logger;
  readonly #windows = new Map<string, Window>();
  #windowEnd: Instant = 0;
  #lines = 0;
  #suppressed = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Whether events of this name are written at all. */
  wants(name: EventName): boolean {
    return this.#log.isLevelEnabled(levels[eventKinds[name].severity]);
  }

  write(event: SamogEvent, now: Instant): void {
    const level = levels[eventKinds[event.name].severity];
    if (!this.#log.isLevelEnabled(level)) return;
    const peer = event.peer === undefined ? undefined : formatIp(event.peer);
    if (!this.#admits(event.name, peer, now)) return;
    const mac = event.mac === undefined ? undefined : formatMac(event.mac);
    this.#log[level]({ event: event.name, mac, peer, party: event.party }, event.text());
  }

  /** Writes of a fault of ours that was contained; `details` go with it. */
  writeFault(error: unknown, details: Readonly<Record<string, string>>, now: Instant): void {
    if (!this.#admits('fault-contained', undefined, now)) return;
    this.#log.error({ event: 'fault-contained', err: error, ...details }, 'a fault of the gateway was contained');
  }

  /** Tells of what was suppressed, and begins a new window. */
  flush(): void {
    let told = 0;
    for (const [key, { suppressed }] of this.#windows) {
      if (suppressed === 0) continue;
      const [event, peer] = key.split(' ');
      this.#log.info({ event, peer: peer || undefined, suppressed }, `${suppressed} more of these were not logged`);
      told += suppressed;
    }
    const untold = this.#suppressed - told;
    if (untold > 0) this.#log.info({ suppressed: untold }, `${untold} other events were not logged`);
    this.#windows.clear();
    this.#lines = 0;
    this.#suppressed = 0;
  }

  /** Whether one more line of an event and peer may be written; counts it if not. */
  #admits(event: string, peer: string | undefined, now: Instant): boolean {
    if (now >= this.#windowEnd) {
      this.flush();
      this.#windowEnd = now + windowMs;
    }
    const window = this.#windowOf(`${event} ${peer ?? ''}`);
    const max = event.startsWith('chassis-') ? chassisLinesMax : linesMax;
    if (window !== undefined && window.lines < max && this.#lines < linesTotalMax) {
      window.lines += 1;
      this.#lines += 1;
      return true;
    }
    if (window !== undefined) window.suppressed += 1;
    this.#suppressed += 1;
    return false;
  }

  #windowOf(key: string): Window | undefined {
    let window = this.#windows.get(key);
    if (window === undefined && this.#windows.size < keysMax) {
      window = { lines: 0, suppressed: 0 };
      this.#windows.set(key, window);
    }
    return window;
  }
}
