/** As the log has them: a warning is something an operator must not miss, `debug` is for whoever looks for a fault. */
export const eventSeverities = ['fatal', 'error', 'warning', 'info', 'debug'] as const;
export type EventSeverity = (typeof eventSeverities)[number];

/** From which severity on somebody is told of events. */
export const eventThresholds = ['none', 'warning', 'info', 'debug'] as const;
export type EventThreshold = (typeof eventThresholds)[number];

/** What an event is, whomever it happens to. */
export interface EventKind {
  readonly severity: EventSeverity;
  /** Whom it tells of: by that its fields are known. */
  readonly about: 'subscriber' | 'peer' | 'chassis';
  /** What happened, a sentence. */
  readonly sentence: string;
  /** What to do about it, for whoever has to act; a paragraph. */
  readonly advice: string;
}

/** The fields of a log line beside time, level, chassis, `event` and `msg`; one that is not known is left out. */
export const fieldsOf: Readonly<Record<EventKind['about'], readonly string[]>> = {
  subscriber: ['mac', 'peer', 'party'],
  peer: ['peer', 'party'],
  chassis: ['party'],
};
