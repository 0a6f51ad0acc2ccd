import { formatMac } from '../../kernel/address.ts';
import { ageSeconds, timeOf, timeText } from './format.ts';
import { shown, type View } from './view.ts';

export interface CrashListData {
  readonly crashes: readonly {
    readonly time: string | null;
    readonly ageSeconds: number | null;
    /** Null where it was no session that met it, but the session manager itself. */
    readonly mac: string | null;
    /** What the session, or the session manager, was doing. */
    readonly event: string;
    readonly message: string;
  }[];
  /** Since the start; only the last ones are kept. */
  readonly total: number;
}

export const crashList: View<CrashListData> = {
  words: ['crash', 'list'],
  summary: 'faults of the gateway that cost a session',
  role: 'view',
  options: [],
  build: ({ manager }, at) =>
    shown({
      crashes: manager.crashes.map((crash) => ({
        time: timeOf(crash.at, at),
        ageSeconds: ageSeconds(crash.at, at),
        mac: crash.mac === undefined ? null : formatMac(crash.mac),
        event: crash.event,
        message: crash.message,
      })),
      total: manager.counters.get('session.crashed') + manager.counters.get('session-manager.restarted'),
    }),
  render: ({ crashes, total }) => [
    ...crashes.flatMap((crash, index) => [
      `${index + 1}. ${timeText(crash.time, crash.ageSeconds)} ${crash.mac === null ? '' : `subscriber ${crash.mac} on `}${crash.event}`,
      ...crash.message.split('\n').map((line) => `     ${line}`),
    ]),
    `Crashes: ${total} since the start, the last ${crashes.length} shown`,
  ],
};
