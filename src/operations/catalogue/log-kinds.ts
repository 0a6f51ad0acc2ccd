import type { EventSeverity } from './event-kind.ts';

/** A line of the log that is no event of the service: the process itself tells of it, and of nobody's session. */
export interface LogKind {
  readonly severity: EventSeverity;
  /** Its fields beside time, level, chassis, `event` and `msg`. */
  readonly fields: readonly string[];
  readonly sentence: string;
  readonly advice: string;
}

const nothing = 'Nothing: it is as it should be.';

/** By the value of `event` in their lines. */
export const logKinds = {
  'gateway-started': { severity: 'info', fields: [], sentence: 'The gateway serves from now on.', advice: nothing },
  'gateway-stopping': {
    severity: 'info',
    fields: ['signal', 'sessions'],
    sentence: 'The gateway was asked to stop.',
    advice: nothing,
  },
  'fault-contained': {
    severity: 'error',
    fields: ['err'],
    sentence: 'A fault of the gateway itself cost one packet or one session, not the others.',
    advice: 'The line has the stack and, of a packet, its octets: always worth a report.',
  },
  'session-managers-in-process': {
    severity: 'warning',
    fields: ['why'],
    sentence: 'Session managers were to have threads of their own, and have none.',
    advice: 'The service is the same, on one processor. The line has the reason.',
  },
  'service-addresses': {
    severity: 'warning',
    fields: [],
    sentence: 'Something is wrong with the service addresses; the text says what.',
    advice: 'As for service-addresses-incomplete, below.',
  },
  'route-hook': {
    severity: 'info',
    fields: ['role', 'routeModifier'],
    sentence: 'The route hook was told of a role, and this is what it said; at level warning it failed.',
    advice: 'If it failed: run it by hand with the same arguments, as the user of the gateway.',
  },
  'certificate-not-taken': {
    severity: 'warning',
    fields: ['what'],
    sentence: 'A new certificate of the management API cannot be used; the former one is.',
    advice: 'Certificate and key must belong together, and be readable for the user of the gateway.',
  },
  'bulkstats-not-written': {
    severity: 'warning',
    fields: ['directory', 'err'],
    sentence: 'A file of bulk statistics could not be written; the next interval tries again.',
    advice: 'The folder has to be writable for the user of the gateway, and the disk must have room.',
  },
  'bulkstats-written': {
    severity: 'info',
    fields: ['directory'],
    sentence: 'Files of bulk statistics are written again.',
    advice: nothing,
  },
  audit: {
    severity: 'info',
    fields: ['number', 'kind', 'who', 'via', 'from', 'request', 'subject', 'result', 'what'],
    sentence: 'Somebody asked for a change, or was refused; where no audit file is configured.',
    advice: 'Configure `management.audit`, so that it is kept.',
  },
} as const satisfies Readonly<Record<string, LogKind>>;
