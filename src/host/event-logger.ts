import type { Logger } from 'pino';
import { formatIp, formatMac } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { SamogEvent } from '../services/samog/events.ts';

type Level = 'warn' | 'info' | 'debug';

/** What an operator wants to read; every other event is for whoever looks for a fault. */
const levels: Readonly<Record<string, Level>> = {
  'lma-down': 'warn',
  'lma-up': 'info',
  'lma-restarted': 'warn',
  'aaa-server-dead': 'warn',
  'aaa-server-alive': 'info',
  'accounting-owed': 'warn',
  'accounting-dropped': 'warn',
  'aaa-connection-failed': 'warn',
  'port-shielded': 'warn',
  'congestion-entered': 'warn',
  'congestion-cleared': 'info',
  'session-crashed': 'warn',
  'session-failed': 'info',
  'session-established': 'info',
  'session-ended': 'info',
  'path-switched': 'info',
  'handover-accepted': 'info',
  'handover-denied': 'info',
  'sessions-recovered': 'info',
  'recovery-rows-refused': 'warn',
  'recovery-store-set-aside': 'warn',
  'recovery-write-failing': 'warn',
  'recovery-writing-again': 'info',
  'session-manager-restarted': 'warn',
  'chassis-transition': 'info',
  'chassis-connection': 'info',
  'chassis-term-raised': 'info',
  'chassis-lineage-begun': 'info',
  'chassis-lineage-abandoned': 'warn',
  'chassis-switchover-refused': 'warn',
  'chassis-promotion-stage-failed': 'warn',
  'chassis-state-not-stored': 'warn',
  'chassis-state-stored': 'info',
  'service-addresses-incomplete': 'warn',
  'fast-path-on': 'info',
  'fast-path-off': 'info',
  'fast-path-failing': 'warn',
  'forwarding-repaired': 'warn',
  'alarm-raised': 'warn',
  'alarm-cleared': 'info',
  'srp-refused': 'warn',
  'srp-dial-failed': 'info',
  'srp-listen-failed': 'warn',
};

/** Whether an event is one that an operator must not miss. */
export function isUrgent(name: string): boolean {
  return levels[name] === 'warn';
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

  write(event: SamogEvent, now: Instant): void {
    const level = levels[event.name] ?? 'debug';
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
