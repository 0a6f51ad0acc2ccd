import type { Logger } from 'pino';
import type { Instant } from '../kernel/instant.ts';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import { EventLog } from '../operations/event-log.ts';
import type { EventName } from '../services/samog/event-names.ts';
import type { EventSink, SamogEvent } from '../services/samog/events.ts';
import { now } from './clock.ts';
import { EventLogger } from './event-logger.ts';
import { Notifier } from './notifications/notifier.ts';

export interface ListeningOptions {
  /** Told of every event, in addition to the event log. */
  readonly report?: EventSink;
  /** Where the gateway's log goes; without it nowhere. */
  readonly log?: Logger;
  /** False keeps no events, and has none made unless `report` or `log` wants them: for measuring the gateway alone. */
  readonly keepEvents?: boolean;
}

/** Who is told of a gateway's events. */
export interface EventListeners {
  readonly events: EventLog;
  readonly eventLogger: EventLogger | undefined;
  readonly notifier: Notifier | undefined;
  /** Tells all of them, of an event of another time too; undefined where nobody listens: then the core makes no reports at all. */
  readonly report: (EventSink & ((event: SamogEvent, at?: Instant) => void)) | undefined;
}

/** The event log of a gateway, its log and its receivers of notifications, as far as it has them. */
export function eventListeners(config: GatewayConfig, options: ListeningOptions): EventListeners {
  const events = new EventLog();
  const eventLogger = options.log === undefined ? undefined : new EventLogger(options.log);
  // Without a log of events nothing can be told later that is not told from the beginning.
  const mayNotify = options.keepEvents !== false || config.notifications !== undefined;
  const notifier = mayNotify ? new Notifier(config.notifications, config.chassis.name) : undefined;
  return { events, eventLogger, notifier, report: reportOf(options, events, eventLogger, notifier) };
}

function reportOf(
  { report, keepEvents = true }: ListeningOptions,
  events: EventLog,
  eventLogger: EventLogger | undefined,
  notifier: Notifier | undefined,
): EventListeners['report'] {
  if (!keepEvents && eventLogger === undefined && notifier === undefined) return report;
  const sink = (event: SamogEvent, at = now()): void => {
    if (keepEvents) events.add(event, at);
    eventLogger?.write(event, at);
    notifier?.event(event, at);
    report?.(event);
  };
  const onlyCounts = (name: EventName, at: Instant): boolean =>
    eventLogger?.wants(name) !== true && notifier?.wants(name) !== true && (!keepEvents || events.passesOver(at));
  return report === undefined ? Object.assign(sink, { onlyCounts }) : sink;
}
