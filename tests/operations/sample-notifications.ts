import type { NotificationReader } from '../../src/operations/notifications/notification-reader.ts';

const well = { failed: 0, dropped: 0, waiting: 0, failing: null, failingMs: null } as const;

/** One receiver that is told everything, one that cannot be reached. */
export const sampleNotifications: NotificationReader = {
  suppressed: 17,
  sinks: () => [
    { name: 'logs', kind: 'syslog', at: 'tls 203.0.113.60 6514', sent: 1207, ...well },
    {
      ...{ name: 'on-call', kind: 'webhook', at: 'https://alerts.example.net', sent: 3, failed: 12, dropped: 0 },
      ...{ waiting: 2, failing: 'it answered 503', failingMs: 252_000 },
    },
  ],
};
